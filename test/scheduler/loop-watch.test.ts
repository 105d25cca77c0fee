/** The watch over the event loop, over a clock whose timers ring as late as they are told to. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { LoopWatch } from '../../src/scheduler/loop-watch.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const watched = () => {
  const clock = new VirtualClock()
  const watch = new LoopWatch(clock)
  /** A timer of a second that rings so late. */
  const ring = async (lateMs: number): Promise<number> => {
    watch.expect(duration(1_000))
    await clock.advance(duration(1_000 + lateMs))
    return watch.rang()
  }
  return { clock, watch, ring }
}

test('a timer that rings in time says that nothing was blocked', async () => {
  const { watch, ring } = watched()
  assert.equal(await ring(0), 0)
  assert.equal(watch.longest(), 0)
})

test('one that rings late says for how long at least', async () => {
  const { watch, ring } = watched()
  assert.equal(await ring(5_000), 5_000)
  assert.equal(await ring(20), 20)
  assert.equal(watch.longest(), 5_000)
})

test('the longest is forgotten after a minute', async () => {
  const { clock, watch, ring } = watched()
  await ring(2_000)
  await clock.advance('29 s')
  assert.equal(watch.longest(), 2_000)
  await clock.advance('31 s')
  assert.equal(watch.longest(), 0)
})

test('a ring that nobody expected is none', () => {
  const { watch } = watched()
  assert.equal(watch.rang(), 0)
})
