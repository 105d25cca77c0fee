/** Faults of a store: what a call that meets one does, and what it leaves. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Change } from '../../src/store/store.ts'
import { openFaultyStore, planOf, withFaults } from '../../src/testing/faulty-store.ts'
import type { Fault } from '../../src/testing/faulty-store.ts'
import { seeded } from '../../src/testing/random.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const clock = new VirtualClock()
const event: Change = { kind: 'event', at: clock.now(), name: 'something', detail: '' }
const judge = (): never => assert.fail('nothing is judged here')

/** How many events are there after a commit of one that met this fault, and what the caller was told. */
const after = async (fault: Fault): Promise<readonly [kept: number, told: unknown]> => {
  const store = await openSqliteStore({ path: ':memory:' })
  const told = await withFaults(store, clock, () => fault)
    .commit([event], judge)
    .catch((error: unknown) => error)
  const kept = (await store.events(10)).length
  await store.close()
  return [kept, told]
}

test('a commit on a full disk is refused, and nothing of it kept', async () => {
  const [kept, told] = await after({ kind: 'full' })
  assert.ok(isRotaError(told, 'STORE_FULL'))
  assert.equal(kept, 0)
})

test('a lost answer looks alike whether the commit stands or not', async () => {
  const [stands, first] = await after({ kind: 'lost', stands: true })
  const [falls, second] = await after({ kind: 'lost', stands: false })
  assert.deepEqual([stands, falls], [1, 0])
  assert.ok(isRotaError(first, 'STORE_UNUSABLE') && isRotaError(second, 'STORE_UNUSABLE'))
  assert.equal(first.message, second.message)
})

test('a slow call is made after a while, and answered after another', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const slow = withFaults(store, clock, () => ({ kind: 'slow', before: duration(2_000), after: duration(3_000) }))
  let isAnswered = false
  const answer = slow.commit([event], judge).then(() => (isAnswered = true))
  const seen = async (): Promise<unknown> => [(await store.events(10)).length, isAnswered]
  await clock.advance('1 s')
  assert.deepEqual(await seen(), [0, false])
  await clock.advance('1 s')
  assert.deepEqual(await seen(), [1, false])
  await clock.advance('3 s')
  assert.deepEqual(await seen(), [1, true])
  await answer
  await store.close()
})

test('faults come as often as was asked, and only commits meet a full disk', () => {
  const plan = planOf(seeded(1), { full: 0.1, lost: 0.2, slow: 0.3, slowest: duration(60_000) })
  const count = (call: 'commit' | 'runs'): Record<string, number> => {
    const counts: Record<string, number> = { full: 0, lost: 0, slow: 0, none: 0 }
    for (let i = 0; i < 10_000; i++) counts[plan(call)?.kind ?? 'none']! += 1
    return counts
  }
  const isNear = (found: number | undefined, wanted: number): boolean => Math.abs((found ?? 0) - wanted) < 300
  const commits = count('commit')
  assert.ok(isNear(commits['full'], 1_000) && isNear(commits['lost'], 2_000) && isNear(commits['slow'], 3_000))
  assert.equal(count('runs')['full'], 0)
})

test('the same seed meets the same faults, and none once it is healed', async () => {
  const fates = async (): Promise<readonly string[]> => {
    const faulty = await openFaultyStore({ clock, seed: 7, lost: 0.5, slow: 0 })
    const look = (): Promise<string> =>
      faulty.store.events(1).then(
        () => 'fine',
        () => 'lost',
      )
    const before = await Promise.all(Array.from({ length: 50 }, look))
    assert.equal(faulty.faults, before.filter(fate => fate === 'lost').length)
    faulty.heal()
    assert.deepEqual(
      await Promise.all(Array.from({ length: 20 }, look)),
      Array.from({ length: 20 }, () => 'fine'),
    )
    await faulty.store.close()
    return before
  }
  const first = await fates()
  assert.ok(first.includes('lost') && first.includes('fine'))
  assert.deepEqual(await fates(), first)
})

test('a rate is a share of the calls', async () => {
  await assert.rejects(openFaultyStore({ clock, lost: 2 }), error => isRotaError(error, 'OPTION_INVALID'))
  await assert.rejects(
    openFaultyStore({ clock, losst: 0.1 } as never),
    error => isRotaError(error, 'OPTION_INVALID') && error.message.includes('lost'),
  )
})
