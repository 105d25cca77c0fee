/** Flows: made in one go, gone on with in the transaction of each end, and over when their last step is. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RunId, TaskName } from '../../../src/base/name.ts'
import { chain, edgeRules, group, map, planOf, defineFlow } from '../../../src/domain/flow.ts'
import type { EdgeRule, FlowStep } from '../../../src/domain/flow.ts'
import { usualPlacing } from '../../../src/domain/limits.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { isOver } from '../../../src/domain/run.ts'
import type { Run, RunState } from '../../../src/domain/run.ts'
import {
  after,
  deciding,
  done,
  failure,
  given,
  idsOf,
  releasing,
  start,
  usualPlans,
  wanted,
  opening,
  endedBefore,
} from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const told = (runs: readonly Run[]): readonly string[] => runs.map(({ task, state }) => `${task} ${state}`)
const giving = (result: readonly number[]): Outcome => ({ kind: 'succeeded', result })

/** Claims a waiting step of this task, and ends it. */
const end = async (here: Given, task: string, outcome: Outcome = done): Promise<void> => {
  const [run] = await here.claim([task], { limit: 1 })
  assert.ok(run, `no ${task} waits`)
  await here.finish(run, outcome)
}

const prune = async (here: Given, limit = 100, keep = 0): Promise<number> =>
  (await here.one({ kind: 'prune', at: after(9_000), before: endedBefore(after(1_000)), keep, limit })).gone

