import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { checkTimezone, zoneOf } from '../../src/when/calendar.ts'
import { dayOf, firstDayOf, lengthOf, monthOf, weekdayOf } from '../../src/when/civil.ts'

const DAY_MS = 86_400_000

test('a zone shows the local time that Intl shows, at any instant', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC'),
      fc.integer({ min: 0, max: Date.UTC(2400, 0, 1) / 1000 }),
      (name, second) => {
        assert.equal(zoneOf(name).local(second * 1000) - second * 1000, offsetByIntl(name, second * 1000))
      },
    ),
    { numRuns: 400, seed: 1 },
  )
})

test('stretches of equal offset follow each other without a hole, and change at the second', () => {
  const changes: string[] = []
  const zone = zoneOf('America/Boa_Vista')
  zone.seek(Date.UTC(1999, 0, 1))
  while (zone.start < Date.UTC(2001, 0, 1)) {
    const { end, offset } = zone
    zone.seek(end)
    assert.equal(zone.start, end)
    if (zone.offset === offset) continue
    changes.push(new Date(end).toISOString())
    assert.equal(zone.offsetBefore, offset)
  }
  // The last summer time there, of October 2000, was given up after a week: no other stretch since 1970 is shorter.
  assert.deepEqual(changes, [
    '1999-10-03T04:00:00.000Z',
    '2000-02-27T03:00:00.000Z',
    '2000-10-08T04:00:00.000Z',
    '2000-10-15T03:00:00.000Z',
  ])
})

describe('names of zones', () => {
  test('are those of the tz database, in any case', () => {
    for (const name of [
      'UTC',
      'Europe/Berlin',
      'America/Argentina/Buenos_Aires',
      'Etc/GMT+5',
      'US/Eastern',
      'America/Port-au-Prince',
    ]) {
      assert.equal(typeof checkTimezone(name), 'string', name)
    }
    assert.equal(checkTimezone('europe/berlin'), 'Europe/Berlin')
    assert.equal(zoneOf('europe/berlin'), zoneOf('Europe/Berlin'))
  })

  const wrong = {
    '../../etc/passwd': undefined,
    '/etc/localtime': undefined,
    'Europe/Berlin\0': 'Europe/Berlin',
    'Europe/Berlin\n': 'Europe/Berlin',
    'Europe/Berln': 'Europe/Berlin',
    Berlin: 'Europe/Berlin',
    'new york': 'America/New_York',
    '+01:00': undefined,
    'UTC+1': 'UTC',
    'GMT+0100': undefined,
    constructor: undefined,
    __proto__x: undefined,
    '': undefined,
  }
  for (const [name, hint] of Object.entries(wrong)) {
    test(`${JSON.stringify(name)} is refused`, () => {
      assert.throws(
        () => checkTimezone(name),
        error => isRotaError(error, 'TIMEZONE_UNKNOWN') && error.details['hint'] === hint,
      )
    })
  }

  test('ten kilobytes, and what is no text, are refused', () => {
    for (const name of ['x'.repeat(10_000), undefined, null, 5, {}, ['UTC']]) {
      assert.throws(
        () => checkTimezone(name),
        error => isRotaError(error, 'TIMEZONE_UNKNOWN'),
      )
    }
  })
})

test('days and dates are each other, from year 0 on', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_468, max: 2_000_000 }), day => {
      const date = new Date(day * DAY_MS)
      const month = monthOf(day)
      assert.equal(month, date.getUTCFullYear() * 12 + date.getUTCMonth())
      assert.equal(firstDayOf(month) + date.getUTCDate() - 1, day)
      assert.equal(firstDayOf(month + 1) - firstDayOf(month), lengthOf(month))
      assert.equal(dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()), day)
      assert.equal(weekdayOf(day), (date.getUTCDay() + 6) % 7)
    }),
    { numRuns: 1_000, seed: 2 },
  )
})

function offsetByIntl(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string): number => Number(parts.find(each => each.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - at
}
