/** Local date-times as text, `2026-12-01T09:00`, and as milliseconds since 1970-01-01T00:00 on the same wall. */

import { dayOf, firstDayOf, lengthOf, monthOf } from './civil.ts'
import { DAY_MS, writeTime } from './time-of-day.ts'

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/

/** Reads a date, with or without a time; NaN for a date or time that does not exist. */
export const readLocal = (text: string): number => {
  const match = LOCAL.exec(text)
  if (match === null) return Number.NaN
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(part => Number(part ?? 0))
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= lengthOf(year * 12 + month - 1)
  if (!isDate || hour > 23 || minute > 59 || second > 59) return Number.NaN
  const millisecond = Number((match[7] ?? '').padEnd(3, '0'))
  return dayOf(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
}

/** Writes a date and time, the time as short as it can be: `2026-12-01T09:00`, `2026-12-01T09:00:30.250`. */
export const writeLocal = (local: number): string => {
  const day = Math.floor(local / DAY_MS)
  const time = local - day * DAY_MS
  const millisecond = time % 1000
  const clock = writeTime(time - millisecond)
  if (millisecond === 0) return `${writeDate(day)}T${clock}`
  return `${writeDate(day)}T${clock.length === 5 ? `${clock}:00` : clock}.${String(millisecond).padStart(3, '0')}`
}

export const writeDate = (day: number): string => {
  const month = monthOf(day)
  const parts = [Math.floor(month / 12), (month % 12) + 1, day - firstDayOf(month) + 1]
  return parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-')
}
