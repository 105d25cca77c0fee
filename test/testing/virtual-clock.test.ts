/** The clock that stands still until it is told to go. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { instant } from '../../src/base/instant.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const start = new VirtualClock().now()
const after = (ms: number) => instant(start + ms)

test('time passes only when it is told to', async () => {
  const clock = new VirtualClock()
  await clock.settle()
  assert.equal(clock.now(), start)
  await clock.advance('1h30m')
  assert.equal(clock.now(), start + 5_400_000)
  assert.equal(clock.monotonicMs(), 5_400_000)
})

test('sleepers wake in the order of their instants, each at its own', async () => {
  const clock = new VirtualClock()
  const woken: (readonly [string, number])[] = []
  for (const [name, ms] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
    ['a too', 10],
  ] as const) {
    void clock.sleepUntil(after(ms)).then(() => woken.push([name, clock.now() - start]))
  }
  await clock.advance(duration(100))
  assert.deepEqual(woken, [
    ['a', 10],
    ['a too', 10],
    ['b', 20],
    ['c', 30],
  ])
})

test('what a sleeper sets going comes to rest before time goes on', async () => {
  const clock = new VirtualClock()
  const seen: number[] = []
  const work = async (): Promise<void> => {
    for (let i = 1; i <= 3; i++) {
      await clock.sleepUntil(instant(clock.now() + 10))
      clock.callSoon(() => seen.push(clock.now() - start))
    }
  }
  void work()
  await clock.advance(duration(100))
  assert.deepEqual(seen, [10, 20, 30])
})

test('a call taken back does not come', async () => {
  const clock = new VirtualClock()
  let calls = 0
  const takeBack = clock.callAt(after(10), () => calls++)
  takeBack()
  await clock.advance(duration(20))
  assert.equal(calls, 0)
})

test('a sleep ends with the reason of its signal', async () => {
  const clock = new VirtualClock()
  const stop = new AbortController()
  const sleep = assert.rejects(clock.sleepUntil(after(1_000), stop.signal), /enough/)
  stop.abort(new Error('enough'))
  await sleep
  assert.equal(clock.nextTimerAt, null)
})

test('a step of the wall clock lets no time pass', async () => {
  const clock = new VirtualClock()
  clock.step(-3_600_000)
  assert.equal(clock.now(), start - 3_600_000)
  assert.equal(clock.monotonicMs(), 0)
})

test('a clock that waits for promises lets all of them come to rest before time goes on', async () => {
  const clock = new VirtualClock('2026-01-01T00:00:00Z', { waitsFor: 'promises' })
  const seen: number[] = []
  const work = async (): Promise<void> => {
    for (let i = 1; i <= 3; i++) {
      await clock.sleepUntil(instant(clock.now() + 10))
      for (let steps = 0; steps < 100; steps++) await Promise.resolve()
      await new Promise<void>(resolve => clock.callSoon(resolve))
      for (let steps = 0; steps < 100; steps++) await Promise.resolve()
      seen.push(clock.now() - start)
    }
  }
  void work()
  await clock.advance(duration(100))
  assert.deepEqual(seen, [10, 20, 30])
})

for (const waitsFor of ['everything', 'promises'] as const) {
  test(`who waits beside another one for rest waits as long: for ${waitsFor}`, async () => {
    const clock = new VirtualClock('2026-01-01T00:00:00Z', { waitsFor })
    let steps = 0
    // Each step is asked for by a promise, after the round in which the one before was taken.
    const step = async (): Promise<void> => {
      await Promise.resolve()
      if (++steps < 10) clock.callSoon(() => void step())
    }
    clock.callSoon(() => void step())
    void clock.settle()
    await clock.settle()
    assert.equal(steps, 10)
  })
}
