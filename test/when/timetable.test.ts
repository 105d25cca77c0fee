import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { parse } from '../../src/when/parse.ts'
import { compile, timetable } from '../../src/when/timetable.ts'

const anchor = parseInstant('2020-01-01T00:00:00Z')

describe('intervals', () => {
  test('occurrence k is the anchor plus k periods, and the anchor itself is the first', () => {
    const times = timetable('every 5 minutes', 'Europe/Berlin')
    const start = parseInstant('2026-11-22T10:00:01.234Z')
    assert.equal(times.next(instant(start - 1), start), start)
    assert.equal(times.next(start, start), start + 300_000)
    assert.equal(times.next(instant(start + 299_999), start), start + 300_000)
    assert.equal(times.next(instant(start + 300_000), start), start + 600_000)
    assert.equal(times.next(instant(0), start), start)
    assert.equal(times.previous(start, start), null)
    assert.equal(times.previous(instant(start + 1), start), start)
    assert.equal(times.previous(instant(start + 1_000_000), start), start + 900_000)
  })

  test('a change of the clocks does not touch elapsed time', () => {
    const start = parseInstant('2025-10-25T23:00:00+02:00')
    assert.deepEqual(nextOf('every 90 minutes', 'Europe/Berlin', '2025-10-26T00:45:00+02:00', 3, start), [
      '2025-10-26T00:00:00Z',
      '2025-10-26T01:30:00Z',
      '2025-10-26T03:00:00Z',
    ])
  })

  test('a window keeps the occurrences it contains and moves none', () => {
    const start = parseInstant('2026-01-01T00:02:00Z')
    assert.deepEqual(nextOf('every 5 minutes and between 09:00 and 17:00', 'UTC', '2026-11-22T16:53:00Z', 3, start), [
      '2026-11-22T16:57:00Z',
      '2026-11-23T09:02:00Z',
      '2026-11-23T09:07:00Z',
    ])
  })

  test('a window that the interval meets once in a while is found, one that it never meets is not', () => {
    assert.deepEqual(
      nextOf(
        'every 7 minutes and between 09:10 and 09:11',
        'UTC',
        '2026-01-01T00:00:00Z',
        2,
        parseInstant('2026-01-01T00:00:00Z'),
      ),
      ['2026-01-03T09:10:00Z', '2026-01-10T09:10:00Z'],
    )
    const hourly = timetable('every 1 hour and between 09:10 and 09:20', 'Europe/Berlin')
    assert.equal(hourly.next(anchor, anchor), null)
    assert.equal(hourly.previous(parseInstant('2026-01-01T00:00:00Z'), anchor), null)
  })

  test('a summer time of half an hour opens a window that winter keeps shut', () => {
    const start = parseInstant('2026-01-01T13:00:00Z')
    // In Lord Howe that is midnight in summer (+11) and half past in winter (+10:30).
    const [next] = nextOf(
      'every 1 hour and between 09:25 and 09:35',
      'Australia/Lord_Howe',
      '2026-01-01T13:00:00Z',
      1,
      start,
    )
    assert.equal(next, '2026-04-04T23:00:00Z')
  })
})

