/** Reads windows: `between …`, `before`, `after`, `on …`, `in …`, `from … until …`. */

import type { Window } from './window.ts'
import { readLocal, writeLocal } from './local-time.ts'
import {
  beginsDay,
  beginsMonth,
  beginsWeekday,
  readDaysOfMonth,
  readMonths,
  readOneTime,
  readWeekdays,
} from './read-lists.ts'
import type { Reader, Token } from './reader.ts'
import { DAY_MS } from './time-of-day.ts'

/** `between 09:00 and 17:00`, behind its first word. */
export const readBetween = (reader: Reader): Window => {
  const from = readOneTime(reader)
  reader.expect('and', '&')
  const end = reader.next
  return spanOf(reader, end, from, readOneTime(reader, true))
}

export const readBefore = (reader: Reader): Window => {
  const end = reader.next
  return spanOf(reader, end, '00:00', readOneTime(reader, true))
}

export const readAfter = (reader: Reader): Window => ({ kind: 'between', from: readOneTime(reader), to: '24:00' })

/** `on weekdays`, `on Sat and Sun`, `on the 1st-5th`. */
export const readOn = (reader: Reader): Window => {
  if (beginsWeekday(reader.next) || (reader.nextIs('the') && beginsWeekday(reader.afterNext))) {
    reader.takeIf('the')
    return { kind: 'weekdays', weekdays: readWeekdays(reader) }
  }
  if (beginsDay(reader.next)) return { kind: 'days', days: readDaysOfMonth(reader) }
  return reader.fail("weekdays ('on Mon-Fri') or days of the month ('on the 1st-5th')")
}

/** `in January and July`. */
export const readIn = (reader: Reader): Window =>
  beginsMonth(reader.next)
    ? { kind: 'months', months: readMonths(reader) }
    : reader.fail("a month ('in January') or a length of time ('in 10 minutes')")

/** `from 2026-12-01 until 2026-12-24`, behind `from`. */
export const readFrom = (reader: Reader): Window => {
  const from = readDateTime(reader)
  if (!reader.nextIs('until', 'through')) return { kind: 'dates', from: shortDate(from) }
  const word = reader.take().word
  const token = reader.next
  const until = readUntil(reader, word)
  if (until <= from) throw reader.refusal(token, 'an end that comes after the beginning')
  return { kind: 'dates', from: shortDate(from), until: shortDate(until) }
}

/** `until 2026-12-24`, or `through 2026-12-24`, which includes that day. `word` is the one before it. */
export const readUntilAlone = (reader: Reader, word: string): Window => ({
  kind: 'dates',
  until: shortDate(readUntil(reader, word)),
})

const readUntil = (reader: Reader, word: string): number => {
  const token = reader.next
  const local = readDateTime(reader)
  if (word === 'until') return local
  if (token.text.length > 10) throw reader.refusal(token, "a date after 'through', without a time")
  return local + DAY_MS
}

const readDateTime = (reader: Reader): number => {
  const token = reader.takeKind('date', 'a date such as 2026-12-01')
  const local = readLocal(token.text.toUpperCase())
  if (Number.isNaN(local))
    throw reader.refusal(token, 'a date that exists, in the local time of the schedule, such as 2026-12-01')
  return local
}

const shortDate = (local: number): string => writeLocal(local).replace(/T00:00$/, '')

const spanOf = (reader: Reader, end: Token, from: string, to: string): Window => {
  // Midnight as an end is the end of the day.
  const until = to === '00:00' ? '24:00' : to
  if (from === to) {
    throw reader.refusal(end, 'an end other than the beginning; for the whole day leave the window out')
  }
  return { kind: 'between', from, to: until }
}