export const flowsContract = (open: OpenStore): void => {
  describe('a flow', () => {
    test('is made in one go: the run that stands for it runs, its first steps wait for a worker, the others for them', async () => {
      await using here = await given(open)
      const root = await here.flow(chain('a', group('b', { task: 'c', on: 'fails' })), { input: 7 })
      assert.deepEqual(
        [root.state, root.root, root.startedAt, root.worker, root.attempt],
        ['running', root.id, start, null, 0],
      )
      assert.deepEqual(told(await here.steps(root.id)), ['a queued', 'b open', 'c open'])
      assert.deepEqual(here.moved, await here.steps(root.id))
      const [first] = here.moved
      assert.deepEqual(
        [first?.root, first?.trigger, first?.input, first?.scheduleId],
        [root.id, { kind: 'flow', run: root.id }, 7, null],
      )
      const places = await here.store.flow(root.id, { limit: 10 })
      assert.deepEqual(
        places.map(({ from, to, rule }) => [from, to, rule]),
        [
          [0, 2, 'succeeds'],
          [2, 1, 'succeeds'],
          [2, 1, 'fails'],
        ],
      )
      assert.deepEqual(await here.run(root.id), root)
    })

    test('goes on with each end: what follows is let begin, and the last end is that of the whole', async () => {
      await using here = await given(open)
      const root = await here.flow(chain('a', 'b'))
      await end(here, 'a')
      assert.deepEqual(told(here.moved), ['b queued'])
      assert.deepEqual(told(await here.store.before((root.id + 2) as RunId, ['succeeded'], 10)), ['a succeeded'])
      await end(here, 'b')
      assert.deepEqual(told(here.moved), ['flow succeeded'])
      assert.equal((await here.run(root.id)).endedAt, after(5))
    })

    test('skips what can no longer begin, and so on down, and says which run decided it', async () => {
      await using here = await given(open)
      const root = await here.flow(chain(group('a', 'b'), 'c', 'd'))
      await end(here, 'a', failure())
      assert.deepEqual(
        here.moved.map(({ task, state, reason, detail }) => [task, state, reason, detail]),
        [
          ['c', 'skipped', 'condition', `run ${root.id + 1} of 'a' failed`],
          ['d', 'skipped', 'condition', `run ${root.id + 3} of 'c' was skipped`],
        ],
      )
      await end(here, 'b')
      assert.deepEqual(told(here.moved), ['flow failed'])
    })

    test('is not executed: no worker claims it, no limit counts it, and it outlives every worker', async () => {
      await using here = await given(open)
      const root = await here.flow('a')
      assert.deepEqual(await here.claim(['flow']), [])
      const limits = { total: 1, queues: new Map([['default', 1]]), tasks: new Map() }
      const [step] = await here.claim(['a'], { limits, worker: 'dead' })
      assert.equal(step?.task, 'a')
      assert.deepEqual(
        (await here.store.workers()).map(({ worker }) => worker),
        ['dead'],
      )
      await here.one({ kind: 'rescue', worker: 'dead', at: after(20) })
      const over = await here.run(root.id)
      assert.deepEqual([over.state, over.detail], ['failed', 'of 1 runs 1 failed'])
    })

    test('goes on after the death of a worker whose run has attempts left', async () => {
      await using here = await given(open)
      const plan = planOf(defineFlow('flow', chain('a', 'b')), null, { ...usualPlans, attemptsAllowed: () => 2 })
      const trigger = { kind: 'hand', by: 'ada' } as const
      const wish = { task: 'flow' as TaskName, input: null, trigger, attemptsAllowed: 1, claimFor: null, plan }
      const root = await here.one({ kind: 'request', at: start, ...wish })
      await here.claim(['a'], { worker: 'dead' })
      await here.one({ kind: 'rescue', worker: 'dead', at: after(20) })
      assert.deepEqual(told(await here.steps(root.id)), ['a retrying', 'b open'])
      const [again] = await here.claim(['a'], { at: after(21) })
      assert.ok(again)
      await here.finish(again)
      assert.deepEqual(told(await here.steps(root.id)), ['a succeeded', 'b queued'])
    })

    test('ends cancelled: what waits at once, what runs when it has stopped', async () => {
      await using here = await given(open)
      const root = await here.flow(chain(group('a', 'b'), 'c'))
      const [running] = await here.claim(['a'])
      assert.ok(running)
      await here.cancel(root.id)
      assert.deepEqual(told(here.moved), ['flow running', 'a running', 'b cancelled', 'c cancelled'])
      assert.ok(here.moved.every(({ cancelledBy }) => cancelledBy === 'ada'))
      await here.finish(running)
      assert.deepEqual(told(here.moved), ['flow cancelled'])
      const whole = await here.flow('a')
      await here.cancel(whole.id)
      assert.deepEqual(told(here.moved), ['flow running', 'a cancelled', 'flow cancelled'])
    })
  })

  describe('a map', () => {
    test('becomes a run for each element, and what follows waits for all of them', async () => {
      await using here = await given(open)
      const root = await here.flow(chain('list', map('each'), 'last'))
      await end(here, 'list', giving([4, 5, 6]))
      assert.deepEqual(
        here.moved.map(({ task, state, input }) => [task, state, input]),
        [
          ['each', 'queued', 4],
          ['each', 'queued', 5],
          ['each', 'queued', 6],
        ],
      )
      const counts = await here.store.flowCounts(root.id)
      assert.deepEqual(
        counts.map(({ task, state, count, from, to }) => [task, state, count, from, to]),
        [
          ['list', 'succeeded', 1, 0, 2],
          ['each', 'queued', 3, 2, 3],
          ['last', 'open', 1, 3, 1],
        ],
      )
      for (const _ of [4, 5]) await end(here, 'each')
      assert.deepEqual(await here.claim(['last']), [])
      await end(here, 'each')
      const last = (await here.steps(root.id)).find(({ task }) => task === 'last')
      assert.ok(last)
      const parents = await here.store.before(last.id, ['succeeded'], 10)
      assert.deepEqual(
        parents.map(({ input }) => input),
        [4, 5, 6],
      )
      await end(here, 'last')
      assert.equal((await here.run(root.id)).state, 'succeeded')
    })

    test('counts its elements by the key of their task, and by its own where nobody knows the task', async () => {
      await using here = await given(open)
      const keyed = { ...usualPlans, placing: () => ({ ...usualPlacing, keyOf: () => '?' }) }
      const plan = planOf(defineFlow('flow', chain('list', map('each'))), null, keyed)
      const trigger = { kind: 'hand', by: 'ada' } as const
      const wish = { task: 'flow' as TaskName, input: null, trigger, attemptsAllowed: 1, claimFor: null, plan }
      for (const [keyOf, keys] of [
        [(_: string, input: unknown) => `key ${String(input)}`, ['key 1', 'key 2']],
        [() => undefined, ['?', '?']],
      ] as const) {
        await here.one({ kind: 'request', at: start, ...wish })
        const [list] = await here.claim(['list'], { limit: 1 })
        assert.ok(list)
        await here.finish(list, giving([1, 2]), { keyOf })
        assert.deepEqual(
          here.moved.map(({ key }) => key),
          keys,
        )
      }
    })
  })

  describe('flows of schedules', () => {
    const flow = (input: unknown) => planOf(defineFlow('collect', chain('a', 'b')), input as null, usualPlans)

    test('are unfinished runs of their schedule until their last step is over, and count as one', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('nightly')
      const judged = await here.judge(schedule, { runs: wanted(after(1)), flow }, { at: after(1) })
      assert.deepEqual([told(judged.runs), told(judged.others)], [[], ['collect running']])
      assert.deepEqual(told(here.moved), ['a queued', 'b open'])
      assert.deepEqual(here.moved[0]?.input, { keyword: 'rota' })
      const stored = await here.stored('nightly')
      assert.equal(stored.runsCreated, 1)
      await end(here, 'a')
      const subject = await here.store.subject('nightly', after(9))
      assert.deepEqual(
        subject?.unfinished.map(({ id, state }) => [id, state]),
        [[judged.others[0]?.id, 'running']],
      )
      await end(here, 'b')
      assert.deepEqual((await here.store.subject('nightly', after(9)))?.unfinished, [])
      assert.deepEqual(told(await here.store.runs({ schedule: 'nightly', limit: 10 })), ['collect succeeded'])
    })

    test('begin where an open row is released', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('nightly')
      const [row] = (await here.judge(schedule, { opens: opening(after(1)) })).others
      assert.ok(row)
      const judged = await here.judge(await here.stored('nightly'), { released: releasing([row.id]), flow })
      assert.deepEqual(told(judged.others), ['collect running'])
      assert.deepEqual(told(here.moved), ['a queued', 'b open'])
      const root = await here.run(row.id)
      assert.deepEqual([root.root, root.state], [row.id, 'running'])
    })

    test('rest with their schedule where a step holds it', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('nightly')
      await here.judge(schedule, { runs: wanted(after(1)), flow })
      const [a] = await here.claim(['a'])
      assert.ok(a)
      const change = {
        kind: 'holdSchedule',
        run: a.id,
        fence: a.fence,
        at: after(11),
        until: after(60),
        why: null,
      } as const
      assert.equal(await here.one(change), true)
      assert.equal((await here.stored('nightly')).paused?.by, `run ${a.id}`)
    })

    test('are cancelled whole where a newer opportunity cancels them', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('nightly')
      const [root] = (await here.judge(schedule, { runs: wanted(after(1)), flow })).others
      assert.ok(root)
      await here.judge(await here.stored('nightly'), (_, at) =>
        deciding({ cancels: here.moved.length > 0 ? [root.id] : [] })(_, at),
      )
      assert.deepEqual(told(here.moved), ['collect running', 'a cancelled', 'b cancelled', 'collect cancelled'])
    })
  })

  describe('flows that are kept', () => {
    test('go with the run that stands for them, in slices, and no step goes before it', async () => {
      await using here = await given(open)
      const root = await here.flow(chain('a', 'b'))
      await end(here, 'a')
      assert.equal(await prune(here), 0)
      await end(here, 'b')
      assert.deepEqual([await prune(here, 2), await prune(here, 2), await prune(here, 2)], [2, 1, 0])
      assert.deepEqual(await here.store.runs({ limit: 10 }), [])
      assert.deepEqual(await here.store.flow(root.id, { limit: 10 }), [])
    })

    test('are no runs by hand of the tasks of their steps: they push none out', async () => {
      await using here = await given(open)
      const byHand = await here.running({ task: 'a' })
      await here.finish(byHand)
      await here.flow('a')
      await end(here, 'a')
      await prune(here, 100, 1)
      assert.ok(idsOf(await here.store.runs({ limit: 10 })).includes(byHand.id))
    })

    test('wait with their steps where a copy takes over, and go on when these are released', async () => {
      await using here = await given(open)
      const root = await here.flow(chain('a', 'b'))
      const held = await here.one({ kind: 'takeOver', at: after(100), from: 'a copy', catchUp: false })
      assert.equal(held.held, 1)
      assert.equal((await here.run(root.id)).state, 'running')
      assert.deepEqual(await here.claim(['a'], { at: after(200) }), [])
      await here.one({ kind: 'release', run: null, at: after(300) })
      const [a] = await here.claim(['a'], { at: after(301) })
      assert.ok(a)
      await here.finish(a, done, { at: after(302) })
      assert.deepEqual(told(await here.steps(root.id)), ['a succeeded', 'b queued'])
    })
  })

  test('flows of every shape end as the rules say, in whatever order their steps do', async () => {
    await fc.assert(
      fc.asyncProperty(
        tree.filter(it => sizeOf(it) <= 14),
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }),
        async (written, picks) => {
          await using here = await given(open)
          const named = numbered(written)
          const root = await here.flow(stepOf(named))
          await play(here, root.id, leavesOf(named), picks)
          const expected: Expected = { ends: [], unhandled: 0, worse: 0 }
          tell(named, null, false, expected)
          const steps = (await here.steps(root.id)).map(({ task, state }) => `${task} ${state}`)
          assert.deepEqual(steps.toSorted(), expected.ends.toSorted())
          const whole = expected.unhandled > 0 ? 'failed' : expected.worse > 0 ? 'partial' : 'succeeded'
          assert.equal((await here.run(root.id)).state, whole)
        },
      ),
      { numRuns: 150 },
    )
  })
}

