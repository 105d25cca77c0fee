/** A simulator that cannot fail proves nothing: each of these breaks the store on purpose, and must be noticed. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { noLimits } from '../../src/domain/limits.ts'
import type { Decision, Judge } from '../../src/domain/opportunity.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Change, Store } from '../../src/store/store.ts'
import type { Random } from '../../src/testing/random.ts'
import { simulateFaults } from '../../src/testing/simulator.ts'
import type { SimulationOptions } from '../../src/testing/simulator.ts'

const MOST_SEEDS = 200

type Commit = (changes: readonly Change[], judge: Judge) => Promise<unknown>

const withCommit = (store: Store, commit: Commit): Store =>
  new Proxy(store, {
    get: (target, key: keyof Store) => (key === 'commit' ? commit : (target[key].bind(target) as unknown)),
  })

/** The first seed that notices, and what it says. */
const noticed = async (options: (seed: number) => Promise<SimulationOptions>): Promise<readonly string[]> => {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { broken } = await simulateFaults(await options(seed))
    if (broken.length > 0) return broken
  }
  return []
}

/** Whoever ends a run is believed, whatever fence it names. */
const withoutFence = (store: Store): Store =>
  withCommit(store, async (changes, judge) => {
    const believed = await Promise.all(
      changes.map(async (change): Promise<Change> => {
        if (change.kind !== 'finish') return change
        const run = await store.run(change.run)
        return run === null ? change : { ...change, fence: run.fence }
      }),
    )
    return store.commit(believed, judge)
  })

/** Moves the mark in one transaction and creates the runs in another, with a death now and then in between. */
const withoutSingleTransaction = (store: Store, random: Random): Store =>
  withCommit(store, async (changes, judge) => {
    const whole = new Map<number, Decision>()
    const markOnly: Judge = (subject, at) => {
      const decision = judge(subject, at)
      whole.set(subject.schedule.id, decision)
      return { ...decision, runs: [], opens: [], skips: [], released: [], held: [], dropped: [], cancels: [] }
    }
    if (!changes.some(change => change.kind === 'judge')) return store.commit(changes, judge)
    await store.commit(
      changes.filter(change => change.kind === 'judge').map(change => ({ ...change, ahead: null })),
      markOnly,
    )
    if (random.chance(0.02)) throw new Error('died between the two')
    return store.commit(
      changes.map(change => (change.kind === 'judge' ? { ...change, ahead: null } : change)),
      (subject, at) => whole.get(subject.schedule.id) ?? judge(subject, at),
    )
  })

/** A decision uses no events: what happened once makes run after run. */
const withoutUsing = (store: Store): Store =>
  withCommit(store, (changes, judge) =>
    store.commit(changes, (subject, at) => ({ ...judge(subject, at), usesEventsTo: null })),
  )

/** Ends a run in one transaction and starts what follows it in another, with a death now and then in between. */
const withoutFollowUp = (store: Store, random: Random): Store =>
  withCommit(store, (changes, judge) => {
    const isLost = changes.some(change => change.kind === 'finish') && random.chance(0.2)
    const nothing: Judge = (subject, at) => {
      const decision = judge(subject, at)
      return subject.schedule.condition.includes("after '") ? { ...decision, runs: [], opens: [] } : decision
    }
    return store.commit(changes, isLost ? nothing : judge)
  })

/** Whoever claims counts nothing. */
const withoutLimits = (store: Store): Store =>
  withCommit(store, (changes, judge) =>
    store.commit(
      changes.map(change => (change.kind === 'claim' ? { ...change, limits: noLimits } : change)),
      judge,
    ),
  )

/** A file from which the unique key of opportunities was dropped. */
const storeWithoutUniqueKey = async (folder: string, seed: number): Promise<Store> => {
  const path = join(folder, `${seed}.db`)
  const store = await openSqliteStore({ path })
  const database = new DatabaseSync(path)
  database.exec('DROP INDEX runs_opportunity')
  database.close()
  return store
}

test('without the fence, the simulator sees two workers end one run', async () => {
  const broken = await noticed(async seed => ({ seed, mutate: withoutFence }))
  assert.match(broken.join('\n'), /promise 5/)
})

test('without the single transaction, the simulator sees opportunities vanish', async () => {
  const broken = await noticed(async seed => ({ seed, mutate: withoutSingleTransaction }))
  assert.match(broken.join('\n'), /promise 2/)
})

test('without the count of what runs, the simulator sees more run than a limit says', async () => {
  const broken = await noticed(async seed => ({ seed, mutate: withoutLimits }))
  assert.match(broken.join('\n'), /promise 6/)
})

test('without the unique key, the simulator sees an opportunity decided twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'))
  try {
    const broken = await noticed(async seed => ({ seed, store: await storeWithoutUniqueKey(folder, seed) }))
    assert.match(broken.join('\n'), /promise 1/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('where a decision does not use its events, the simulator sees one decided twice', async () => {
  const broken = await noticed(async seed => ({ seed, mutate: withoutUsing }))
  assert.match(broken.join('\n'), /promise [12]/)
})

test('where what follows an end is another transaction, the simulator sees the end vanish', async () => {
  const broken = await noticed(async seed => ({ seed, mutate: withoutFollowUp }))
  assert.match(broken.join('\n'), /promise 2: .* had \d+ events/)
})
