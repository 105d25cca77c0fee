import assert from 'node:assert/strict'
import test from 'node:test'
import { parseInstant } from '../../src/base/instant.ts'
import { about, clockTime, longTime, relative, shortTime, took } from '../../src/dashboard/assets/times.js'

const now = parseInstant('2026-11-22T09:20:30Z')

test('a length is told in at most two units, rounded down', () => {
  const told = [0, 999, 1_000, 45_900, 330_000, 1_199_000, 12_000_000, 90_000_000, 200_000_000, 1_100_000_000].map(
    about,
  )
  assert.deepEqual(told, [
    '0 s',
    '0 s',
    '1 s',
    '45 s',
    '5 min 30 s',
    '19 min',
    '3 h 20 min',
    '1 d 1 h',
    '2 d 7 h',
    '12 d',
  ])
})

test('how long something took is told finer where it was short', () => {
  assert.deepEqual([0, 340, 999.6, 1_000, 3_449, 9_999, 10_000, 125_000].map(took), [
    '0 ms',
    '340 ms',
    '1000 ms',
    '1.0 s',
    '3.4 s',
    '9.9 s',
    '10 s',
    '2 min 5 s',
  ])
})

test('what comes is told precisely, what is over roughly', () => {
  const told = [500, 12_000, 90_000, 3 * 3_600_000 + 5_000, -900, -90_000, -59 * 60_000, -25 * 3_600_000].map(away =>
    relative(now + away, now),
  )
  assert.deepEqual(told, ['now', 'in 12 s', 'in 1 min 30 s', 'in 3 h', 'now', '1 min ago', '59 min ago', '1 d ago'])
})

test('a time has as much of a date as is needed, in the zone that is wanted', () => {
  const texts = ['2026-11-22T00:05:09Z', '2026-11-21T23:05:09Z', '2025-11-22T09:20:30Z'].map(text =>
    shortTime(parseInstant(text), now, 'UTC'),
  )
  assert.deepEqual(texts, ['00:05:09', '21 Nov, 23:05', '22 Nov 2025, 09:20'])
  assert.equal(shortTime(parseInstant('2026-11-21T23:05:09Z'), now, 'Europe/Berlin'), '00:05:09')
  assert.equal(clockTime(parseInstant('2026-11-22T00:05:09Z'), now, 'UTC'), '00:05')
  assert.equal(clockTime(parseInstant('2026-11-20T00:05:09Z'), now, 'UTC'), '20 Nov, 00:05')
  assert.equal(longTime(now, 'Asia/Kathmandu'), '22 Nov 2026, 15:05:30')
})
