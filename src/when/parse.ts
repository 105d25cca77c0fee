/** From text to condition. One grammar for phrases and cron text; what is not understood is refused with its position and the right spelling. */

import { RotaError, isRotaError } from '../base/errors.ts'
import { and, canBeNegated, not, or } from './condition.ts'
import type { Condition } from './condition.ts'
import { lessonOn } from './lesson.ts'
import { print } from './print.ts'
import { cronIsNext, readCronText } from './read-cron.ts'
import { readAfterEvent, readDelayedEvent, readName, readState } from './read-fact.ts'
import { DISTANCE_UNITS, momentReaders, readLength } from './read-moment.ts'
import { readAfter, readBefore, readBetween, readFrom, readIn, readOn, readUntilAlone } from './read-window.ts'
import { Reader } from './reader.ts'
import { suggestion } from './suggestion.ts'
import { unreadable } from './unreadable.ts'

/** The most characters a condition may have. */
export const LONGEST_TEXT = 1_000

/**
 * Reads a condition.
 *
 * @throws RotaError CONDITION_UNREADABLE with position, what was expected and, where one is near, the right spelling;
 * CONDITION_TOO_LONG
 * @example parse('every 5 minutes and between 09:00 and 17:00')
 */
export const parse = (text: string): Condition => {
  if (typeof text !== 'string') {
    throw unreadable({ position: 0, found: String(typeof text), expected: 'a condition as text' })
  }
  if (text.length > LONGEST_TEXT) {
    throw new RotaError(
      'CONDITION_TOO_LONG',
      `The condition has ${text.length} characters and at most ${LONGEST_TEXT} are allowed; split it into several schedules.`,
      { details: { length: text.length, limit: LONGEST_TEXT } },
    )
  }
  try {
    return read(text)
  } catch (error) {
    throw isRotaError(error, 'CONDITION_UNREADABLE') ? withHint(error, text) : error
  }
}

const read = (text: string): Condition => {
  const reader = new Reader(text)
  const condition = readOr(reader, 0)
  return reader.next.kind === 'end' ? condition : reader.fail("'and', 'or' or the end of the condition")
}

const withHint = (error: RotaError, text: string): RotaError => {
  const { position, found, expected, hint: nearby } = error.details
  const lesson = lessonOn(text, String(found))
  const meant = lesson?.isOpen === true ? undefined : suggestion(text, error, attempt => print(read(attempt)))
  const hint = lesson?.isOpen === true ? undefined : (meant ?? nearby)
  return unreadable({
    position: Number(position),
    found: String(found),
    expected: lesson?.expected ?? String(expected),
    hint: hint === undefined ? undefined : String(hint),
  })
}

// Brackets and `not` inside each other; the stack ends long after this, and so does understanding.
const DEEPEST = 100

const readOr = (reader: Reader, depth: number): Condition => {
  const first = readAnd(reader, depth)
  const rest: Condition[] = []
  while (reader.takeIf('or', '|')) rest.push(readAnd(reader, depth))
  return or(first, ...rest)
}

const readAnd = (reader: Reader, depth: number): Condition => {
  const first = readNot(reader, depth)
  const rest: Condition[] = []
  while (reader.takeIf('and', '&')) rest.push(readNot(reader, depth))
  return and(first, ...rest)
}

const readNot = (reader: Reader, depth: number): Condition => {
  if (depth > DEEPEST)
    throw new RotaError('CONDITION_TOO_LONG', `The condition is nested deeper than ${DEEPEST} levels.`)
  const word = reader.takeIf('not', '~')
  if (word === undefined) return readPrimary(reader, depth)
  const inner = readNot(reader, depth + 1)
  if (canBeNegated(inner)) return not(inner)
  throw reader.refusal(
    word,
    "windows or states behind 'not', for a moment or event left out says nothing about when to run",
  )
}

const readPrimary = (reader: Reader, depth: number): Condition => {
  if (cronIsNext(reader)) return readCronText(reader)
  if (reader.takeIf('(')) {
    const inner = readOr(reader, depth + 1)
    reader.expect(')')
    return inner
  }
  const { next } = reader
  if (next.kind === 'quoted') return readState(reader)
  if (next.kind === 'number' || next.kind === 'amount') return readDelayedEvent(reader)
  if (next.kind === 'word' && Object.hasOwn(readers, next.word)) {
    reader.take()
    return readers[next.word]?.(reader) ?? reader.fail(A_CONDITION)
  }
  return reader.fail(A_CONDITION)
}

const A_CONDITION =
  'a condition such as `every 5 minutes`, `daily at 09:00`, `0 9 * * 1-5` or `between 09:00 and 17:00`'

const readers: Readonly<Record<string, (reader: Reader) => Condition>> = {
  ...momentReaders,
  between: readBetween,
  before: readBefore,
  after: reader => (reader.next.kind === 'quoted' || reader.nextIs('any') ? readAfterEvent(reader) : readAfter(reader)),
  on: reader => {
    if (reader.takeIf('start')) return { kind: 'start' }
    return reader.next.kind === 'quoted'
      ? { kind: 'named dates', name: readName(reader, 'a set of dates') }
      : readOn(reader)
  },
  if: reader => ({ kind: 'predicate', name: readName(reader, 'a predicate') }),
  from: readFrom,
  in: reader => {
    if (reader.next.kind !== 'number' && reader.next.kind !== 'amount') return readIn(reader)
    const start = reader.next
    const inMs = readLength(reader, DISTANCE_UNITS)
    if (inMs > 0) return { kind: 'soon', inMs }
    throw reader.refusal(start, 'a time to come, such as 10 minutes')
  },
  until: reader => readUntilAlone(reader, 'until'),
  through: reader => readUntilAlone(reader, 'through'),
}
