import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parse } from '../../src/when/parse.ts'
import { occasions, reading } from '../../src/when/reading.ts'
import { condition, cronText } from './conditions.ts'

const readings: Readonly<Record<string, string>> = {
  '0 9 * * 1-5': 'at 09:00 on Monday to Friday',
  '*/15 9-17 * * *': 'every 15 minutes from 09:00 to 17:45',
  '*/15 * * * *': 'every 15 minutes',
  '*/7 * * * *': 'at minutes 0, 7, … and 56 of every hour',
  '5 * * * *': 'at minute 5 of every hour',
  '0-10 * * * *': 'at minutes 0 to 10 of every hour',
  '15,45 9-17 * * MON-FRI': 'at minutes 15 and 45 of the hours 9 to 17 on Monday to Friday',
  '0 */2 * * *': 'at minute 0 of the hours 0, 2, … and 22',
  '* 9 * * *': 'every minute from 09:00 to 09:59',
  '*/20 22-4 * * *': 'every 20 minutes in the hours 0, 1, 2, 3, 4, 22 and 23',
  '* * * * * *': 'every second',
  '*/30 * * * * *': 'every 30 seconds',
  '*/10 0-5 9,17 * * *': 'every 10 seconds, in minutes 0 to 5 of the hours 9 and 17',
  '* * 9 * * *': 'every second from 09:00 to 09:59:59',
  '30 0 9 * * *': 'at 09:00:30 every day',
  '30 4 1,15 1-3 *': 'at 04:30 on the 1st and the 15th of the month in January to March',
  '0 0 13 * 5': 'at 00:00 on the 13th of the month, and also on Friday',
  '0 0 13 * +5': 'at 00:00 on the 13th of the month if it is Friday',
  '0 0 */2 * *': 'at 00:00 on the 1st, the 3rd, … and the 31st of the month',
  '0 0 L * *': 'at 00:00 on the last day of the month',
  '0 0 L-2,LW,15W * *':
    'at 00:00 on the 3rd last day, the last working day and the working day nearest to the 15th of the month',
  '0 0 * * 5#2,1L': 'at 00:00 on the 2nd Friday of the month and the last Monday of the month',
  '0 0 * * L': 'at 00:00 on Saturday',
  '0 0 * * SUN,MON': 'at 00:00 on Monday and Sunday',
  '@yearly': 'at 00:00 on the 1st of the month in January',
  'every 5 minutes': 'every 5 minutes of elapsed time',
  'every minute': 'every minute',
  'hourly at :15': 'at minute 15 of every hour',
  'daily at 09:00': 'at 09:00 every day',
  'every 2 days at 03:00': 'at 03:00 every 2 days (counted from the anchor)',
  'every weekday at 09:00': 'at 09:00 on Monday to Friday',
  'every 2 weeks on Monday at 08:00': 'at 08:00 on Monday, every 2 weeks (counted from the anchor)',
  'monthly on the last Friday at 18:00': 'at 18:00 on the last Friday of every month',
  'monthly on the 31st (clamp)': 'at 00:00 on the 31st (or the last day, where the month lacks it) of every month',
  'yearly on 29 February': 'at 00:00 on 29 February of every year',
  'at 2026-12-01T09:00': 'once, at 2026-12-01 09:00',
  'at 2026-12-01T09:00Z': 'once, at 2026-12-01 09:00:00 UTC',
  'in 10 minutes': 'once, 10 minutes after it is created',
  'on start': 'whenever an app starts',
  'every 5 minutes and between 09:00 and 17:00 and on weekdays':
    'every 5 minutes of elapsed time, only from 09:00 until before 17:00 and on Monday to Friday',
  'hourly and not between 22:00 and 06:00 and not in May-July':
    'at minute 0 of every hour, not from 22:00 until before 06:00 of the next day nor in May to July',
  "hourly and on the 1st-5th and from 2026-12-01 until 2026-12-24 and not on 'holidays'":
    "at minute 0 of every hour, only on the 1st-5th of the month and from 2026-12-01 until before 2026-12-24, not on the dates called 'holidays'",
  "after 'news' succeeds": "when a run of 'news' succeeds",
  "10 minutes after 'news' finishes":
    "10 minutes after a run of 'news' finishes, whether it succeeds, is partial or fails",
  '5 minutes after it finishes': '5 minutes after its own last run ended',
  "after 'a' and 'b' fail":
    "as soon as a run of 'a' has failed since the last decision and a run of 'b' has failed since the last decision",
  "after any of 'a', 'b' fails": "when a run of 'a' fails; or when a run of 'b' fails",
  "after 'news' succeeds and on weekdays":
    "when a run of 'news' succeeds, only on Monday to Friday (what comes outside waits until they open, the newest alone)",
  "daily at 09:00 and after 'news' succeeds":
    "at 09:00 every day, if a run of 'news' has succeeded since the last decision (waiting for that until the grace is over)",
  "hourly and 'db' is running and 'x' has not succeeded today and not if 'full'":
    "at minute 0 of every hour, if 'db' is running, 'x' has not succeeded today and 'full' says no (waiting for that until the grace is over)",
  "hourly and 'x' has failed in the last 2 hours at least 3 times and 'y' is not healthy":
    "at minute 0 of every hour, if 'x' has failed at least 3 times in the last 2 hours and 'y' is not healthy (waiting for that until the grace is over)",
  '*/20 1-3,9-11 * * *': 'every 20 minutes from 01:00 to 03:40 and from 09:00 to 11:40',
  "on weekdays and not in May and 'db' is running": "on Monday to Friday, not in May and 'db' is running",
  'hourly or daily at 09:00': 'at minute 0 of every hour; or at 09:00 every day',
}

describe('a condition reads in plain words', () => {
  for (const [text, expected] of Object.entries(readings))
    test(text, () => assert.equal(reading(parse(text)), expected))

  test('a long list of alternatives is cut short', () => {
    const times = Array.from({ length: 12 }, (_, hour) => `daily at ${String(hour).padStart(2, '0')}:00`)
    assert.match(reading(parse(times.join(' or '))), /at 07:00 every day; or 4 more of the kind$/)
  })

  test('whatever can be said can be read', () => {
    fc.assert(
      fc.property(fc.oneof(condition, cronText.map(parse)), data => {
        assert.doesNotMatch(reading(data), /undefined|NaN|  |, ,|^,|,$/)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

test('occasions are the events of what has no moments', () => {
  const all = occasions(
    parse(
      "hourly or on start and on weekdays or after 'a' succeeds and after 'b' fails and 'c' is running or daily and after 'x' fails",
    ),
  )
  assert.deepEqual(all, ['on start', "after 'a' succeeds and after 'b' fails"])
  assert.deepEqual(occasions(parse("10 minutes after 'a' finishes and on weekdays or 10 minutes after 'a' finishes")), [
    "10 minutes after 'a' finishes",
  ])
})
