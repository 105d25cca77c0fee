import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { duration } from '../../src/base/duration.ts'
import { parseInstant } from '../../src/base/instant.ts'
import { parse } from '../../src/when/parse.ts'
import { warnings } from '../../src/when/warnings.ts'
import type { WarningOptions } from '../../src/when/warnings.ts'
import { condition, cronText } from './conditions.ts'

const options: WarningOptions = {
  timezone: 'Europe/Berlin',
  grace: duration(3_600_000),
  now: parseInstant('2026-11-22T00:00:00Z'),
}

/** Each with a piece of its warning. */
const warned: Readonly<Record<string, RegExp>> = {
  '0 0 13 * 5': /OR: either is enough\. For days that are both write `0 0 13 \* \+5`/,
  '0 0 L * MON': /OR/,
  '*/7 * * * *': /begins anew each hour, so that after minute 56 the next comes 4 minutes later.*`every 7 minutes`/,
  '*/45 * * * * *': /begins anew each minute.*15 seconds later/,
  '0 */5 * * *': /begins anew each day, so that after hour 20 the next comes 4 hours later.*`every 5 hours`/,
  '* 9 * * *': /60 minutes of hour 9\. For one time a day write `0 9 \* \* \*`/,
  '0 0 */2 * *': /anew on each 1st.*`every 2 days`/,
  '0 0 31 * *': /skips each month.*`monthly on the last day`/,
  'monthly on the 31st': /skips each month/,
  'monthly on the 5th Friday': /skips each month that has no such day\.$/,
  'yearly on 29 February': /leap years only.*\(clamp\)/,
  'every 24 hours': /moves by as much on the wall.*`daily at 09:00`/,
  'every 48 hours': /`every 2 days at 09:00`/,
  "daily at 09:00 and after 'news' succeeds":
    /`daily at 09:00` waits for `after 'news' succeeds` no longer than its grace, 1h/,
  "hourly and 'db' is not running": /waits for `'db' is not running`/,
  "after 'x' fails and 'y' has failed at least 3 times": /counts all of history/,
  "daily and not on 'holidays'": /dates of 'holidays' are not known here/,
}

describe('what is probably not meant is warned of', () => {
  for (const [text, expected] of Object.entries(warned))
    test(text, () => {
      const told = warnings(parse(text), options)
      assert.equal(told.length, 1, told.join('\n'))
      assert.match(told[0] ?? '', expected)
    })
})

describe('what is probably meant is not', () => {
  const fine = [
    '0 9 * * 1-5',
    '0 0 13 * +5',
    '0 0 ? * 5',
    '*/15 * * * *',
    '0 */6 * * *',
    '*/10 * * * * *',
    '* * * * *',
    '* 9-17 * * *',
    '0 0 1-7 * *',
    '0 0 28,L * *',
    'monthly on the 31st (clamp)',
    'monthly on the last Friday',
    'monthly on the last day',
    'yearly on 29 February (clamp)',
    'yearly on 1 March',
    'every 5 minutes and between 09:00 and 17:00',
    'every 12 hours',
    "after 'news' succeeds and on weekdays",
    "after 'x' fails and 'y' has failed today at least 3 times",
    "after 'x' fails and 'y' has failed fewer than 3 times",
  ]
  for (const text of fine) test(text, () => assert.deepEqual(warnings(parse(text), options), []))

  test('where no clocks change, 24 hours are a day', () => {
    assert.deepEqual(warnings(parse('every 24 hours'), { ...options, timezone: 'UTC' }), [])
  })

  test('where the dates are known', () => {
    assert.deepEqual(warnings(parse("daily and on 'holidays'"), { ...options, setsKnown: true }), [])
  })

  test('where nothing is too late', () => {
    const patient = { ...options, grace: duration(Infinity) }
    assert.deepEqual(warnings(parse("daily and after 'x' fails"), patient), [])
  })
})

test('warnings can be made of whatever can be said', () => {
  fc.assert(
    fc.property(fc.oneof(condition, cronText.map(parse)), data => {
      for (const warning of warnings(data, options)) assert.doesNotMatch(warning, /undefined|NaN/)
    }),
    { numRuns: 500, seed: 1 },
  )
})

test('the cron text that a warning advises can be read', () => {
  fc.assert(
    fc.property(cronText, text => {
      for (const warning of warnings(parse(text), options)) {
        const [, better] = /write `([^`]+)`/.exec(warning) ?? []
        if (better !== undefined) parse(better)
      }
    }),
    { numRuns: 500, seed: 2 },
  )
})
