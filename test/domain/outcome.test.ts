import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { GiveUp, giveUp, isPartial, partial, RetryAfter, retryAfter } from '../../src/domain/outcome.ts'

test('a partial result is told from any other value', () => {
  assert.ok(isPartial(partial({ pages: 9 }, 'page 10 did not answer')))
  for (const value of [
    null,
    undefined,
    'partial',
    { result: 1, detail: 'x' },
    JSON.parse(JSON.stringify(partial(1, 'x'))),
  ]) {
    assert.ok(!isPartial(value))
  }
})

test('being told when to come back is an error that says when', () => {
  const error = retryAfter(instant(Date.UTC(2026, 10, 22, 9)), 'quota used up')
  assert.ok(error instanceof RetryAfter && error instanceof Error)
  assert.equal(error.message, 'quota used up (again at 2026-11-22T09:00:00Z)')
  assert.equal(retryAfter(instant(0)).at, 0)
})

test('giving up is an error that says why, and may keep its cause', () => {
  const cause = new Error('403')
  const error = giveUp('the account is closed', cause)
  assert.ok(error instanceof GiveUp)
  assert.deepEqual([error.name, error.message, error.cause], ['GiveUp', 'the account is closed', cause])
  assert.equal('cause' in giveUp('no more'), false)
})
