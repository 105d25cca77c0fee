import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { duration, formatDuration, parseDuration } from '../../src/base/duration.ts'
import { isRotaError } from '../../src/base/errors.ts'

test('a duration is read from its pieces, in any case and with or without spaces', () => {
  const read: Readonly<Record<string, number>> = {
    '90 s': 90_000,
    '1h30m': 5_400_000,
    '1h 30m': 5_400_000,
    '2 days': 172_800_000,
    '500ms': 500,
    '1.5 h': 5_400_000,
    ' 5 Minutes ': 300_000,
    '0s': 0,
    '0.4ms': 0,
  }
  for (const [text, ms] of Object.entries(read)) assert.equal(parseDuration(text), ms, text)
})

test('a number is milliseconds, rounded', () => {
  assert.equal(parseDuration(1_500), 1_500)
  assert.equal(parseDuration(0.6), 1)
})

test('what is no duration is refused with what was given', () => {
  const refused = [
    '',
    ' ',
    '5',
    '5 bananas',
    'five minutes',
    '-5s',
    '5s,',
    '1h-30m',
    's5',
    '.5s',
    '5..5s',
    '1e3s',
    '5 constructor',
  ]
  for (const text of refused) {
    assert.throws(
      () => parseDuration(text),
      error => isRotaError(error, 'DURATION_UNREADABLE') && error.details['value'] === text,
      text,
    )
  }
  for (const number of [-1, Number.NaN, Infinity, 1e308])
    assert.throws(() => parseDuration(number), { code: 'DURATION_UNREADABLE' })
})

test('400 years is the longest, however it is written', () => {
  assert.equal(parseDuration(`${400 * 366} days`), 400 * 366 * 86_400_000)
  assert.throws(() => parseDuration(`${400 * 366 + 1} days`), { code: 'DURATION_UNREADABLE' })
})

test('a very long text is refused at once, and shown cut', () => {
  assert.throws(
    () => parseDuration('1s '.repeat(400_000)),
    error =>
      isRotaError(error, 'DURATION_UNREADABLE') &&
      String(error.details['value']).length === 100 &&
      error.message.length < 250,
  )
})

test('a duration is printed as short as it goes', () => {
  const printed: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [1, '1ms'],
    [90_000, '1m30s'],
    [5_400_000, '1h30m'],
    [86_400_000, '1d'],
    [90_061_001, '1d1h1m1s1ms'],
  ]
  for (const [ms, text] of printed) assert.equal(formatDuration(duration(ms)), text)
})

test('what is printed is read back as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * 366 * 86_400_000 }), ms => {
      assert.equal(parseDuration(formatDuration(duration(ms))), ms)
    }),
  )
})