describe('counts of days, weeks, months and years', () => {
  test('begin at the local date of the anchor', () => {
    // 23:30 in Berlin is still the 26th there, and in UTC the 26th too; half an hour later it is the 27th in Berlin only.
    const before = parseInstant('2026-02-26T22:30:00Z')
    const after = parseInstant('2026-02-26T23:30:00Z')
    assert.deepEqual(nextOf('every 2 days at 03:00', 'Europe/Berlin', '2026-02-26T23:45:00Z', 2, before), [
      '2026-02-28T02:00:00Z',
      '2026-03-02T02:00:00Z',
    ])
    assert.deepEqual(nextOf('every 2 days at 03:00', 'Europe/Berlin', '2026-02-26T23:45:00Z', 2, after), [
      '2026-02-27T02:00:00Z',
      '2026-03-01T02:00:00Z',
    ])
  })

  test('weeks begin on Monday', () => {
    const sunday = parseInstant('2026-01-04T09:00:00Z')
    assert.deepEqual(nextOf('every 2 weeks on Monday', 'UTC', '2026-01-04T09:00:00Z', 2, sunday), [
      '2026-01-12T00:00:00Z',
      '2026-01-26T00:00:00Z',
    ])
  })

  test('nothing is before the anchor', () => {
    const start = parseInstant('2026-06-10T12:00:00Z')
    for (const text of ['every 2 days at 03:00', 'every 2 weeks on Monday', 'every 3 months', 'every 2 years']) {
      const times = timetable(text, 'UTC')
      const first = times.next(instant(0), start)
      assert.ok(first !== null && first >= start, text)
      assert.equal(times.previous(first, start), null, text)
      assert.equal(times.previous(instant(first + 1), start), first, text)
    }
  })

  test('a day that a month lacks is skipped, or clamped where that is asked', () => {
    assert.deepEqual(nextOf('monthly on the 31st', 'UTC', '2026-01-31T00:00:00Z', 3), [
      '2026-03-31T00:00:00Z',
      '2026-05-31T00:00:00Z',
      '2026-07-31T00:00:00Z',
    ])
    assert.deepEqual(nextOf('monthly on the 31st (clamp)', 'UTC', '2026-01-31T00:00:00Z', 3), [
      '2026-02-28T00:00:00Z',
      '2026-03-31T00:00:00Z',
      '2026-04-30T00:00:00Z',
    ])
    assert.deepEqual(nextOf('yearly on 29 February (clamp)', 'UTC', '2027-01-01T00:00:00Z', 2), [
      '2027-02-28T00:00:00Z',
      '2028-02-29T00:00:00Z',
    ])
  })
})

describe('a gap', () => {
  test('fixed times in it happen at its end, and once', () => {
    assert.deepEqual(nextOf('daily at 02:15, 02:30 and 03:00', 'Europe/Berlin', '2025-03-29T12:00:00Z', 3), [
      '2025-03-30T01:00:00Z',
      '2025-03-31T00:15:00Z',
      '2025-03-31T00:30:00Z',
    ])
  })

  test('stars and steps have nothing in it', () => {
    assert.deepEqual(nextOf('*/20 2 * * *', 'Europe/Berlin', '2025-03-29T12:00:00Z', 1), ['2025-03-31T00:00:00Z'])
    assert.deepEqual(nextOf('hourly at :30', 'Europe/Berlin', '2025-03-30T00:45:00Z', 1), ['2025-03-30T01:30:00Z'])
  })

  test('a window holds the name, not the instant: what is moved by the clocks is not lost', () => {
    const text = 'daily at 02:30 and between 02:00 and 03:00'
    assert.deepEqual(nextOf(text, 'Europe/Berlin', '2025-03-29T12:00:00Z', 2), [
      '2025-03-30T01:00:00Z',
      '2025-03-31T00:30:00Z',
    ])
    assert.deepEqual(
      nextOf('daily at 02:30 and not between 02:00 and 03:00', 'Europe/Berlin', '2025-03-29T12:00:00Z', 1),
      ['none'],
    )
  })

  test('that takes the evening is made up after midnight, and the next evening happens too', () => {
    assert.deepEqual(nextOf('daily at 23:30', 'America/Nuuk', '2024-03-30T12:00:00Z', 2), [
      '2024-03-31T01:00:00Z',
      '2024-04-01T00:30:00Z',
    ])
    // By name that first one is Saturday's.
    assert.deepEqual(nextOf('every Saturday at 23:30', 'America/Nuuk', '2024-03-30T12:00:00Z', 1), [
      '2024-03-31T01:00:00Z',
    ])
  })

  test('of just three hours still has an end at which its times happen', () => {
    assert.deepEqual(nextOf('daily at 03:00', 'Antarctica/Casey', '2009-10-17T00:00:00Z', 2), [
      '2009-10-17T18:00:00Z',
      '2009-10-18T16:00:00Z',
    ])
  })

  test('of more than three hours is no daylight saving: its times are dropped', () => {
    assert.deepEqual(nextOf('daily at 09:00', 'Pacific/Apia', '2011-12-29T12:00:00Z', 2), [
      '2011-12-29T19:00:00Z',
      '2011-12-30T19:00:00Z',
    ])
    assert.equal(timetable('at 2011-12-30T09:00', 'Pacific/Apia').next(instant(0), anchor), null)
    assert.deepEqual(nextOf('daily at 02:00', 'Antarctica/Vostok', '1994-10-30T00:00:00Z', 3), [
      '1994-10-30T02:00:00Z',
      '1994-10-31T02:00:00Z',
      '1994-11-01T19:00:00Z',
    ])
  })
})

