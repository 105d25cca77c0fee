/** Reads moments: `every …`, the calendar phrases, and single times. Cron text has its own reader. */

import { parseDuration } from '../base/duration.ts'
import { formatInstant, parseInstant } from '../base/instant.ts'
import { isRotaError } from '../base/errors.ts'
import type { DayOfMonth, DayOfYear, Weekday } from './day-names.ts'
import type { Moment } from './moment.ts'
import type { TimeOfDay } from './time-of-day.ts'
import { readLocal, writeLocal } from './local-time.ts'
import { beginsWeekday, readDaysOfMonth, readDaysOfYear, readMarks, readTimes, readWeekdays } from './read-lists.ts'
import type { Reader, Token } from './reader.ts'

/** The words a moment begins with, with what reads on behind them. */
export const momentReaders: Readonly<Record<string, (reader: Reader) => Moment>> = {
  every: reader => readEvery(reader),
  hourly: reader => readHourly(reader),
  daily: reader => readDaily(reader, 1),
  weekly: reader => readWeekly(reader, 1),
  monthly: reader => readMonthly(reader, 1),
  yearly: reader => readYearly(reader, 1),
  annually: reader => readYearly(reader, 1),
  at: reader => readOnce(reader),
}

/** The least an interval can be: shorter ones would do nothing but ask for the next. */
export const SHORTEST_INTERVAL_MS = 10

const readEvery = (reader: Reader): Moment => {
  const { next } = reader
  if (next.kind === 'number' || next.kind === 'amount') return readEveryAmount(reader)
  if (beginsWeekday(next)) return readEveryWeekday(reader)
  const unit = reader.takeKind('word', EVERY_WHAT)
  switch (unit.word) {
    case 'second':
      return { kind: 'every second' }
    case 'minute':
      return { kind: 'every minute' }
    case 'hour':
      return readHourly(reader)
    case 'day':
      return readDaily(reader, 1)
    case 'week':
      return readWeekly(reader, 1)
    case 'month':
      return readMonthly(reader, 1)
    case 'year':
      return readYearly(reader, 1)
    default:
      throw reader.refusal(unit, EVERY_WHAT)
  }
}

const EVERY_WHAT = "a length of time such as '5 minutes', a unit such as 'hour', or a weekday"

const readEveryAmount = (reader: Reader): Moment => {
  const start = reader.next
  const unit = reader.afterNext
  const every = start.kind === 'number' && unit.kind === 'word' ? Number(start.text) : 0
  const read = Object.hasOwn(CALENDAR_UNITS, unit.word) && every > 0 ? CALENDAR_UNITS[unit.word] : undefined
  if (read === undefined) return readInterval(reader)
  if (!Number.isInteger(every) || every > MOST_UNITS)
    throw reader.refusal(start, `a whole number from 1 to ${MOST_UNITS}`)
  reader.take()
  reader.take()
  return read(reader, every)
}

// Far beyond use, and it keeps the search for the next one short.
const MOST_UNITS = 1_000

const CALENDAR_UNITS: Readonly<Record<string, (reader: Reader, every: number) => Moment>> = {
  day: (reader, every) => readDaily(reader, every),
  days: (reader, every) => readDaily(reader, every),
  week: (reader, every) => readWeekly(reader, every),
  weeks: (reader, every) => readWeekly(reader, every),
  month: (reader, every) => readMonthly(reader, every),
  months: (reader, every) => readMonthly(reader, every),
  year: (reader, every) => readYearly(reader, every),
  years: (reader, every) => readYearly(reader, every),
}

const readInterval = (reader: Reader): Moment => {
  const start = reader.next
  const everyMs = readLength(reader)
  if (everyMs < SHORTEST_INTERVAL_MS) throw reader.refusal(start, `an interval of at least ${SHORTEST_INTERVAL_MS} ms`)
  return { kind: 'interval', everyMs }
}

/** `5 minutes`, `1h30m`, `90 s`: elapsed time. A day in it would be ambiguous, so only hours and less are taken. */
export const readLength = (reader: Reader, units: ReadonlySet<string> = ELAPSED_UNITS): number => {
  const start = reader.next
  let end = start.position
  while (reader.next.kind === 'amount' || (reader.next.kind === 'number' && isUnit(reader.afterNext, units))) {
    const amount = reader.take()
    end = amount.kind === 'amount' ? amount.end : reader.take().end
  }
  if (end === start.position) {
    if (start.kind === 'number') reader.take()
    return reader.fail(LENGTH)
  }
  const text = reader.text.slice(start.position, end)
  const foreign = [...text.matchAll(/\p{L}+/gu)].find(([unit]) => !units.has(unit.toLowerCase()))
  if (foreign !== undefined) {
    reader.moveTo(start.position + foreign.index)
    return reader.fail(LENGTH)
  }
  return lengthOf(text) ?? refuse(reader, start, LENGTH)
}

