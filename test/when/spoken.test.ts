/** Instants as people say them and name them, on the wall of a zone. */

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'
import { zoneOf } from '../../src/when/calendar.ts'
import { writeLocal } from '../../src/when/local-time.ts'
import { readOnWall } from '../../src/when/on-wall.ts'
import { spoken, spokenNext } from '../../src/when/spoken.ts'

const berlin = zoneOf('Europe/Berlin')
// A Sunday, 10:00 in Berlin.
const sunday = parseInstant('2026-11-22T09:00:00Z')

test('an instant is said as short as is clear', () => {
  const said: Readonly<Record<string, string>> = {
    '2026-11-22T08:00:00Z': '09:00',
    '2026-11-22T08:00:05.250Z': '09:00:05',
    '2026-11-22T23:00:00Z': 'Monday 00:00',
    '2026-11-28T22:59:59Z': 'Saturday 23:59:59',
    '2026-11-28T23:00:00Z': '2026-11-29 00:00',
    '2026-11-20T08:03:00Z': '2026-11-20 09:03',
  }
  for (const [at, words] of Object.entries(said)) assert.equal(spoken(parseInstant(at), sunday, berlin), words)
})

test('what is to come is said with how far away it is', () => {
  const monday = parseInstant('2026-11-22T23:00:00Z')
  assert.equal(spokenNext(monday, sunday, berlin, false), 'Monday 00:00, in 14 h')
  assert.equal(spokenNext(monday, sunday, berlin, true), 'Monday 00:00, 14 h later')
  assert.equal(spokenNext(sunday, sunday, berlin, false), '10:00')
})

test('an instant is named with its offset, or as the wall shows it', () => {
  const read: Readonly<Record<string, string>> = {
    '2026-11-22T09:00:00Z': '2026-11-22T09:00:00Z',
    '2026-11-22T09:00:00+01:00': '2026-11-22T08:00:00Z',
    '2026-11-22T09:00:00 01:00': '2026-11-22T08:00:00Z',
    '2026-11-22T09:00': '2026-11-22T08:00:00Z',
    '2026-11-22 09:00': '2026-11-22T08:00:00Z',
    '2026-11-22': '2026-11-21T23:00:00Z',
    // Not there: what comes behind the gap. Twice there: the first pass.
    '2026-03-29T02:30': '2026-03-29T01:00:00Z',
    '2026-10-25T02:30': '2026-10-25T00:30:00Z',
  }
  for (const [text, at] of Object.entries(read))
    assert.equal(formatInstant(readOnWall(text, 'Europe/Berlin')), at, text)
  for (const text of ['', 'sunday', '09:00', '2026-02-30T09:00', '2026-11-22T25:00', '2026-11-22T09:00:00+99:00'])
    assert.throws(
      () => readOnWall(text, 'Europe/Berlin'),
      error => isRotaError(error, 'INSTANT_UNREADABLE'),
    )
})

test('what the wall shows names its instant, but for the second pass of a repeated hour', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia']
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 2 ** 41 }), (timezone, ms) => {
      const at = instant(ms)
      const again = readOnWall(writeLocal(zoneOf(timezone).local(at)), timezone)
      assert.equal(zoneOf(timezone).local(again), zoneOf(timezone).local(at))
      assert.ok(again === at || (again < at && at - again <= 26 * 3_600_000))
    }),
  )
})
