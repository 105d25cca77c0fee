/** One writer: what shares a commit, what goes first, and what is not forgotten while the store is in trouble. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RotaError } from '../../src/base/errors.ts'
import type { RunId } from '../../src/base/name.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import type { Change, Judged, Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

type Answer = { readonly ok: unknown } | { readonly error: RotaError }

/** A store that only notes what it is asked to commit. */
const noting = (
  answer: (change: Change) => Answer = () => ({ ok: null }),
  reconcile: () => Promise<void> = async () => {},
) => {
  const commits: (readonly Change[])[] = []
  const store = {
    async commit(changes: readonly Change[]): Promise<{ results: readonly Answer[]; judged: readonly Judged[][] }> {
      commits.push(changes)
      return { results: changes.map(answer), judged: [] }
    },
  } as unknown as Pick<Store, 'commit'>
  const clock = new VirtualClock()
  const troubles: (string | null)[] = []
  const judge = (): never => {
    throw new Error('nothing is judged here')
  }
  const onTrouble = (trouble: Error | null): number => troubles.push(trouble?.message ?? null)
  const group = new GroupCommit({ store, clock, judge, reconcile, onTrouble })
  return { group, clock, commits, troubles }
}

const event = (name: string) => ({ kind: 'event', at: new VirtualClock().now(), name, detail: '' }) as const
const claim = { kind: 'claim', worker: 'w', at: new VirtualClock().now(), limit: 1, tasks: [], only: null } as const
const claimOf = (worker: string) => ({ ...claim, worker })

test('changes of one turn share a commit', async () => {
  const { group, clock, commits } = noting()
  void group.apply(event('a'))
  void group.apply(event('b'))
  await clock.settle()
  void group.apply(event('c'))
  await clock.settle()
  assert.deepEqual(
    commits.map(commit => commit.length),
    [2, 1],
  )
})

test('starts go before everything else of their turn', async () => {
  const { group, clock, commits } = noting()
  void group.apply(event('a'))
  void group.apply(claim)
  await clock.settle()
  assert.deepEqual(
    commits[0]?.map(change => change.kind),
    ['claim', 'event'],
  )
})

test('a burst is committed in slices', async () => {
  const { group, clock, commits } = noting()
  for (let i = 0; i < 600; i++) void group.apply(event(`${i}`))
  await clock.settle()
  assert.deepEqual(
    commits.map(commit => commit.length),
    [250, 250, 100],
  )
})

test('a burst of starts begins with a small slice, and nothing else comes between them', async () => {
  const { group, clock, commits } = noting()
  void group.apply(event('a'))
  const starting = group.startEach(
    Array.from({ length: 400 }, () => claim),
    one => one,
    () => {},
  )
  await clock.settle()
  await starting
  const counts = commits.map(commit => [commit.length, commit.filter(change => change.kind === 'claim').length])
  assert.deepEqual(counts, [
    [50, 50],
    [250, 250],
    [101, 100],
  ])
})

test('of many starts a change is made when its slice is', async () => {
  const { group, clock, commits } = noting()
  const made: number[] = []
  const starting = group.startEach(
    Array.from({ length: 400 }, () => claim),
    one => {
      made[commits.length] = (made[commits.length] ?? 0) + 1
      return one
    },
    () => {},
  )
  assert.deepEqual(made, [])
  await clock.settle()
  await starting
  assert.deepEqual(made, [50, 250, 100])
})

test('each of many is answered in its order as soon as its slice is committed', async () => {
  const unknown = new RotaError('RUN_UNKNOWN')
  const { group, clock } = noting(change =>
    change.kind === 'claim' && change.worker === '1' ? { error: unknown } : { ok: null },
  )
  const told: unknown[] = []
  const all = group.startEach(['0', '1', '2'], claimOf, (answer, { worker }) =>
    told.push([worker, 'error' in answer ? answer.error : answer.ok]),
  )
  await clock.settle()
  await all
  assert.deepEqual(told, [
    ['0', null],
    ['1', unknown],
    ['2', null],
  ])
})

test('an answer that throws keeps none of the others back', async () => {
  const { group, clock } = noting()
  const told: string[] = []
  const all = group.startEach(['0', '1'], claimOf, (_, { worker }) => {
    told.push(worker)
    if (worker === '0') throw new Error('a fault of the listener')
  })
  const rejected = assert.rejects(all, /a fault of the listener/)
  await clock.settle()
  await rejected
  assert.deepEqual(told, ['0', '1'])
  assert.equal(group.trouble, null)
})

test('a change that fails by itself rejects alone', async () => {
  const unknown = new RotaError('RUN_UNKNOWN')
  const { group, clock } = noting(change => (change.kind === 'cancel' ? { error: unknown } : { ok: null }))
  const failing = group.apply({ kind: 'cancel', run: 7 as RunId, at: clock.now(), by: 'ada' })
  const standing = group.apply(event('a'))
  const rejected = assert.rejects(failing, unknown)
  await clock.settle()
  await rejected
  assert.equal(await standing, null)
})

test('while the store is in trouble, what is insisted on is kept and tried again, and the rest is told', async () => {
  let full = true
  const { group, clock, commits, troubles } = noting(() => {
    if (full) throw new RotaError('STORE_FULL')
    return { ok: null }
  })
  const optional = assert.rejects(group.apply(event('optional')), { code: 'STORE_FULL' })
  const insisted = new Promise(resolve => group.insist(event('must'), resolve))
  await clock.settle()
  await optional
  await clock.advance('3 s')
  full = false
  await clock.advance('1 s')
  assert.deepEqual(await insisted, { ok: null })
  const last = commits.at(-1)?.[0]
  assert.equal(last?.kind === 'event' && last.name, 'must')
  assert.equal(troubles.length, 2)
  assert.match(troubles[0] ?? '', /full/)
  assert.equal(troubles[1], null)
})

test('after a commit that failed, the rows are compared before anything else is committed', async () => {
  const order: string[] = []
  let works = false
  const { group, clock } = noting(
    () => {
      order.push('commit')
      if (!works) throw new RotaError('STORE_UNUSABLE')
      return { ok: null }
    },
    async () => {
      order.push('compare')
      if (!works) throw new RotaError('STORE_UNUSABLE')
    },
  )
  const refused = assert.rejects(group.apply(event('a')), { code: 'STORE_UNUSABLE' })
  await clock.settle()
  await refused
  const next = group.apply(event('b'))
  await clock.advance('2 s')
  works = true
  await clock.advance('1 s')
  await next
  assert.deepEqual(order, ['commit', 'compare', 'compare', 'compare', 'commit'])
})

test('who is in doubt has the rows compared, once for all who are, and never while a commit is on its way', async () => {
  const store = Promise.withResolvers<null>()
  let compared = 0
  const clock = new VirtualClock()
  const commit = async () => ({ results: [{ ok: await store.promise }], judged: [] })
  const group = new GroupCommit({
    store: { commit } as unknown as Pick<Store, 'commit'>,
    clock,
    judge: () => assert.fail('nothing is judged here'),
    reconcile: async () => void compared++,
  })
  void group.apply(event('a'))
  await clock.settle()
  group.doubt()
  group.doubt()
  await clock.settle()
  assert.equal(compared, 0)
  store.resolve(null)
  await clock.settle()
  assert.equal(compared, 1)
})

test('settled resolves when nothing is left to be committed', async () => {
  const { group, clock, commits } = noting()
  void group.apply(event('a'))
  const settled = group.settled()
  await clock.settle()
  await settled
  assert.equal(commits.length, 1)
})
