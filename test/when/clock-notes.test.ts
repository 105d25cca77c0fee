import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { clockNotes } from '../../src/when/clock-notes.ts'
import { parse } from '../../src/when/parse.ts'
import { compile } from '../../src/when/timetable.ts'
import { condition } from './conditions.ts'

const notes = (text: string, timezone: string, after: string, count = 3): readonly string[] => {
  const start = parseInstant(after)
  return clockNotes(parse(text), {
    timezone,
    after: start,
    anchor: start,
    instants: firstOf(text, timezone, start, count),
  })
}

const firstOf = (text: string, timezone: string, after: Instant, count: number): readonly Instant[] => {
  const times = compile(parse(text), timezone)
  const found: Instant[] = []
  for (let at = times.next(after, after); at !== null && found.length < count; at = times.next(at, after))
    found.push(at)
  return found
}

test('a fixed time in a gap is told with the time at which it fires', () => {
  assert.deepEqual(notes('daily at 02:30', 'Europe/Berlin', '2025-03-29T12:00:00Z'), [
    '02:30 does not exist on 2025-03-30 in Europe/Berlin: it fires at 03:00',
  ])
  assert.deepEqual(notes('30 2 * * *', 'Europe/Berlin', '2025-03-29T12:00:00Z', 1).length, 1)
  assert.deepEqual(notes('daily at 02:15 and 02:30', 'Europe/Berlin', '2025-03-29T12:00:00Z'), [
    '02:15 and 02:30 do not exist on 2025-03-30 in Europe/Berlin: they are one, at 03:00',
  ])
  assert.deepEqual(notes('daily at 23:30', 'America/Nuuk', '2024-03-30T12:00:00Z'), [
    '23:30 does not exist on 2024-03-30 in America/Nuuk: it fires at 2024-03-31 00:00',
  ])
})

test('a fixed time that comes twice is told to fire at the first', () => {
  assert.deepEqual(notes('daily at 02:30', 'Europe/Berlin', '2025-10-25T12:00:00Z', 1), [
    '02:30 comes twice on 2025-10-26 in Europe/Berlin: it fires at the first',
  ])
  assert.deepEqual(notes('daily at 02:10, 02:20, 02:30 and 02:40', 'Europe/Berlin', '2025-10-25T12:00:00Z', 4), [
    '02:10, 02:20, 02:30 and more come twice on 2025-10-26 in Europe/Berlin: they fire at the first',
  ])
})

test('stars and steps leave out what does not exist, and fire in both passes', () => {
  assert.deepEqual(notes('*/30 2 * * *', 'Europe/Berlin', '2025-03-29T12:00:00Z'), [
    'The time from 02:00 to 03:00 does not exist on 2025-03-30 in Europe/Berlin: nothing fires in it',
  ])
  assert.deepEqual(notes('hourly', 'Europe/Berlin', '2025-10-26T00:30:00Z', 1), [
    'The time from 02:00 to 03:00 comes twice on 2025-10-26 in Europe/Berlin: it fires in both',
  ])
})

test('a date that does not exist is told', () => {
  assert.deepEqual(notes('daily at 09:00', 'Pacific/Apia', '2011-12-29T12:00:00Z'), [
    'The time from 2011-12-30 00:00 to 2011-12-31 00:00 does not exist in Pacific/Apia: nothing fires in it',
  ])
})

test('what the clocks do not touch has no notes', () => {
  assert.deepEqual(notes('daily at 09:00', 'Europe/Berlin', '2025-03-29T12:00:00Z'), [])
  assert.deepEqual(notes('every 90 minutes', 'Europe/Berlin', '2025-03-29T12:00:00Z', 20), [])
  assert.deepEqual(notes('daily at 02:30', 'Europe/Berlin', '2025-03-30T12:00:00Z'), [])
  assert.deepEqual(notes('daily at 02:30 and on weekdays', 'Europe/Berlin', '2025-03-28T12:00:00Z'), [])
  assert.deepEqual(notes('daily at 02:30', 'UTC', '2025-03-29T12:00:00Z'), [])
  assert.deepEqual(notes("after 'x' fails", 'Europe/Berlin', '2025-03-29T12:00:00Z'), [])
})

test('a preview of centuries has a few notes, and soon', () => {
  assert.equal(notes('daily at 02:30', 'Europe/Berlin', '2000-01-01T00:00:00Z', 10_000).length, 10)
  assert.ok(notes('yearly', 'Europe/Berlin', '2000-01-01T00:00:00Z', 2_000).length <= 10)
})

test('notes can be made of whatever can be said', () => {
  fc.assert(
    fc.property(condition, fc.integer({ min: 0, max: 2e12 }), (data, at) => {
      const after = at as Instant
      const first = compile(data, 'Europe/Berlin').next(after, after)
      clockNotes(data, { timezone: 'Europe/Berlin', after, anchor: after, instants: first === null ? [] : [first] })
    }),
    { numRuns: 300, seed: 1 },
  )
})
