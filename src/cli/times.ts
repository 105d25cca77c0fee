/** Times for a person: how far away, and as the wall of a zone shows them. */

import { about } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { zoneOf } from '../when/calendar.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** How far an instant is from now: `in 5 min`, `3 h 20 min ago`, `now` within a second. */
export const relative = (at: Instant, now: Instant): string => {
  const away = at - now
  if (Math.abs(away) < SECOND) return 'now'
  return away > 0 ? `in ${about(away)}` : `${about(-away)} ago`
}

/** When a pause ends, as it is said. */
export const endOf = (until: Instant | null): string => (until === null ? 'it is resumed' : formatInstant(until))

/** As the wall of the zone shows it, with the weekday and the offset: `Mon 2026-01-05 09:00:00 +01:00`. */
export const localTime = (at: Instant, timezone: string): string => {
  const local = zoneOf(timezone).local(at)
  const text = new Date(local).toISOString()
  const weekday = weekdays[new Date(local).getUTCDay()] ?? ''
  const ms = text.slice(20, 23)
  return `${weekday} ${text.slice(0, 10)} ${text.slice(11, 19)}${ms === '000' ? '' : `.${ms}`} ${offset(local - at)}`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const offset = (ms: number): string => {
  const minutes = Math.floor(Math.abs(ms) / MINUTE)
  const seconds = (Math.abs(ms) % MINUTE) / SECOND
  const text = [Math.floor(minutes / 60), minutes % 60, ...(seconds === 0 ? [] : [seconds])]
  return `${ms < 0 ? '-' : '+'}${text.map(part => String(part).padStart(2, '0')).join(':')}`
}
