import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError, RotaError } from '../../src/base/errors.ts'
import type { Condition } from '../../src/when/condition.ts'
import type { Counted } from '../../src/when/fact.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'

const MIDNIGHT = ['00:00']
const WORKING_DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const
const day = (nth: number) => ({ nth, of: 'day' }) as const

const phrases: Readonly<Record<string, Condition>> = {
  'every 5 minutes': { kind: 'interval', everyMs: 300_000 },
  'every 1h30m': { kind: 'interval', everyMs: 5_400_000 },
  'every 90 s': { kind: 'interval', everyMs: 90_000 },
  'every 1 h 30 min': { kind: 'interval', everyMs: 5_400_000 },
  'every 1.5 hours': { kind: 'interval', everyMs: 5_400_000 },
  'every 250 ms': { kind: 'interval', everyMs: 250 },
  'every second': { kind: 'every second' },
  'every minute': { kind: 'every minute' },
  hourly: { kind: 'hourly', minutes: [0] },
  'every hour': { kind: 'hourly', minutes: [0] },
  'hourly at :15': { kind: 'hourly', minutes: [15] },
  'hourly at :45, :15 and :30': { kind: 'hourly', minutes: [15, 30, 45] },
  daily: { kind: 'daily', every: 1, times: MIDNIGHT },
  'every day at 9:00': { kind: 'daily', every: 1, times: ['09:00'] },
  'daily at 09:00': { kind: 'daily', every: 1, times: ['09:00'] },
  'daily at 09:00:30': { kind: 'daily', every: 1, times: ['09:00:30'] },
  'daily at 18:00, 13:30 and 09:00 and 09:00': { kind: 'daily', every: 1, times: ['09:00', '13:30', '18:00'] },
  'every weekday at 09:00': { kind: 'weekly', every: 1, weekdays: WORKING_DAYS, times: ['09:00'] },
  'every Monday and Thursday at 08:00': {
    kind: 'weekly',
    every: 1,
    weekdays: ['monday', 'thursday'],
    times: ['08:00'],
  },
  'weekly on Monday at 08:00': { kind: 'weekly', every: 1, weekdays: ['monday'], times: ['08:00'] },
  'weekly at 08:00 on Mon': { kind: 'weekly', every: 1, weekdays: ['monday'], times: ['08:00'] },
  weekly: { kind: 'weekly', every: 1, weekdays: ['monday'], times: MIDNIGHT },
  'every 2 days at 03:00': { kind: 'daily', every: 2, times: ['03:00'] },
  'every 1 days': { kind: 'daily', every: 1, times: MIDNIGHT },
  'every 2 weeks on Monday at 08:00': { kind: 'weekly', every: 2, weekdays: ['monday'], times: ['08:00'] },
  monthly: { kind: 'monthly', every: 1, days: [day(1)], times: MIDNIGHT },
  'monthly on the 1st at 03:00': { kind: 'monthly', every: 1, days: [day(1)], times: ['03:00'] },
  'monthly on the 15th and the 1st of the month': {
    kind: 'monthly',
    every: 1,
    days: [day(1), day(15)],
    times: MIDNIGHT,
  },
  'monthly on the last Friday at 18:00': {
    kind: 'monthly',
    every: 1,
    days: [{ nth: -1, of: 'friday' }],
    times: ['18:00'],
  },
  'monthly on the last day': { kind: 'monthly', every: 1, days: [day(-1)], times: MIDNIGHT },
  'monthly on the last working day at 18:00': {
    kind: 'monthly',
    every: 1,
    days: [{ nth: -1, of: 'working day' }],
    times: ['18:00'],
  },
  'monthly on the 2nd last day': { kind: 'monthly', every: 1, days: [day(-2)], times: MIDNIGHT },
  'monthly on the second last day': { kind: 'monthly', every: 1, days: [day(-2)], times: MIDNIGHT },
  'monthly on the 31st (clamp)': { kind: 'monthly', every: 1, days: [day(31)], times: MIDNIGHT, clamp: true },
  'every 3 months on the 15th': { kind: 'monthly', every: 3, days: [day(15)], times: MIDNIGHT },
  yearly: { kind: 'yearly', every: 1, dates: [{ month: 'january', ...day(1) }], times: MIDNIGHT },
  'yearly on 29 February': { kind: 'yearly', every: 1, dates: [{ month: 'february', ...day(29) }], times: MIDNIGHT },
  'yearly on February 29': { kind: 'yearly', every: 1, dates: [{ month: 'february', ...day(29) }], times: MIDNIGHT },
  'yearly on the 29th of February': {
    kind: 'yearly',
    every: 1,
    dates: [{ month: 'february', ...day(29) }],
    times: MIDNIGHT,
  },
  'yearly on 4 July and 1 January at 12:00': {
    kind: 'yearly',
    every: 1,
    dates: [
      { month: 'january', ...day(1) },
      { month: 'july', ...day(4) },
    ],
    times: ['12:00'],
  },
  'every 2 years on the last Monday of May': {
    kind: 'yearly',
    every: 2,
    dates: [{ month: 'may', nth: -1, of: 'monday' }],
    times: MIDNIGHT,
  },
  '0 9 * * 1-5': { kind: 'cron', text: '0 9 * * 1-5' },
  '  00\t09 * * mon-fri ': { kind: 'cron', text: '0 9 * * MON-FRI' },
  '*/30 * * * * *': { kind: 'cron', text: '*/30 * * * * *' },
  '@daily': { kind: 'cron', text: '0 0 * * *' },
  '@YEARLY': { kind: 'cron', text: '0 0 1 1 *' },
  'at 2026-12-01T09:00': { kind: 'once', at: '2026-12-01T09:00' },
  'at 2026-12-01 09:00': { kind: 'once', at: '2026-12-01T09:00' },
  'at 2026-12-01': { kind: 'once', at: '2026-12-01T00:00' },
  'at 2026-12-01T09:00Z': { kind: 'once', at: '2026-12-01T09:00:00Z' },
  'at 2026-12-01t09:00+01:00': { kind: 'once', at: '2026-12-01T08:00:00Z' },
  'in 10 minutes': { kind: 'soon', inMs: 600_000 },
  'in 2 days': { kind: 'soon', inMs: 172_800_000 },
  'between 09:00 and 17:00': { kind: 'between', from: '09:00', to: '17:00' },
  'between 22:00 and 06:00': { kind: 'between', from: '22:00', to: '06:00' },
  'between 22:00 and 00:00': { kind: 'between', from: '22:00', to: '24:00' },
  'before 09:00': { kind: 'between', from: '00:00', to: '09:00' },
  'after 17:00': { kind: 'between', from: '17:00', to: '24:00' },
  'on weekdays': { kind: 'weekdays', weekdays: WORKING_DAYS },
  'on Sat and Sun': { kind: 'weekdays', weekdays: ['saturday', 'sunday'] },
  'on weekends': { kind: 'weekdays', weekdays: ['saturday', 'sunday'] },
  'on Mon-Fri': { kind: 'weekdays', weekdays: WORKING_DAYS },
  'on Saturday to Monday': { kind: 'weekdays', weekdays: ['monday', 'saturday', 'sunday'] },
  'on the 1st-5th': { kind: 'days', days: [1, 2, 3, 4, 5].map(day) },
  'on the last day': { kind: 'days', days: [day(-1)] },
  'in January and July': { kind: 'months', months: ['january', 'july'] },
  'in Nov-Feb': { kind: 'months', months: ['january', 'february', 'november', 'december'] },
  'from 2026-12-01 until 2026-12-24': { kind: 'dates', from: '2026-12-01', until: '2026-12-24' },
  'from 2026-12-01 through 2026-12-24': { kind: 'dates', from: '2026-12-01', until: '2026-12-25' },
  'from 2026-12-01T09:00': { kind: 'dates', from: '2026-12-01T09:00' },
  'until 2026-12-24': { kind: 'dates', until: '2026-12-24' },
  'on start': { kind: 'start' },
  "on 'holidays'": { kind: 'named dates', name: 'holidays' },
  "after 'news' succeeds": { kind: 'after', task: 'news', outcome: 'succeeds', delayMs: 0 },
  "after 'news' fails": { kind: 'after', task: 'news', outcome: 'fails', delayMs: 0 },
  "after 'news' is partial": { kind: 'after', task: 'news', outcome: 'is partial', delayMs: 0 },
  'after "news" finishes': { kind: 'after', task: 'news', outcome: 'finishes', delayMs: 0 },
  "10 minutes after 'news' finishes": { kind: 'after', task: 'news', outcome: 'finishes', delayMs: 600_000 },
  '5 minutes after it finishes': { kind: 'after itself', delayMs: 300_000 },
  "after 'a' and 'b' succeed": {
    kind: 'and',
    of: ['a', 'b'].map(task => ({ kind: 'after', task, outcome: 'succeeds', delayMs: 0 })),
  },
  "after any of 'a', 'b' fails": {
    kind: 'or',
    of: ['a', 'b'].map(task => ({ kind: 'after', task, outcome: 'fails', delayMs: 0 })),
  },
  "'news' has succeeded": counted('succeeded', 'ever', 'at least', 1),
  "'news' has failed today at least 3 times": counted('failed', 'today', 'at least', 3),
  "'news' has failed at least 3 times today": counted('failed', 'today', 'at least', 3),
  "'news' has finished this hour more than once": counted('finished', 'this hour', 'more than', 1),
  "'news' has started this week fewer than 2 times": counted('started', 'this week', 'fewer than', 2),
  "'news' has been skipped this month exactly 0 times": counted('been skipped', 'this month', 'exactly', 0),
  "'news' has succeeded in the last 2 hours twice": counted('succeeded', { lastMs: 7_200_000 }, 'at least', 2),
  "'news' has not succeeded today": { kind: 'not', of: counted('succeeded', 'today', 'at least', 1) },
  "'news' is running": { kind: 'running', task: 'news' },
  "'news' is not running": { kind: 'not', of: { kind: 'running', task: 'news' } },
  "'betpawa' is healthy": { kind: 'health', subject: 'betpawa', state: 'healthy' },
  "'betpawa' is not blocked": { kind: 'not', of: { kind: 'health', subject: 'betpawa', state: 'blocked' } },
  "if 'disk is free'": { kind: 'predicate', name: 'disk is free' },
}

