/** How much retention takes at once, and when it lets the disk catch up. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { retentionFrom } from '../../src/domain/retention.ts'
import { nextSlice, prune } from '../../src/scheduler/prune.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** A group whose writer takes so long for each run that goes. */
const world = (msOfARun: () => number, slices: number) => {
  const clock = new VirtualClock()
  const limits: number[] = []
  let checkpoints = 0
  const group = {
    apply: async ({ limit }: { readonly limit: number }) => {
      limits.push(limit)
      await clock.advance(duration(Math.round(limit * msOfARun())))
      return { gone: limit, isDone: limits.length === slices }
    },
  } as unknown as Parameters<typeof prune>[0]['group']
  const store = { checkpoint: async () => void checkpoints++ }
  const run = () => prune({ store, group, clock, retention: retentionFrom() }, () => false)
  return { run, limits, checkpoints: () => checkpoints }
}

test('it takes as many as the writer can give away in some milliseconds, on a slow machine and on a fast one', async () => {
  for (const [msOfARun, enough] of [
    [0.2, 25],
    [0.02, 250],
  ] as const) {
    const { run, limits } = world(() => msOfARun, 40)
    await run()
    assert.ok(Math.abs((limits.at(-1) ?? 0) - enough) <= enough / 4, limits.join(' '))
  }
})

test('it takes less at once as soon as the machine has become slower', async () => {
  let calls = 0
  const { run, limits } = world(() => (calls++ < 20 ? 0.02 : 0.2), 30)
  await run()
  const slowed = limits.slice(21)
  assert.ok((limits[20] ?? 0) > 200 && (slowed[3] ?? 0) <= 30, limits.join(' '))
})

test('it never takes nothing, and never all', () => {
  assert.equal(nextSlice(10, 60_000), 10)
  assert.equal(nextSlice(500, 0), 500)
})

test('the disk catches up after each sixteen slices', async () => {
  const { run, checkpoints } = world(() => 0, 33)
  await run()
  assert.equal(checkpoints(), 2)
})
