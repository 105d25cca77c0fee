/** Days of several processes that die, stand still and see their clock set: no promise may break, and a broken store must be seen. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateFaults } from '../../src/testing/simulator.ts'
import { seeds, whole } from './seeds.ts'

for (const seed of seeds(1, 100)) {
  test(`seed ${seed}: a day with faults breaks no promise`, () => whole(seed))
}

test('the same seed gives the same trace', async () => {
  const [first, second] = [await simulateFaults({ seed: 7, hours: 6 }), await simulateFaults({ seed: 7, hours: 6 })]
  assert.ok(first.runs > 20)
  assert.deepEqual(second, first)
})

test('the faults happen: over ten seeds processes die, stand still and see their clock set', async () => {
  let [kills, stops, clockSteps] = [0, 0, 0]
  for (const seed of seeds(1, 10)) {
    const report = await simulateFaults({ seed })
    kills += report.kills
    stops += report.stops
    clockSteps += report.clockSteps
  }
  assert.ok(kills >= 10 && stops >= 10 && clockSteps >= 5, `${kills} kills, ${stops} stops, ${clockSteps} clock steps`)
})