function counted(
  what: Counted['what'],
  during: Counted['during'],
  compare: Counted['compare'],
  times: number,
): Counted {
  return { kind: 'counted', task: 'news', what, during, compare, times }
}

describe('a phrase is read as the data it means, in any case', () => {
  for (const [text, expected] of Object.entries(phrases)) {
    test(text, () => {
      assert.deepEqual(parse(text), expected)
      // Names keep their case.
      const loud = text.replaceAll(
        /('[^']*'|"[^"]*")|[a-z]/g,
        (letter, name: string | undefined) => name ?? letter.toUpperCase(),
      )
      assert.deepEqual(parse(loud), expected)
      assert.deepEqual(parse(print(expected)), expected)
    })
  }
})

describe('conditions are joined', () => {
  const a = parse('hourly')
  const b = parse('daily')
  const w = parse('on weekdays')

  test('`not` binds tightest, then `and`, then `or`', () => {
    assert.deepEqual(parse('hourly or daily and not on weekdays'), {
      kind: 'or',
      of: [a, { kind: 'and', of: [b, { kind: 'not', of: w }] }],
    })
  })

  test('brackets change that', () => {
    assert.deepEqual(parse('(hourly or daily) and not on weekdays'), {
      kind: 'and',
      of: [
        { kind: 'or', of: [a, b] },
        { kind: 'not', of: w },
      ],
    })
  })

  test('& | ~ are other spellings', () => {
    assert.deepEqual(parse('(hourly|daily)&~on weekdays'), parse('(hourly or daily) and not on weekdays'))
  })

  test('what needs no brackets loses them', () => {
    assert.deepEqual(parse('(hourly or (daily or (weekly)))'), parse('hourly or daily or weekly'))
    assert.deepEqual(parse('not not on weekdays'), w)
    assert.equal(print(parse('((hourly) and ((on weekdays)))')), 'hourly and on weekdays')
  })

  test('cron text stands wherever a phrase does', () => {
    assert.equal(
      print(parse('(0 9 * * MON or 0 0 12 * * *) and not in July')),
      '(0 9 * * MON or 0 0 12 * * *) and not in July',
    )
    assert.deepEqual(parse('yearly on 1 January and 0 9 * * *').kind, 'and')
    assert.deepEqual(parse('@daily and on weekdays|@hourly').kind, 'or')
  })

  test('an `and` goes on with a list only before an item of it', () => {
    const both = parse('every Monday and Tuesday and on the 1st and the 2nd and in May and June')
    assert.equal(both.kind === 'and' ? both.of.length : 0, 3)
    assert.equal(print(parse('on Monday and on Tuesday')), 'on Monday and on Tuesday')
  })
})

