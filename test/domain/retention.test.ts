/** How long what is over is kept, as a person says it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import { outdatedAt, retentionFrom } from '../../src/domain/retention.ts'
import type { RetentionOptions } from '../../src/domain/retention.ts'

const DAY_MS = 86_400_000
const NOW = instant(100 * DAY_MS)

/** How many days back each outcome is kept. */
const days = (options?: Parameters<typeof retentionFrom>[0]) => {
  const before = outdatedAt(retentionFrom(options), NOW)
  return Object.fromEntries(Object.entries(before).map(([state, at]) => [state, (NOW - at) / DAY_MS]))
}

const all = (age: number) => ({ succeeded: age, partial: age, failed: age, cancelled: age, skipped: age })

test('is seven days and the last hundred of each schedule where nothing is said', () => {
  assert.deepEqual(days(), all(7))
  assert.equal(retentionFrom().keep, 100)
})

test('is one age for all, or other ages for some outcomes', () => {
  assert.deepEqual(days('30 days'), all(30))
  assert.deepEqual(days({ failed: '90 days', skipped: '1 day' }), { ...all(7), failed: 90, skipped: 1 })
  assert.deepEqual(days({ age: '2 days', keep: 0, partial: '3 days' }), { ...all(2), partial: 3 })
})

for (const [what, options, message] of [
  ['an outcome there is not', { lost: '1 day' }, /no option 'lost'/],
  ['a part of a run', { keep: 1.5 }, /keep is 1\.5; it is a whole number/],
  ['less than nothing', { keep: -1 }, /keep is -1/],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => retentionFrom(options as RetentionOptions),
      error => isRotaError(error, 'OPTION_INVALID') && message.test(error.message),
    )
  })
}
