import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { isRotaError, RotaError } from '../../src/base/errors.ts'
import { checkDates } from '../../src/when/date-list.ts'
import { readDates } from '../../src/when/dates.ts'

const options = { until: '2030-01-01' }

const calendar = (...lines: readonly string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test', ...lines, 'END:VCALENDAR'].join('\r\n')
const event = (...lines: readonly string[]): string =>
  calendar('BEGIN:VEVENT', 'UID:1', 'SUMMARY:A day: off; really', ...lines, 'END:VEVENT')
const dates = (...lines: readonly string[]): readonly string[] => readDates(event(...lines), options)

const refusal = (text: string): RotaError => {
  try {
    readDates(text, options)
  } catch (error) {
    assert.ok(error instanceof RotaError, String(error))
    return error
  }
  return assert.fail(`it is read: ${text}`)
}

describe('a list of dates', () => {
  test('is one a line, with comments, in any order, each only once', () => {
    const text = '\uFEFF# Holidays\r\n2026-12-25 # Christmas\n\n2026-01-01\n 2026-12-25\n'
    assert.deepEqual(readDates(text, options), ['2026-01-01', '2026-12-25'])
    assert.deepEqual(readDates('', options), [])
  })

  test('may be JSON', () => {
    assert.deepEqual(readDates('["2026-12-25", "2026-01-01"]', options), ['2026-01-01', '2026-12-25'])
    assert.deepEqual(readDates(' []', options), [])
  })

  test('keeps dates beyond the limit of what recurs', () => {
    assert.deepEqual(readDates('2050-01-01', options), ['2050-01-01'])
  })

  const wrong: Readonly<Record<string, string>> = {
    '2026-12-25\n2026-02-30': 'line 2',
    '2026-12-25\n\n25.12.2026': 'line 3',
    'Christmas 2026-12-25': 'line 1',
    '2026-12-25, 2026-12-26': 'line 1',
    '2026-12-25T00:00': 'line 1',
    '["2026-12-25", "2026-13-01"]': 'entry 2',
    '["2026-12-25", 20261226]': 'entry 2',
    '[["2026-12-25"]]': 'entry 1',
  }
  for (const [text, place] of Object.entries(wrong))
    test(`is refused with its place: ${JSON.stringify(text)}`, () => {
      const error = refusal(text)
      assert.equal(error.code, 'DATES_UNREADABLE')
      assert.equal(error.details['place'], place)
      assert.match(error.message, new RegExp(`at ${place}: expected a date such as 2026-12-25`))
    })

  test('that is too long or no JSON is refused', () => {
    assert.equal(refusal('#'.repeat(2 ** 20 + 1)).code, 'DATES_UNREADABLE')
    assert.equal(refusal('["2026-12-25"').code, 'JSON_INVALID')
    const days = Array.from({ length: 10_001 }, (_, index) => new Date(index * 86_400_000).toISOString().slice(0, 10))
    assert.throws(
      () => checkDates(days),
      error => isRotaError(error, 'DATES_UNREADABLE'),
    )
    assert.equal(checkDates(days.slice(1)).length, 10_000)
    assert.throws(
      () => readDates('', { until: 'never' }),
      error => isRotaError(error, 'OPTION_INVALID'),
    )
  })
})

describe('an event of a calendar', () => {
  test('is on its date', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225'), ['2026-12-25'])
  })

  test('ends before its end', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261226'), ['2026-12-25'])
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261231', 'DTEND;VALUE=DATE:20270102'), ['2026-12-31', '2027-01-01'])
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225', 'DURATION:P2D'), ['2026-12-25', '2026-12-26'])
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225', 'DURATION:P1W').length, 7)
  })

  test('with times is on the local dates that it touches', () => {
    assert.deepEqual(dates('DTSTART;TZID=Europe/Berlin:20261225T000000', 'DTEND;TZID=Europe/Berlin:20261226T000000'), [
      '2026-12-25',
    ])
    assert.deepEqual(dates('DTSTART:20261225T220000', 'DTEND:20261226T020000'), ['2026-12-25', '2026-12-26'])
    assert.deepEqual(dates('DTSTART:20261225T220000', 'DURATION:PT4H'), ['2026-12-25', '2026-12-26'])
    assert.deepEqual(dates('DTSTART:20261225T220000'), ['2026-12-25'])
    assert.deepEqual(dates('DTSTART:20261225T220000', 'DTEND:20261225T220000'), ['2026-12-25'])
  })

  test('at an instant is on the date of the zone that is asked for', () => {
    const text = event('DTSTART:20261224T230000Z')
    assert.deepEqual(readDates(text, options), ['2026-12-24'])
    assert.deepEqual(readDates(text, { ...options, timezone: 'Europe/Berlin' }), ['2026-12-25'])
  })

  test('may be written in folded lines, in small letters, and with parameters in quotes', () => {
    const text =
      'begin:vcalendar\nbegin:vevent\nsummary;x-a="b:c;d":Day\n off\ndtstart;value=da\n te:2026\n 1225\nend:vevent\nend:vcalendar\n'
    assert.deepEqual(readDates(text, options), ['2026-12-25'])
  })

  test('that is cancelled is not', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225', 'STATUS:CANCELLED'), [])
  })

  test('stands beside others, zones and alarms', () => {
    const text = calendar(
      'BEGIN:VTIMEZONE',
      'TZID:Here',
      'BEGIN:STANDARD',
      'DTSTART:19701025T030000',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'END:STANDARD',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20261226',
      'BEGIN:VALARM',
      'TRIGGER:-P1D',
      'DURATION:PT1H',
      'END:VALARM',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20261225',
      'END:VEVENT',
    )
    assert.deepEqual(readDates(text, options), ['2026-12-25', '2026-12-26'])
  })
})