describe('a fold', () => {
  test('fixed times in it happen at the first pass only', () => {
    assert.deepEqual(nextOf('daily at 02:30', 'Europe/Berlin', '2025-10-25T12:00:00Z', 2), [
      '2025-10-26T00:30:00Z',
      '2025-10-27T01:30:00Z',
    ])
    // Between the passes nothing is due.
    assert.deepEqual(nextOf('daily at 02:30', 'Europe/Berlin', '2025-10-26T01:10:00Z', 1), ['2025-10-27T01:30:00Z'])
    assert.deepEqual(previousOf('daily at 02:30', 'Europe/Berlin', '2025-10-26T01:10:00Z', 1), ['2025-10-26T00:30:00Z'])
  })

  test('stars and steps happen at both passes', () => {
    assert.deepEqual(nextOf('*/30 2 * * *', 'Europe/Berlin', '2025-10-25T12:00:00Z', 4), [
      '2025-10-26T00:00:00Z',
      '2025-10-26T00:30:00Z',
      '2025-10-26T01:00:00Z',
      '2025-10-26T01:30:00Z',
    ])
  })

  test('is not leapt over in the search for a date that is rare', () => {
    assert.deepEqual(nextOf('*/30 2 26 10 *', 'Europe/Berlin', '2025-10-26T00:45:00Z', 3), [
      '2025-10-26T01:00:00Z',
      '2025-10-26T01:30:00Z',
      '2026-10-26T01:00:00Z',
    ])
    assert.deepEqual(previousOf('45/10 2 26 10 *', 'Europe/Berlin', '2025-10-26T01:20:00Z', 3), [
      '2025-10-26T00:55:00Z',
      '2025-10-26T00:45:00Z',
      '2024-10-26T00:55:00Z',
    ])
  })

  test('a window in it is open twice', () => {
    const window = timetable('every minute and between 02:15 and 02:30', 'Europe/Berlin')
    const open = ['00:14', '00:15', '00:29', '00:30', '01:14', '01:15', '01:29', '01:30']
    assert.deepEqual(
      open.map(time => window.open(parseInstant(`2025-10-26T${time}:00Z`))),
      [false, true, true, false, false, true, true, false],
    )
  })
})

