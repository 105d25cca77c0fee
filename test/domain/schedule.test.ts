import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { duration } from '../../src/base/duration.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { defaultPolicies, graceOf, isPolicyOption, jitterOf, policiesFrom } from '../../src/domain/schedule.ts'
import type { PolicyOptions } from '../../src/domain/schedule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('without options a schedule has the defaults', () => {
  assert.deepEqual(policiesFrom(), defaultPolicies)
  assert.deepEqual(policiesFrom({}), defaultPolicies)
})

test('policies are read as a person writes them', () => {
  const policies = policiesFrom({
    grace: '10 min',
    catchUp: 'all',
    overlap: { queueAll: 5 },
    jitter: '30s',
    startAt: '2026-12-01T00:00:00Z',
    endAt: '2026-12-24T00:00:00+01:00',
    maxRuns: 7,
    startWithin: '5 min',
    stopWhen: 'after 17:00 or not ON weekdays',
  })
  assert.deepEqual(policies, {
    grace: 10 * MINUTE,
    catchUp: { kind: 'all', limit: 100, window: 24 * HOUR },
    overlap: { kind: 'queueAll', limit: 5 },
    jitter: 30_000,
    startAt: Date.UTC(2026, 11, 1),
    endAt: Date.UTC(2026, 11, 23, 23),
    maxRuns: 7,
    startWithin: 5 * MINUTE,
    stopWhen: 'after 17:00 or not on weekdays',
  })
})

test('each kind of overlap and of catching up is read', () => {
  assert.deepEqual(policiesFrom({ overlap: 'cancelPrevious' }).overlap, { kind: 'cancelPrevious' })
  assert.deepEqual(policiesFrom({ overlap: 'queue' }).overlap, { kind: 'queue' })
  assert.deepEqual(policiesFrom({ overlap: { allow: 3 } }).overlap, { kind: 'allow', limit: 3 })
  assert.deepEqual(policiesFrom({ catchUp: 'none' }).catchUp, { kind: 'none' })
  assert.deepEqual(policiesFrom({ catchUp: 'all', catchUpLimit: 5, catchUpWindow: '2h' }).catchUp, {
    kind: 'all',
    limit: 5,
    window: 2 * HOUR,
  })
})

test('a value that makes no sense is refused with what it may be', () => {
  const refused: readonly (readonly [unknown, string])[] = [
    [{ overlap: 'sometimes' }, 'OPTION_INVALID'],
    [{ overlap: { queueAll: 0 } }, 'OPTION_INVALID'],
    [{ overlap: { allow: 1.5 } }, 'OPTION_INVALID'],
    [{ overlap: { constructor: 1 } }, 'OPTION_INVALID'],
    [{ catchUp: 'some' }, 'OPTION_INVALID'],
    [{ catchUp: 'all', catchUpLimit: -1 }, 'OPTION_INVALID'],
    [{ catchUp: 'all', catchUpWindow: 'long' }, 'DURATION_UNREADABLE'],
    [{ maxRuns: 0 }, 'OPTION_INVALID'],
    [{ stopWhen: 'daily at 17:00' }, 'OPTION_INVALID'],
    [{ stopWhen: 'sometimes' }, 'CONDITION_UNREADABLE'],
    [{ startWithin: 'soon' }, 'DURATION_UNREADABLE'],
    [{ maxRuns: '7' }, 'OPTION_INVALID'],
    [{ maxRuns: Infinity }, 'OPTION_INVALID'],
    [{ grace: -1 }, 'DURATION_UNREADABLE'],
    [{ jitter: 'a bit' }, 'DURATION_UNREADABLE'],
    [{ startAt: '2026-12-01' }, 'INSTANT_UNREADABLE'],
  ]
  for (const [options, code] of refused)
    assert.throws(() => policiesFrom(options as PolicyOptions), { code }, JSON.stringify(options))
})

test('an unknown option is refused with the nearest right name', () => {
  assert.throws(
    () => policiesFrom({ catchup: 'all' } as PolicyOptions),
    error =>
      isRotaError(error, 'OPTION_INVALID') &&
      error.details['hint'] === 'catchUp' &&
      error.message.includes(`Did you mean 'catchUp'?`),
  )
  for (const name of ['constructor', '__proto__', 'toString', 'x'.repeat(10_000)])
    assert.equal(isPolicyOption(name), false)
})

test('grace is the period, at most an hour, unless it is given', () => {
  assert.equal(graceOf(defaultPolicies, duration(5 * MINUTE)), 5 * MINUTE)
  assert.equal(graceOf(defaultPolicies, duration(24 * HOUR)), HOUR)
  assert.equal(graceOf(defaultPolicies, null), HOUR)
  assert.equal(graceOf(policiesFrom({ grace: '3h' }), duration(5 * MINUTE)), 3 * HOUR)
  assert.equal(graceOf(policiesFrom({ grace: 0 }), duration(5 * MINUTE)), 0)
})

test('the offset of a schedule is its own, the same every time, and below half the period', () => {
  const jitter = duration(10 * MINUTE)
  assert.equal(jitterOf('news', jitter, duration(HOUR)), jitterOf('news', jitter, duration(HOUR)))
  fc.assert(
    fc.property(
      fc.string({ maxLength: 40 }),
      fc.nat(10 * HOUR),
      fc.integer({ min: 1, max: 10 * HOUR }),
      (name, wanted, period) => {
        const offset = jitterOf(name, duration(wanted), duration(period))
        assert.ok(Number.isInteger(offset) && offset >= 0 && offset <= wanted && offset * 2 < period)
      },
    ),
  )
})

test('without a period the offset may be all that was asked for', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(10 * HOUR), (name, wanted) => {
      assert.ok(jitterOf(name, duration(wanted), null) <= wanted)
    }),
  )
  assert.equal(jitterOf('news', duration(0), null), 0)
})

test('the offsets of many schedules are spread: no tenth of the range holds more than a fifth of them', () => {
  const offsets = Array.from({ length: 1_000 }, (_, index) =>
    jitterOf(`source-${index}`, duration(10 * MINUTE), duration(HOUR)),
  )
  for (let tenth = 0; tenth < 10; tenth++) {
    const held = offsets.filter(offset => Math.min(Math.floor(offset / MINUTE), 9) === tenth).length
    assert.ok(held > 50 && held < 200, `${held} in tenth ${tenth}`)
  }
})