// ---- the rules once more, told over the tree that was written instead of over points and counts

type End = 'succeeded' | 'partial' | 'failed' | 'cancelled'
interface Leaf {
  readonly kind: 'leaf'
  readonly name: string
  readonly on: EdgeRule
  readonly end: End
}
/** A step that gives a list, and the map that goes through it; each element ends so. */
interface Mapped {
  readonly kind: 'mapped'
  readonly name: string
  readonly end: End
  readonly elements: readonly End[]
}
type Tree = Leaf | Mapped | { readonly kind: 'chain' | 'group'; readonly of: readonly Tree[] }

interface Expected {
  readonly ends: string[]
  unhandled: number
  /** Failed, in part, or cancelled. */
  worse: number
}

const ending = fc.constantFrom<End>('succeeded', 'succeeded', 'succeeded', 'partial', 'failed', 'cancelled')
const { tree } = fc.letrec<{ tree: Tree }>(again => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ kind: fc.constant('leaf'), name: fc.constant(''), on: fc.constantFrom(...edgeRules), end: ending }),
    fc.record({
      kind: fc.constant('mapped'),
      name: fc.constant(''),
      end: ending,
      elements: fc.array(ending, { maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constantFrom('chain' as const, 'group' as const),
      of: fc.array(again('tree'), { minLength: 1, maxLength: 4 }),
    }),
  ),
}))

