/** What the files of simulated days share. */

import assert from 'node:assert/strict'
import { simulateFaults } from '../../src/testing/simulator.ts'

/** The numbers from `first` to `last`. */
export const seeds = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** One seed's day: nothing broken, and something done. */
export const whole = async (seed: number): Promise<void> => {
  const report = await simulateFaults({ seed })
  assert.deepEqual(report.broken, [], `replay with simulateFaults({ seed: ${seed} })`)
  assert.ok(report.commits > 0)
}
