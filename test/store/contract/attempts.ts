/** How attempts end: finished, given back, cancelled, lost with their worker. And what their end sets going. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import type { Instant } from '../../../src/base/instant.ts'
import type { RunId } from '../../../src/base/name.ts'
import type { Judge } from '../../../src/domain/opportunity.ts'
import { step } from '../../../src/domain/run-machine.ts'
import type { Run } from '../../../src/domain/run.ts'
import { after, deciding, done, failure, given, idsOf, opening, releasing, start, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

/** Releases the oldest open row when nothing is unfinished. */
const inTurn: Judge = (subject, at) => {
  const next = subject.unfinished.length === 0 ? subject.open.slice(0, 1) : []
  return deciding({ released: releasing(next.map(row => row.id)), nextAt: after(600) })(subject, at)
}

/** A schedule with one running run and one open row that waits for it. */
const waiting = async (here: Given, attemptsAllowed = 1) => {
  const schedule = await here.schedule('hourly')
  const decision = { runs: wanted(after(1)), opens: opening(after(2)), attemptsAllowed }
  const { runs, others } = await here.judge(schedule, decision, { at: after(2), slots: 1 })
  const [run] = runs
  const [row] = others
  assert.ok(run && row)
  return { schedule, run, row }
}

const unknown = 4_711 as RunId

