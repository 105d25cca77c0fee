import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import {
  at,
  between,
  cron,
  daily,
  during,
  every,
  from,
  hourly,
  monthly,
  not,
  on,
  soon,
  until,
  weekly,
  yearly,
} from '../../src/when/build.ts'
import {
  after,
  afterAny,
  afterItself,
  blocked,
  degraded,
  failed,
  failing,
  finished,
  healthy,
  later,
  onDates,
  predicate,
  running,
  skipped,
  start,
  started,
  succeeded,
} from '../../src/when/build-facts.ts'
import type { Condition } from '../../src/when/condition.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'

describe('code and text give equal data', () => {
  const spellings: readonly (readonly [Condition, string])[] = [
    [every('5 minutes'), 'every 5 minutes'],
    [every('minute'), 'every minute'],
    [every('weekday').at('09:00'), 'every weekday at 09:00'],
    [every('2 weeks').on('Monday').at('08:00'), 'every 2 weeks on Monday at 08:00'],
    [hourly, 'hourly'],
    [hourly.at(':15', ':45'), 'hourly at :15 and :45'],
    [daily, 'daily'],
    [daily.at('09:00', '18:00'), 'daily at 09:00 and 18:00'],
    [weekly.on('Mon', 'Thu').at('08:00'), 'weekly on Monday and Thursday at 08:00'],
    [monthly.on('the last Friday').at('18:00'), 'monthly on the last Friday at 18:00'],
    [yearly.on('29 February'), 'yearly on 29 February'],
    [cron('0 9 * * 1-5'), '0 9 * * 1-5'],
    [at('2026-12-01T09:00'), 'at 2026-12-01T09:00'],
    [soon('10 minutes'), 'in 10 minutes'],
    [every('5 minutes').and(between('09:00', '17:00')), 'every 5 minutes and between 09:00 and 17:00'],
    [
      every('5 minutes').and(on.weekdays, not(during('December'))),
      'every 5 minutes and on weekdays and not in December',
    ],
    [hourly.and(on('Sat', 'Sun')).or(daily.at('09:00')), 'hourly and on Sat and Sun or daily at 09:00'],
    [daily.and(not(on.weekends.or(on('the 1st-5th')))), 'daily and not (on weekends or on the 1st-5th)'],
    [daily.and(from('2026-12-01', '2026-12-24')), 'daily and from 2026-12-01 until 2026-12-24'],
    [daily.and(from('2026-12-01'), until('2027-01-01')), 'daily and from 2026-12-01 and until 2027-01-01'],
  ]
  for (const [built, text] of spellings) {
    test(text, () => {
      assert.deepEqual(built, parse(text))
      assert.deepEqual(JSON.parse(JSON.stringify(built)), parse(text))
      assert.equal(print(built), print(parse(text)))
    })
  }
})

describe('facts in code and in text give equal data', () => {
  const news = { name: 'news' }
  const spellings: readonly (readonly [Condition, string])[] = [
    [start, 'on start'],
    [after(news).succeeds(), "after 'news' succeeds"],
    [after('a', 'b').finishes(), "after 'a' and 'b' finish"],
    [after(news).isPartial(), "after 'news' is partial"],
    [afterAny('a', 'b').fails(), "after any of 'a', 'b' fails"],
    [later('10 minutes', news).finishes(), "10 minutes after 'news' finishes"],
    [afterItself('5 minutes'), '5 minutes after it finishes'],
    [succeeded(news), "'news' has succeeded"],
    [succeeded(news).today().atLeast(3), "'news' has succeeded today at least 3 times"],
    [failed(news).atLeast(3).today(), "'news' has failed today at least 3 times"],
    [finished(news).inTheLast('2 hours').exactly(1), "'news' has finished in the last 2 hours exactly 1 time"],
    [started(news).thisHour().fewerThan(2), "'news' has started this hour fewer than 2 times"],
    [skipped(news).thisWeek().moreThan(1), "'news' has been skipped this week more than 1 time"],
    [skipped(news).thisMonth(), "'news' has been skipped this month"],
    [running(news), "'news' is running"],
    [not(running(news)), "'news' is not running"],
    [healthy('betpawa'), "'betpawa' is healthy"],
    [degraded('betpawa'), "'betpawa' is degraded"],
    [failing('betpawa'), "'betpawa' is failing"],
    [blocked('betpawa'), "'betpawa' is blocked"],
    [predicate('disk is free'), "if 'disk is free'"],
    [onDates("it's"), "on 'it''s'"],
    [
      daily.at('09:00').and(after(news).succeeds(), not(onDates('holidays'))),
      "daily at 09:00 and after 'news' succeeds and not on 'holidays'",
    ],
  ]
  for (const [built, text] of spellings) test(text, () => assert.deepEqual(built, parse(text)))
})

test('a builder refuses what the text would refuse', () => {
  const unreadable = (build: () => unknown): void =>
    assert.throws(build, error => isRotaError(error, 'CONDITION_UNREADABLE'))
  unreadable(() => every('5 bananas'))
  unreadable(() => daily.at('9'))
  unreadable(() => every('5 minutes').at('09:00'))
  unreadable(() => not(daily))
  unreadable(() => not(on.weekdays.or(daily)))
  unreadable(() => not(after('news').succeeds()))
  unreadable(() => not(start))
  unreadable(() => succeeded(''))
  unreadable(() => succeeded('news').atLeast(1.5))
})
