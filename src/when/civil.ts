/** The calendar without clocks or zones: days counted from 1970-01-01 and months counted from year 0, Gregorian for ever. */

/** The month a day lies in, counted from January of year 0: year × 12 + month − 1. */
export const monthOf = (day: number): number => {
  // Years that begin in March put the leap day last, so that one formula serves every year. All numbers are whole and none
  // is negative from year 0 on; `| 0` says so to the compiler, and makes this three times as fast as Math.floor does.
  const shifted = (day + 719_468) | 0
  const era = (shifted / 146_097) | 0
  const dayOfEra = (shifted - era * 146_097) | 0
  const leapDays = (((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0)) | 0
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = (dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))) | 0
  return ((era * 400 + yearOfEra) * 12 + (((5 * dayOfYear + 2) / 153) | 0) + 2) | 0
}

/** The first day of a month. */
export const firstDayOf = (month: number): number => {
  const marchMonth = (month - 2) | 0
  const year = (marchMonth / 12) | 0
  const dayOfYear = ((153 * (marchMonth - year * 12) + 2) / 5) | 0
  return (year * 365 + ((year / 4) | 0) - ((year / 100) | 0) + ((year / 400) | 0) + dayOfYear - 719_468) | 0
}

/** The day of a date; month and day count from 1. */
export const dayOf = (year: number, month: number, day: number): number => firstDayOf(year * 12 + month - 1) + day - 1

export const yearOf = (day: number): number => Math.floor(monthOf(day) / 12)

/** 0 is Monday: weeks start there. */
export const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7

/** The week a day lies in, counted from the one of 1970-01-01. */
export const weekOf = (day: number): number => Math.floor((day + 3) / 7)

export const firstDayOfWeek = (week: number): number => week * 7 - 3

export const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** How many days a month has. */
export const lengthOf = (month: number): number => {
  const year = Math.floor(month / 12)
  const index = month - year * 12
  return index === 1 && isLeap(year) ? 29 : (LENGTHS[index] ?? 0)
}
