/** Retention: what is old goes, the last executed runs of each schedule stay, and no number is given twice. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  after,
  done,
  endedBefore,
  failure,
  given,
  idsOf,
  nothingToJudge,
  opening,
  skip,
  start,
  unit,
  wanted,
} from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const prune = async (here: Given, keep: number, limit = 100, before = endedBefore(after(1_000))) =>
  (await here.one({ kind: 'prune', at: after(1_000), before, keep, limit })).gone

/** Executed runs of a schedule, one a second. */
const executed = async (here: Given, name: string, count: number, from = 1) => {
  const schedule = await here.stored(name)
  const ids = []
  for (let i = from; i < from + count; i++) {
    const { runs } = await here.judge(schedule, { runs: wanted(after(i)) }, { at: after(i), slots: 1 })
    const [run] = runs
    assert.ok(run)
    await here.finish(run, done, { at: after(i), judge: nothingToJudge })
    ids.push(run.id)
  }
  return ids
}

const stored = async (here: Given) => idsOf(await here.store.runs({ limit: 1_000 })).toReversed()

export const retentionContract = (open: OpenStore): void => {
  describe('retention', () => {
    test('deletes what is old, in slices, and says how much', async () => {
      await using here = await given(open)
      await here.schedule('a')
      const ids = await executed(here, 'a', 25)
      assert.deepEqual([await prune(here, 1, 10), await prune(here, 1, 10), await prune(here, 1, 10)], [10, 10, 4])
      assert.equal(await prune(here, 1, 10), 0)
      assert.deepEqual(await stored(here), ids.slice(-1))
    })

    test('takes fewer runs at once where they have many lines', async () => {
      await using here = await given(open)
      const lines = Array.from(
        { length: 10_000 },
        () => ({ at: start, level: 'info', message: 'said', fields: null }) as const,
      )
      for (let i = 0; i < 2; i++) {
        const run = await here.running()
        await here.one({ kind: 'log', run: run.id, fence: run.fence, lines })
        await here.finish(run, done)
      }
      assert.deepEqual([await prune(here, 0), await prune(here, 0), await prune(here, 0)], [1, 1, 0])
    })

    test('of no more than nothing deletes nothing', async () => {
      await using here = await given(open)
      await here.schedule('a')
      await executed(here, 'a', 3)
      assert.equal(await prune(here, 0, 0), 0)
      assert.equal((await stored(here)).length, 3)
    })

    test('comes round to what was not old when it passed', async () => {
      await using here = await given(open)
      await here.schedule('a')
      const [slow] = [await here.running()]
      await executed(here, 'a', 9)
      assert.equal(await prune(here, 0, 4), 4)
      await here.finish(slow, done, { at: after(20) })
      assert.deepEqual([await prune(here, 0, 4), await prune(here, 0, 4), await prune(here, 0, 4)], [4, 1, 1])
      assert.deepEqual(await stored(here), [])
    })

    test('leaves what is not older than that', async () => {
      await using here = await given(open)
      await here.schedule('a')
      const ids = await executed(here, 'a', 9)
      assert.equal(await prune(here, 0, 100, endedBefore(after(5))), 4)
      assert.deepEqual(await stored(here), ids.slice(4))
    })

    test('takes what has an age of its own by that', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      const ids = await executed(here, 'a', 3)
      const failed = await here.running({ attemptsAllowed: 1 })
      await here.finish(failed, failure(), { at: after(4) })
      await here.judge(schedule, { skips: [skip(after(5), after(5), 1, 'early')] }, { at: after(5) })
      const before = { ...endedBefore(after(1_000)), failed: after(4), skipped: after(5) }
      const skipped = idsOf(await here.store.runs({ states: ['skipped'], limit: 1 }))
      assert.equal(await prune(here, 0, 100, before), ids.length)
      assert.deepEqual(await stored(here), [failed.id, ...skipped])
      assert.equal(await prune(here, 0), 2)
    })

    test('is done only when all has been looked at, also where most of it is kept', async () => {
      await using here = await given(open)
      await here.schedule('a')
      await executed(here, 'a', 9)
      const slice = { kind: 'prune', at: after(1_000), before: endedBefore(after(1_000)), keep: 3, limit: 4 } as const
      assert.deepEqual(
        [await here.one(slice), await here.one(slice), await here.one(slice)],
        [
          { gone: 4, isDone: false },
          { gone: 2, isDone: true },
          { gone: 0, isDone: true },
        ],
      )
    })

    test('leaves what is not over, however old', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      await here.judge(schedule, { runs: wanted(after(1)), opens: opening(after(2)) })
      await here.running()
      assert.equal(await prune(here, 0), 0)
    })

    test('leaves the last executed runs of each schedule, and of each task by hand', async () => {
      await using here = await given(open)
      await here.schedule('a')
      await here.schedule('b')
      const a = await executed(here, 'a', 4)
      const byHand = []
      for (const task of ['one', 'one', 'one', 'two']) {
        const { run } = await here.finish(await here.running({ task }))
        byHand.push(run.id)
      }
      const b = await executed(here, 'b', 3)
      assert.equal(await prune(here, 2), 4)
      assert.deepEqual(await stored(here), [...a.slice(2), ...byHand.slice(1), ...b.slice(1)])
    })

    test('counts no skips and nothing unfinished among the executed', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      const ids = await executed(here, 'a', 3)
      for (const i of [10, 11, 12]) {
        await here.judge(schedule, { skips: [skip(after(i), after(i), 1, `${i}`)] }, { at: after(i) })
      }
      await here.judge(schedule, { runs: wanted(after(20)) }, { at: after(20), slots: 1 })
      assert.equal(await prune(here, 2), 4)
      const [running] = idsOf(await here.store.runs({ states: ['running'], limit: 1 }))
      assert.deepEqual(await stored(here), [...ids.slice(1), running])
    })

    test('takes attempts, units and lines along', async () => {
      await using here = await given(open)
      const run = await here.running()
      const line = { at: after(1), level: 'info', message: 'x', fields: null } as const
      await here.one({ kind: 'log', run: run.id, fence: run.fence, lines: [line] })
      await here.finishUnit(run, unit('q'))
      await here.finish(run)
      assert.equal(await prune(here, 0), 1)
      assert.deepEqual(await here.store.logs(run.id, 0, 10), [])
      assert.deepEqual(await here.store.units(run.id), [])
      assert.deepEqual(await here.store.attempts(run.id), [])
      assert.deepEqual(await here.store.runs({ source: 'news', limit: 10 }), [])
    })

    test('never lets a number be given again', async () => {
      await using here = await given(open)
      const { run } = await here.finish(await here.running())
      await prune(here, 0)
      assert.deepEqual(await stored(here), [])
      assert.equal((await here.request()).id, run.id + 1)
    })

    test('leaves the list of a schedule whole, wherever something was deleted', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      for (let i = 1; i <= 20; i++) {
        if (i % 3 === 0) await executed(here, 'a', 1, i)
        else await here.judge(schedule, { skips: [skip(after(i), after(i), 1, `${i}`)] }, { at: after(i) })
      }
      for (const limit of [1, 2, 3, 1, 100]) {
        await prune(here, 4, limit)
        const all = await here.store.runs({ limit: 100 })
        assert.deepEqual(await here.store.runs({ schedule: 'a', limit: 100 }), all)
        assert.deepEqual((await here.store.strips([schedule.id], 100)).get(schedule.id), all.toReversed())
      }
      assert.equal((await stored(here)).length, 4)
      const { others } = await here.judge(schedule, { skips: [skip(after(30), after(30), 1)] }, { at: after(30) })
      assert.deepEqual((await here.store.strips([schedule.id], 1)).get(schedule.id), others)
    })

    test('keeps nothing for a schedule that was removed', async () => {
      await using here = await given(open)
      await here.schedule('a')
      await executed(here, 'a', 3)
      await here.one({ kind: 'removeSchedule', name: 'a', at: after(9) })
      assert.equal(await prune(here, 100), 3)
      assert.deepEqual(await here.store.runs({ schedule: 'a', limit: 10 }), [])
    })
  })
}
