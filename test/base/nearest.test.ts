import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { nearest } from '../../src/base/nearest.ts'

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

test('a slip of the finger is seen: one letter wrong, missing, doubled, or two swapped', () => {
  for (const [slip, meant] of [
    ['mondoy', 'monday'],
    ['wednsday', 'wednesday'],
    ['friiday', 'friday'],
    ['sudnay', 'sunday'],
    ['THURSDAY', 'thursday'],
  ] as const) {
    assert.equal(nearest(slip, days), meant)
  }
})

test('a word far from all others has no nearest one', () => {
  for (const word of ['banana', '', 'x', 'mon', 'm'.repeat(1_000_000)]) assert.equal(nearest(word, days), undefined)
})

test('a short word may differ in one letter only', () => {
  assert.equal(nearest('mo', ['mon']), 'mon')
  assert.equal(nearest('mx', ['mon']), undefined)
  assert.equal(nearest('dya', ['day']), 'day')
})

test('of two candidates the nearer one wins, of two equally near the first', () => {
  assert.equal(nearest('grace', ['grade', 'graces', 'grace']), 'grace')
  assert.equal(nearest('abcd', ['abce', 'abcf']), 'abce')
})

test('a word with up to two letters changed still finds its way back', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const change = fc.record({ at: fc.nat(8), letter: fc.nat(25) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), changes => {
      const word = 'wednesday'.split('')
      for (const { at, letter } of changes) word[at] = letters[letter] ?? ''
      assert.equal(nearest(word.join(''), days), 'wednesday')
    }),
  )
})

test('the answer is one of the candidates as it was given, or none', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12 }),
      fc.array(fc.string({ maxLength: 12 }), { maxLength: 8 }),
      (word, candidates) => {
        const answer = nearest(word, candidates)
        assert.ok(answer === undefined || candidates.includes(answer))
      },
    ),
  )
})