export const attemptsContract = (open: OpenStore): void => {
  describe('finishing', () => {
    test('ends a run as the run machine says, with its result', async () => {
      await using here = await given(open)
      const run = await here.running()
      const finished = await here.finish(run, done, { at: after(5) })
      const event = { kind: 'finish', at: after(5), fence: run.fence, outcome: done } as const
      assert.deepEqual(finished, { run: step(run, event).run, refused: null, healthChanges: [] })
      assert.deepEqual(await here.run(run.id), finished.run)
    })

    test('keeps the error, the detail and the reason of a run that did not succeed', async () => {
      await using here = await given(open)
      for (const outcome of [failure(), { kind: 'partial', result: [1], detail: 'page 2 is missing' } as const]) {
        const { run } = await here.finish(await here.running(), outcome)
        assert.deepEqual(await here.run(run.id), run)
      }
    })

    test('is refused under another fence, and changes nothing', async () => {
      await using here = await given(open)
      const run = await here.running()
      const finished = await here.finish({ id: run.id, fence: run.fence + 1 })
      assert.deepEqual(finished, { run, refused: 'fenced', healthChanges: [] })
      assert.deepEqual(await here.run(run.id), run)
      assert.deepEqual(await here.store.attempts(run.id), [])
    })

    test('is refused once the run is over', async () => {
      await using here = await given(open)
      const run = await here.running()
      const { run: over } = await here.finish(run)
      assert.deepEqual(await here.finish(run, failure()), {
        run: over,
        refused: 'over',
        healthChanges: [],
      })
      assert.deepEqual(await here.run(run.id), over)
    })

    test('of a run that is not there fails', async () => {
      await using here = await given(open)
      await assert.rejects(here.finish({ id: unknown, fence: 1 }), error => isRotaError(error, 'RUN_UNKNOWN'))
    })

    test('judges the open rows that waited for it, in the same commit', async () => {
      await using here = await given(open)
      const { run, row } = await waiting(here)
      await here.finish(run, done, { at: after(5), judge: inTurn })
      const [judged] = here.followed
      assert.deepEqual(
        judged?.runs.map(released => [released.id, released.state]),
        [[row.id, 'queued']],
      )
      assert.deepEqual(await here.stored('hourly'), judged?.schedule)
    })

    test('judges nothing while a retry is to come', async () => {
      await using here = await given(open)
      const { run, row } = await waiting(here, 2)
      await here.finish(run, failure(after(9)), { judge: inTurn })
      assert.deepEqual(here.followed, [])
      assert.equal((await here.run(row.id)).state, 'open')
    })

    test('stands when the judge throws, and brings the schedule to the attention of the scheduler', async () => {
      await using here = await given(open)
      const { run, row } = await waiting(here)
      const { run: over } = await here.finish(run, done, { at: after(5) })
      assert.deepEqual(here.followed, [])
      assert.equal((await here.run(run.id)).state, 'succeeded')
      assert.equal(over.state, 'succeeded')
      assert.equal((await here.run(row.id)).state, 'open')
      assert.equal((await here.stored('hourly')).nextAt, after(5))
    })
  })

  describe('the attempts of a run', () => {
    test('are none before the first is over', async () => {
      await using here = await given(open)
      assert.deepEqual(await here.store.attempts((await here.request()).id), [])
      assert.deepEqual(await here.store.attempts((await here.running()).id), [])
      assert.deepEqual(await here.store.attempts(unknown), [])
    })

    test('hold the only one, whatever its outcome', async () => {
      await using here = await given(open)
      const cases = [
        [done, 'succeeded', null],
        [{ kind: 'partial', result: 1, detail: 'some' }, 'partial', null],
        [failure(), 'failed', 'error'],
      ] as const
      for (const [outcome, as, reason] of cases) {
        const run = await here.running()
        await here.finish(run, outcome, { at: after(7), startedAt: after(3) })
        const error = outcome.kind === 'failed' ? outcome.error : null
        assert.deepEqual(await here.store.attempts(run.id), [
          { run: run.id, attempt: 1, worker: 'w1', startedAt: after(3), endedAt: after(7), outcome: as, reason, error },
        ])
      }
    })

    test('hold each one of a run that was retried, in order', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 3 })
      await here.finish(run, failure(after(10)), { at: after(5), startedAt: after(1) })
      const [second] = await here.claim(['collect'], { at: after(10), worker: 'w2' })
      assert.ok(second)
      await here.finish(second, done, { at: after(15), startedAt: after(11), worker: 'w2' })
      const first = { attempt: 1, worker: 'w1', startedAt: after(1), endedAt: after(5), outcome: 'failed' }
      const last = { attempt: 2, worker: 'w2', startedAt: after(11), endedAt: after(15), outcome: 'succeeded' }
      assert.deepEqual(await here.store.attempts(run.id), [
        { run: run.id, ...first, reason: 'error', error: { name: 'Error', message: 'no answer' } },
        { run: run.id, ...last, reason: null, error: null },
      ])
    })
  })

  describe('giving back', () => {
    test('queues a run that may run again, where it stood before', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      const later = await here.request({ at: after(1) })
      const back = await here.giveBack(run, after(4))
      assert.equal(back.refused, null)
      assert.deepEqual(
        [back.run.state, back.run.attempt, back.run.attemptsAllowed, back.run.worker],
        ['queued', 1, 3, null],
      )
      assert.deepEqual(await here.run(run.id), back.run)
      assert.deepEqual(
        (await here.store.attempts(run.id)).map(({ attempt, outcome, worker, startedAt, endedAt }) => [
          attempt,
          outcome,
          worker,
          startedAt,
          endedAt,
        ]),
        [[1, 'given back', 'w1', after(1), after(4)]],
      )
      assert.deepEqual(idsOf(await here.claim(['collect'])), [run.id, later.id])
    })

    test('ends a run that has had its only attempt, and wakes what waited for it', async () => {
      await using here = await given(open)
      const { run, row } = await waiting(here)
      const change = {
        kind: 'giveBack',
        run: run.id,
        fence: run.fence,
        at: after(4),
        attemptStartedAt: after(2),
      } as const
      const back = await here.one(change, inTurn)
      assert.deepEqual([back.run.state, back.run.reason], ['failed', 'stopped'])
      assert.deepEqual(await here.run(run.id), back.run)
      assert.equal((await here.run(row.id)).state, 'queued')
      assert.equal((await here.store.attempts(run.id)).length, 1)
    })

    test('is refused under another fence', async () => {
      await using here = await given(open)
      const run = await here.running()
      const back = await here.giveBack({ ...run, fence: 9 })
      assert.deepEqual(back, { run, refused: 'fenced' })
    })
  })

  describe('cancelling', () => {
    test('ends at once what is not running', async () => {
      await using here = await given(open)
      const { row } = await waiting(here)
      const retrying = await here.running({ attemptsAllowed: 2 })
      await here.finish(retrying, failure(after(60)))
      const queued = await here.request()
      for (const id of [row.id, retrying.id, queued.id]) {
        const { run, refused } = await here.cancel(id, { at: after(8), judge: inTurn })
        assert.deepEqual([run.state, run.cancelledBy, run.endedAt, refused], ['cancelled', 'ada', after(8), null])
        assert.deepEqual(await here.run(id), run)
      }
      assert.deepEqual(await here.claim(['collect'], { at: after(100) }), [])
    })

    test('asks what is running to stop; its end is cancelled, with the result as evidence', async () => {
      await using here = await given(open)
      const run = await here.running()
      const asked = await here.cancel(run.id, { at: after(3) })
      assert.deepEqual([asked.run.state, asked.run.cancelRequestedAt], ['running', after(3)])
      assert.deepEqual(await here.run(run.id), asked.run)
      const { run: over } = await here.finish(run, done, { at: after(5), startedAt: after(2) })
      assert.deepEqual([over.state, over.result], ['cancelled', { pages: 3 }])
      assert.deepEqual(await here.run(run.id), over)
      assert.deepEqual(
        (await here.store.attempts(run.id)).map(attempt => [attempt.outcome, attempt.reason, attempt.startedAt]),
        [['cancelled', null, after(2)]],
      )
    })

    test('wakes what waited for the run', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs, others } = await here.judge(schedule, { runs: wanted(after(1)), opens: opening(after(2)) })
      const [run] = runs
      const [row] = others
      assert.ok(run && row)
      await here.cancel(run.id, { judge: inTurn })
      assert.deepEqual(idsOf(here.followed.flatMap(judged => judged.runs)), [row.id])
    })

    test('is refused when the run is over, and fails when there is none', async () => {
      await using here = await given(open)
      const { run } = await here.finish(await here.running())
      assert.deepEqual(await here.cancel(run.id), { run, refused: 'over', healthChanges: [] })
      await assert.rejects(here.cancel(unknown), error => isRotaError(error, 'RUN_UNKNOWN'))
    })
  })

  describe('rescue', () => {
    const rescue = (here: Given, worker: string, at: Instant, judge?: Judge): Promise<readonly Run[]> =>
      here.one({ kind: 'rescue', worker, at }, judge)

    test('ends what a dead worker was executing by the crash rule, and nothing of others', async () => {
      await using here = await given(open)
      await here.one({ kind: 'joinWorker', worker: 'w1', host: 'h', version: '1', startedAt: start })
      const once = await here.running()
      const twice = await here.running({ attemptsAllowed: 2 })
      const others = await here.running({ worker: 'w2' })
      const queued = await here.request()
      const rescued = await rescue(here, 'w1', after(9))
      assert.deepEqual(
        rescued.map(run => [run.id, run.state, run.reason, run.retryAt, run.deaths]),
        [
          [once.id, 'failed', 'lost', null, 1],
          [twice.id, 'retrying', null, twice.createdAt, 1],
        ],
      )
      for (const run of rescued) assert.deepEqual(await here.run(run.id), run)
      assert.deepEqual(await here.run(others.id), others)
      assert.deepEqual(await here.run(queued.id), queued)
      const workers = await here.store.workers()
      assert.ok(!workers.some(({ worker }) => worker === 'w1'))
    })

    test('records the attempts that were lost', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2, at: after(1) })
      await rescue(here, 'w1', after(9))
      await here.claim(['collect'], { at: after(20), worker: 'w2' })
      await rescue(here, 'w2', after(30))
      assert.deepEqual(
        (await here.store.attempts(run.id)).map(one => [one.attempt, one.worker, one.startedAt, one.endedAt]),
        [
          [1, 'w1', after(1), after(9)],
          [2, 'w2', after(20), after(30)],
        ],
      )
      assert.deepEqual(
        (await here.store.attempts(run.id)).map(one => [one.outcome, one.reason]),
        [
          ['failed', 'lost'],
          ['failed', 'lost'],
        ],
      )
    })

    test('keeps what its process used, of the last attempt that was measured', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      const measured = { worker: 'w1', taskIsSource: false, attemptStartedAt: start, memoryMb: 123 } as const
      const change = { kind: 'finish', run: run.id, at: after(1), ...measured } as const
      const { run: retrying } = await here.one({ ...change, fence: run.fence, outcome: failure(after(2)) })
      assert.equal(retrying.memoryMb, 123)
      const [again] = await here.claim(['collect'], { at: after(2) })
      assert.ok(again)
      await here.one({ ...change, fence: again.fence, at: after(3), outcome: done, memoryMb: 45 })
      assert.equal((await here.run(run.id)).memoryMb, 45)
    })

    test('lets what was interrupted go on before what waits', async () => {
      await using here = await given(open)
      const interrupted = await here.running({ attemptsAllowed: 2, at: after(1) })
      const waiting = await here.request({ at: after(2) })
      await rescue(here, 'w1', after(9))
      const claimed = await here.claim(['collect'], { at: after(9), worker: 'w2', limit: 2 })
      assert.deepEqual(idsOf(claimed), [interrupted.id, waiting.id])
    })

    test('wakes what waited for a run that is over now', async () => {
      await using here = await given(open)
      const { row } = await waiting(here)
      await rescue(here, 'w1', after(9), inTurn)
      assert.equal((await here.run(row.id)).state, 'queued')
    })

    test('fences the dead worker, should it come back', async () => {
      await using here = await given(open)
      const run = await here.running({ attemptsAllowed: 2 })
      const [rescued] = await rescue(here, 'w1', after(9))
      assert.equal((await here.finish(run)).refused, 'fenced')
      assert.deepEqual(await here.run(run.id), rescued)
      await here.claim(['collect'], { at: after(10), worker: 'w2' })
      assert.equal((await here.finish(run)).refused, 'fenced')
    })

    test('of a worker nobody knows does nothing', async () => {
      await using here = await given(open)
      assert.deepEqual(await rescue(here, 'nobody', after(9)), [])
    })
  })
}
