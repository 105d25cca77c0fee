import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError, RotaError } from '../../src/base/errors.ts'
import { parseInstant } from '../../src/base/instant.ts'
import { absolute } from '../../src/when/absolute.ts'
import { checkCondition } from '../../src/when/check.ts'
import { and, or } from '../../src/when/condition.ts'
import { cycleThrough } from '../../src/when/cycle.ts'
import type { Edge } from '../../src/when/cycle.ts'
import type { Condition } from '../../src/when/condition.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'

const now = parseInstant('2026-11-22T10:00:00Z')
const options = { timezone: 'Europe/Berlin', now }

describe('what can never fire is refused', () => {
  const never: Readonly<Record<string, string | undefined>> = {
    '0 0 31 2 *': undefined,
    '0 0 30 2 *': undefined,
    '0 0 31 4,6,9,11 *': undefined,
    'yearly on 30 February': undefined,
    'monthly on the 31st and in February': undefined,
    'daily and between 10:00 and 14:00': 'daily at 10:00',
    'weekly on Monday and between 08:00 and 09:00': 'weekly on Monday at 08:00',
    'every Monday and every Tuesday': 'weekly on Monday or weekly on Tuesday',
    'every Monday and on Tuesday': undefined,
    'daily at 09:00 and daily at 10:00 and in May': '(daily at 09:00 or daily at 10:00) and in May',
    'daily at 02:30 and daily at 02:45': 'daily at 02:30 or daily at 02:45',
    'hourly and before 09:00 and after 17:00': undefined,
    'every 5 minutes and before 09:00 and after 17:00': undefined,
    'every 1 hour and between 09:10 and 09:20': undefined,
    'daily and not on Mon-Sun': undefined,
    'daily and from 2020-01-01 until 2021-01-01': undefined,
    'at 2020-01-01T00:00': undefined,
    'at 2026-11-22T10:00Z': undefined,
    'hourly or daily and between 10:00 and 14:00': 'daily at 10:00',
    'hourly or at 2020-01-01T00:00': undefined,
  }
  for (const [text, hint] of Object.entries(never)) {
    test(text, () => {
      const error = refusal(parse(text))
      assert.equal(error.code, 'CONDITION_NEVER', error.message)
      assert.equal(error.details['hint'], hint)
      if (hint !== undefined) checkCondition(parse(hint), options)
    })
  }

  test('a time that the zone does not have', () => {
    assert.throws(
      () =>
        checkCondition(parse('at 2011-12-30T09:00'), {
          timezone: 'Pacific/Apia',
          now: parseInstant('2011-01-01T00:00:00Z'),
        }),
      error => isRotaError(error, 'CONDITION_NEVER'),
    )
  })
})

