/** Reads the lists inside a leaf: times, weekdays, months, days of a month and of a year. Each comes back sorted and without doubles. */

import { MONTHS, WEEKDAYS } from './day-names.ts'
import type { DayOfMonth, DayOfYear, Month, Weekday } from './day-names.ts'
import type { TimeOfDay } from './time-of-day.ts'
import type { Reader, Token } from './reader.ts'
import { readTime, writeTime } from './time-of-day.ts'
import { monthNamed, ordinalNamed, weekdayNamed, WEEKEND, WORKING_DAYS } from './words.ts'

/** `09:00`, or `09:00, 13:30 and 18:00`. */
export const readTimes = (reader: Reader): readonly TimeOfDay[] =>
  unique(readList(reader, token => token.kind === 'time', readOneTime)).toSorted()

/** One time of day; `24:00` only where `isEnd` allows it. */
export const readOneTime = (reader: Reader, isEnd?: boolean): TimeOfDay => {
  const token = reader.takeKind('time', 'a time such as 09:00')
  const [hours = 0, minutes = 0, seconds = 0] = token.text.split(':').map(Number)
  const isMidnight = hours === 24 && minutes === 0 && seconds === 0 && isEnd === true
  if ((hours > 23 && !isMidnight) || minutes > 59 || seconds > 59)
    throw reader.refusal(token, 'a time from 00:00 to 23:59')
  return writeTime(readTime(token.text))
}

/** `:15`, or `:00, :15 and :30`, as minutes. */
export const readMarks = (reader: Reader): readonly number[] =>
  unique(
    readList(
      reader,
      token => token.kind === 'mark',
      () => {
        const mark = reader.takeKind('mark', 'a minute of the hour such as :15')
        const minute = Number(mark.text.slice(1))
        return minute > 59 ? fail(reader, mark, 'a minute from :00 to :59') : minute
      },
    ),
  ).toSorted((a, b) => a - b)

/** Whether a token can begin a list of weekdays. */
export const beginsWeekday = (token: Token): boolean =>
  token.kind === 'word' && (weekdayNamed(token.word) !== undefined || Object.hasOwn(GROUPS, token.word))

/** `Monday and Thursday`, `Mon-Fri`, `weekdays`. */
export const readWeekdays = (reader: Reader): readonly Weekday[] => {
  const days = readList(reader, beginsWeekday, readWeekdayItem).flat()
  return WEEKDAYS.filter(day => days.includes(day))
}

const GROUPS: Readonly<Record<string, readonly Weekday[]>> = {
  weekday: WORKING_DAYS,
  weekdays: WORKING_DAYS,
  weekend: WEEKEND,
  weekends: WEEKEND,
}

const readWeekdayItem = (reader: Reader): readonly Weekday[] => {
  const token = reader.next
  if (token.kind === 'word' && Object.hasOwn(GROUPS, token.word)) {
    reader.take()
    return GROUPS[token.word] ?? []
  }
  const first = readOneWeekday(reader)
  if (!reader.takeIf(...RANGE_SIGNS)) return [first]
  return wrapped(WEEKDAYS, first, readOneWeekday(reader))
}

const readOneWeekday = (reader: Reader): Weekday => {
  const weekday = reader.next.kind === 'word' ? weekdayNamed(reader.next.word) : undefined
  if (weekday === undefined) return reader.fail('a weekday such as Monday')
  reader.take()
  return weekday
}

const RANGE_SIGNS = ['-', '–', 'to', 'through'] as const

/** Whether a token can begin a list of months. */
export const beginsMonth = (token: Token): boolean => token.kind === 'word' && monthNamed(token.word) !== undefined

/** `January and July`, `June-August`. */
export const readMonths = (reader: Reader): readonly Month[] => {
  const months = readList(reader, beginsMonth, () => {
    const first = readOneMonth(reader)
    return reader.takeIf(...RANGE_SIGNS) ? wrapped(MONTHS, first, readOneMonth(reader)) : [first]
  }).flat()
  return MONTHS.filter(month => months.includes(month))
}

const readOneMonth = (reader: Reader): Month => {
  const month = beginsMonth(reader.next) ? monthNamed(reader.take().word) : undefined
  return month ?? reader.fail('a month such as January')
}

/** Whether a token can begin a list of days of a month. */
export const beginsDay = (token: Token): boolean =>
  token.kind === 'ordinal' ||
  (token.kind === 'word' && (token.word === 'the' || token.word === 'last' || ordinalNamed(token.word) !== undefined))

/** `the 1st and the 15th`, `the 1st-5th`, `the last Friday`, `the 2nd last day`. */
export const readDaysOfMonth = (reader: Reader): readonly DayOfMonth[] => {
  const days = readList(reader, beginsDay, readDayItem).flat()
  skipOfTheMonth(reader)
  return uniqueDays(days)
}

const readDayItem = (reader: Reader): readonly DayOfMonth[] => {
  reader.takeIf('the')
  const start = reader.next
  const nth = readNth(reader)
  if (nth < 0 || !reader.takeIf(...RANGE_SIGNS)) return [readThing(reader, nth, start)]
  reader.takeIf('the')
  const end = reader.next
  const last = readNth(reader)
  const [from, to] = [readThing(reader, nth, start), readThing(reader, last, end)]
  if (to.of !== 'day' || to.nth < 0) return fail(reader, end, 'a day of the month such as 5th')
  return wrapped(ALL_DAYS, from.nth, to.nth).map(day => ({ nth: day, of: 'day' }))
}

