/** Requests and claims: who waits, who comes first, who may not start. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { after, deciding, failure, given, idsOf, opening, releasing, start, wanted } from '../given.ts'
import type { OpenStore } from '../given.ts'

export const claimContract = (open: OpenStore): void => {
  describe('after the clock was set back', () => {
    test('what was queued is due at once, in its order, and what is to be tried again later is not', async () => {
      await using here = await given(open)
      const [second, first] = [await here.request({ at: after(60) }), await here.request({ at: after(50) })]
      const failing = await here.running({ attemptsAllowed: 2 })
      await here.finish(failing, failure(after(70)))
      assert.deepEqual(await here.claim(['collect'], { at: after(10) }), [])
      assert.equal(await here.one({ kind: 'hasten', at: after(10) }), 2)
      assert.equal(await here.one({ kind: 'hasten', at: after(10) }), 0)
      const claimed = await here.claim(['collect'], { at: after(10) })
      assert.deepEqual(new Set(idsOf(claimed)), new Set([first.id, second.id]))
    })
  })

  describe('a request', () => {
    test('makes a queued run with its input and who wanted it', async () => {
      await using here = await given(open)
      const run = await here.request({
        input: { keyword: 'ä', pages: [1, 2.5, null] },
        attemptsAllowed: 3,
        at: after(2),
      })
      assert.deepEqual(
        [run.state, run.trigger, run.input, run.attemptsAllowed, run.createdAt, run.scheduleId, run.nominalAt],
        ['queued', { kind: 'hand', by: 'ada' }, { keyword: 'ä', pages: [1, 2.5, null] }, 3, after(2), null, null],
      )
      assert.deepEqual(await here.run(run.id), run)
    })

    test('may be claimed at once', async () => {
      await using here = await given(open)
      const run = await here.running()
      assert.deepEqual([run.state, run.worker, run.attempt, run.fence, run.startedAt], ['running', 'w1', 1, 1, start])
      assert.deepEqual(await here.run(run.id), run)
    })

    test('keeps each kind of trigger', async () => {
      await using here = await given(open)
      const first = await here.request()
      for (const trigger of [{ kind: 'schedule' }, { kind: 'again', by: 'bob', of: first.id }] as const) {
        const { task } = first
        const run = await here.one({
          kind: 'request',
          task,
          input: null,
          trigger,
          at: start,
          attemptsAllowed: 1,
          claimFor: null,
        })
        assert.deepEqual((await here.run(run.id)).trigger, trigger)
      }
    })
  })

  describe('a claim', () => {
    test('takes the runs that became due first, of the tasks named, up to the limit', async () => {
      await using here = await given(open)
      const late = await here.request({ task: 'a', at: after(3) })
      const soon = await here.request({ task: 'b', at: after(1) })
      const mid = await here.request({ task: 'a', at: after(2) })
      await here.request({ task: 'unknown here', at: start })
      assert.deepEqual(idsOf(await here.claim(['a', 'b'], { limit: 2 })), [soon.id, mid.id])
      assert.deepEqual(idsOf(await here.claim(['a', 'b'])), [late.id])
      assert.deepEqual(await here.claim(['a', 'b']), [])
    })

    test('makes them running under a higher fence', async () => {
      await using here = await given(open)
      await here.request({ at: start })
      const [run] = await here.claim(['collect'], { at: after(7), worker: 'w9' })
      assert.ok(run)
      assert.deepEqual(
        [run.state, run.worker, run.fence, run.attempt, run.startedAt],
        ['running', 'w9', 1, 1, after(7)],
      )
      assert.deepEqual(await here.run(run.id), run)
    })

    test('takes runs that are due at the same time in the order of their numbers', async () => {
      await using here = await given(open)
      const runs = []
      for (const task of ['b', 'a', 'b', 'a']) runs.push(await here.request({ task }))
      assert.deepEqual(idsOf(await here.claim(['a', 'b'])), idsOf(runs))
    })

    test('takes a retrying run when it is due, and not before', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      await here.finish(run, failure(after(30)))
      assert.deepEqual(await here.claim(['collect'], { at: after(29) }), [])
      const [again] = await here.claim(['collect'], { at: after(30) })
      assert.deepEqual(
        [again?.id, again?.attempt, again?.fence, again?.startedAt, again?.retryAt],
        [run.id, 2, 2, start, null],
      )
    })

    test('places a released run by when it was released', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly', { task: 'a' as never })
      const { others } = await here.judge(schedule, { opens: opening(after(1)) }, { at: after(1) })
      const between = await here.request({ task: 'a', at: after(5) })
      await here.judge(schedule, { released: releasing(idsOf(others)) }, { at: after(9) })
      assert.deepEqual(idsOf(await here.claim(['a'])), [between.id, ...idsOf(others)])
    })

    test('takes only the run that is named, if it may start', async () => {
      await using here = await given(open)
      const first = await here.request()
      const second = await here.request()
      assert.deepEqual(await here.claim(['other'], { only: second.id }), [])
      assert.deepEqual(idsOf(await here.claim(['collect'], { only: second.id })), [second.id])
      assert.deepEqual(await here.claim(['collect'], { only: second.id }), [])
      assert.deepEqual(idsOf(await here.claim(['collect'])), [first.id])
    })

    test('leaves the queued and retrying runs of a paused schedule until it is resumed', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(
        schedule,
        { runs: wanted(after(1), after(2)), attemptsAllowed: 2 },
        { slots: 1 },
      )
      const [running, queued] = runs
      assert.ok(running && queued)
      await here.one({
        kind: 'pauseSchedule',
        name: 'hourly',
        pause: { at: after(3), by: 'ada', why: null, until: null },
      })
      await here.finish(running, failure(after(6)))
      assert.deepEqual(await here.claim(['collect']), [])
      assert.deepEqual(await here.claim(['collect'], { only: queued.id }), [])
      assert.equal((await here.store.nextDueAt(after(5))).retry, null)
      await here.one({ kind: 'resumeSchedule', name: 'hourly', at: after(8) }, deciding({}))
      assert.deepEqual(idsOf(await here.claim(['collect'])), [queued.id, running.id])
    })

    test('takes what is left of a schedule that was removed while it was paused', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)), attemptsAllowed: 2 }, { slots: 1 })
      const [run] = runs
      assert.ok(run)
      await here.one({
        kind: 'pauseSchedule',
        name: 'hourly',
        pause: { at: after(3), by: 'ada', why: null, until: null },
      })
      await here.finish(run, failure(after(6)))
      await here.one({ kind: 'removeSchedule', name: 'hourly', at: after(5) })
      assert.equal((await here.store.nextDueAt(after(5))).retry, after(6))
      assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(6) })), [run.id])
    })

    test('of no tasks takes nothing', async () => {
      await using here = await given(open)
      await here.request()
      assert.deepEqual(await here.claim([]), [])
      assert.deepEqual(await here.claim(['collect'], { limit: 0 }), [])
    })
  })
}
