/** From condition to text: one canonical spelling, which `parse` reads back to equal data. */

import type { Condition, Leaf } from './condition.ts'
import type { DayOfMonth, DayOfYear, Weekday } from './day-names.ts'
import type { Counted, Period } from './fact.ts'
import type { TimeOfDay } from './time-of-day.ts'
import { capital, list, WORKING_DAYS, writeOrdinal } from './words.ts'

/**
 * The canonical text of a condition.
 *
 * @example print(parse('every day at 9:00 & ~on Sat-Sun')) // 'daily at 09:00 and not on Saturday and Sunday'
 */
export const print = (condition: Condition): string => printIn(condition, 0)

// How tightly each word binds: a part that binds less tightly than the word around it gets brackets.
const OR = 1
const AND = 2
const NOT = 3

const printIn = (condition: Condition, around: number): string => {
  switch (condition.kind) {
    case 'or':
      return bracketed(condition.of.map(part => printIn(part, OR)).join(' or '), around > OR)
    case 'and':
      return bracketed(condition.of.map(part => printIn(part, AND)).join(' and '), around > AND)
    case 'not':
      return printNot(condition.of)
    default:
      return printLeaf(condition)
  }
}

// `'news' is not running` rather than `not 'news' is running`.
const printNot = (condition: Condition): string => {
  switch (condition.kind) {
    case 'counted':
    case 'running':
    case 'health':
      return printLeaf(condition, 'not ')
    default:
      return `not ${printIn(condition, NOT)}`
  }
}

const bracketed = (text: string, isNeeded: boolean): string => (isNeeded ? `(${text})` : text)

const printLeaf = (leaf: Leaf, negation = ''): string => {
  switch (leaf.kind) {
    case 'interval':
      return `every ${length(leaf.everyMs)}`
    case 'every second':
    case 'every minute':
      return leaf.kind
    case 'hourly':
      return leaf.minutes.join() === '0' ? 'hourly' : `hourly at ${list(leaf.minutes.map(mark))}`
    case 'daily':
      return `${each('daily', 'days', leaf.every)}${atTimes(leaf.times)}`
    case 'weekly':
      return `${weekly(leaf.every, leaf.weekdays)}${atTimes(leaf.times)}`
    case 'monthly':
      return `${each('monthly', 'months', leaf.every)} on ${daysOfMonth(leaf.days)}${atTimes(leaf.times)}${clamp(leaf)}`
    case 'yearly':
      return `${each('yearly', 'years', leaf.every)} on ${list(leaf.dates.map(dayOfYear))}${atTimes(leaf.times)}${clamp(leaf)}`
    case 'cron':
      return leaf.text
    case 'once':
      return `at ${leaf.at}`
    case 'soon':
      return `in ${length(leaf.inMs)}`
    case 'between':
      return between(leaf.from, leaf.to)
    case 'weekdays':
      return `on ${isWorkingWeek(leaf.weekdays) ? 'weekdays' : weekdays(leaf.weekdays)}`
    case 'days':
      return `on ${daysOfMonth(leaf.days)}`
    case 'months':
      return `in ${list(leaf.months.map(capital))}`
    case 'dates':
      return [leaf.from && `from ${leaf.from}`, leaf.until && `until ${leaf.until}`].filter(Boolean).join(' ')
    case 'named dates':
      return `on ${quoted(leaf.name)}`
    case 'start':
      return 'on start'
    case 'after':
      return `${delay(leaf.delayMs)}after ${quoted(leaf.task)} ${leaf.outcome}`
    case 'after itself':
      return `${delay(leaf.delayMs)}after it finishes`
    case 'counted':
      return [`${quoted(leaf.task)} has ${negation}${leaf.what}`, during(leaf.during), comparison(leaf)]
        .filter(Boolean)
        .join(' ')
    case 'running':
      return `${quoted(leaf.task)} is ${negation}running`
    case 'health':
      return `${quoted(leaf.subject)} is ${negation}${leaf.state}`
    case 'predicate':
      return `if ${quoted(leaf.name)}`
    default:
      return leaf satisfies never
  }
}

const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** A length in the largest unit that divides it: 90 minutes, not 1.5 hours. */
export const length = (ms: number): string => {
  for (const [unit, size] of UNITS) {
    if (ms % size === 0) return `${ms / size} ${unit}${ms === size ? '' : 's'}`
  }
  return `${ms} ms`
}

const quoted = (name: string): string => `'${name.replaceAll("'", "''")}'`

const delay = (ms: number): string => (ms === 0 ? '' : `${length(ms)} `)

const during = (period: Period): string => {
  if (period === 'ever') return ''
  return typeof period === 'string' ? period : `in the last ${length(period.lastMs)}`
}

// That something happened at all is what is meant when no number is said.
const comparison = ({ compare, times }: Counted): string =>
  compare === 'at least' && times === 1 ? '' : `${compare} ${times} ${times === 1 ? 'time' : 'times'}`

const mark = (minute: number): string => `:${String(minute).padStart(2, '0')}`

const each = (alone: string, units: string, every: number): string => (every === 1 ? alone : `every ${every} ${units}`)

const weekly = (every: number, on: readonly Weekday[]): string => {
  if (every === 1 && isWorkingWeek(on)) return 'every weekday'
  return `${each('weekly', 'weeks', every)} on ${isWorkingWeek(on) ? 'weekdays' : weekdays(on)}`
}

const isWorkingWeek = (on: readonly Weekday[]): boolean => on.join() === WORKING_DAYS.join()

const weekdays = (on: readonly Weekday[]): string => list(on.map(capital))

const atTimes = (times: readonly TimeOfDay[]): string => (times.join() === '00:00' ? '' : ` at ${list(times)}`)

const clamp = (leaf: { readonly clamp?: true }): string => (leaf.clamp === true ? ' (clamp)' : '')

const between = (from: TimeOfDay, to: TimeOfDay): string => {
  if (from === '00:00' && to !== '24:00') return `before ${to}`
  if (to === '24:00' && from !== '00:00') return `after ${from}`
  return `between ${from} and ${to}`
}

/** `the 1st-5th and the last Friday`: three numbered days in a row become a range. */
export const daysOfMonth = (days: readonly DayOfMonth[]): string => {
  const items: string[] = []
  for (let index = 0; index < days.length;) {
    const run = runFrom(days, index)
    const [first, last] = [days[index], days[index + run - 1]]
    if (first === undefined || last === undefined) break
    if (run > 2) items.push(`the ${writeOrdinal(first.nth)}-${writeOrdinal(last.nth)}`)
    else items.push(...days.slice(index, index + run).map(day => `the ${dayOfMonth(day)}`))
    index += run
  }
  return list(items)
}

const runFrom = (days: readonly DayOfMonth[], start: number): number => {
  const first = days[start]
  if (first === undefined || first.of !== 'day' || first.nth < 0) return 1
  const end = days.findIndex(
    (day, index) => index > start && (day.of !== 'day' || day.nth !== first.nth + index - start),
  )
  return (end < 0 ? days.length : end) - start
}

const dayOfMonth = ({ nth, of }: DayOfMonth): string => {
  const thing = of === 'day' || of === 'working day' ? of : capital(of)
  if (nth === -1) return `last ${thing}`
  if (nth < 0) return `${writeOrdinal(-nth)} last ${thing}`
  return of === 'day' ? writeOrdinal(nth) : `${writeOrdinal(nth)} ${thing}`
}

export const dayOfYear = ({ month, ...day }: DayOfYear): string =>
  day.of === 'day' && day.nth > 0 ? `${day.nth} ${capital(month)}` : `the ${dayOfMonth(day)} of ${capital(month)}`