describe('a yearly rule', () => {
  const years = (...list: readonly number[]): readonly string[] => list.map(year => `${year}-12-25`)

  test('goes on until the limit', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261225', 'RRULE:FREQ=YEARLY'), years(2026, 2027, 2028, 2029))
  })

  test('may end, and leave years out', () => {
    const start = 'DTSTART;VALUE=DATE:20261225'
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;COUNT=2'), years(2026, 2027))
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;UNTIL=20281224'), years(2026, 2027))
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;UNTIL=20281225'), years(2026, 2027, 2028))
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;INTERVAL=2;WKST=MO'), years(2026, 2028))
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;COUNT=3', 'EXDATE;VALUE=DATE:20271225'), years(2026, 2028))
    assert.deepEqual(dates(start, 'RDATE;VALUE=DATE:20271225,20281225'), years(2026, 2027, 2028))
  })

  test('ends at an instant by the zone of its start', () => {
    const start = 'DTSTART;TZID=Europe/Berlin:20261225T000000'
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;UNTIL=20271224T230000Z'), years(2026, 2027))
    assert.deepEqual(dates(start, 'RRULE:FREQ=YEARLY;UNTIL=20271224T225959Z'), years(2026))
  })

  test('recurs with its whole length', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20281231', 'DTEND;VALUE=DATE:20290102', 'RRULE:FREQ=YEARLY'), [
      '2028-12-31',
      '2029-01-01',
      '2029-12-31',
      '2030-01-01',
    ])
  })

  test('names months, days of the month from either end, and weekdays', () => {
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20280101', 'RRULE:FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1'), [
      '2028-01-01',
      '2028-07-01',
      '2029-01-01',
      '2029-07-01',
    ])
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20290131', 'RRULE:FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=-1'), [
      '2029-01-31',
      '2029-02-28',
    ])
    // Thanksgiving, Memorial Day, and the Tuesday after the first Monday of November.
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20261126', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3'), [
      '2026-11-26',
      '2027-11-25',
      '2028-11-23',
    ])
    assert.deepEqual(dates('DTSTART;VALUE=DATE:20280529', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO'), [
      '2028-05-29',
      '2029-05-28',
    ])
    assert.deepEqual(
      dates('DTSTART;VALUE=DATE:20281107', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8'),
      ['2028-11-07', '2029-11-06'],
    )
  })

  test('skips the years that lack its day', () => {
    const text = event('DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY')
    assert.deepEqual(readDates(text, { until: '2033-01-01' }), ['2024-02-29', '2028-02-29', '2032-02-29'])
  })

  test('on one day of a month falls where Temporal says', () => {
    const start = fc.tuple(
      fc.integer({ min: 1990, max: 2029 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
    )
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 4 }), ([year, month, day], interval) => {
        const first = Temporal.PlainDate.from({ year, month, day })
        const expected: string[] = []
        for (let at = first; at.year < 2030; at = at.add({ years: interval })) expected.push(at.toString())
        const text = first.toString().replaceAll('-', '')
        assert.deepEqual(dates(`DTSTART;VALUE=DATE:${text}`, `RRULE:FREQ=YEARLY;INTERVAL=${interval}`), expected)
      }),
      { numRuns: 100, seed: 1 },
    )
  })
})

