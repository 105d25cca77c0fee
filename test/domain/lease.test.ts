import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { instant } from '../../src/base/instant.ts'
import { forget, freshWatch, isLost, leaseFrom, patienceFor, stateOfWorker, watchOn } from '../../src/domain/lease.ts'
import type { Watch } from '../../src/domain/lease.ts'
import { defineTask } from '../../src/domain/task.ts'

const LEASE = duration(15_000)
const PATIENCE = duration(60_000)
const PAUSE = duration(250)

/** Looks at worker `a`, at each of these times with this count. */
const looking = (looks: readonly (readonly [atMs: number, count: number])[], before: Watch = freshWatch): Watch =>
  looks.reduce(
    (watch, [atMs, count]) => watchOn(watch, new Map([['a', { count, at: null }]]), { atMs, pause: PAUSE }),
    before,
  )

/** Every 250 ms, until `toMs`. */
const standing = (count: number, fromMs: number, toMs: number): readonly (readonly [number, number])[] =>
  Array.from({ length: (toMs - fromMs) / PAUSE + 1 }, (_, i) => [fromMs + i * PAUSE, count] as const)

const lost = (watch: Watch): boolean => isLost(watch, 'a', { lease: LEASE, patience: PATIENCE })

test('a worker is lost once its count was seen to stand still for the lease, and no sooner', () => {
  assert.equal(lost(looking(standing(7, 1_000, 15_750))), false)
  assert.equal(lost(looking(standing(7, 1_000, 16_000))), true)
})

test('one that never counted may be blocked since before there was anybody to see it, and is lost later', () => {
  assert.equal(lost(looking(standing(0, 0, 59_750))), false)
  assert.equal(lost(looking(standing(0, 0, 60_000))), true)
  const short = { lease: LEASE, patience: duration(0) }
  assert.equal(isLost(looking(standing(0, 0, 14_750)), 'a', short), false)
  assert.equal(isLost(looking(standing(0, 0, 15_000)), 'a', short), true)
})

test('a count that changed, up or down, begins anew', () => {
  const almost = looking(standing(7, 0, 14_750))
  assert.equal(lost(looking([[15_000, 8]], almost)), false)
  assert.equal(lost(looking([...standing(8, 15_000, 29_750)], almost)), false)
  assert.equal(lost(looking([...standing(3, 15_000, 30_000)], almost)), true)
})

test('whoever was stopped himself judges nobody by the time that he slept', () => {
  const slept = looking([...standing(7, 0, 1_000), [3_600_000, 7]])
  assert.equal(lost(slept), false)
  assert.equal(lost(looking([[3_600_250, 8]], slept)), false)
  // And sees it all the same, when he goes on looking.
  assert.equal(lost(looking(standing(7, 3_600_250, 3_614_000), slept)), true)
})

test('a look that is a little late counts in full', () => {
  const looks = Array.from({ length: 31 }, (_, i) => [i * 500, 7] as const)
  assert.equal(lost(looking(looks)), true)
})

test('of one that is gone nothing is remembered, and one that was never seen is not lost', () => {
  const watch = looking(standing(7, 0, 15_000))
  assert.equal(lost(watch), true)
  assert.equal(lost(forget(watch, ['a'])), false)
  assert.equal(lost(looking([[15_250, 7]], forget(watch, ['a']))), false)
  assert.equal(isLost(watch, 'b', { lease: LEASE, patience: PATIENCE }), false)
  assert.equal(lost(watchOn(watch, new Map(), { atMs: 15_250, pause: PAUSE })), false)
})

test('a lease leaves room for four looks, and is a second at least', () => {
  assert.equal(leaseFrom(undefined, null), 15_000)
  assert.equal(leaseFrom(undefined, duration(60_000)), 240_000)
  assert.equal(leaseFrom('4 s', null), 4_000)
  assert.equal(leaseFrom('1 s', duration(10)), 1_000)
  for (const [lease, lookEvery] of [
    ['3 s', null],
    ['900 ms', duration(10)],
    ['3 minutes', duration(60_000)],
  ] as const)
    assert.throws(() => leaseFrom(lease, lookEvery), { code: 'OPTION_INVALID' })
})

test('a loop may be blocked for as long as a handler may last before it is ended by force, and a minute', () => {
  const task = (timeout?: string) => defineTask('t', () => null, timeout === undefined ? {} : { timeout })
  assert.equal(patienceFor([]), 60_000)
  assert.equal(patienceFor([task()]), 60_000)
  assert.equal(patienceFor([task('5 s'), task('2 minutes'), task()]), 120_000 + 10_000 + 60_000)
})

test('a worker is silent when beats did not come, and alive where none has to', () => {
  const now = instant(100_000)
  assert.equal(stateOfWorker(true, { count: 1, at: now }, now), 'dead')
  assert.equal(stateOfWorker(false, undefined, now), 'alive')
  assert.equal(stateOfWorker(false, { count: 0, at: null }, now), 'alive')
  assert.equal(stateOfWorker(false, { count: 9, at: instant(98_000) }, now), 'alive')
  assert.equal(stateOfWorker(false, { count: 9, at: instant(97_999) }, now), 'silent')
})