describe('single times', () => {
  test('a local one is a fixed time of the zone', () => {
    assert.deepEqual(nextOf('at 2026-12-01T09:00', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', 2), [
      '2026-12-01T03:15:00Z',
      'none',
    ])
    assert.deepEqual(nextOf('at 2025-03-30T02:30', 'Europe/Berlin', '2025-01-01T00:00:00Z', 1), [
      '2025-03-30T01:00:00Z',
    ])
    assert.deepEqual(nextOf('at 2025-10-26T02:30', 'Europe/Berlin', '2025-01-01T00:00:00Z', 2), [
      '2025-10-26T00:30:00Z',
      'none',
    ])
  })

  test('may say milliseconds', () => {
    assert.deepEqual(nextOf('at 2026-12-01T09:00:30.250', 'UTC', '2026-01-01T00:00:00Z', 1), [
      '2026-12-01T09:00:30.250Z',
    ])
  })

  test('an absolute one is the same everywhere', () => {
    assert.deepEqual(nextOf('at 2026-12-01T09:00Z', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', 2), [
      '2026-12-01T09:00:00Z',
      'none',
    ])
  })

  test('a relative one counts from the anchor until it is made absolute', () => {
    const start = parseInstant('2026-11-22T10:00:00Z')
    assert.deepEqual(nextOf('in 10 minutes', 'UTC', '2026-11-22T10:00:00Z', 2, start), ['2026-11-22T10:10:00Z', 'none'])
  })

  test('have no period', () => {
    assert.equal(timetable('at 2026-12-01T09:00', 'UTC').period(anchor, anchor), null)
  })

  test('are kept only where windows and other moments agree', () => {
    const after = '2026-01-01T00:00:00Z'
    assert.deepEqual(nextOf('at 2026-12-01T09:00Z and on weekdays', 'UTC', after, 1), ['2026-12-01T09:00:00Z'])
    assert.deepEqual(nextOf('at 2026-12-01T09:00Z and on weekends', 'UTC', after, 1), ['none'])
    assert.deepEqual(nextOf('at 2026-12-01T09:00 and daily at 09:00', 'UTC', after, 1), ['2026-12-01T09:00:00Z'])
    assert.deepEqual(nextOf('at 2026-12-01T09:00Z and daily at 10:00', 'UTC', after, 1), ['none'])
  })
})

describe('clauses', () => {
  test('moments joined by `and` are those they share', () => {
    assert.deepEqual(nextOf('0 0 1 * * and every Monday', 'UTC', '2026-01-01T00:00:00Z', 3), [
      '2026-06-01T00:00:00Z',
      '2027-02-01T00:00:00Z',
      '2027-03-01T00:00:00Z',
    ])
    // By name: on the night of the change both would be at 03:00, and yet they never are the same time.
    assert.deepEqual(nextOf('daily at 02:30 and daily at 02:45', 'Europe/Berlin', '2025-01-01T00:00:00Z', 1), ['none'])
  })

  test('moments joined by `or` share an instant', () => {
    assert.deepEqual(nextOf('hourly or daily at 09:00', 'UTC', '2026-01-01T07:30:00Z', 3), [
      '2026-01-01T08:00:00Z',
      '2026-01-01T09:00:00Z',
      '2026-01-01T10:00:00Z',
    ])
  })

  test('a daily time at the very instant of creation is tomorrow', () => {
    const created = '2026-01-01T09:00:00Z'
    assert.deepEqual(nextOf('daily at 09:00', 'UTC', created, 1, parseInstant(created)), ['2026-01-02T09:00:00Z'])
  })

  test('each has its own windows', () => {
    const text = 'hourly and before 02:00 or daily at 12:00 and on Monday'
    assert.deepEqual(nextOf(text, 'UTC', '2026-01-04T00:30:00Z', 5), [
      '2026-01-04T01:00:00Z',
      '2026-01-05T00:00:00Z',
      '2026-01-05T01:00:00Z',
      '2026-01-05T12:00:00Z',
      '2026-01-06T00:00:00Z',
    ])
  })

  test('open says whether the windows of any of them hold', () => {
    const times = timetable('hourly and on weekdays or daily and in December', 'UTC')
    assert.equal(times.open(parseInstant('2026-11-20T00:00:00Z')), true)
    assert.equal(times.open(parseInstant('2026-11-21T00:00:00Z')), false)
    assert.equal(times.open(parseInstant('2026-12-05T00:00:00Z')), true)
    assert.equal(timetable('hourly and on weekdays or daily', 'UTC').open(parseInstant('2026-11-21T00:00:00Z')), true)
  })

  test('are at most 64, and a few lines that mean millions are refused at once', () => {
    const days = (count: number): string =>
      Array.from({ length: count }, (_, day) => `daily at 09:0${day}`).join(' or ')
    compile(parse(`(${days(8)}) and (${days(8)})`), 'UTC')
    const many = Array.from({ length: 7 }, () => `(${days(3)})`).join(' and ')
    assert.throws(
      () => compile(parse(many), 'UTC'),
      error => isRotaError(error, 'CONDITION_TOO_LONG') && error.details['clauses'] === 3 ** 7,
    )
  })
})

