/** Weekdays, months and days counted in them, as data. */

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
