import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkAround, checkWide, occasions } from './second-by-second.ts'

describe('a condition holds at every second at which the rules say so, and changes by time alone only where it wakes', () => {
  for (const [zone, change] of occasions) {
    test(`around ${change} in ${zone}`, () => {
      const { held, changes } = checkAround(zone, change, 10, 1)
      assert.ok(held > 300 && changes > 3, `${held} seconds held, ${changes} changes`)
    })
  }
})

test('sixty-four clauses are judged as one is', () => checkWide(5, 2))