describe('the period', () => {
  test('is the shortest gap among the next 32', () => {
    assert.equal(timetable('daily at 09:00 and 09:20', 'UTC').period(anchor, anchor), 1_200_000)
    assert.equal(timetable('every 5 minutes', 'UTC').period(anchor, anchor), 300_000)
    assert.equal(
      timetable('daily at 09:00', 'Europe/Berlin').period(parseInstant('2025-03-20T00:00:00Z'), anchor),
      23 * 3_600_000,
    )
  })
})

describe('far away', () => {
  test('a century without a leap day is crossed', () => {
    assert.deepEqual(nextOf('yearly on 29 February', 'Europe/Berlin', '2096-03-01T00:00:00Z', 2), [
      '2104-02-28T23:00:00Z',
      '2108-02-28T23:00:00Z',
    ])
    assert.deepEqual(previousOf('yearly on 29 February', 'UTC', '2104-02-29T00:00:00Z', 1), ['2096-02-29T00:00:00Z'])
  })

  test('years up to 2400 are right', () => {
    assert.deepEqual(nextOf('daily at 09:00', 'America/New_York', '2399-12-31T20:00:00Z', 1), ['2400-01-01T14:00:00Z'])
    assert.deepEqual(
      nextOf('0 0 29 2 +2', 'UTC', '2100-01-01T00:00:00Z', 1),
      ['2112-02-29T00:00:00Z'].slice(0, 0).concat('2124-02-29T00:00:00Z'),
    )
  })

  test('offsets of seconds are right', () => {
    // Liberia kept its local mean time, -0:44:30, until 1972.
    assert.deepEqual(nextOf('daily at 09:00', 'Africa/Monrovia', '1971-06-01T00:00:00Z', 1), ['1971-06-01T09:44:30Z'])
  })

  test('the ends of time are no trap', () => {
    const last = instant(8_640_000_000_000_000)
    for (const text of ['daily at 09:00', '*/5 * * * *', 'every 5 minutes and on weekdays', '0 0 29 2 +1']) {
      const times = timetable(text, 'Europe/Berlin')
      assert.doesNotThrow(() => times.previous(last, anchor))
      assert.doesNotThrow(() => times.next(instant(-8_640_000_000_000_000), anchor))
    }
  })
})

test('timetables are cached by text and zone, the 1,000 used last', () => {
  const kept = timetable('daily at 09:00', 'Europe/Berlin')
  assert.equal(timetable('daily at 09:00', 'Europe/Berlin'), kept)
  assert.notEqual(timetable('daily at 09:00', 'Europe/Paris'), kept)
  for (let each = 0; each < 600; each++) timetable(`every ${each + 10} ms`, 'UTC')
  assert.equal(timetable('daily at 09:00', 'Europe/Berlin'), kept)
  for (let each = 0; each < 1_000; each++) timetable(`every ${each + 10} seconds`, 'UTC')
  assert.notEqual(timetable('daily at 09:00', 'Europe/Berlin'), kept)
})

function nextOf(
  text: string,
  timezone: string,
  after: string,
  count: number,
  from: Instant = anchor,
): readonly string[] {
  const times = timetable(text, timezone)
  let at: Instant | null = parseInstant(after)
  return Array.from({ length: count }, () => {
    at = at === null ? null : times.next(at, from)
    return at === null ? 'none' : formatInstant(at)
  })
}

function previousOf(text: string, timezone: string, before: string, count: number): readonly string[] {
  const times = timetable(text, timezone)
  let at: Instant | null = parseInstant(before)
  return Array.from({ length: count }, () => {
    at = at === null ? null : times.previous(at, anchor)
    return at === null ? 'none' : formatInstant(at)
  })
}
