/** Hashes that are the same everywhere. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fingerprint, hash32 } from '../../src/base/hash.ts'

test('the 32 bits are those of FNV-1a', () => {
  // Test vectors of the authors (draft-eastlake-fnv, appendix C).
  assert.equal(hash32(''), 0x81_1c_9d_c5)
  assert.equal(hash32('a'), 0xe4_0c_29_2c)
  assert.equal(hash32('foobar'), 0xbf_9c_f9_68)
})

test('a fingerprint has 16 digits, and tells texts apart that differ in one place', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
      const place = at % text.length
      const other = `${text.slice(0, place)}${text[place] === 'x' ? 'y' : 'x'}${text.slice(place + 1)}`
      assert.match(fingerprint(text), /^[0-9a-f]{16}$/)
      assert.notEqual(fingerprint(text), fingerprint(other))
    }),
  )
})
