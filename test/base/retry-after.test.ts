import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInstant } from '../../src/base/instant.ts'
import { readRetryAfter } from '../../src/base/retry-after.ts'

const START = parseInstant('2026-11-22T09:00:00Z')
const YEAR_MS = 365 * 86_400_000

test('seconds and the three forms of a date are read', () => {
  assert.equal(readRetryAfter('120', START), START + 120_000)
  assert.equal(readRetryAfter(' 1.5 ', START), START + 1_500)
  assert.equal(readRetryAfter('Sun, 22 Nov 2026 10:00:00 GMT', START), START + 3_600_000)
  assert.equal(readRetryAfter('Sunday, 22-Nov-26 10:00:00 GMT', START), START + 3_600_000)
  assert.equal(readRetryAfter('Sun Nov 22 10:00:00 2026', START), START + 3_600_000)
})

test('nothing, nonsense, 0 and the past are as good as nothing', () => {
  for (const value of [
    '',
    '0',
    '-5',
    '0.0',
    'soon',
    'NaN',
    '1e9',
    '0x10',
    '12 apples',
    'Sat, 21 Nov 2026 10:00:00 GMT',
    ':',
    'GMT',
  ]) {
    assert.equal(readRetryAfter(value, START), null, value)
  }
})

test('nobody is left alone for more than a year', () => {
  assert.equal(readRetryAfter('999999999999', START), START + YEAR_MS)
  assert.equal(readRetryAfter('Fri, 31 Dec 9999 23:59:59 GMT', START), START + YEAR_MS)
  assert.equal(readRetryAfter('9'.repeat(100_000), START), null)
})
