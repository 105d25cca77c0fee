import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../../src/testing/random.ts'
import { checkEveryDate } from './every-date.ts'

// Changes of the clocks at midnight, over midnight, of half an hour and of two hours, and of the date line.
const strange: readonly (readonly [zone: string, year: number])[] = [
  ['America/Santiago', 2026],
  ['America/Nuuk', 2024],
  ['America/St_Johns', 2010],
  ['America/Sao_Paulo', 2018],
  ['Africa/Cairo', 2014],
  ['Asia/Beirut', 2023],
  ['Asia/Gaza', 2026],
  ['Asia/Tehran', 2021],
  ['Australia/Lord_Howe', 2026],
  ['Antarctica/Troll', 2026],
  ['Africa/Casablanca', 2026],
  ['Africa/Monrovia', 1972],
  ['Pacific/Apia', 2011],
  ['Pacific/Kwajalein', 1993],
  ['Pacific/Kiritimati', 1994],
]

const times = ['00:00', '02:30', '23:30']

test('a daily schedule has one opportunity for each date, wherever clocks change strangely', () => {
  for (const [zone, year] of strange) {
    for (const time of times) {
      const { dates, missing, dropped } = checkEveryDate(zone, [time], [year - 1, year + 1])
      assert.deepEqual({ all: dates + missing.length, dropped }, { all: daysOf(year - 1, year + 1), dropped: [] }, zone)
    }
  }
})

test('a date that a zone left out has none', () => {
  assert.deepEqual(checkEveryDate('Pacific/Apia', ['09:00'], [2011, 2011]).missing, ['2011-12-30'])
  assert.deepEqual(checkEveryDate('Europe/Berlin', ['09:00'], [2011, 2011]).missing, [])
})

test('a time in a gap of over three hours is dropped, though its date goes on', () => {
  // Nobody was at Vostok for nine months; then the clocks went from 00:00 to 07:00.
  assert.deepEqual(checkEveryDate('Antarctica/Vostok', ['02:30'], [1994, 1994]).dropped, ['1994-11-01'])
  assert.deepEqual(checkEveryDate('Antarctica/Vostok', ['12:00'], [1994, 1994]).dropped, [])
})

test('times that fall into one gap are one', () => {
  const seen = checkEveryDate('Europe/Berlin', ['02:10', '02:50'], [2026, 2026])
  assert.deepEqual(seen, { dates: 365, missing: [], dropped: [], moved: 2, merged: 1 })
})

test('a daily schedule has one opportunity for each date, in a sample of all zones and years', () => {
  const random = seeded(1)
  const zones = Intl.supportedValuesOf('timeZone')
  for (let count = 0; count < 60; count++) {
    const year = random.between(1970, 2037)
    checkEveryDate(random.pick(zones), [random.pick(times)], [year, year])
  }
})

function daysOf(first: number, last: number): number {
  return (Date.UTC(last + 1, 0, 1) - Date.UTC(first, 0, 1)) / 86_400_000
}
