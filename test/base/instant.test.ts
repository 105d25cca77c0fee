import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'

test('an instant is read with its offset, with and without seconds and parts of them', () => {
  const at = Date.UTC(2026, 10, 22, 9)
  for (const text of [
    '2026-11-22T09:00:00Z',
    '2026-11-22T09:00Z',
    '2026-11-22T09:00:00.000Z',
    '2026-11-22T10:00:00+01:00',
  ]) {
    assert.equal(parseInstant(text), at, text)
  }
  assert.equal(parseInstant('2026-11-22T09:00:00.25Z'), at + 250)
})

test('a text without an offset is refused: the zone of the machine is never used', () => {
  for (const text of ['2026-11-22T09:00:00', '2026-11-22', '2026-11-22 09:00:00Z', 'now', '', '1795338000000']) {
    assert.throws(() => parseInstant(text), { code: 'INSTANT_UNREADABLE' }, text)
  }
})

test('a day that does not exist is refused, not rolled over into the next month', () => {
  for (const text of [
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-00-10T00:00Z',
  ]) {
    assert.throws(() => parseInstant(text), { code: 'INSTANT_UNREADABLE' }, text)
  }
  assert.equal(parseInstant('2028-02-29T00:00:00Z'), Date.UTC(2028, 1, 29))
})

test('an hour that does not exist is refused', () => {
  for (const text of [
    '2026-01-01T25:00:00Z',
    '2026-01-01T09:60:00Z',
    '2026-01-01T09:00:61Z',
    '2026-01-01T09:00:00+25:00',
  ]) {
    assert.throws(() => parseInstant(text), { code: 'INSTANT_UNREADABLE' }, text)
  }
})

test('years before 100 keep their century', () => {
  assert.equal(formatInstant(parseInstant('0004-02-29T00:00:00Z')), '0004-02-29T00:00:00Z')
  assert.throws(() => parseInstant('0003-02-29T00:00:00Z'), { code: 'INSTANT_UNREADABLE' })
})

test('a long text is shown cut', () => {
  assert.throws(
    () => parseInstant('x'.repeat(100_000)),
    error => isRotaError(error, 'INSTANT_UNREADABLE') && error.message.length < 200,
  )
})

test('an instant is printed in UTC, with milliseconds only where there are any', () => {
  assert.equal(formatInstant(instant(0)), '1970-01-01T00:00:00Z')
  assert.equal(formatInstant(instant(1)), '1970-01-01T00:00:00.001Z')
})

test('what is printed is read back as the same', () => {
  const years0To9999 = fc.integer({
    min: Date.parse('0000-01-01T00:00:00Z'),
    max: Date.parse('9999-12-31T23:59:59.999Z'),
  })
  fc.assert(fc.property(years0To9999, ms => assert.equal(parseInstant(formatInstant(instant(ms))), ms)))
})
