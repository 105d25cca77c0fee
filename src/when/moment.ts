/** Moments as data: countable instants, of the clock, the calendar, or once. */

import type { DayOfMonth, DayOfYear, Weekday } from './day-names.ts'
import type { TimeOfDay } from './time-of-day.ts'

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
