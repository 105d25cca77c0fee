/** Random conditions and histories, walked second by second through changes of the clocks, many more than the tests take. */

import { test } from 'node:test'
import { checkAround, checkWide, occasions } from '../when/second-by-second.ts'

// SEED=2 walks others.
const seed = Math.floor(Number(process.env['SEED'] ?? 1))

for (const [zone, change] of occasions) {
  test(`a condition holds as the rules say around ${change} in ${zone}`, () => {
    console.log(JSON.stringify({ zone, change, seed, ...checkAround(zone, change, 1_000, seed) }))
  })
}

test('sixty-four clauses are judged as one is', () => checkWide(200, seed))