describe('a calendar is refused with the line', () => {
  const start = 'DTSTART;VALUE=DATE:20261225'
  // The fourth line begins the event; the seventh is the first that is given.
  const wrong: readonly (readonly [line: number, expected: RegExp, text: string])[] = [
    [4, /a DTSTART/, event()],
    [7, /a date that exists/, event('DTSTART;VALUE=DATE:20260230')],
    [7, /a date that exists/, event('DTSTART:tomorrow')],
    [8, /one DTSTART/, event(start, start)],
    [8, /comes after the start/, event(start, 'DTEND;VALUE=DATE:20261225')],
    [8, /comes after the start/, event('DTSTART:20261225T100000', 'DTEND:20261225T090000')],
    [8, /a time where it is a time/, event(start, 'DTEND:20261226T000000')],
    [8, /at most 366 days/, event(start, 'DTEND;VALUE=DATE:20361225')],
    [8, /a length such as/, event(start, 'DURATION:PT')],
    [8, /whole days/, event(start, 'DURATION:PT1H')],
    [8, /FREQ=YEARLY/, event(start, 'RRULE:FREQ=WEEKLY')],
    [8, /BYSETPOS/, event(start, 'RRULE:FREQ=YEARLY;BYSETPOS=1')],
    [8, /BYMONTH beside BYDAY/, event(start, 'RRULE:FREQ=YEARLY;BYDAY=1MO')],
    [8, /weekdays such as/, event(start, 'RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=9XX')],
    [8, /numbers from 1 to 12/, event(start, 'RRULE:FREQ=YEARLY;BYMONTH=13')],
    [8, /numbers from -31 to 31/, event(start, 'RRULE:FREQ=YEARLY;BYMONTHDAY=0')],
    [8, /numbers from 1 to/, event(start, 'RRULE:FREQ=YEARLY;INTERVAL=0')],
    [8, /not both/, event(start, 'RRULE:FREQ=YEARLY;COUNT=2;UNTIL=20281225')],
    [8, /at most once/, event(start, 'RRULE:FREQ=YEARLY;COUNT=2;COUNT=3')],
    [8, /its own DTSTART fulfils/, event(start, 'RRULE:FREQ=YEARLY;BYMONTH=1')],
    [8, /1600 or later/, event('DTSTART;VALUE=DATE:15821225', 'RRULE:FREQ=YEARLY')],
    [8, /a date that exists/, event(start, 'EXDATE:never')],
    [8, /a date that exists/, event(start, 'RDATE;VALUE=PERIOD:20261225T000000/P1D')],
    [8, /written out/, event(start, 'RECURRENCE-ID;VALUE=DATE:20261225')],
    [8, /written out/, event(start, 'EXRULE:FREQ=YEARLY')],
    [7, /IANA name/, event('DTSTART;TZID=Here:20261225T000000', 'RRULE:FREQ=YEARLY;UNTIL=20281225T000000Z')],
    [7, /a name, a colon/, event('no colon')],
    [4, /events \(VEVENT\) alone/, calendar('BEGIN:VTODO', 'END:VTODO')],
    [1, /BEGIN:VCALENDAR/, 'BEGIN:VEVENT\nEND:VEVENT'],
    [3, /BEGIN:VCALENDAR/, 'BEGIN:VCALENDAR\nEND:VCALENDAR\nX:1'],
    [2, /END:VEVENT/, 'BEGIN:VCALENDAR\nBEGIN:VEVENT'],
    [3, /END:VEVENT/, 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR'],
    [1, /END:VCALENDAR/, 'BEGIN:VCALENDAR'],
  ]
  for (const [line, expected, text] of wrong)
    test(`line ${line}: ${String(expected)}`, () => {
      const error = refusal(text)
      assert.equal(error.code, 'DATES_UNREADABLE')
      assert.equal(error.details['place'], `line ${line}`, error.message)
      assert.match(error.message, expected)
    })

  test('a line that is folded is counted where it begins', () => {
    assert.equal(refusal('BEGIN:VCALENDAR\nX-A:1\n 2\n 3\nno colon\nEND:VCALENDAR').details['place'], 'line 5')
  })

  test('too many events', () => {
    const many = Array.from({ length: 2_001 }, () => ['BEGIN:VEVENT', start, 'END:VEVENT']).flat()
    assert.match(refusal(calendar(...many)).message, /at most 2000 events/)
  })

  test('whatever it is, at once, and control characters are not repeated', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('BEGINVD:;=,\r\n 0123456789T"\u001b')) }), text => {
        try {
          readDates(`BEGIN:VCALENDAR\r\n${text}`, options)
        } catch (error) {
          assert.ok(error instanceof RotaError)
          assert.ok(!error.message.includes('\u001b'))
        }
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})
