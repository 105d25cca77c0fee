/** Two processes over one file, killed three hundred times and stopped in between: each moment is one run, with one result. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disturb } from '../scenario/processes.ts'

const ROUNDS = 300
// SEED=2 kills and stops others.
const seed = Math.floor(Number(process.env['SEED'] ?? 1))

test('two processes killed and stopped at random do everything, and nothing twice', async () => {
  const from = performance.now()
  const { faults, ...figures } = await disturb(seed, ROUNDS)
  const seconds = Math.round((performance.now() - from) / 1_000)
  console.log(JSON.stringify({ seed, ...figures, faults: faults.length, seconds }))
  assert.deepEqual(faults, [])
})
