import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import { backoff, nextAttemptAt, noRetry, retryFrom } from '../../src/domain/retry.ts'

const at = instant(1_000_000)
const error = new Error('no answer')

test('without options there is one attempt', () => {
  assert.deepEqual(retryFrom(), noRetry)
  assert.equal(
    nextAttemptAt(noRetry, { attempt: 1, error, at }, () => 1),
    null,
  )
})

test('options stand over the defaults given', () => {
  const sources = retryFrom({ attempts: 3 })
  assert.equal(retryFrom({ first: '1s' }, sources).attempts, 3)
  assert.equal(retryFrom({ attempts: 5 }, sources).attempts, 5)
  assert.equal(retryFrom({ longest: '5 min' }).longest, 300_000)
  assert.equal(retryFrom({ jitter: false }).jitter, false)
})

test('a number of attempts that makes no sense is refused', () => {
  for (const attempts of [0, -1, 1.5, 101, Number.NaN, Infinity])
    assert.throws(() => retryFrom({ attempts }), { code: 'OPTION_INVALID' })
  assert.throws(() => retryFrom({ first: 'soon' }), { code: 'DURATION_UNREADABLE' })
})

test('the wait doubles up to the longest', () => {
  const retry = retryFrom({ attempts: 100, jitter: false })
  const waits = [1, 2, 3, 4, 5, 6, 99].map(attempt => backoff(retry, attempt, () => 0.5))
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
})

test('full jitter draws the wait between nothing and the whole', () => {
  const retry = retryFrom({ attempts: 3 })
  assert.deepEqual(
    [0, 0.5, 1].map(drawn => backoff(retry, 2, () => drawn)),
    [0, 2_000, 4_000],
  )
})

test('the next attempt is due after the wait, while attempts are left', () => {
  const retry = retryFrom({ attempts: 3, jitter: false })
  assert.equal(
    nextAttemptAt(retry, { attempt: 1, error, at }, () => 1),
    at + 2_000,
  )
  assert.equal(
    nextAttemptAt(retry, { attempt: 2, error, at }, () => 1),
    at + 4_000,
  )
  assert.equal(
    nextAttemptAt(retry, { attempt: 3, error, at }, () => 1),
    null,
  )
})

test('an error that the task does not want retried has no next attempt', () => {
  const retry = retryFrom({ attempts: 3, retryOn: thrown => thrown instanceof TypeError })
  assert.equal(
    nextAttemptAt(retry, { attempt: 1, error, at }, () => 1),
    null,
  )
  assert.notEqual(
    nextAttemptAt(retry, { attempt: 1, error: new TypeError('x'), at }, () => 1),
    null,
  )
})

test('a predicate that throws asks for no retry and breaks nothing', () => {
  const retry = retryFrom({
    attempts: 3,
    retryOn: () => {
      throw new Error('broken predicate')
    },
  })
  assert.equal(
    nextAttemptAt(retry, { attempt: 1, error, at }, () => 1),
    null,
  )
})

test('however it is set, a wait is a whole number between nothing and the longest', () => {
  const wait = fc.integer({ min: 0, max: 10_000_000 })
  fc.assert(
    fc.property(
      wait,
      wait,
      fc.integer({ min: 1, max: 100 }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (first, longest, attempt, jitter, drawn) => {
        const waited = backoff(retryFrom({ attempts: 100, first, longest, jitter }), attempt, () => drawn)
        assert.ok(Number.isInteger(waited) && waited >= 0 && waited <= longest)
      },
    ),
  )
})