const sizeOf = (it: Tree): number =>
  it.kind === 'leaf'
    ? 1
    : it.kind === 'mapped'
      ? 1 + it.elements.length
      : it.of.reduce((sum, one) => sum + sizeOf(one), 0)

/** Each leaf by a name of its own; the first ones follow nothing, and so have no rule. */
const numbered = (it: Tree): Tree => {
  let number = 0
  const name = (one: Tree, isFirst: boolean): Tree => {
    if (one.kind === 'leaf') return { ...one, name: `t${number++}`, on: isFirst ? 'succeeds' : one.on }
    if (one.kind === 'mapped') return { ...one, name: `t${number++}` }
    return { ...one, of: one.of.map((part, i) => name(part, isFirst && (one.kind === 'group' || i === 0))) }
  }
  return name(it, true)
}

const stepOf = (it: Tree): FlowStep => {
  switch (it.kind) {
    case 'leaf':
      return it.on === 'succeeds' ? it.name : { task: it.name, on: it.on }
    case 'mapped':
      return chain(it.name, map(`${it.name}-each`))
    case 'chain':
      return chain(...it.of.map(stepOf))
    case 'group':
      return group(...it.of.map(stepOf))
    default:
      return it satisfies never
  }
}

const leavesOf = (it: Tree): ReadonlyMap<string, Leaf | Mapped> =>
  new Map(it.kind === 'leaf' || it.kind === 'mapped' ? [[it.name, it]] : it.of.flatMap(one => [...leavesOf(one)]))

