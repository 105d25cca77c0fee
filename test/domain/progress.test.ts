import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { progressOf, progressText } from '../../src/domain/progress.ts'

const at = instant(0)

test('progress is numbers, and a note of bounded length', () => {
  assert.deepEqual(progressOf(3, 10, 'page 3', at), { done: 3, total: 10, note: 'page 3', at })
  assert.equal(progressOf(1, null, 'x'.repeat(10_000), at).note?.length, 500)
  for (const [done, total] of [
    [Number.NaN, null],
    ['3', null],
    [1, Infinity],
  ] as const) {
    assert.throws(
      () => progressOf(done as number, total, null, at),
      error => isRotaError(error, 'OPTION_INVALID'),
    )
  }
})

test('progress is said in as many words as there are', () => {
  assert.equal(progressText(progressOf(3, 10, 'page 3', at)), '3 of 10, page 3')
  assert.equal(progressText(progressOf(3, null, null, at)), '3')
})
