/** Windows as data: stretches of local time, half open. */

import type { DayOfMonth, Month, Weekday } from './day-names.ts'
import type { TimeOfDay } from './time-of-day.ts'

export type Window = Between | Weekdays | Days | Months | Dates | NamedDates

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

/** `on 'holidays'`: a named set of local dates, kept outside the condition. */
export interface NamedDates {
  readonly kind: 'named dates'
  readonly name: string
}
