import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import { sleepOn, systemClock } from '../../src/base/clock.ts'
import { instant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'

const DAY_MS = 86_400_000

/** The machine's clock and timers, in hand: both move together with `tick`, the wall clock alone with `setTime`. */
const machine = (t: {
  after: (undo: () => void) => void
}): { at: (ms: number) => Instant; timers: typeof mock.timers } => {
  mock.timers.enable({ apis: ['Date', 'setTimeout', 'setImmediate'], now: 1_000_000 })
  t.after(() => mock.timers.reset())
  return { at: ms => instant(1_000_000 + ms), timers: mock.timers }
}

test('a call comes at its instant, not before, and not twice', t => {
  const { at, timers } = machine(t)
  const wake = mock.fn()
  systemClock().callAt(at(500), wake)
  timers.tick(499)
  assert.equal(wake.mock.callCount(), 0)
  timers.tick(1)
  assert.equal(wake.mock.callCount(), 1)
  timers.tick(DAY_MS)
  assert.equal(wake.mock.callCount(), 1)
})

test('a call for an instant that is past comes as soon as it can', t => {
  const { at, timers } = machine(t)
  const wake = mock.fn()
  systemClock().callAt(at(-5), wake)
  timers.tick(1)
  assert.equal(wake.mock.callCount(), 1)
})

test('a call years ahead comes at its instant, though a timer counts only to 2³¹ − 1', t => {
  const { at, timers } = machine(t)
  const wake = mock.fn()
  const far = 40 * DAY_MS
  systemClock().callAt(at(far), wake)
  for (let days = 0; days < 39; days++) timers.tick(DAY_MS)
  timers.tick(DAY_MS - 1)
  assert.equal(wake.mock.callCount(), 0)
  timers.tick(1)
  assert.equal(wake.mock.callCount(), 1)
})

test('a wall clock set forward is noticed within 30 seconds', t => {
  const { at, timers } = machine(t)
  const wake = mock.fn()
  systemClock().callAt(at(DAY_MS), wake)
  timers.tick(10_000)
  timers.setTime(at(2 * DAY_MS))
  timers.tick(30_000)
  assert.equal(wake.mock.callCount(), 1)
})

test('a wall clock set back delays the call until its instant has come', t => {
  const { at } = machine(t)
  let wall = at(0)
  const now = mock.method(Date, 'now', () => wall)
  t.after(() => now.mock.restore())
  const wake = mock.fn()
  systemClock().callAt(at(10_000), wake)
  wall = at(-60_000)
  mock.timers.tick(10_000)
  assert.equal(wake.mock.callCount(), 0)
  wall = at(10_000)
  mock.timers.tick(30_000)
  assert.equal(wake.mock.callCount(), 1)
})

test('a timer that fires a millisecond early by the wall clock is not believed', t => {
  const { at } = machine(t)
  let wall = at(0)
  const now = mock.method(Date, 'now', () => wall)
  t.after(() => now.mock.restore())
  const wake = mock.fn()
  systemClock().callAt(at(100), wake)
  wall = at(99)
  mock.timers.tick(100)
  assert.equal(wake.mock.callCount(), 0)
  wall = at(100)
  mock.timers.tick(1)
  assert.equal(wake.mock.callCount(), 1)
})

test('a call taken back never comes, also after its timer was renewed', t => {
  const { at, timers } = machine(t)
  const wake = mock.fn()
  const takeBack = systemClock().callAt(at(DAY_MS), wake)
  timers.tick(DAY_MS / 2)
  takeBack()
  takeBack()
  timers.tick(DAY_MS)
  assert.equal(wake.mock.callCount(), 0)
})

test('work called soon comes in the next turn, in order', t => {
  const { timers } = machine(t)
  const done: number[] = []
  const clock = systemClock()
  clock.callSoon(() => done.push(1))
  clock.callSoon(() => done.push(2))
  assert.deepEqual(done, [])
  timers.tick(0)
  assert.deepEqual(done, [1, 2])
})

test('the steady clock never goes back, whatever the wall clock does', t => {
  const { at, timers } = machine(t)
  const clock = systemClock()
  const before = clock.monotonicMs()
  timers.setTime(at(-500_000))
  assert.ok(clock.monotonicMs() >= before)
})

test('a sleeper wakes at its own instant, and one that is too late wakes at once', async t => {
  const { at, timers } = machine(t)
  const clock = systemClock()
  await clock.sleepUntil(at(-1))
  await clock.sleepUntil(at(0))
  const asleep = clock.sleepUntil(at(100)).then(() => clock.now())
  timers.tick(100)
  assert.equal(await asleep, at(100))
})

test('a sleeper whose signal aborts stops with its reason, and leaves no timer', async t => {
  const { at } = machine(t)
  const controller = new AbortController()
  const takenBack = mock.fn()
  const clock = { now: () => at(0), callAt: () => takenBack }
  const asleep = sleepOn(clock, at(100), controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(asleep, { message: 'enough' })
  assert.equal(takenBack.mock.callCount(), 1)
})

test('a sleeper whose signal has aborted does not fall asleep', async t => {
  const { at } = machine(t)
  await assert.rejects(systemClock().sleepUntil(at(100), AbortSignal.abort(new Error('before'))), { message: 'before' })
  await assert.rejects(systemClock().sleepUntil(at(-100), AbortSignal.abort(new Error('before'))), {
    message: 'before',
  })
})

test('a sleeper that woke no longer listens to its signal', async t => {
  const { at } = machine(t)
  const { signal } = new AbortController()
  const removed = mock.method(signal, 'removeEventListener')
  const asleep = systemClock().sleepUntil(at(100), signal)
  mock.timers.tick(100)
  await asleep
  assert.equal(removed.mock.callCount(), 1)
})