describe('what says when but not how often is refused with a way to say it', () => {
  const incomplete: Readonly<Record<string, string>> = {
    'on weekdays': 'every 5 minutes and on weekdays',
    'not in May': 'every 5 minutes and not in May',
    'between 09:00 and 17:00 and on weekdays': 'every 5 minutes and between 09:00 and 17:00 and on weekdays',
    'hourly or on weekdays': 'every 5 minutes and on weekdays',
  }
  for (const [text, hint] of Object.entries(incomplete)) {
    test(text, () => {
      const error = refusal(parse(text))
      assert.equal(error.code, 'CONDITION_INCOMPLETE')
      assert.equal(error.details['hint'], hint)
      assert.match(error.message, /says when it may run, not how often: add `every 5 minutes and /)
      checkCondition(parse(hint), options)
    })
  }
})

describe('an interval together with another moment is refused', () => {
  for (const text of [
    'every 5 minutes and daily at 09:00',
    '0 9 * * * and every 5 minutes',
    'every 5 minutes and every 7 minutes',
  ]) {
    test(text, () => {
      const error = refusal(parse(text))
      assert.equal(error.code, 'CONDITION_REFUSED')
      assert.match(error.message, /window/)
    })
  }
})

describe('facts', () => {
  const refused: Readonly<Record<string, string>> = {
    "'news' is running": 'CONDITION_INCOMPLETE',
    "hourly or 'news' has succeeded today": 'CONDITION_INCOMPLETE',
    "on 'holidays'": 'CONDITION_INCOMPLETE',
    "if 'disk is free'": 'CONDITION_INCOMPLETE',
    'on start and every 5 minutes': 'CONDITION_REFUSED',
    'daily and on start': 'CONDITION_REFUSED',
    "after 'news' succeeds and until 2020-01-01": 'CONDITION_NEVER',
    'on start and before 09:00 and after 17:00': 'CONDITION_NEVER',
  }
  for (const [text, code] of Object.entries(refused)) test(text, () => assert.equal(refusal(parse(text)).code, code))

  const fine = [
    "after 'news' succeeds",
    "after 'a' and 'b' succeed and on weekdays",
    "daily at 09:00 and after 'news' succeeds",
    "10 minutes after 'news' finishes",
    '5 minutes after it finishes',
    'on start',
    "on start and on weekdays and 'db' is running",
    "every 5 minutes and 'db' is running and not on 'holidays'",
    "hourly and if 'disk is free'",
  ]
  for (const text of fine) test(text, () => checkCondition(parse(text), options))

  test('are refused where they cannot be judged', () => {
    for (const text of [...fine, "daily and on 'holidays'"]) {
      assert.throws(
        () => checkCondition(parse(text), { ...options, facts: false }),
        error => isRotaError(error, 'CONDITION_REFUSED'),
        text,
      )
    }
    checkCondition(parse('daily at 09:00 and on weekdays or every 5 minutes'), { ...options, facts: false })
  })

  test('of a set of dates that is known may rule everything out', () => {
    const sets = { holidays: ['2026-12-25'] }
    checkCondition(parse("daily and on 'holidays'"), { ...options, sets })
    checkCondition(parse("daily and on 'unknown'"), options)
    assert.throws(
      () => checkCondition(parse("every Monday and on 'holidays'"), { ...options, sets }),
      error => isRotaError(error, 'CONDITION_NEVER'),
    )
  })
})

describe('a task that triggers itself without delay', () => {
  const check = (text: string): void => checkCondition(parse(text), { ...options, task: 'me' })

  test('is refused', () => {
    for (const text of [
      "after 'me' fails",
      "after 'a' and 'me' finish",
      "hourly or after 'me' fails and on weekdays",
    ]) {
      assert.throws(
        () => check(text),
        error => isRotaError(error, 'CONDITION_REFUSED'),
        text,
      )
    }
  })

  test('is none where a delay, a moment, or a count is between', () => {
    check("10 minutes after 'me' fails")
    check('5 minutes after it finishes')
    check("hourly and after 'me' fails")
    check("hourly and 'me' has failed today")
    check("after 'other' fails and 'me' is not running")
  })

  test('is found through others', () => {
    const edge = (task: string, text: string): Edge => ({ task, condition: parse(text) })
    const ring = [
      edge('b', "after 'a' succeeds"),
      edge('c', "after 'b' fails or daily"),
      edge('a', "after 'c' finishes"),
    ]
    assert.deepEqual(cycleThrough('a', ring), ['a', 'b', 'c', 'a'])
    assert.deepEqual(cycleThrough('b', ring), ['b', 'c', 'a', 'b'])
    const broken = [...ring.slice(0, 2), edge('a', "1 minute after 'c' finishes")]
    assert.equal(cycleThrough('a', broken), null)
    assert.equal(cycleThrough('nobody', ring), null)
  })
})

describe('what makes sense is accepted', () => {
  const fine = [
    'every 5 minutes',
    '0 0 29 2 *',
    '0 0 29 2 +1',
    '0 0 1 * * and every Monday',
    'daily at 09:00 and on weekdays',
    'at 2026-12-01T09:00',
    'at 2026-11-22T11:01',
    'in 10 minutes',
    'every 7 minutes and between 09:10 and 09:11',
    'every 2 days at 09:00 and on the 29th and in February',
    'every 1000 days and on Monday',
    // Eighteen o'clock is never before noon, but it is on Sunday: every part matters somewhere.
    '(daily at 09:00 or daily at 18:00) and (before 12:00 or on Sunday)',
    'daily and from 2999-01-01',
  ]
  for (const text of fine) test(text, () => checkCondition(parse(text), options))
})

describe('what code can build and text cannot say', () => {
  test('longer than any text that could be read back', () => {
    const hours = Array.from({ length: 60 }, (_, minute): Condition => ({ kind: 'hourly', minutes: [minute] }))
    const [first, ...rest] = hours
    assert.ok(first)
    assert.equal(refusal(or(first, ...rest)).code, 'CONDITION_TOO_LONG')
  })

  test('deeper than can be followed', () => {
    let deep: Condition = { kind: 'months', months: ['may'] }
    for (let level = 0; level < 10_000; level++) deep = { kind: level % 2 === 0 ? 'and' : 'or', of: [deep, deep] }
    assert.equal(refusal(deep).code, 'CONDITION_TOO_LONG')
  })
})

test('a zone that does not exist is refused with the nearest that does', () => {
  assert.throws(
    () => checkCondition(parse('daily'), { timezone: 'Europe/Berln', now }),
    error => isRotaError(error, 'TIMEZONE_UNKNOWN') && error.details['hint'] === 'Europe/Berlin',
  )
})

test('a relative time becomes the instant it means, wherever it stands', () => {
  assert.equal(print(absolute(parse('in 10 minutes'), now)), 'at 2026-11-22T10:10:00Z')
  assert.equal(
    print(absolute(parse('daily or in 90 s and on Sunday'), now)),
    'daily or at 2026-11-22T10:01:30Z and on Sunday',
  )
  const same = parse('daily and not on Monday')
  assert.deepEqual(absolute(same, now), same)
  checkCondition(and(absolute(parse('in 10 minutes'), now), parse('on Sunday')), options)
})

function refusal(condition: Condition): RotaError {
  try {
    checkCondition(condition, options)
  } catch (error) {
    assert.ok(error instanceof RotaError, String(error))
    return error
  }
  return assert.fail('it is accepted')
}