const LENGTH = 'a length of time such as 30 s, 5 minutes or 1h30m'

const ELAPSED_UNITS: ReadonlySet<string> = new Set(
  'ms millisecond milliseconds s sec second seconds m min minute minutes h hour hours'.split(' '),
)

/** Where only a distance is meant, a day is 24 hours. */
export const DISTANCE_UNITS: ReadonlySet<string> = new Set([...ELAPSED_UNITS, 'd', 'day', 'days'])

const isUnit = (token: Token, units: ReadonlySet<string>): boolean => token.kind === 'word' && units.has(token.word)

const lengthOf = (text: string): number | undefined => {
  try {
    return parseDuration(text)
  } catch (error) {
    if (isRotaError(error)) return undefined
    throw error
  }
}

const readEveryWeekday = (reader: Reader): Moment => {
  if (reader.nextIs('weekend', 'weekends')) return reader.fail('weekdays by name')
  const weekdays = readWeekdays(reader)
  return { kind: 'weekly', every: 1, weekdays, times: readTail(reader, {}).times }
}

const readHourly = (reader: Reader): Moment => ({
  kind: 'hourly',
  minutes: reader.takeIf('at') ? readMarks(reader) : [0],
})

const readDaily = (reader: Reader, every: number): Moment => ({
  kind: 'daily',
  every,
  times: readTail(reader, {}).times,
})

const readWeekly = (reader: Reader, every: number): Moment => {
  const { on, times } = readTail<readonly Weekday[]>(reader, { on: readWeekdays })
  return { kind: 'weekly', every, weekdays: on ?? ['monday'], times }
}

const FIRST: readonly DayOfMonth[] = [{ nth: 1, of: 'day' }]
const NEW_YEAR: readonly DayOfYear[] = [{ month: 'january', nth: 1, of: 'day' }]

const readMonthly = (reader: Reader, every: number): Moment => {
  const { on, times } = readTail(reader, { on: readDaysOfMonth })
  return { kind: 'monthly', every, days: on ?? FIRST, times, ...readClamp(reader, on ?? FIRST) }
}

const readYearly = (reader: Reader, every: number): Moment => {
  const { on, times } = readTail(reader, { on: readDaysOfYear })
  return { kind: 'yearly', every, dates: on ?? NEW_YEAR, times, ...readClamp(reader, on ?? NEW_YEAR) }
}

interface Tail<On> {
  readonly on: On | undefined
  readonly times: readonly TimeOfDay[]
}

const MIDNIGHT: readonly TimeOfDay[] = ['00:00']

/** `on …` and `at …`, each at most once, in either order. */
const readTail = <On>(reader: Reader, { on: readOn }: { readonly on?: (reader: Reader) => On }): Tail<On> => {
  let on: On | undefined
  let times: readonly TimeOfDay[] | undefined
  for (;;) {
    if (times === undefined && reader.takeIf('at')) times = readTimes(reader)
    else if (on === undefined && readOn !== undefined && reader.takeIf('on')) on = readOn(reader)
    else return { on, times: times ?? MIDNIGHT }
  }
}

/** `(clamp)`: only days that some month lacks can be clamped. */
const readClamp = (reader: Reader, days: readonly DayOfMonth[]): { readonly clamp?: true } => {
  if (!reader.nextIs('(') || reader.afterNext.word !== 'clamp') return {}
  reader.take()
  const word = reader.take()
  reader.expect(')')
  const isUseful = days.some(day => day.of === 'day' && day.nth > 28)
  return isUseful
    ? { clamp: true }
    : refuse(reader, word, '(clamp) only with the 29th, 30th or 31st, which some months lack')
}

const readOnce = (reader: Reader): Moment => {
  const token = reader.takeKind('date', 'a date and time such as 2026-12-01T09:00')
  const text = token.text.toUpperCase().replace(' ', 'T')
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text) && text.length > 10)
    return { kind: 'once', at: instantIn(reader, token, text) }
  const local = readLocal(text)
  return Number.isNaN(local) ? refuse(reader, token, REAL_DATE) : { kind: 'once', at: writeLocal(local) }
}

const REAL_DATE = 'a date and time that exist, such as 2026-12-01T09:00'

const instantIn = (reader: Reader, token: Token, text: string): string => {
  try {
    return formatInstant(parseInstant(text))
  } catch (error) {
    return isRotaError(error) ? refuse(reader, token, REAL_DATE) : refuse(reader, token, String(error))
  }
}

const refuse = (reader: Reader, token: Token, expected: string): never => {
  throw reader.refusal(token, expected)
}
