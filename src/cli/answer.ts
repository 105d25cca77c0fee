/** The next instants of a condition: what may be asked, and the answer as programs read it. */

import { RotaError } from '../base/errors.ts'
import { formatInstant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { defaultPolicies, graceOf } from '../domain/schedule.ts'
import { absolute } from '../when/absolute.ts'
import { checkCondition } from '../when/check.ts'
import { clockNotes } from '../when/clock-notes.ts'
import type { Condition } from '../when/condition.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'
import { occasions, reading } from '../when/reading.ts'
import { compile } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { warnings } from '../when/warnings.ts'

export interface Question {
  readonly condition: string
  /** IANA name. */
  readonly timezone: string
  /** The answers are later than this. */
  readonly after: Instant
  /** Where intervals count from. */
  readonly anchor: Instant
  readonly count: number
}

export interface Answer {
  /** The condition as Rota writes it. */
  readonly condition: string
  /** UTC ISO, ascending; fewer than asked where there are no more. */
  readonly next: readonly string[]
  /** What else may start it: `after 'news' succeeds`. Not there where nothing does. */
  readonly events?: readonly string[]
}

/** An answer with what a person wants to know before it becomes a schedule. */
export interface Preview extends Answer {
  /** The condition in plain words. */
  readonly reading: string
  /** What changes of the clocks do to the instants. */
  readonly notes: readonly string[]
  /** What is allowed but probably not meant. */
  readonly warnings: readonly string[]
}

const MOST_INSTANTS = 10_000

/**
 * The question with its count checked.
 *
 * @throws RotaError OPTION_INVALID
 */
export const checkQuestion = (asked: Omit<Question, 'count'> & { readonly count: unknown }): Question => {
  const { count } = asked
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST_INSTANTS)
    return { ...asked, count }
  throw new RotaError(
    'OPTION_INVALID',
    `count is ${JSON.stringify(count)?.slice(0, 40)}; it is a whole number from 1 to ${MOST_INSTANTS}.`,
    {
      details: { option: 'count' },
    },
  )
}

/**
 * The condition as Rota writes it, and its first instants after `after`.
 *
 * @throws RotaError CONDITION_…, TIMEZONE_UNKNOWN
 */
export const answer = (question: Question): Answer => {
  const { after, anchor, count } = question
  const { text, times, events } = known.get(keyOf(question)) ?? read(question)
  const next: string[] = []
  for (let at = times.next(after, anchor); at !== null && next.length < count; at = times.next(at, anchor))
    next.push(formatInstant(at))
  // It came true from somewhere else on, or it would not be known; from here on the check says why it does not.
  if (next.length === 0) check(parse(text), question)
  return { condition: text, next, ...(events.length === 0 ? {} : { events }) }
}

/**
 * The answer, and what it means.
 *
 * @throws RotaError CONDITION_…, TIMEZONE_UNKNOWN
 */
export const preview = (question: Question): Preview => {
  const answered = answer(question)
  const { timezone, after, anchor } = question
  const condition = parse(answered.condition)
  const grace = graceOf(defaultPolicies, compile(condition, timezone).period(after, anchor))
  return {
    ...answered,
    reading: reading(condition),
    notes: clockNotes(condition, { timezone, after, anchor, instants: answered.next.map(parseInstant) }),
    warnings: warnings(condition, { timezone, grace, now: after }),
  }
}

/** A condition ready to be asked. */
interface Ready {
  readonly text: string
  readonly times: Timetable
  readonly events: readonly string[]
}

const known = new Map<string, Ready>()
const MOST_KNOWN = 1_000

const keyOf = ({ condition, timezone }: Question): string => `${timezone}\n${condition}`

const read = (question: Question): Ready => {
  const written = parse(question.condition)
  const meant = absolute(written, question.anchor)
  check(meant, question)
  const ready = { text: print(meant), times: compile(meant, question.timezone), events: occasions(meant) }
  if (isAlwaysTheSame(written)) remember(keyOf(question), ready)
  return ready
}

const check = (condition: Condition, { timezone, after, anchor }: Question): void =>
  checkCondition(condition, { timezone, now: after, anchor })

// `in 10 minutes` is another instant each time, and of an `or` one half may be over while the other goes on.
const isAlwaysTheSame = (condition: Condition): boolean => {
  switch (condition.kind) {
    case 'soon':
    case 'or':
      return false
    case 'and':
      return condition.of.every(isAlwaysTheSame)
    case 'not':
      return isAlwaysTheSame(condition.of)
    default:
      return true
  }
}

const remember = (key: string, ready: Ready): void => {
  known.set(key, ready)
  // A map keeps the order of insertion.
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value ?? '')
}