/** Ends whatever may end, in a random order, until nothing is left; after each end the whole is over if its steps are. */
const play = async (
  here: Given,
  root: RunId,
  leaves: ReadonlyMap<string, Leaf | Mapped>,
  picks: readonly number[],
): Promise<void> => {
  const elements = new Map([...leaves].map(([name, leaf]) => [name, leaf.kind === 'mapped' ? [...leaf.elements] : []]))
  for (let turn = 0; ; turn++) {
    const steps = await here.steps(root)
    assert.equal(isOver(await here.run(root)), steps.every(isOver))
    const ready = steps.filter(({ state }) => state === 'queued')
    const run = ready[(picks[turn % picks.length] ?? 0) % Math.max(ready.length, 1)]
    if (run === undefined) return assert.ok(steps.every(isOver), 'nothing is left to end, and the flow is not over')
    const [name = '', isElement] = run.task.split('-')
    const leaf = leaves.get(name)
    const way = isElement === undefined ? leaf?.end : elements.get(name)?.shift()
    const list = leaf?.kind === 'mapped' ? leaf.elements.map((_, i) => i) : []
    await endAs(here, run, way ?? 'succeeded', list)
  }
}

const endAs = async (here: Given, { id, task }: Run, way: End, list: readonly number[]): Promise<void> => {
  if (way === 'cancelled') return void (await here.cancel(id))
  const [run] = await here.claim([task], { only: id })
  assert.ok(run)
  const partial = { kind: 'partial', result: list, detail: 'not all of it' } as const
  await here.finish(run, way === 'failed' ? failure() : way === 'partial' ? partial : giving(list))
}

/** What becomes of a part after these ends; gives the ends of what follows it. `handled`: something is meant for its failure. */
const tell = (it: Tree, before: readonly RunState[] | null, handled: boolean, into: Expected): readonly RunState[] => {
  const note = (task: string, state: RunState, isHandled: boolean): RunState => {
    into.ends.push(`${task} ${state}`)
    if (state === 'failed' && !isHandled) into.unhandled++
    if (state === 'failed' || state === 'partial' || state === 'cancelled') into.worse++
    return state
  }
  switch (it.kind) {
    case 'leaf':
      return [note(it.name, begins(it.on, before) ? it.end : 'skipped', handled)]
    case 'mapped': {
      const list = note(it.name, begins('succeeds', before) ? it.end : 'skipped', false)
      const each = `${it.name}-each`
      if (!begins('succeeds', [list])) return [note(each, 'skipped', handled)]
      if (it.elements.length > 0) return it.elements.map(end => note(each, end, handled))
      note(each, 'skipped', handled)
      return ['succeeded']
    }
    case 'group':
      return it.of.flatMap(one => tell(one, before, handled, into))
    case 'chain':
      return it.of.reduce<readonly RunState[] | null>((ends, one, i) => {
        const next = it.of[i + 1]
        const isHandled = next === undefined ? handled : firstRules(next).some(rule => rule !== 'succeeds')
        return tell(one, ends, isHandled, into)
      }, before) as readonly RunState[]
    default:
      return it satisfies never
  }
}

const begins = (rule: EdgeRule, before: readonly RunState[] | null): boolean => {
  if (before === null || rule === 'finishes') return true
  if (rule === 'fails') return before.includes('failed')
  return before.every(state => state === 'succeeded' || state === 'partial')
}

const firstRules = (it: Tree): readonly EdgeRule[] => {
  if (it.kind === 'leaf') return [it.on]
  if (it.kind === 'mapped') return ['succeeds']
  return it.kind === 'group' ? it.of.flatMap(firstRules) : it.of.slice(0, 1).flatMap(firstRules)
}
