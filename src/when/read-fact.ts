/** Reads facts: events (`after …`), and states (`'news' has …`, `'news' is …`, `if …`). */

import { and, not, or } from './condition.ts'
import { COMPARISONS, COUNTED_RUNS, HEALTH_STATES, OUTCOMES } from './fact.ts'
import type { Condition } from './condition.ts'
import type { Comparison, Counted, CountedRun, Event, Outcome, Period } from './fact.ts'
import { DISTANCE_UNITS, readLength } from './read-moment.ts'
import type { Reader } from './reader.ts'

/** `'news'`, without its quotes. */
export const readName = (reader: Reader, what: string): string => {
  const token = reader.takeKind('quoted', `the name of ${what} in quotes`)
  const quote = token.text[0] ?? ''
  const name = token.text.slice(1, -1).replaceAll(quote + quote, quote)
  if (name.length > 0 && name.length <= LONGEST_NAME && !/\p{C}/u.test(name)) return name
  throw reader.refusal(token, `a name of 1 to ${LONGEST_NAME} characters`)
}

const LONGEST_NAME = 100

/** `after 'news' succeeds`, `after 'a' and 'b' succeed`, `after any of 'a', 'b' fails`, behind its first word. */
export const readAfterEvent = (reader: Reader): Condition => {
  const isAny = takeAnyOf(reader)
  const [first, ...rest] = readNames(reader)
  const outcome = readOutcome(reader)
  const event = (task: string): Event => ({ kind: 'after', task, outcome, delayMs: 0 })
  return (isAny ? or : and)(event(first), ...rest.map(event))
}

/** `10 minutes after 'news' finishes`, `5 minutes after it finishes`. */
export const readDelayedEvent = (reader: Reader): Event => {
  const delayMs = readLength(reader, DISTANCE_UNITS)
  reader.expect('after')
  if (reader.takeIf('it')) {
    reader.expect('finishes')
    return { kind: 'after itself', delayMs }
  }
  const task = readName(reader, 'a task')
  return { kind: 'after', task, outcome: readOutcome(reader), delayMs }
}

/** What is said of a name: `has failed today`, `is running`, `is healthy`; each may be said with `not`. */
export const readState = (reader: Reader): Condition => {
  const name = readName(reader, 'a task')
  const verb = reader.expect('has', 'is').word
  const isNot = reader.takeIf('not', 'never') !== undefined
  const state = verb === 'has' ? readCounted(reader, name) : readBeing(reader, name)
  return isNot ? not(state) : state
}

const takeAnyOf = (reader: Reader): boolean => {
  if (!reader.takeIf('any')) return false
  reader.expect('of')
  return true
}

const readNames = (reader: Reader): readonly [string, ...string[]] => {
  const names: [string, ...string[]] = [readName(reader, 'a task')]
  for (;;) {
    const comma = reader.takeIf(',')
    const joins = reader.nextIs('and', 'or', '&', '|') && reader.afterNext.kind === 'quoted'
    if (joins) reader.take()
    if (comma === undefined && !joins) return names
    names.push(readName(reader, 'a task'))
  }
}

const OUTCOME_WORDS: Readonly<Record<string, Outcome>> = {
  ...Object.fromEntries(OUTCOMES.map(outcome => [outcome, outcome])),
  succeed: 'succeeds',
  fail: 'fails',
  finish: 'finishes',
}

const readOutcome = (reader: Reader): Outcome => {
  if (reader.takeIf('is', 'are')) {
    reader.expect('partial')
    return 'is partial'
  }
  const { word } = reader.next
  const outcome = Object.hasOwn(OUTCOME_WORDS, word) ? OUTCOME_WORDS[word] : undefined
  if (outcome === undefined) return reader.fail("'succeeds', 'fails', 'is partial' or 'finishes'")
  reader.take()
  return outcome
}

const readCounted = (reader: Reader, task: string): Counted => {
  const what = readCountedRun(reader)
  let during: Period | undefined
  let count: Pick<Counted, 'compare' | 'times'> | undefined
  for (;;) {
    if (during === undefined && reader.nextIs('today', 'this', 'in')) during = readPeriod(reader)
    else if (count === undefined && reader.nextIs('at', 'more', 'fewer', 'exactly', 'once', 'twice'))
      count = readCount(reader)
    else return { kind: 'counted', task, what, during: during ?? 'ever', ...(count ?? ONCE) }
  }
}

const ONCE = { compare: 'at least', times: 1 } as const

const readCountedRun = (reader: Reader): CountedRun => {
  if (reader.takeIf('been')) {
    reader.expect('skipped')
    return 'been skipped'
  }
  const what = COUNTED_RUNS.find(word => reader.nextIs(word))
  if (what === undefined) return reader.fail(COUNTED_RUNS.map(word => `'${word}'`).join(', '))
  reader.take()
  return what
}

const readPeriod = (reader: Reader): Period => {
  if (reader.takeIf('today')) return 'today'
  if (reader.takeIf('this')) {
    const unit = reader.expect('hour', 'week', 'month').word
    return unit === 'hour' ? 'this hour' : unit === 'week' ? 'this week' : 'this month'
  }
  reader.expect('in')
  reader.expect('the')
  reader.expect('last')
  const start = reader.next
  const lastMs = readLength(reader, DISTANCE_UNITS)
  if (lastMs > 0) return { lastMs }
  throw reader.refusal(start, 'a length of time such as 2 hours')
}

const readCount = (reader: Reader): Pick<Counted, 'compare' | 'times'> => {
  const alone = reader.takeIf('once', 'twice')
  if (alone !== undefined) return { compare: 'at least', times: alone.word === 'once' ? 1 : 2 }
  const compare = readComparison(reader)
  const word = reader.takeIf('once', 'twice')
  if (word !== undefined) return { compare, times: word.word === 'once' ? 1 : 2 }
  const number = reader.takeKind('number', 'a number of times')
  const times = Number(number.text)
  if (!Number.isSafeInteger(times) || times > MOST_TIMES)
    throw reader.refusal(number, `a whole number up to ${MOST_TIMES}`)
  reader.expect('times', 'time')
  return { compare, times }
}

// More runs than this are not counted one by one by anybody.
const MOST_TIMES = 1_000_000

const readComparison = (reader: Reader): Comparison => {
  const compare = COMPARISONS.find(words => words.split(' ')[0] === reader.next.word)
  if (compare === undefined) return reader.fail(COMPARISONS.map(words => `'${words}'`).join(', '))
  reader.take()
  const second = compare.split(' ')[1]
  if (second !== undefined) reader.expect(second)
  return compare
}

const readBeing = (reader: Reader, name: string): Condition => {
  if (reader.takeIf('running')) return { kind: 'running', task: name }
  const state = HEALTH_STATES.find(word => reader.nextIs(word))
  if (state === undefined) return reader.fail(['running', ...HEALTH_STATES].map(word => `'${word}'`).join(', '))
  reader.take()
  return { kind: 'health', subject: name, state }
}
