/** Two processes over one file, killed and stopped three hundred times: each moment is one run, each run has one result. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { disturb } from '../scenario/processes.ts'

const ROUNDS = Number(process.env['ROTA_ROUNDS'] ?? 300)
const SEED = Number(process.env['ROTA_SEED'] ?? 1)

test('two processes killed and stopped at random do everything, and nothing twice', async t => {
  const from = performance.now()
  const { faults, ...figures } = await disturb(SEED, ROUNDS)
  const seconds = Math.round((performance.now() - from) / 1_000)
  t.diagnostic(JSON.stringify({ seed: SEED, ...figures, faults: faults.length, seconds }))
  assert.deepEqual(faults, [])
})
