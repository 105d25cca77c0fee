/** Skips that say the same become one row, and stand for each moment in it as firmly as a row of its own would. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { after, given, opening, skip, start, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const rowsOf = async (here: Given) =>
  (await here.store.runs({ limit: 100 }))
    .toReversed()
    .map(row => [row.state, row.nominalAt, row.lastNominalAt, row.count])

export const skipContract = (open: OpenStore): void => {
  describe('a skip', () => {
    test('of one moment is a row that is over', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { others } = await here.judge(schedule, { skips: [skip(after(1), after(1), 1)] }, { at: after(2) })
      const [row] = others
      assert.ok(row)
      assert.deepEqual(
        [row.state, row.reason, row.detail, row.nominalAt, row.lastNominalAt, row.count, row.endedAt],
        ['skipped', 'missed', 'too late', after(1), null, 1, after(2)],
      )
      assert.deepEqual(await here.run(row.id), row)
      assert.deepEqual((await here.stored('hourly')).runsCreated, 0)
    })

    test('of several moments is one row with its range', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.judge(schedule, { skips: [skip(after(1), after(5), 5)] }, { at: after(5) })
      assert.deepEqual(await rowsOf(here), [['skipped', after(1), after(5), 5]])
    })

    test('merges with an equal one before it', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      for (const n of [1, 2, 3]) {
        const judged = await here.judge(schedule, { skips: [skip(after(n), after(n), 1)] }, { at: after(n) })
        const [row] = judged.others
        assert.ok(row)
        assert.equal(row.count, n)
        assert.deepEqual(await here.run(row.id), row)
      }
      assert.deepEqual(await rowsOf(here), [['skipped', after(1), after(3), 3]])
    })

    test('does not merge with one of another reason or detail, of another schedule, or beyond a run', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const other = await here.schedule('other')
      const one = (n: number, detail?: string) => [skip(after(n), after(n), 1, detail)]
      await here.judge(schedule, { skips: one(1) }, { at: after(1) })
      await here.judge(schedule, { skips: one(2, 'something else') }, { at: after(2) })
      await here.judge(other, { skips: one(3, 'something else') }, { at: after(3) })
      await here.judge(schedule, { runs: wanted(after(4)) }, { at: after(4) })
      await here.judge(schedule, { skips: one(5, 'something else') }, { at: after(5) })
      assert.deepEqual(
        (await rowsOf(here)).map(([, , , count]) => count),
        [1, 1, 1, 1, 1],
      )
    })

    test('merges with one of its own decision, and stands before the run of that decision', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const skips = [skip(after(1), after(2), 2), skip(after(3), after(3), 1)]
      await here.judge(schedule, { skips, runs: wanted(after(4)) }, { at: after(4) })
      assert.deepEqual(await rowsOf(here), [
        ['skipped', after(1), after(3), 3],
        ['queued', after(4), null, 1],
      ])
    })
  })

  describe('after a clock was set back', () => {
    const decided = async (here: Given) => {
      const schedule = await here.schedule('hourly')
      await here.judge(schedule, { runs: wanted(after(10)), mark: after(10) }, { at: after(10) })
      await here.judge(schedule, { skips: [skip(after(20), after(40), 3)], mark: after(40) }, { at: after(40) })
      await here.judge(schedule, { mark: start }, { at: start })
      return schedule
    }

    test('what has a row is not decided again', async () => {
      await using here = await given(open)
      const schedule = await decided(here)
      const before = await rowsOf(here)
      const judged = await here.judge(
        schedule,
        { runs: wanted(after(10)), opens: opening(after(20)) },
        { at: after(21) },
      )
      assert.deepEqual([judged.runs, judged.others], [[], []])
      assert.deepEqual(await rowsOf(here), before)
    })

    test('a moment that only lay within a merged skip may run after all', async () => {
      await using here = await given(open)
      const schedule = await decided(here)
      const judged = await here.judge(schedule, { runs: wanted(after(30)) }, { at: after(30) })
      assert.equal(judged.runs.length, 1)
    })

    test('skips of moments that were passed before keep a row each', async () => {
      await using here = await given(open)
      const schedule = await decided(here)
      const skips = [25, 26, 27].map(n => skip(after(n), after(n), 1))
      await here.judge(schedule, { skips, mark: after(27) }, { at: after(27) })
      assert.deepEqual((await rowsOf(here)).slice(-3), [
        ['skipped', after(25), null, 1],
        ['skipped', after(26), null, 1],
        ['skipped', after(27), null, 1],
      ])
    })

    test('what was never decided is decided', async () => {
      await using here = await given(open)
      const schedule = await decided(here)
      const judged = await here.judge(schedule, { runs: wanted(after(15), after(50)) }, { at: after(50) })
      assert.equal(judged.runs.length, 2)
    })

    test('no skip merges over what was decided in between', async () => {
      await using here = await given(open)
      const schedule = await decided(here)
      await here.judge(schedule, { skips: [skip(after(5), after(5), 1)], mark: after(5) }, { at: after(5) })
      await here.judge(schedule, { mark: after(41) }, { at: after(41) })
      await here.judge(schedule, { skips: [skip(after(50), after(50), 1)], mark: after(50) }, { at: after(50) })
      assert.deepEqual((await rowsOf(here)).slice(-2), [
        ['skipped', after(5), null, 1],
        ['skipped', after(50), null, 1],
      ])
    })
  })
}
