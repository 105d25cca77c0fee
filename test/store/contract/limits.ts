/** Limits, priorities and pauses: what is claimed, in which order, and what waits for what. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../../src/base/duration.ts'
import { noLimits, usualPlacing } from '../../../src/domain/limits.ts'
import type { Limits, TaskLimits } from '../../../src/domain/limits.ts'
import type { Run } from '../../../src/domain/run.ts'
import { after, endedBefore, failure, given, idsOf, start, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const none: TaskLimits = { concurrency: null, perKey: null, rate: null, key: null }

const ofTask = (part: Partial<TaskLimits>, task = 'collect'): Limits => ({
  ...noLimits,
  tasks: new Map([[task, { ...none, ...part }]]),
})

const keyed = (part: Partial<TaskLimits>): Limits => ofTask({ key: () => null, ...part })

/** Queued runs of these keys, in this order. */
const ofKeys = async (here: Given, ...keys: readonly (string | null)[]): Promise<readonly Run[]> => {
  const runs: Run[] = []
  for (const key of keys) runs.push(await here.request({ place: { key }, attemptsAllowed: 2 }))
  return runs
}

const aDay = { count: 1, per: duration(86_400_000) }

export const limitsContract = (open: OpenStore): void => {
  describe('a limit', () => {
    test('of a task lets as many run as it says, and the next when one ends', async () => {
      await using here = await given(open)
      const runs = await ofKeys(here, null, null, null)
      const limits = ofTask({ concurrency: 2 })
      const first = await here.claimed(['collect'], { limits })
      assert.deepEqual([idsOf(first.runs), first.blocked, first.againAt], [idsOf(runs.slice(0, 2)), true, null])
      assert.deepEqual(await here.claim(['collect'], { limits, worker: 'w2' }), [])
      await here.finish(first.runs[0] as Run)
      const next = await here.claimed(['collect'], { limits, worker: 'w2' })
      assert.deepEqual([idsOf(next.runs), next.blocked], [idsOf(runs.slice(2)), true])
    })

    test('of a task leaves others alone', async () => {
      await using here = await given(open)
      await here.running()
      const waits = await here.request()
      const other = await here.request({ task: 'other' })
      const limits = ofTask({ concurrency: 1 })
      assert.deepEqual(idsOf(await here.claim(['collect', 'other'], { limits })), [other.id])
      assert.deepEqual(await here.claim(['collect'], { limits, only: waits.id }), [])
    })

    test('of a queue counts all its tasks, also those that the claimer does not know', async () => {
      await using here = await given(open)
      const place = { queue: 'slow' }
      await here.running({ task: 'unknown here', place })
      const [a, b] = [await here.request({ task: 'a', place }), await here.request({ task: 'b', place })]
      const elsewhere = await here.request({ task: 'a' })
      const limits = { ...noLimits, queues: new Map([['slow', 2]]) }
      assert.deepEqual(idsOf(await here.claim(['a', 'b'], { limits })), [a.id, elsewhere.id])
      assert.deepEqual(await here.claim(['a', 'b'], { limits }), [])
      assert.deepEqual(idsOf(await here.claim(['a', 'b'])), [b.id])
    })

    test('of all counts whatever runs', async () => {
      await using here = await given(open)
      await here.running({ task: 'a', place: { queue: 'slow' } })
      await here.running({ task: 'b' })
      const [one] = await ofKeys(here, null, null)
      const limits = { ...noLimits, total: 3 }
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits })), [one?.id])
      assert.deepEqual(await here.claim(['collect'], { limits }), [])
    })

    test('of a key counts the runs of that key', async () => {
      await using here = await given(open)
      const runs = await ofKeys(here, 'a', 'a', 'b', 'a', null, null, 'b')
      const limits = keyed({ perKey: 1 })
      const first = await here.claimed(['collect'], { limits })
      assert.deepEqual([idsOf(first.runs), first.blocked], [[0, 2, 4, 5].map(i => runs[i]?.id), true])
      await here.finish(first.runs[0] as Run)
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits })), [runs[1]?.id])
    })

    test('of a key holds also where thousands of another key wait before', async () => {
      await using here = await given(open)
      const limits = keyed({ perKey: 1 })
      await ofKeys(here, ...Array.from({ length: 300 }, () => 'crowded'))
      const [quiet, other] = await ofKeys(here, 'quiet', 'other')
      const claimed = await here.claim(['collect'], { limits, limit: 3 })
      assert.deepEqual(
        claimed.map(run => run.key),
        ['crowded', 'quiet', 'other'],
      )
      assert.deepEqual(idsOf(claimed.slice(1)), [quiet?.id, other?.id])
      assert.deepEqual(await here.claim(['collect'], { limits, limit: 3 }), [])
    })

    test('is held against retrying runs too, and not by them', async () => {
      await using here = await given(open)
      const limits = keyed({ perKey: 1, concurrency: 1 })
      const [first, second] = await ofKeys(here, 'a', 'a')
      const [run] = await here.claim(['collect'], { limits })
      assert.equal(run?.id, first?.id)
      await here.finish(run as Run, failure(after(30)))
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits, at: after(12) })), [second?.id])
      assert.deepEqual(await here.claim(['collect'], { limits, at: after(31) }), [])
    })

    test('lets go what a dead worker held', async () => {
      await using here = await given(open)
      const limits = ofTask({ concurrency: 1 })
      await here.running({ worker: 'gone', attemptsAllowed: 1 })
      const [waits] = await ofKeys(here, 'a')
      assert.deepEqual(await here.claim(['collect'], { limits }), [])
      await here.one({ kind: 'rescue', worker: 'gone', at: after(9) })
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits })), [waits?.id])
    })

    test('says which runs hold what another waits for', async () => {
      await using here = await given(open)
      const limits = { total: 3, queues: new Map([['default', 3]]), tasks: keyed({ perKey: 2, concurrency: 3 }).tasks }
      const runs = await ofKeys(here, 'a', 'a', 'b', 'a')
      await here.claim(['collect'], { limits })
      const [, , , last] = runs
      assert.ok(last)
      const held = idsOf(runs.slice(0, 3))
      assert.deepEqual(await here.store.gates(last.id, limits, after(10)), [
        { kind: 'full', what: 'key', name: 'a', limit: 2, count: 2, running: held.slice(0, 2) },
        { kind: 'full', what: 'task', name: 'collect', limit: 3, count: 3, running: held },
        { kind: 'full', what: 'queue', name: 'default', limit: 3, count: 3, running: held },
        { kind: 'full', what: 'everything', name: '', limit: 3, count: 3, running: held },
      ])
      assert.deepEqual(await here.store.gates(held[0] as never, limits, after(10)), [])
    })
  })

  describe('a rate', () => {
    const rate = { count: 6, per: duration(60_000) }

    test('spreads the starts of a key evenly', async () => {
      await using here = await given(open)
      const limits = keyed({ rate })
      const runs = await ofKeys(here, 'a', 'a', 'b', 'a')
      const first = await here.claimed(['collect'], { limits, at: after(10) })
      assert.deepEqual([idsOf(first.runs), first.blocked, first.againAt], [[runs[0]?.id, runs[2]?.id], true, after(20)])
      const early = await here.claimed(['collect'], { limits, at: after(19) })
      assert.deepEqual([early.runs, early.againAt], [[], after(20)])
      assert.deepEqual(await here.store.gates(runs[1]?.id as never, limits, after(19)), [
        { kind: 'rate', name: 'a', rate, opensAt: after(20) },
      ])
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits, at: after(20) })), [runs[1]?.id])
    })

    test('without a key is that of the task', async () => {
      await using here = await given(open)
      const limits = ofTask({ rate })
      const runs = await ofKeys(here, null, null)
      const first = await here.claimed(['collect'], { limits, at: after(10) })
      assert.deepEqual([idsOf(first.runs), first.againAt], [[runs[0]?.id], after(20)])
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits, at: after(20) })), [runs[1]?.id])
    })

    test('is no longer than one start makes it, when the clock was set back', async () => {
      await using here = await given(open)
      const limits = ofTask({ rate })
      const runs = await ofKeys(here, null, null)
      await here.claim(['collect'], { limits, at: after(86_400) })
      const back = await here.claimed(['collect'], { limits, at: after(100) })
      assert.deepEqual([back.runs, back.againAt], [[], after(110)])
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits, at: after(110) })), [runs[1]?.id])
    })

    test('is forgotten once it does not matter any more', async () => {
      await using here = await given(open)
      const limits = ofTask({ rate: aDay })
      const [, second] = await ofKeys(here, null, null)
      await here.claim(['collect'], { limits, at: after(10) })
      const prune = { kind: 'prune', before: endedBefore(start), keep: 100, limit: 100 } as const
      await here.one({ ...prune, at: after(20) })
      assert.deepEqual(await here.claim(['collect'], { limits, at: after(20) }), [])
      await here.one({ ...prune, at: after(86_420) })
      assert.deepEqual(idsOf(await here.claim(['collect'], { limits, at: after(86_420) })), [second?.id])
    })
  })

  describe('a priority', () => {
    test('comes first, and counts for a minute of waiting a step', async () => {
      await using here = await given(open)
      const want = (seconds: number, priority: number) => here.request({ at: after(seconds), place: { priority } })
      const low = await want(0, 0)
      const usual = await want(299, 5)
      const high = await want(540, 9)
      const late = await want(541, 9)
      // 5 steps of a minute: the usual one overtakes for a second less; the high one has just not caught up.
      const order = await here.claim(['collect'], { at: after(600) })
      assert.deepEqual(idsOf(order), idsOf([usual, low, high, late]))
    })

    test('is kept with the run, over tasks and queues', async () => {
      await using here = await given(open)
      const a = await here.request({ task: 'a', at: after(1) })
      const b = await here.request({ task: 'b', at: after(1), place: { priority: 6, queue: 'slow' } })
      assert.deepEqual([b.priority, b.queue, (await here.run(b.id)).priority], [6, 'slow', 6])
      assert.deepEqual(idsOf(await here.claim(['a', 'b'])), [b.id, a.id])
    })

    test('starves nothing, although twice as much comes with a higher one as is claimed', async () => {
      await using here = await given(open)
      const low = await here.request({ at: start, place: { priority: 0 } })
      for (let claims = 1; ; claims++) {
        const at = after(claims * 30)
        await here.request({ at, place: { priority: 9 } })
        await here.request({ at, place: { priority: 9 } })
        const [run] = await here.claim(['collect'], { at, limit: 1 })
        if (run?.id !== low.id) continue
        // Before it comes what came within nine minutes after it, and nothing else.
        assert.equal(claims, 2 * 17 + 1)
        break
      }
    })
  })

  describe('a pause', () => {
    const pause = { at: after(3), by: 'ada', why: 'the site moves', until: null }

    test('of a queue keeps its runs, queued and retrying, until it is resumed', async () => {
      await using here = await given(open)
      const place = { queue: 'slow' }
      const running = await here.running({ place, attemptsAllowed: 2 })
      const queued = await here.request({ place })
      const other = await here.request()
      assert.deepEqual(await here.one({ kind: 'pause', queue: 'slow', pause }), pause)
      assert.deepEqual(await here.one({ kind: 'pause', queue: 'slow', pause: { ...pause, by: 'bob' } }), pause)
      await here.finish(running, failure(after(6)))
      const claimed = await here.claimed(['collect'])
      assert.deepEqual([idsOf(claimed.runs), claimed.blocked], [[other.id], true])
      assert.deepEqual(await here.claim(['collect'], { only: queued.id }), [])
      assert.deepEqual(await here.store.pauses(), [{ queue: 'slow', pause }])
      assert.deepEqual(await here.store.gates(queued.id, noLimits, after(10)), [
        { kind: 'paused', what: 'queue', name: 'slow', pause },
      ])
      assert.equal(await here.one({ kind: 'resume', queue: 'slow', at: after(8), by: 'bob' }), true)
      assert.equal(await here.one({ kind: 'resume', queue: 'slow', at: after(8), by: 'bob' }), false)
      assert.deepEqual(idsOf(await here.claim(['collect'])), [queued.id, running.id])
      const told = (await here.store.events(2)).map(({ name, detail }) => [name, detail])
      assert.deepEqual(told, [
        ['resumed', "queue 'slow' by bob"],
        ['paused', "queue 'slow' by ada: the site moves"],
      ])
    })

    test('keeps also what would be claimed as it is created', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.one({ kind: 'pause', queue: null, pause })
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { slots: 1 })
      const byHand = await here.running()
      assert.deepEqual(
        [...runs, byHand].map(run => run.state),
        ['queued', 'queued'],
      )
      assert.deepEqual(await here.claim(['collect']), [])
      await here.one({ kind: 'resume', queue: null, at: after(8), by: 'ada' })
      assert.deepEqual(idsOf(await here.claim(['collect'])), idsOf([...runs, byHand]))
    })

    test('of a queue keeps nothing of another as it is created', async () => {
      await using here = await given(open)
      await here.one({ kind: 'pause', queue: 'slow', pause })
      assert.equal((await here.running()).state, 'running')
      assert.equal((await here.running({ place: { queue: 'slow' } })).state, 'queued')
    })
  })

  describe('a place', () => {
    test('of a run is that of its task, and its key that of its input', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly', { input: { host: 'example.org' } })
      const keyOf = (input: unknown) => (input as { host: string }).host
      const placing = { ...usualPlacing, queue: 'slow', priority: 7, keyOf }
      const { runs } = await here.judge(schedule, { runs: wanted(after(1), after(2)), placing }, { slots: 1 })
      for (const run of runs) {
        assert.deepEqual([run.queue, run.priority, run.key], ['slow', 7, 'example.org'])
        assert.deepEqual(await here.run(run.id), run)
      }
    })

    test('is counted by queue', async () => {
      await using here = await given(open)
      await here.running({ place: { queue: 'slow' } })
      await here.request({ place: { queue: 'slow', priority: 1 } })
      await here.request({ place: { queue: 'slow', key: 'a' } })
      await here.request()
      assert.deepEqual(await here.store.queues(), [
        { name: 'default', running: 0, waiting: 1 },
        { name: 'slow', running: 1, waiting: 2 },
      ])
    })
  })
}