describe('what others say too is understood', () => {
  const understood: Readonly<Record<string, string>> = {
    'every 10 seconds': 'every 10 seconds',
    'every 1 day': 'daily',
    'every 1 week': 'weekly on Monday',
    'every 1 day at 10:00': 'daily at 10:00',
    'every 60 minutes': 'every 1 hour',
    'every 1.5 hours': 'every 90 minutes',
    'weekly on Mon and Fri': 'weekly on Monday and Friday',
    'every year on December 25': 'yearly on 25 December',
    'every month on the 15th': 'monthly on the 15th',
    'every hour at :30': 'hourly at :30',
    'at 2026-12-01 09:00': 'at 2026-12-01T09:00',
    '0 9 * * mon,wed,fri': '0 9 * * MON,WED,FRI',
    'daily at 9:00 & 17:00': 'daily at 09:00 and 17:00',
    'DAILY AND NOT ON WEEKENDS': 'daily and not on Saturday and Sunday',
  }
  for (const [text, expected] of Object.entries(understood)) {
    test(`${text} is ${expected}`, () => assert.equal(print(parse(text)), expected))
  }
})

describe('the canonical text is the same for all spellings of the same', () => {
  const canonical: Readonly<Record<string, string>> = {
    'every 1h30m': 'every 90 minutes',
    'every 60 seconds': 'every 1 minute',
    'every mon-fri at 9:00': 'every weekday at 09:00',
    'every Thu and Mon': 'weekly on Monday and Thursday',
    'weekly on weekdays': 'every weekday',
    'monthly on the 1st, the 2nd, the 3rd and the last Friday': 'monthly on the 1st-3rd and the last Friday',
    'daily at 00:00': 'daily',
    'between 00:00 and 09:00': 'before 09:00',
    'on sun, sat': 'on Saturday and Sunday',
    '@weekly': '0 0 * * 0',
    'in 90 s': 'in 90 seconds',
    'at 2026-12-01T09:00:00.000Z': 'at 2026-12-01T09:00:00Z',
  }
  for (const [text, expected] of Object.entries(canonical)) {
    test(`${text} is ${expected}`, () => assert.equal(print(parse(text)), expected))
  }
})

