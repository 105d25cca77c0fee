/** Days of several processes that die and stand still, of a store that fails, and of a clock that is set: no promise may break. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateFaults } from '../../src/testing/simulator.ts'
import { mutations } from './mutations.ts'
import { failureOf, seeds, whole } from './seeds.ts'

for (const seed of seeds(1, 100)) {
  test(`seed ${seed}: a day with faults breaks no promise`, () => whole(seed))
}

test('the same seed gives the same trace', async () => {
  for (const seed of seeds(1, 3)) {
    const first = await simulateFaults({ seed, hours: 4 })
    assert.ok(first.runs > 20 && first.faults > 0)
    assert.deepEqual(await simulateFaults({ seed, hours: 4 }), first)
  }
})

test('a seed that breaks a promise says in one line how to see it again, and breaks it again', async () => {
  const { options } = mutations.find(({ without }) => without === 'the request to cancel') ?? assert.fail()
  const broken = async () => simulateFaults({ seed: 1, ...(await options('')) })
  const first = await broken()
  assert.match(failureOf(first) ?? '', /^seed 1: promise 7: .*; again: ROTA_SEED=1 npm run -s nightly -- simulator$/)
  assert.deepEqual(await broken(), first)
})

test('the faults happen: over five seeds processes die and stand still, clocks are set, calls fail', async () => {
  const sum = { kills: 0, stops: 0, clockSteps: 0, faults: 0 }
  for (const seed of seeds(1, 5)) {
    const report = await simulateFaults({ seed })
    for (const fault of Object.keys(sum) as (keyof typeof sum)[]) sum[fault] += report[fault]
  }
  assert.ok(sum.kills >= 10 && sum.stops >= 10 && sum.clockSteps >= 5 && sum.faults >= 500, JSON.stringify(sum))
})
