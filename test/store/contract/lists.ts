/** Lists of runs: newest first, by what they are asked for, page after page. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { instant } from '../../../src/base/instant.ts'
import { finalStates, runStates } from '../../../src/domain/run.ts'
import type { Run } from '../../../src/domain/run.ts'
import type { RunFilter } from '../../../src/store/store.ts'
import { after, deciding, done, failure, given, idsOf, opening, skip, start, unit, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

/** Runs of two schedules and by hand, of two tasks, in every state, some with units. */
const mixed = async (here: Given): Promise<readonly Run[]> => {
  const a = await here.schedule('a', { task: 'one' as never })
  const b = await here.schedule('b', { task: 'two' as never })
  for (let i = 1; i <= 4; i++) {
    for (const schedule of [a, b]) {
      const part = { runs: wanted(after(10 * i)), skips: [skip(after(10 * i + 1), after(10 * i + 1), 1, `${i}`)] }
      const { runs } = await here.judge(schedule, part, { at: after(10 * i + 1), slots: i % 2 })
      const [run] = runs
      assert.ok(run)
      if (run.state !== 'running') continue
      await here.finishUnit(run, unit('q', { source: i === 1 ? 'news' : 'odds' }))
      await here.finish(run, i === 1 ? done : failure(), { judge: deciding({}) })
    }
    const byHand = await here.running({ task: i % 2 === 0 ? 'one' : 'two', attemptsAllowed: 2 })
    if (i === 1) await here.finish(byHand, { kind: 'partial', result: null, detail: 'some' })
    if (i === 2) await here.finish(byHand, failure(after(99)))
    if (i === 3) await here.giveBack(byHand)
  }
  await here.judge(a, { opens: opening(after(70)) })
  await here.cancel((await here.request({ task: 'two' })).id)
  return here.store.runs({ limit: 1_000 })
}

const pagesOf = async (here: Given, filter: Omit<RunFilter, 'limit' | 'before'>, limit: number) => {
  const all: Run[] = []
  for (let page = await here.store.runs({ ...filter, limit }); page.length > 0;) {
    assert.ok(page.length <= limit)
    all.push(...page)
    page = await here.store.runs({ ...filter, limit, before: all.at(-1)?.id ?? page[0]!.id })
  }
  return all
}