describe('a habit from elsewhere is refused with the right spelling', () => {
  const meant: Readonly<Record<string, string>> = {
    'daily on Saturday': 'weekly on Saturday',
    'every day at 9': 'daily at 09:00',
    'every day at 9am': 'daily at 09:00',
    'every day at 9:30 pm': 'daily at 21:30',
    'every monday at noon': 'weekly on Monday at 12:00',
    'daily at midnight': 'daily',
    'at 09:00': 'daily at 09:00',
    '09:00': 'daily at 09:00',
    'every 5': 'every 5 minutes',
    '5 minutes': 'every 5 minutes',
    'every five minutes': 'every 5 minutes',
    'every 10 mins': 'every 10 minutes',
    'every 2 hrs': 'every 2 hours',
    'every 1 hour and 30 minutes': 'every 90 minutes',
    'every other day at 10:00': 'every 2 days at 10:00',
    'every 2nd week': 'every 2 weeks on Monday',
    'every 1st': 'monthly on the 1st',
    'every last Friday': 'monthly on the last Friday',
    'last friday of the month': 'monthly on the last Friday',
    'the 15th of every month': 'monthly on the 15th',
    'fourth thursday of november': 'yearly on the 4th Thursday of November',
    'mon, wed and fri at 06:00': 'weekly on Monday, Wednesday and Friday at 06:00',
    'monthly on 15': 'monthly on the 15th',
    'on monday at 10:00': 'weekly on Monday at 10:00',
    'weekdays at 10:00': 'every weekday at 10:00',
    'every weekend': 'weekly on Saturday and Sunday',
    'once a day': 'daily',
    minutely: 'every minute',
    'every 5 minutes between 9am and 5pm': 'every 5 minutes and between 09:00 and 17:00',
    'every 5 minutes from 9 to 17': 'every 5 minutes and between 09:00 and 17:00',
    'every 5 minutes on weekdays': 'every 5 minutes and on weekdays',
    'every 5 minutes except on weekends': 'every 5 minutes and not on Saturday and Sunday',
    'every 5 minutes && !on weekdays': 'every 5 minutes and not on weekdays',
    'daily between 10:00 and 14:00': 'daily at 10:00',
    'time of day between 10:00 and 12:00': 'between 10:00 and 12:00',
    'every 5 minutes and between Mon and Fri': 'every 5 minutes and on weekdays',
    'daily at 09:00 or 18:00': 'daily at 09:00 and 18:00',
    'hourly at 15': 'hourly at :15',
    '@every 5m': 'every 5 minutes',
    'TZ=Europe/Berlin 0 9 * * *': '0 9 * * *',
    'H/15 * * * *': '*/15 * * * *',
    '*/90 * * * *': 'every 90 minutes',
    '0 */24 * * *': 'every 24 hours',
    'evry 5 minuts': 'every 5 minutes',
    'weekly on Mnday': 'weekly on Monday',
    'monthly on the lst day': 'monthly on the last day',
    '@reboot': 'on start',
    'after news succeeds': "after 'news' succeeds",
    "after task 'news'": "after 'news' succeeds",
    "after 'news' completes": "after 'news' finishes",
    "'news' has faild today": "'news' has failed today",
    'daily and news has succeeded today less than 2 times': "daily and 'news' has succeeded today fewer than 2 times",
    'time of day between 10:00 and 14:00': 'between 10:00 and 14:00',
    'time of week between Mon & Fri': 'on weekdays',
    "after task 'x'": "after 'x' succeeds",
    "after task 'x' succeeded": "after 'x' succeeds",
    "after task 'x' failed": "after 'x' fails",
    "after task 'x' finished": "after 'x' finishes",
    'after task x': "after 'x' succeeds",
    "after all tasks 'a', 'b'": "after 'a' succeeds and after 'b' succeeds",
    "after any tasks 'a', 'b' finished": "after 'a' finishes or after 'b' finishes",
    'weekly between Mon & Fri': 'weekly on Monday',
    'daily after 09:00': 'daily at 09:00',
    'daily before 09:00': 'daily and before 09:00',
    'daily at 10': 'daily at 10:00',
    'hourly after 30:00': 'hourly at :30',
    'monthly starting 3rd': 'monthly on the 3rd',
    'daily starting 10:00': 'daily at 10:00',
    "task 'x' is running": "'x' is running",
    "task 'x' has succeeded today": "'x' has succeeded today",
    'task is running': "'task' is running",
    'interval 5 minutes': 'every 5 minutes',
    'interval: 5 minutes': 'every 5 minutes',
    'minutes=5': 'every 5 minutes',
    'hours=1': 'every 1 hour',
    'interval(minutes=5)': 'every 5 minutes',
    'cron: 0 9 * * *': '0 9 * * *',
    'cron 0 9 * * *': '0 9 * * *',
    'cron(0 9 * * ? *)': '0 9 * * ?',
    'rate(5 minutes)': 'every 5 minutes',
    'rate 5 minutes': 'every 5 minutes',
    'date 2026-12-01': 'at 2026-12-01T00:00',
    '@every 1h30m': 'every 90 minutes',
    '*/5 * * * * command': '*/5 * * * *',
    '*/5 * * * * /usr/bin/python x.py': '*/5 * * * *',
    '0 9 * * 1-5 root /bin/true': '0 9 * * 1-5',
    '0 0 9 * * ? *': '0 0 9 * * ?',
    'CRON_TZ=Europe/Berlin 0 9 * * *': '0 9 * * *',
    'TZ=UTC 0 9 * * *': '0 9 * * *',
    'every day 9am': 'daily at 09:00',
    '9am': 'daily at 09:00',
    '9 am': 'daily at 09:00',
    'at 9am': 'daily at 09:00',
    'at 9': 'daily at 09:00',
    '9:30': 'daily at 09:30',
    noon: 'daily at 12:00',
    'at noon': 'daily at 12:00',
    'at 9 every day': 'daily at 09:00',
    'once a week': 'weekly on Monday',
    'once a month': 'monthly on the 1st',
    'once an hour': 'hourly',
    'once per day': 'daily',
    'every other day': 'every 2 days',
    'every other week': 'every 2 weeks on Monday',
    'every other Monday': 'every 2 weeks on Monday',
    fortnightly: 'every 2 weeks on Monday',
    quarterly: 'every 3 months on the 1st',
    semiannually: 'every 6 months on the 1st',
    'every quarter': 'every 3 months on the 1st',
    workdays: 'every weekday',
    'on workdays': 'on weekdays',
    'every workday at 9': 'every weekday at 09:00',
    weekends: 'weekly on Saturday and Sunday',
    'each day at 9': 'daily at 09:00',
    'each Monday': 'weekly on Monday',
    'every Monday to Friday at 9': 'every weekday at 09:00',
    'Monday to Friday at 9': 'every weekday at 09:00',
    'Mon-Fri 9:00': 'every weekday at 09:00',
    'mon-fri at 9am': 'every weekday at 09:00',
    'monday at 9': 'weekly on Monday at 09:00',
    'mondays at 9': 'weekly on Monday at 09:00',
    'every monday 9am': 'weekly on Monday at 09:00',
    'every mon wed fri at 9': 'weekly on Monday, Wednesday and Friday at 09:00',
    'every hour on the hour': 'hourly',
    'every half hour': 'every 30 minutes',
    'every half an hour': 'every 30 minutes',
    'half hourly': 'every 30 minutes',
    'every quarter hour': 'every 15 minutes',
    'every quarter of an hour': 'every 15 minutes',
    'every hour at 30 minutes': 'hourly at :30',
    'every hour at half past': 'hourly at :30',
    '15 past every hour': 'hourly at :15',
    'every 5 mins during business hours': 'every 5 minutes and between 09:00 and 17:00 and on weekdays',
    'during business hours': 'between 09:00 and 17:00 and on weekdays',
    'business hours': 'between 09:00 and 17:00 and on weekdays',
    'every minute of the day': 'every minute',
    'every hour and a half': 'every 90 minutes',
    'in 5 mins': 'in 5 minutes',
    'in an hour': 'in 1 hour',
    'in 2 weeks': 'in 336 hours',
    'on 2026-12-01': 'at 2026-12-01T00:00',
    '2026-12-01': 'at 2026-12-01T00:00',
    '2026-12-01 09:00': 'at 2026-12-01T09:00',
    'on 1 December': 'yearly on 1 December',
    'December 25': 'yearly on 25 December',
    'every december 25': 'yearly on 25 December',
    'every 25 december': 'yearly on 25 December',
    'first of every month': 'monthly on the 1st',
    'first monday of each month': 'monthly on the 1st Monday',
    'first day of the month': 'monthly on the 1st',
    'last day of the month': 'monthly on the last day',
    'end of month': 'monthly on the last day',
    'every month on 15': 'monthly on the 15th',
    'the 15th': 'monthly on the 15th',
    '1st and 15th': 'monthly on the 1st and the 15th',
    'every 1st and 15th at 9': 'monthly on the 1st and the 15th at 09:00',
    'daily at 9.30': 'daily at 09:30',
    'daily at 0930': 'daily at 09:30',
    'daily at 9h': 'daily at 09:00',
    'daily at 9h30': 'daily at 09:30',
    'daily at 17:00 UTC': 'daily at 17:00',
    'daily at 09:00 Europe/Berlin': 'daily at 09:00',
    "daily at 9 o'clock": 'daily at 09:00',
    'daily from 9 to 17': 'daily at 09:00',
    'hourly from 9 to 17': 'hourly and between 09:00 and 17:00',
    'hourly between 9 and 17': 'hourly and between 09:00 and 17:00',
    'every hour between 9 and 17': 'hourly and between 09:00 and 17:00',
    'every 2 hours between 8:00 and 18:00 on weekdays': 'every 2 hours and between 08:00 and 18:00 and on weekdays',
    'every 5 minutes, on weekdays': 'every 5 minutes and on weekdays',
    'every 5 minutes on Monday': 'every 5 minutes and on Monday',
    'every 5 minutes; on weekdays': 'every 5 minutes and on weekdays',
    'every 5 minutes from 10:00': 'every 5 minutes and after 10:00',
    'every 5 minutes until 17:00': 'every 5 minutes and before 17:00',
    'every 5 minutes after 17:00': 'every 5 minutes and after 17:00',
    'every 5 minutes except weekends': 'every 5 minutes and not on Saturday and Sunday',
    'every day except sunday': 'daily and not on Sunday',
    'every day but sunday': 'daily and not on Sunday',
    'daily except on Sunday': 'daily and not on Sunday',
    'weekdays except holidays': "every weekday and not on 'holidays'",
    "while 'db' is running": "'db' is running",
    "when 'db' is running": "'db' is running",
    "when 'news' succeeds": "after 'news' succeeds",
    "on 'news' success": "after 'news' succeeds",
    "on success of 'news'": "after 'news' succeeds",
    'after news': "after 'news' succeeds",
    "after 'news'": "after 'news' succeeds",
    "after 'news' has succeeded": "after 'news' succeeds",
    "after 'news' was successful": "after 'news' succeeds",
    "after 'news' completed": "after 'news' finishes",
    "after 'news' done": "after 'news' finishes",
    "after success of 'news'": "after 'news' succeeds",
    "if 'news' fails": "after 'news' fails",
    "'news' failed": "'news' has failed",
    "'news' failed today": "'news' has failed today",
    "'news' succeeded today": "'news' has succeeded today",
    "'news' ran today": "'news' has started today",
    "'news' is idle": "'news' is not running",
    "'news' is stopped": "'news' is not running",
    "'news' has run today": "'news' has started today",
    "'news' has failed 3 times today": "'news' has failed today at least 3 times",
    "'news' has failed three times": "'news' has failed at least 3 times",
    "'news' failed more than 3 times today": "'news' has failed today more than 3 times",
    "'news' has failed in the last hour": "'news' has failed in the last 1 hour",
    "'news' has failed in the last day": "'news' has failed in the last 24 hours",
    "'news' has failed in last 2 hours": "'news' has failed in the last 2 hours",
    "'news' has failed within 2 hours": "'news' has failed in the last 2 hours",
    "'news' hasn't failed today": "'news' has not failed today",
    "'news' isn't running": "'news' is not running",
    "10 minutes after 'news'": "10 minutes after 'news' succeeds",
    '10 minutes after news finishes': "10 minutes after 'news' finishes",
    '10 minutes after it ends': '10 minutes after it finishes',
    '10 min after last run': '10 minutes after it finishes',
    '5 minutes after finishing': '5 minutes after it finishes',
    'on startup': 'on start',
    'at startup': 'on start',
    'on boot': 'on start',
    'at start': 'on start',
    'on app start': 'on start',
    'run daily': 'daily',
    'run every 5 minutes': 'every 5 minutes',
    'please run every 5 minutes': 'every 5 minutes',
    'schedule daily at 9': 'daily at 09:00',
    'every 5 minutess': 'every 5 minutes',
    PT5M: 'every 5 minutes',
    P1D: 'daily',
    'R/PT5M': 'every 5 minutes',
    '5m': 'every 5 minutes',
    '1h': 'every 1 hour',
    '1d': 'daily',
    '2 hours': 'every 2 hours',
    '* * * * * * *': '* * * * * *',
    '@dayly': '@daily',
    '@weekdays': 'every weekday',
    '@weekday': 'every weekday',
    'daily at 9 and 17': 'daily at 09:00 and 17:00',
    'daily at 9,17': 'daily at 09:00 and 17:00',
    'daily at 9:00 and at 17:00': 'daily at 09:00 and 17:00',
    'daily 9:00': 'daily at 09:00',
    'daily, 9:00': 'daily at 09:00',
    'daily @ 9:00': 'daily at 09:00',
    'weekly at 9 on monday': 'weekly on Monday at 09:00',
    'weekly monday': 'weekly on Monday',
    'weekly Mon 9am': 'weekly on Monday at 09:00',
    'monthly 1st': 'monthly on the 1st',
    'monthly at 9': 'monthly on the 1st at 09:00',
    'yearly December 25': 'yearly on 25 December',
    'between 9 and 5': 'between 09:00 and 17:00',
    'between 9am and 5pm': 'between 09:00 and 17:00',
    'between 22 and 6': 'between 22:00 and 06:00',
    'from 9am to 5pm': 'between 09:00 and 17:00',
    'from 9:00 until 17:00': 'between 09:00 and 17:00',
    'before noon': 'before 12:00',
    'on week days': 'on weekdays',
    'at weekend': 'on Saturday and Sunday',
    'at the weekend': 'on Saturday and Sunday',
    'over the weekend': 'on Saturday and Sunday',
    'hourly at 0': 'hourly',
    'hourly at 15,45': 'hourly at :15 and :45',
    'hourly at 00:15': 'hourly at :15',
    'every hour at 15 minutes past': 'hourly at :15',
    'hourly on weekdays from 9 to 17': 'hourly and on weekdays and between 09:00 and 17:00',
    'every 15 seconds between 08:00-09:00': 'every 15 seconds and between 08:00 and 09:00',
    'daily && on weekdays': 'daily and on weekdays',
    'daily, but not on weekends': 'daily and not on Saturday and Sunday',
    'daily + on weekdays': 'daily and on weekdays',
    "daily if 'x'": "daily and if 'x'",
    'daily if x is running': "daily and 'x' is running",
    "daily unless 'x' is running": "daily and 'x' is not running",
    "daily while 'x' is running": "daily and 'x' is running",
    "daily when 'x' is running": "daily and 'x' is running",
    "daily once 'x' has succeeded": "daily and 'x' has succeeded",
    "daily after 'x' succeeds": "daily and after 'x' succeeds",
    "daily at 9 after 'x' succeeds": "daily at 09:00 and after 'x' succeeds",
    'every 5 minutes and db is running': "every 5 minutes and 'db' is running",
  }
  for (const [text, expected] of Object.entries(meant)) {
    test(`${text}: did you mean ${expected}?`, () => {
      const error = refusal(text)
      assert.equal(error.details['hint'], expected)
      assert.match(error.message, /Did you mean `/)
    })
  }
})

describe('a habit that leaves something open is told what, and nothing is suggested', () => {
  const open: Readonly<Record<string, RegExp>> = {
    biweekly: /either `every 2 weeks`/,
    'bi-monthly': /either/,
    'twice a day': /the times, such as `daily at 09:00 and 18:00`/,
    'three times per week': /the days/,
    'every 5-10 minutes': /`jitter`/,
    'every few minutes': /one length of time/,
    tomorrow: /a date such as `at 2026-12-01T09:00`/,
    'next Monday': /a date/,
    always: /how often/,
    'always true': /how often/,
    'daily and in summer': /months/,
    'on Easter': /a set of dates by its name/,
    'on odd days': /0 0 1-31\/2/,
    "'news' has failed yesterday": /a period: `today`/,
    'every night': /a time of day/,
    'every 5 minutes starting at 10:00': /`startAt`/,
    '0 0 9 ? * MON-FRI 2026': /no year: join a window/,
  }
  for (const [text, expected] of Object.entries(open)) {
    test(text, () => {
      const error = refusal(text)
      assert.match(String(error.details['expected']), expected)
      assert.equal(error.details['hint'], undefined)
      assert.doesNotMatch(error.message, /Did you mean/)
    })
  }
})

describe('what belongs to the schedule is sent there', () => {
  const elsewhere: Readonly<Record<string, readonly [RegExp, string]>> = {
    'CRON_TZ=Europe/Berlin 0 9 * * *': [/`timezone`/, '0 9 * * *'],
    'daily at 09:00 Europe/Berlin': [/`timezone`/, 'daily at 09:00'],
    'daily at 17:00 UTC': [/`timezone`/, 'daily at 17:00'],
    '*/5 * * * * /usr/bin/backup --all': [/no command/, '*/5 * * * *'],
    '0 9 * * 1-5 root /bin/true': [/no command/, '0 9 * * 1-5'],
  }
  for (const [text, [expected, hint]] of Object.entries(elsewhere)) {
    test(text, () => {
      const error = refusal(text)
      assert.match(String(error.details['expected']), expected)
      assert.equal(error.details['hint'], hint)
    })
  }
})

describe('what cannot be read is refused where it goes wrong', () => {
  const positions: Readonly<Record<string, number>> = {
    '': 0,
    '   ': 3,
    'every 5 bananas': 8,
    'every -5 minutes': 6,
    'every NaN minutes': 6,
    'every Infinity minutes': 6,
    'every 1e308 minutes': 7,
    'every 0 minutes': 6,
    'every 1 ms': 6,
    'every 9 ms': 6,
    'every 2.5 days': 6,
    'every 0 days': 8,
    'every 100000 days': 6,
    'every "5"': 6,
    'in 0 minutes': 3,
    'daily at 24:00': 9,
    'daily at 09:60': 9,
    'hourly at :60': 10,
    'monthly on the 32nd': 15,
    'monthly on the 6th Monday': 15,
    'monthly on the 1st (clamp)': 20,
    'yearly on 32 January': 10,
    'at 2026-02-30T09:00': 3,
    'at 2026-12-01T25:00Z': 3,
    'from 2026-12-24 until 2026-12-01': 22,
    'between 09:00 and 09:00': 18,
    'between 24:00 and 09:00': 8,
    'before 00:00': 7,
    'not hourly': 0,
    'on weekdays and not (in May and daily)': 16,
    'hourly and': 10,
    'hourly hourly': 7,
    '(hourly': 7,
    'hourly)': 6,
    "'unclosed": 0,
    "''": 0,
    "'news'": 6,
    "'news' has": 10,
    "'news' has run": 11,
    "'news' has failed at least": 26,
    "'news' has failed at least 1.5 times": 27,
    "'news' is tired": 10,
    "after 'a', 'b'": 14,
    "10 minutes after 'a' and 'b' finish": 21,
    "not after 'a' fails": 0,
    'not on start': 0,
    [`if '${'x'.repeat(101)}'`]: 3,
    "if 'a\u0007b'": 3,
    'every 5 minutes; drop table': 15,
    '0 9 * * MOM': 8,
    '0 9 * *': 7,
    'hourly and 0 9 * * 9': 19,
    '@fortnightly': 0,
    constructor: 0,
    'every constructor': 6,
    'on toString': 3,
    '\u{1F600}': 0,
  }
  for (const [text, position] of Object.entries(positions)) {
    test(JSON.stringify(text), () => {
      const error = refusal(text)
      assert.equal(error.details['position'], position, error.message)
      assert.equal(typeof error.details['expected'], 'string')
    })
  }

  test('what is no text at all', () => {
    for (const value of [undefined, null, 5, {}, ['hourly']]) {
      assert.throws(
        () => parse(value as never),
        error => isRotaError(error, 'CONDITION_UNREADABLE'),
      )
    }
  })

  test('text that is too long, at once', () => {
    const code = (text: string): string => (error => error.code)(refusal(text))
    assert.equal(code(`${'hourly or '.repeat(100)}hourly`), 'CONDITION_TOO_LONG')
    assert.equal(code('a'.repeat(1_000_000)), 'CONDITION_TOO_LONG')
    assert.equal(code('('.repeat(500)), 'CONDITION_TOO_LONG')
    assert.equal(code('not '.repeat(200)), 'CONDITION_TOO_LONG')
    assert.equal(
      code(`${Array.from({ length: 5_000 }, (_, index) => index % 60).join()} * * * *`),
      'CONDITION_TOO_LONG',
    )
  })

  test('control characters of the text are not repeated', () => {
    assert.ok(!refusal('\u001b]8;;evil').message.includes('\u001b'))
  })
})

function refusal(text: string): RotaError {
  try {
    parse(text)
  } catch (error) {
    assert.ok(error instanceof RotaError, String(error))
    return error
  }
  return assert.fail(`'${text}' is read`)
}
