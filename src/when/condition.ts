/**
 * What a condition is: plain data, a tree of `and`, `or` and `not` over leaves. Text (parse, print) and code (build) are
 * two spellings of it. Everything here is JSON, in one normal form, so that equal conditions are deeply equal.
 */

import { RotaError } from '../base/errors.ts'

export type Condition = And | Or | Not | Leaf

/** At least two parts, none of them an `and` itself. */
export interface And {
  readonly kind: 'and'
  readonly of: readonly Condition[]
}

/** At least two parts, none of them an `or` itself. */
export interface Or {
  readonly kind: 'or'
  readonly of: readonly Condition[]
}

/** Never around another `not`, nor around anything that holds a moment. */
export interface Not {
  readonly kind: 'not'
  readonly of: Condition
}

export type Leaf = Moment | Window

// ── Moments: countable instants ──────────────────────────────────────────────────────────────────────────────────────

export type Moment =
  | Interval
  | EverySecond
  | EveryMinute
  | Hourly
  | Daily
  | Weekly
  | Monthly
  | Yearly
  | Cron
  | Once
  | Soon

/** `every 5 minutes`: elapsed time, counted from the schedule's anchor. */
export interface Interval {
  readonly kind: 'interval'
  readonly everyMs: number
}

/** `every second`: as the wall shows it. */
export interface EverySecond {
  readonly kind: 'every second'
}

/** `every minute`: at second 0. */
export interface EveryMinute {
  readonly kind: 'every minute'
}

/** `hourly at :15`: minutes of the hour, ascending. */
export interface Hourly {
  readonly kind: 'hourly'
  readonly minutes: readonly number[]
}

/** `daily at 09:00`, `every 2 days at 03:00` (counted from the anchor's local date when `every` is not 1). */
export interface Daily {
  readonly kind: 'daily'
  readonly every: number
  readonly times: readonly TimeOfDay[]
}

/** `weekly on Monday at 08:00`; weeks begin on Monday. */
export interface Weekly {
  readonly kind: 'weekly'
  readonly every: number
  readonly weekdays: readonly Weekday[]
  readonly times: readonly TimeOfDay[]
}

/** `monthly on the last Friday at 18:00`. */
export interface Monthly {
  readonly kind: 'monthly'
  readonly every: number
  readonly days: readonly DayOfMonth[]
  readonly times: readonly TimeOfDay[]
  /** A day that the month lacks is its last day instead of none. */
  readonly clamp?: true
}

/** `yearly on 29 February`. */
export interface Yearly {
  readonly kind: 'yearly'
  readonly every: number
  readonly dates: readonly DayOfYear[]
  readonly times: readonly TimeOfDay[]
  readonly clamp?: true
}

/** Cron text of five or six fields, upper case, with single spaces and no leading zeros. */
export interface Cron {
  readonly kind: 'cron'
  readonly text: string
}

/** `at 2026-12-01T09:00` (local, with the rules of fixed times) or `at 2026-12-01T09:00:00Z`. */
export interface Once {
  readonly kind: 'once'
  readonly at: string
}

/** `in 10 minutes`: until `absolute` has made it a `once`, counted from the anchor. */
export interface Soon {
  readonly kind: 'soon'
  readonly inMs: number
}

// ── Windows: stretches of local time, half open ──────────────────────────────────────────────────────────────────────

export type Window = Between | Weekdays | Days | Months | Dates

/** `between 22:00 and 06:00` (wraps midnight); `before 09:00` begins at 00:00, `after 17:00` ends at 24:00. */
export interface Between {
  readonly kind: 'between'
  readonly from: TimeOfDay
  readonly to: TimeOfDay
}

/** `on weekdays`, `on Saturday and Sunday`. */
export interface Weekdays {
  readonly kind: 'weekdays'
  readonly weekdays: readonly Weekday[]
}

/** `on the 1st-5th`, `on the last day`. */
export interface Days {
  readonly kind: 'days'
  readonly days: readonly DayOfMonth[]
}

/** `in January and July`. */
export interface Months {
  readonly kind: 'months'
  readonly months: readonly Month[]
}

/** `from 2026-12-01 until 2026-12-24`: the second is the first moment outside. At least one of the two is there. */
export interface Dates {
  readonly kind: 'dates'
  readonly from?: string
  readonly until?: string
}

// ── Words inside leaves ──────────────────────────────────────────────────────────────────────────────────────────────

/** `09:00` or `09:00:30`; `24:00` only where something ends. */
export type TimeOfDay = string

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const
export type Month = (typeof MONTHS)[number]

/** The nth of something in a month: 1 is the first, -1 the last, -2 the second last. A working day is Monday to Friday. */
export interface DayOfMonth {
  readonly nth: number
  readonly of: 'day' | 'working day' | Weekday
}

export interface DayOfYear extends DayOfMonth {
  readonly month: Month
}

// ── Joining ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** All of the parts, flattened; one part alone is itself. */
export const and = (...parts: readonly [Condition, ...Condition[]]): Condition => joined('and', parts)

/** Any of the parts, flattened; one part alone is itself. */
export const or = (...parts: readonly [Condition, ...Condition[]]): Condition => joined('or', parts)

/**
 * The opposite of a window or a state, or of several joined.
 *
 * @throws RotaError CONDITION_UNREADABLE where there is a moment in it
 */
export const not = (condition: Condition): Condition => {
  if (!canBeNegated(condition)) throw new RotaError('CONDITION_UNREADABLE', NOT_BEFORE_MOMENTS)
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition }
}

export const NOT_BEFORE_MOMENTS =
  "'not' stands before windows and states only: a moment that is left out says nothing about when to run. " +
  'Write what does run, such as `every 5 minutes and not between 09:00 and 17:00`.'

/** Whether `not` may stand before this: it holds no moment. */
export const canBeNegated = (condition: Condition): boolean => leavesOf(condition).every(leaf => !isMoment(leaf))

/** The leaves in the order they are written. */
export const leavesOf = (condition: Condition): readonly Leaf[] => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.flatMap(leavesOf)
    case 'not':
      return leavesOf(condition.of)
    default:
      return [condition]
  }
}

export const isMoment = (leaf: Leaf): leaf is Moment => {
  switch (leaf.kind) {
    case 'interval':
    case 'every second':
    case 'every minute':
    case 'hourly':
    case 'daily':
    case 'weekly':
    case 'monthly':
    case 'yearly':
    case 'cron':
    case 'once':
    case 'soon':
      return true
    case 'between':
    case 'weekdays':
    case 'days':
    case 'months':
    case 'dates':
      return false
    default:
      return leaf satisfies never
  }
}

const joined = (kind: 'and' | 'or', parts: readonly [Condition, ...Condition[]]): Condition => {
  const of = parts.flatMap(part => (part.kind === kind ? part.of : [part]))
  return of.length === 1 ? parts[0] : { kind, of }
}