export const listContract = (open: OpenStore): void => {
  describe('a list of runs', () => {
    test('holds every run, newest first, in pages of any size', async () => {
      await using here = await given(open)
      const all = await mixed(here)
      assert.deepEqual(new Set(all.map(run => run.state)), new Set(runStates))
      assert.deepEqual(
        idsOf(all),
        idsOf(all).toSorted((x, y) => y - x),
      )
      for (const limit of [1, 3, 100]) assert.deepEqual(await pagesOf(here, {}, limit), all)
    })

    test('holds what every filter, and every two of them, let through', async () => {
      await using here = await given(open)
      const all = await mixed(here)
      const withUnitOf = new Map<string, Set<number>>()
      for (const run of all) {
        for (const { source } of await here.store.units(run.id)) {
          withUnitOf.set(source, (withUnitOf.get(source) ?? new Set()).add(run.id))
        }
      }
      const states = [
        undefined,
        ['failed'],
        ['queued', 'running'],
        ['open', 'skipped', 'succeeded'],
        finalStates,
        [],
      ] as const
      const tasks = [undefined, 'one', 'two', 'none']
      const schedules = [undefined, 'a', 'b', 'none']
      const sources = [undefined, 'news', 'odds', 'none']
      let asked = 0
      for (const wantedStates of states)
        for (const task of tasks)
          for (const schedule of schedules)
            for (const source of sources) {
              const filter = {
                ...(wantedStates && { states: wantedStates }),
                ...(task && { task }),
                ...(schedule && { schedule }),
                ...(source && { source }),
              }
              const expected = all.filter(
                run =>
                  (wantedStates === undefined || (wantedStates as readonly string[]).includes(run.state)) &&
                  (task === undefined || run.task === task) &&
                  (schedule === undefined || run.schedule === schedule) &&
                  (source === undefined || (withUnitOf.get(source)?.has(run.id) ?? false)),
              )
              const named = JSON.stringify(filter)
              assert.deepEqual(idsOf(await here.store.runs({ ...filter, limit: 100 })), idsOf(expected), named)
              assert.deepEqual(idsOf(await pagesOf(here, filter, 2)), idsOf(expected), named)
              asked++
            }
      assert.equal(asked, states.length * 64)
    })

    test('of a schedule goes on below any number, also below one that is not its own', async () => {
      await using here = await given(open)
      const all = await mixed(here)
      const own = all.filter(run => run.schedule === 'a')
      for (const { id } of all) {
        const below = own.filter(run => run.id < id)
        assert.deepEqual(await here.store.runs({ schedule: 'a', before: id, limit: 100 }), below)
      }
    })

    test('names the schedule also after it was removed, and holds its runs beside those of its successor', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { slots: 1 })
      await here.one({ kind: 'removeSchedule', name: 'a', at: after(2) })
      assert.deepEqual(await here.store.runs({ schedule: 'a', limit: 10 }), runs)
      const successor = await here.schedule('a', {}, after(3))
      assert.notEqual(successor.id, schedule.id)
      const { runs: more } = await here.judge(successor, { runs: wanted(after(1)) }, { at: after(4) })
      assert.deepEqual(await here.store.runs({ schedule: 'a', limit: 10 }), [...more, ...runs])
    })

    test('of a run that is not there is null', async () => {
      await using here = await given(open)
      assert.equal(await here.store.run(1 as never), null)
    })
  })

  describe('strips', () => {
    test('are the last runs of each schedule, oldest first, skips included', async () => {
      await using here = await given(open)
      const all = await mixed(here)
      const [a, b] = [await here.stored('a'), await here.stored('b')]
      const strips = await here.store.strips([b.id, a.id, 4_711], 3)
      const last = (name: string) =>
        all
          .filter(run => run.schedule === name)
          .slice(0, 3)
          .toReversed()
      assert.deepEqual(strips.get(a.id), last('a'))
      assert.deepEqual(strips.get(b.id), last('b'))
      assert.deepEqual(strips.get(4_711) ?? [], [])
    })
  })

  describe('counts', () => {
    test('are of what is live now, and of what ended since then', async () => {
      await using here = await given(open)
      assert.deepEqual(await here.store.countRuns(after(0)), Object.fromEntries(runStates.map(state => [state, 0])))
      for (let i = 0; i < 3; i++) await here.finish(await here.running(), done, { at: after(10 * i) })
      await here.request()
      await here.running()
      const counts = await here.store.countRuns(after(10))
      assert.deepEqual([counts.succeeded, counts.queued, counts.running, counts.failed], [2, 1, 1, 0])
    })

    test('are what the list says, from any instant on', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('a')
      for (let i = 0; i < 30; i++) {
        const at = instant(start + i * 17_001)
        await here.finish(await here.running(), i % 3 === 0 ? failure() : done, { at })
        // Equal neighbours merge: then one row ends anew.
        await here.judge(schedule, { skips: [skip(at, at, 1, `${Math.floor(i / 4)}`)], mark: at }, { at })
      }
      const all = await here.store.runs({ limit: 100 })
      for (let since: number = start; since < start + 31 * 17_001; since += 11_003) {
        const counts = await here.store.countRuns(instant(since))
        for (const state of ['succeeded', 'failed', 'skipped'] as const) {
          const listed = all.filter(run => run.state === state && run.endedAt !== null && run.endedAt >= since)
          assert.equal(counts[state], listed.length, `${state} since ${since}`)
        }
      }
    })

    test('hold nothing of an end that was not committed', async () => {
      await using here = await given(open)
      const { id: run, fence } = await here.running()
      const end = { kind: 'finish', run, fence, at: after(1), outcome: done, worker: 'w1' } as const
      const common = { attemptStartedAt: after(0), taskIsSource: false } as const
      const unknown = { ...end, ...common, run: (run + 1) as typeof run }
      await here.store.commit([{ ...end, ...common }, unknown], deciding({}))
      assert.equal((await here.store.countRuns(start)).succeeded, 1)
    })
  })
}
