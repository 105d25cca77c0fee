import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { chain, defineFlow, edgeRules, group, join, map, planOf, START } from '../../src/domain/flow.ts'
import type { FlowStep } from '../../src/domain/flow.ts'
import { depthsOf } from '../../src/domain/flow-depth.ts'
import { arrive, count, endOf, fateOf, isDecisive, listOf, weightOf, whyNever } from '../../src/domain/flow-progress.ts'
import type { FlowTally, PointTally, Weight } from '../../src/domain/flow-progress.ts'
import { usualPlace, usualPlacing } from '../../src/domain/limits.ts'
import type { RunState } from '../../src/domain/run.ts'

const laid = (steps: FlowStep): readonly string[] =>
  defineFlow('it', steps).steps.map(({ task, from, to, rule }) => `${task} ${from}-${to} ${rule}`)

// ---- laying out

test('a chain goes from point to point, a group lies between the same two, and all ends at one', () => {
  assert.deepEqual(laid(chain('a', group('b', chain('c', 'd')), { task: 'e', on: 'finishes' })), [
    'a 0-2 succeeds',
    'b 2-3 succeeds',
    'c 2-4 succeeds',
    'd 4-3 succeeds',
    'e 3-1 finishes',
  ])
})

test('a join is a group and what comes after it; a map over a list that is known is a group', () => {
  assert.deepEqual(laid(join(['a', 'b'], 'c')), laid(chain(group('a', 'b'), 'c')))
  assert.deepEqual(laid(map('a', { over: [1, 2] })), ['a 0-1 succeeds', 'a 0-1 succeeds'])
})

test('a point says how many steps lead to it, and whether one begins there that is for a failure', () => {
  const { points } = defineFlow('it', chain(group('a', 'b'), group('c', { task: 'd', on: 'fails' })))
  assert.deepEqual(points, [
    { left: 0, handles: false },
    { left: 2, handles: false },
    { left: 2, handles: true },
  ])
})

test('a flow has at most 100,000 steps', () => {
  const list = Array.from({ length: 100_000 }, () => null)
  assert.equal(defineFlow('it', map('a', { over: list })).steps.length, 100_000)
  assert.throws(() => defineFlow('it', group('b', map('a', { over: list }))), {
    code: 'OPTION_INVALID',
    message: /more than 100000 steps/,
  })
})

test('the input of a flow is that of the first steps that name none, be it null', () => {
  const flow = defineFlow('it', chain(group('a', { task: 'b', input: null }), 'c', { task: 'd', input: 4 }))
  const keys: unknown[] = []
  const placing = () => ({ ...usualPlacing, keyOf: (input: unknown) => (keys.push(input), null) })
  const { runs } = planOf(flow, 7, { attemptsAllowed: task => (task === 'a' ? 3 : 1), placing })
  assert.deepEqual(
    runs.map(({ input }) => input),
    [7, null, null, 4],
  )
  assert.deepEqual(keys, [7, null, null, 4])
  assert.deepEqual([runs[0]?.attemptsAllowed, runs[0]?.place], [3, usualPlace])
})

test('of each point the depth is that of the longest way to it', () => {
  const { steps } = defineFlow('it', chain(group('a', chain('b', 'c', 'd')), 'e'))
  const depths = depthsOf(steps)
  assert.deepEqual(
    steps.map(({ task, from }) => `${task} ${depths.get(from)}`),
    ['a 0', 'b 0', 'c 1', 'd 2', 'e 3'],
  )
  assert.equal(depths.get(START), 0)
})

test('a chain of many thousand steps is laid out, and its depth is found', () => {
  const { steps } = defineFlow('it', chain(...Array.from({ length: 20_000 }, () => 'a')))
  assert.equal(Math.max(...depthsOf(steps).values()), 20_000)
})

// ---- going on

const weight = fc.constantFrom<Weight>('good', 'failed', 'void')

test('whatever arrives in whatever order, a step is decided once, by all that arrived or by what spoils it for good', () => {
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 8 }), fc.constantFrom(...edgeRules), (weights, rule) => {
      let tally: PointTally = { left: weights.length, failed: 0, void: 0 }
      let decided: 'begins' | 'never' | null = null
      for (const one of weights) {
        const after = arrive(tally, one)
        const fate = fateOf(rule, after)
        if (decided !== null) assert.equal(fate, decided)
        // What is not looked at must not have changed.
        if (!isDecisive(tally, after)) assert.equal(fate, fateOf(rule, tally))
        if (fate !== 'waits') decided = fate
        if (fate === 'begins') assert.equal(after.left, 0)
        tally = after
      }
      const wanted = {
        succeeds: weights.every(one => one === 'good'),
        fails: weights.includes('failed'),
        finishes: true,
      }[rule]
      assert.equal(decided, wanted ? 'begins' : 'never')
    }),
  )
})

test('only what succeeded is good, and what had nothing to do', () => {
  const weights = (['succeeded', 'partial', 'failed', 'cancelled', 'skipped'] as const).map(state =>
    weightOf(state, false),
  )
  assert.deepEqual(weights, ['good', 'good', 'failed', 'void', 'void'])
  assert.equal(weightOf('skipped', true), 'good')
})

test('a step that never begins says which run decided it', () => {
  const told = (rule: 'succeeds' | 'fails', state: RunState) =>
    whyNever(rule, { id: 12 as RunId, task: 'parse' as TaskName, state })
  assert.equal(told('succeeds', 'failed'), "run 12 of 'parse' failed")
  assert.equal(told('succeeds', 'cancelled'), "run 12 of 'parse' was cancelled")
  assert.equal(told('fails', 'partial'), "nothing before it failed: run 12 of 'parse' succeeded in part")
})

test('a flow ends by the worst of its runs: what was handled makes it partial, what was not makes it fail', () => {
  const whole: FlowTally = { left: 3, total: 3, failed: 0, unhandled: 0, partial: 0, cancelled: 0 }
  const after = (...ends: readonly (readonly [RunState, boolean])[]) =>
    endOf(ends.reduce((tally, [state, handled]) => count(tally, state, handled), whole))
  assert.deepEqual(after(['succeeded', false], ['skipped', false]), { state: 'succeeded', detail: null })
  assert.deepEqual(after(['failed', true]), { state: 'partial', detail: 'of 3 runs 1 failed' })
  assert.deepEqual(after(['failed', true], ['failed', false]), { state: 'failed', detail: 'of 3 runs 2 failed' })
  assert.deepEqual(after(['partial', false], ['cancelled', false], ['cancelled', true]), {
    state: 'partial',
    detail: 'of 3 runs 1 succeeded in part, 2 were cancelled',
  })
})

test('a map takes a list up to its bound, and nothing else', () => {
  const before = { id: 12 as RunId, task: 'list' as TaskName }
  assert.deepEqual(listOf({ ...before, result: [1, 2] }, 2), { list: [1, 2] })
  assert.deepEqual(listOf({ ...before, result: { pages: 2 } }, 2), {
    wrong: "the result of run 12 of 'list' is no list",
  })
  assert.deepEqual(listOf({ ...before, result: [1, 2, 3] }, 2), {
    wrong: "the list of run 12 of 'list' has 3 elements, and the map takes 2 at most",
  })
})