const ALL_DAYS = Array.from({ length: 31 }, (_, index) => index + 1)

/** `1st` as 1, `last` as -1, `2nd last` as -2. */
const readNth = (reader: Reader): number => {
  if (reader.takeIf('last')) return -1
  const token = reader.next
  const value = token.kind === 'ordinal' ? Number.parseInt(token.text, 10) : (ordinalNamed(token.word) ?? 0)
  if (value < 1) return reader.fail('a day such as the 15th, the last day or the 2nd Friday')
  reader.take()
  return reader.takeIf('last') ? -value : value
}

/** What is counted: `day`, `working day`, a weekday, or nothing, which is a day. */
const readThing = (reader: Reader, nth: number, start: Token): DayOfMonth => {
  const of = readOf(reader)
  if (of === undefined && nth < 0) return reader.fail("'day', 'working day' or a weekday", 'last day')
  const day = { nth, of: of ?? 'day' } as const
  const most = day.of === 'day' ? 31 : day.of === 'working day' ? 23 : 5
  if (Math.abs(nth) <= most) return day
  return fail(reader, start, day.of === 'day' ? 'a day from the 1st to the 31st' : `at most the ${most}th ${day.of}`)
}

const readOf = (reader: Reader): DayOfMonth['of'] | undefined => {
  if (reader.takeIf('day', 'days')) return 'day'
  if (reader.takeIf('working', 'business')) {
    reader.expect('day', 'days')
    return 'working day'
  }
  const weekday = reader.next.kind === 'word' ? weekdayNamed(reader.next.word) : undefined
  if (weekday !== undefined) reader.take()
  return weekday
}

const skipOfTheMonth = (reader: Reader): void => {
  if (!reader.nextIs('of') || !['the', 'each', 'every'].includes(reader.afterNext.word)) return
  reader.take()
  reader.take()
  reader.expect('month')
}

/** `29 February`, `1 January and 4 July`, `the last Friday of November`. */
export const readDaysOfYear = (reader: Reader): readonly DayOfYear[] =>
  uniqueDays(readList(reader, beginsDate, readDate))

// A number begins a date only before a month: it may also be the minute of a cron text.
const beginsDate = (token: Token, reader: Reader): boolean =>
  token.kind === 'number' ? beginsMonth(reader.behind(token)) : beginsDay(token) || beginsMonth(token)

const readDate = (reader: Reader): DayOfYear => {
  const start = reader.next
  const leading = beginsMonth(start) ? readOneMonth(reader) : undefined
  const number = reader.next.kind === 'number' ? Number(reader.take().text) : undefined
  const day = number === undefined ? readDayItem(reader) : [{ nth: number, of: 'day' } as const]
  if (leading === undefined) reader.takeIf('of', 'in')
  const month = leading ?? readOneMonth(reader)
  const [first] = day
  const isDay =
    first !== undefined &&
    day.length === 1 &&
    Number.isInteger(first.nth) &&
    Math.abs(first.nth) <= 31 &&
    first.nth !== 0
  return isDay ? { month, ...first } : fail(reader, start, 'a date such as 29 February')
}

/**
 * One item, and others behind commas and `and`. An `and` goes on with the list only where an item follows; otherwise it
 * joins two conditions and is left alone.
 */
const readList = <Item>(
  reader: Reader,
  begins: (token: Token, reader: Reader) => boolean,
  readItem: (reader: Reader) => Item,
): readonly Item[] => {
  const items = [readItem(reader)]
  for (;;) {
    const comma = reader.takeIf(',')
    const joins = reader.nextIs('and', '&') && begins(reader.afterNext, reader)
    if (joins) reader.take()
    if (comma === undefined && !joins) return items
    items.push(readItem(reader))
  }
}

/** The items from one to another, over the end to the beginning where the second comes first. */
const wrapped = <Item>(all: readonly Item[], from: Item, to: Item): readonly Item[] => {
  const [start, end] = [all.indexOf(from), all.indexOf(to)]
  return start <= end ? all.slice(start, end + 1) : [...all.slice(start), ...all.slice(0, end + 1)]
}

const unique = <Item>(items: readonly Item[]): readonly Item[] => [...new Set(items)]

/** Days in their order: by month, the numbered days, the working days, the weekdays; from the front before from the end. */
const uniqueDays = <Day extends DayOfMonth | DayOfYear>(days: readonly Day[]): readonly Day[] => {
  const byRank = new Map(days.map(day => [rankOf(day), day]))
  return [...byRank].toSorted(([a], [b]) => a - b).map(([, day]) => day)
}

const THINGS: readonly DayOfMonth['of'][] = ['day', 'working day', ...WEEKDAYS]

const rankOf = (day: DayOfMonth | DayOfYear): number => {
  const month = 'month' in day ? MONTHS.indexOf(day.month) : 0
  const nth = day.nth > 0 ? day.nth : 100 + day.nth
  return (month * THINGS.length + THINGS.indexOf(day.of)) * 100 + nth
}

const fail = (reader: Reader, token: Token, expected: string): never => {
  throw reader.refusal(token, expected)
}
