/** Yearly rules of an iCalendar file (RFC 5545, 3.3.10): the days on which an event begins. */

import { dayOf, firstDayOf, lengthOf, monthOf, weekdayOf, yearOf } from './civil.ts'
import type { ContentLine } from './ical-lines.ts'
import { refuseLine } from './ical-lines.ts'
import { readLocal } from './local-time.ts'
import { DAY_MS } from './time-of-day.ts'

/** When something is: the local day, and the time of day unless it is a whole day. */
interface LocalTime {
  readonly day: number
  readonly time: number | null
}

/** What a rule says, each part as it is written. */
interface Rule {
  readonly interval: number
  readonly count: number
  readonly until: LocalTime | null
  readonly months: readonly number[] | null
  readonly monthDays: readonly number[] | null
  readonly weekdays: readonly NthWeekday[] | null
}

/** `4TH` is the fourth Thursday, `-1MO` the last Monday, `TU` every Tuesday. */
interface NthWeekday {
  readonly weekday: number
  readonly nth: number | null
}

/**
 * The days on which an event that began at `start` begins again, the first included, before `until` (a date). `readTime` reads
 * a time of the rule as the event's own are read.
 */
export const readRule = (
  line: ContentLine,
  start: LocalTime,
  readTime: (value: string) => LocalTime,
  until: string,
): readonly number[] => {
  if (yearOf(start.day) < FIRST_YEAR) return refuseLine(line, `a DTSTART in ${FIRST_YEAR} or later`)
  const rule = ruleOf(line, readTime)
  const end = readLocal(until) / DAY_MS
  const days: number[] = []
  for (let year = yearOf(start.day); dayOf(year, 1, 1) < end && days.length < rule.count; year += rule.interval) {
    for (const day of daysIn(year, rule, start)) {
      const isIn = day >= start.day && day < end && isUntil(rule.until, { day, time: start.time })
      if (isIn && days.length < rule.count) days.push(day)
    }
  }
  // Whether a start beside the rule counts is not defined.
  return days[0] === start.day || start.day >= end ? days : refuseLine(line, 'a rule that its own DTSTART fulfils')
}

// Some programs write birthdays without a year as of 1601 or 1604.
const FIRST_YEAR = 1600

const isUntil = (until: LocalTime | null, { day, time }: LocalTime): boolean =>
  until === null || day < until.day || (day === until.day && (until.time === null || (time ?? 0) <= until.time))

const daysIn = (year: number, rule: Rule, start: LocalTime): readonly number[] => {
  const own = monthOf(start.day) % 12
  const everyMonth = rule.monthDays === null ? [own + 1] : Array.from({ length: 12 }, (_, index) => index + 1)
  return (rule.months ?? everyMonth).flatMap(month => daysOfMonth(year * 12 + month - 1, rule, start))
}

const daysOfMonth = (month: number, { monthDays, weekdays }: Rule, start: LocalTime): readonly number[] => {
  const first = firstDayOf(month)
  const length = lengthOf(month)
  const all = Array.from({ length }, (_, index) => first + index)
  const own = start.day - firstDayOf(monthOf(start.day)) + 1
  const numbers = monthDays ?? (weekdays === null ? [own] : null)
  return all.filter(day => {
    const number = day - first + 1
    const isNumber = numbers === null || numbers.includes(number) || numbers.includes(number - length - 1)
    return isNumber && (weekdays === null || weekdays.some(each => isNth(each, day, number, length)))
  })
}

const isNth = ({ weekday, nth }: NthWeekday, day: number, number: number, length: number): boolean => {
  if (weekdayOf(day) !== weekday) return false
  if (nth === null) return true
  return nth > 0 ? Math.ceil(number / 7) === nth : Math.ceil((length - number + 1) / 7) === -nth
}

const KNOWN = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'WKST']

const ruleOf = (line: ContentLine, readTime: (value: string) => LocalTime): Rule => {
  const parts = partsOf(line)
  const part = (name: string): string | undefined => parts.get(name)
  if (part('FREQ') !== 'YEARLY') return refuseLine(line, 'FREQ=YEARLY; write other recurrences as single dates')
  if (parts.has('COUNT') && parts.has('UNTIL')) return refuseLine(line, 'COUNT or UNTIL, not both')
  if (parts.has('BYDAY') && !parts.has('BYMONTH')) return refuseLine(line, 'BYMONTH beside BYDAY')
  const months = numbersOf(line, part('BYMONTH'), 1, 12)
  return {
    interval: numbersOf(line, part('INTERVAL'), 1, 1_000)?.[0] ?? 1,
    count: numbersOf(line, part('COUNT'), 1, 100_000)?.[0] ?? Infinity,
    until: parts.has('UNTIL') ? readTime(part('UNTIL') ?? '') : null,
    months: months?.toSorted((a, b) => a - b) ?? null,
    monthDays: numbersOf(line, part('BYMONTHDAY'), -31, 31),
    weekdays: parts.has('BYDAY') ? weekdaysOf(line, part('BYDAY') ?? '') : null,
  }
}

const partsOf = (line: ContentLine): ReadonlyMap<string, string> => {
  const parts = new Map<string, string>()
  for (const text of line.value.trim().toUpperCase().split(';')) {
    const [name = '', value = ''] = text.split('=')
    if (!KNOWN.includes(name) || value === '' || parts.has(name))
      return refuseLine(
        line,
        `each of ${KNOWN.join(', ')} at most once, and nothing else, for '${text.slice(0, 40)}' is not understood`,
      )
    parts.set(name, value)
  }
  return parts
}

const numbersOf = (line: ContentLine, text: string | undefined, min: number, max: number): readonly number[] | null => {
  if (text === undefined) return null
  const numbers = text.split(',').map(each => (/^[+-]?\d{1,6}$/.test(each) ? Number(each) : Number.NaN))
  if (numbers.every(number => number >= min && number <= max && number !== 0)) return numbers
  return refuseLine(line, `numbers from ${min} to ${max}, for '${text.slice(0, 40)}' is not`)
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

const weekdaysOf = (line: ContentLine, text: string): readonly NthWeekday[] =>
  text.split(',').map(each => {
    const [, nth, name = ''] = /^([+-]?[1-5])?([A-Z]{2})$/.exec(each) ?? []
    const weekday = WEEKDAYS.indexOf(name)
    if (weekday < 0) return refuseLine(line, `weekdays such as 4TH, -1MO or TU, for '${each.slice(0, 40)}' is none`)
    return { weekday, nth: nth === undefined ? null : Number(nth) }
  })
