import assert from 'node:assert/strict'
import test from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { isSameJson, parseJson, toJson } from '../../src/base/json.ts'

test('what is no JSON is refused with the reason and what it was', () => {
  assert.throws(
    () => parseJson('{"a":', 'body of the request'),
    error =>
      isRotaError(error, 'JSON_INVALID') &&
      error.message.startsWith('The body of the request is not JSON: ') &&
      error.cause instanceof SyntaxError,
  )
})

test('a key named __proto__ is plain data and changes nothing else', () => {
  const read = parseJson('{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}')
  assert.deepEqual(Object.keys(read as object), ['__proto__', 'constructor'])
  assert.equal(({} as { admin?: boolean }).admin, undefined)
  assert.equal((read as { admin?: boolean }).admin, undefined)
})

test('values are written as JSON, and undefined as null', () => {
  assert.deepEqual(toJson({ a: [1, 'x', null] }), { text: '{"a":[1,"x",null]}' })
  assert.deepEqual(toJson(undefined), { text: 'null' })
})

test('what cannot be written has a reason, and nothing is thrown', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const trap = {
    get field(): never {
      throw new Error('the getter is broken')
    },
  }
  const rude = {
    toJSON(): never {
      throw 'a word'
    },
  }
  const reasons = [cycle, 10n, () => 1, Symbol('s'), trap, rude].map(value => toJson(value))
  assert.deepEqual(
    reasons.map(each => 'reason' in each),
    [true, true, true, true, true, true],
  )
  assert.deepEqual(reasons.at(2), { reason: 'a function is not JSON' })
  assert.deepEqual(reasons.at(4), { reason: 'the getter is broken' })
  assert.deepEqual(reasons.at(5), { reason: 'a word' })
})

test('what is too long is refused with both lengths', () => {
  assert.deepEqual(toJson('12345', 6), { reason: '7 characters are more than the 6 allowed' })
  assert.deepEqual(toJson('1234', 6), { text: '"1234"' })
})

test('JSON goes out and comes back as the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const written = toJson(value)
      assert.ok('text' in written)
      assert.deepEqual(parseJson(written.text), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('two values are the same as JSON whatever the order of their keys, and not when anything differs', () => {
  assert.ok(isSameJson({ a: 1, b: [2, { c: null }], d: undefined }, { b: [2, { c: null }], a: 1 }))
  assert.ok(!isSameJson({ a: 1 }, { a: '1' }))
  assert.ok(!isSameJson([1, 2], [2, 1]))
  assert.ok(!isSameJson([], {}))
  assert.ok(!isSameJson({ a: null }, {}))
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.ok(isSameJson(a, structuredClone(a)))
      // Minus zero is zero in JSON.
      const [one, other] = [JSON.parse(JSON.stringify(a)) as unknown, JSON.parse(JSON.stringify(b)) as unknown]
      assert.equal(isSameJson(one, other), isDeepStrictEqual(one, other))
    }),
  )
})
