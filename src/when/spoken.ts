/** Instants as a person says them: on the wall of a zone, and no longer than is clear beside another instant. */

import { about } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { Zone } from './calendar.ts'
import { writeDate } from './local-time.ts'
import { DAY_MS, writeTime } from './time-of-day.ts'

/**
 * The time alone on the same day, the weekday within the six days that follow, else the date: `09:00`, `Monday 09:00`,
 * `2026-11-20 09:03`.
 */
export const spoken = (at: Instant, beside: Instant, zone: Zone): string => {
  const local = zone.local(at)
  const day = Math.floor(local / DAY_MS)
  const time = writeTime(local - day * DAY_MS)
  const away = day - Math.floor(zone.local(beside) / DAY_MS)
  if (away === 0) return time
  return away > 0 && away < 7 ? `${weekdayOf(day)} ${time}` : `${writeDate(day)} ${time}`
}

/** What is to come, and how far away it is: `Monday 09:00, in 14 h`; asked about the past, `Monday 09:00, 14 h later`. */
export const spokenNext = (at: Instant, from: Instant, zone: Zone, isPast: boolean): string => {
  const away = at - from < 1_000 ? null : about(at - from)
  if (away === null) return spoken(at, from, zone)
  return `${spoken(at, from, zone)}, ${isPast ? `${away} later` : `in ${away}`}`
}

const weekdays = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday']

// 1 January 1970 was a Thursday.
const weekdayOf = (day: number): string => weekdays[((day % 7) + 7) % 7] ?? ''
