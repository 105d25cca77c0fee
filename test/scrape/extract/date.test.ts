import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDate } from '../../../src/scrape/extract/date.ts'

const dates: readonly (readonly [string, string | null])[] = [
  ['Sun, 6 September 2009 16:20:00 +0000', '2009-09-06T16:20:00Z'],
  ['Tue, 14 Mar 2017 12:00:00 GMT', '2017-03-14T12:00:00Z'],
  ['Tue, 14 Mar 2017 12:00:00 EST', '2017-03-14T17:00:00Z'],
  ['14 Mar 2017 12:00:00', '2017-03-14T12:00:00Z'],
  ['2003-12-13T18:30:02Z', '2003-12-13T18:30:02Z'],
  ['2003-12-13T18:30:02.25+01:00', '2003-12-13T17:30:02.250Z'],
  ['2026-07-06T01:00:00+0000', '2026-07-06T01:00:00Z'],
  ['2003-12-13T18:30:02', '2003-12-13T18:30:02Z'],
  ['2003-12-13 18:30', '2003-12-13T18:30:00Z'],
  ['2003-12-13', '2003-12-13T00:00:00Z'],
  ['yesterday', null],
  ['', null],
  ['99999-01-01', null],
  ['Invalid Date', null],
]

for (const [written, read] of dates) {
  test(`'${written}' is ${read ?? 'no date'}, wherever this process runs`, () => {
    const zone = process.env['TZ']
    try {
      for (const place of ['UTC', 'Asia/Kathmandu', 'America/Los_Angeles']) {
        process.env['TZ'] = place
        assert.equal(readDate(written), read, place)
      }
    } finally {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    }
  })
}

test('a missing date is none', () => {
  assert.equal(readDate(undefined), null)
})
