/** Health: judged with each end, kept as a row, each change a row of its own. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { judgeHealth, unknownHealth, verdictsOf } from '../../../src/domain/health.ts'
import type { Health, HealthSubject } from '../../../src/domain/health.ts'
import { after, deciding, done, failure, given, nothingToJudge, opening, unit } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const collect: HealthSubject = { kind: 'task', name: 'collect' }

const healthOf = async (here: Given, subject: HealthSubject): Promise<Health | undefined> =>
  (await here.store.healths()).find(one => one.subject.kind === subject.kind && one.subject.name === subject.name)

const failTimes = async (here: Given, times: number, from = 0): Promise<void> => {
  for (let i = from; i < from + times; i++) await here.finish(await here.running(), failure(), { at: after(i) })
}

export const healthContract = (open: OpenStore): void => {
  describe('health', () => {
    test('is what the verdicts of the ends say, one after the other', async () => {
      await using here = await given(open)
      let expected = unknownHealth(collect, after(0))
      for (const [i, outcome] of [done, failure(), done, done].entries()) {
        const { run } = await here.finish(await here.running(), outcome, { at: after(i) })
        const [verdict] = verdictsOf(run, [], false)
        assert.ok(verdict)
        const { subject, ...said } = verdict
        assert.deepEqual(subject, collect)
        expected = judgeHealth(expected, said)
      }
      assert.deepEqual(await healthOf(here, collect), expected)
    })

    test('changes in the commit of the end that changed it, and leaves one row for a change', async () => {
      await using here = await given(open)
      await failTimes(here, 2)
      const { run, healthChanges } = await here.finish(await here.running(), failure(), { at: after(2) })
      const [change] = healthChanges
      assert.ok(change)
      assert.deepEqual(
        [change.subject, change.from, change.to, change.at, change.run],
        [collect, 'unknown', 'failing', after(2), run.id],
      )
      await failTimes(here, 2, 3)
      const changes = await here.store.healthChanges(collect, 10)
      assert.deepEqual(changes, [{ id: changes[0]?.id, ...change }])
      assert.deepEqual((await healthOf(here, collect))?.since, after(2))
    })

    test('of several ends in one commit counts each', async () => {
      await using here = await given(open)
      const runs = [await here.running(), await here.running(), await here.running(), await here.running()]
      const common = { outcome: failure(), worker: 'w1', attemptStartedAt: after(0), taskIsSource: false } as const
      const { results } = await here.store.commit(
        runs.map(({ id, fence }, i) => ({ kind: 'finish' as const, run: id, fence, at: after(i), ...common })),
        nothingToJudge,
      )
      assert.deepEqual(
        results.map(result => 'ok' in result && result.ok.healthChanges.map(change => change.to)),
        [[], [], ['failing'], []],
      )
      assert.equal((await healthOf(here, collect))?.badInARow, 4)
    })

    test('counts no end of a commit that failed for that end alone', async () => {
      await using here = await given(open)
      const run = await here.running()
      const common = { kind: 'finish', at: after(1), outcome: done, worker: 'w1', attemptStartedAt: after(0) } as const
      const good = { ...common, run: run.id, fence: run.fence, taskIsSource: false }
      await here.store.commit([good, { ...good, run: 4_711 as typeof run.id }], nothingToJudge)
      assert.equal((await healthOf(here, collect))?.judged, 1)
    })

    test('of each source follows its units; a source without units follows its run', async () => {
      await using here = await given(open)
      const run = await here.running()
      await here.finishUnit(run, unit('a', { source: 'news' }))
      await here.finishUnit(run, unit('b', { source: 'odds', state: 'failed', verdict: 'auth' }))
      const { healthChanges } = await here.finish(run, done)
      assert.deepEqual(
        healthChanges.map(change => [change.subject, change.to]),
        [[{ kind: 'source', name: 'odds' }, 'failing']],
      )
      await here.finish(await here.running(), failure(), { taskIsSource: true })
      const sources = await here.store.healths('source')
      assert.deepEqual(
        sources.map(one => [one.subject.name, one.badInARow]),
        [
          ['collect', 1],
          ['news', 0],
          ['odds', 1],
        ],
      )
      assert.deepEqual(
        (await here.store.healths('task')).map(one => one.subject.name),
        ['collect'],
      )
    })

    test('hears nothing of runs that were not executed to their end', async () => {
      await using here = await given(open)
      const retrying = await here.running({ attemptsAllowed: 2 })
      await here.finish(retrying, failure(after(60)))
      const cancelled = await here.running()
      await here.cancel(cancelled.id)
      await here.finish(cancelled)
      const schedule = await here.schedule('hourly')
      await here.judge(schedule, deciding({ opens: opening(after(1)) }))
      assert.deepEqual(await here.store.healths(), [])
    })

    test('shows its changes newest first, of one subject or of all', async () => {
      await using here = await given(open)
      await failTimes(here, 3)
      const run = await here.running()
      await here.finishUnit(run, unit('q', { source: 'odds', state: 'failed', verdict: 'auth' }))
      await here.finish(run, done, { at: after(9) })
      const all = await here.store.healthChanges(null, 10)
      assert.deepEqual(
        all.map(change => change.subject.name),
        ['odds', 'collect'],
      )
      assert.deepEqual(await here.store.healthChanges(collect, 10), all.slice(1))
      assert.deepEqual(await here.store.healthChanges(null, 1), all.slice(0, 1))
    })
  })
}
