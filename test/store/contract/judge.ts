/** Judging one schedule while its row is held: what is seen, and what a decision becomes. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../../src/base/duration.ts'
import type { Instant } from '../../../src/base/instant.ts'
import { foresee } from '../../../src/domain/decision-rows.ts'
import { usualPlace } from '../../../src/domain/limits.ts'
import type { Decision, Judge, Subject } from '../../../src/domain/opportunity.ts'
import { defaultPolicies } from '../../../src/domain/schedule.ts'
import type { Schedule } from '../../../src/domain/schedule.ts'
import type { Change, ScheduleDefinition } from '../../../src/store/store.ts'
import {
  after,
  deciding,
  done,
  endedBefore,
  given,
  idsOf,
  nothingToJudge,
  opening,
  releasing,
  start,
  wanted,
} from '../given.ts'
import type { OpenStore } from '../given.ts'

/** A schedule and the decision on it of one run, nominally after two minutes. */
interface Case {
  readonly definition?: Partial<ScheduleDefinition>
  readonly decision?: Partial<Decision>
  readonly slots?: number
  /** The nominal time of a run before it. */
  readonly before?: Instant
  readonly first?: Change
}

/** Everything that came of it, with a decision that was foreseen or one that was not. */
const judgedWith = async (open: OpenStore, one: Case, isForeseen: boolean): Promise<unknown> => {
  const { definition, decision, slots = 1, before, first } = one
  await using here = await given(open)
  let schedule = await here.schedule('hourly', definition)
  if (first !== undefined) await here.one(first)
  if (before !== undefined) {
    const judged = await here.judge(schedule, { runs: wanted(before), mark: before }, { slots: 1 })
    for (const run of judged.runs) await here.finish(run, done, { judge: deciding({}) })
    schedule = judged.schedule
  }
  const judge = deciding({ runs: wanted(after(2)), mark: after(2), nextAt: after(62), ...decision })
  const at = after(3)
  const foreseen = foresee(schedule, judge({ schedule, unfinished: [], open: [], known: null }, at))
  assert.ok(foreseen)
  const judged = await here.judge(schedule, judge, {
    at,
    slots,
    ahead: schedule,
    foreseen: isForeseen ? foreseen : null,
  })
  const next = await here.judge(judged.schedule, { runs: wanted(after(4)) }, { at: after(4), slots: 1 })
  const runs = await here.store.runs({ schedule: 'hourly', limit: 10 })
  // Which of them are kept shows the number of each.
  for (const run of runs) if (run.state === 'running') await here.finish(run, done, { judge: deciding({}) })
  await here.one({ kind: 'prune', at: after(100), before: endedBefore(after(90)), keep: 2, limit: 10 })
  const kept = await here.store.runs({ limit: 10 })
  return { judged, next, runs, kept, schedule: await here.stored('hourly') }
}

export const judgeContract = (open: OpenStore): void => {
  describe('judging a schedule', () => {
    test('makes runs, open rows and skips of a decision, with the mark and the next instant', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const judged = await here.judge(
        schedule,
        {
          skips: [{ from: after(1), to: after(1), count: 1, reason: 'coalesced', detail: 'into a newer one' }],
          runs: [{ nominalAt: after(2), detail: 'stands for 1 missed' }],
          opens: opening(after(3)),
          mark: after(3),
          nextAt: after(63),
          attemptsAllowed: 3,
        },
        { at: after(3) },
      )
      const [run] = judged.runs
      assert.ok(run)
      assert.deepEqual(run, {
        id: run.id,
        task: 'collect',
        scheduleId: schedule.id,
        schedule: 'hourly',
        root: null,
        state: 'queued',
        reason: null,
        detail: 'stands for 1 missed',
        trigger: { kind: 'schedule' },
        nominalAt: after(2),
        lastNominalAt: null,
        memoryMb: null,
        count: 1,
        createdAt: after(3),
        startedAt: null,
        endedAt: null,
        attempt: 0,
        attemptsAllowed: 3,
        deaths: 0,
        fence: 0,
        worker: null,
        retryAt: null,
        expiresAt: null,
        cancelRequestedAt: null,
        cancelledBy: null,
        input: { keyword: 'rota' },
        result: null,
        error: null,
        unitsOk: 0,
        unitsFailed: 0,
        ...usualPlace,
      })
      assert.deepEqual(
        judged.others.map(other => [other.state, other.nominalAt, other.reason]),
        [
          ['skipped', after(1), 'coalesced'],
          ['open', after(3), 'overlap'],
        ],
      )
      const stored = await here.stored('hourly')
      assert.deepEqual(stored, judged.schedule)
      const { mark, highestMark, nextAt, runsCreated, version } = stored
      assert.deepEqual(
        { mark, highestMark, nextAt, runsCreated },
        {
          mark: after(3),
          highestMark: after(3),
          nextAt: after(63),
          runsCreated: 1,
        },
      )
      assert.ok(version > schedule.version)
      // What was answered is what is stored, and numbers follow nominal times.
      const all = await here.store.runs({ limit: 10 })
      assert.deepEqual(
        all.map(row => row.nominalAt),
        [after(3), after(2), after(1)],
      )
      assert.deepEqual(all[1], run)
    })

    describe('writes what was foreseen as it writes the decision', () => {
      const keyed = { queue: 'slow', priority: 7, keyOf: () => 'a.example' }
      const input = { from: '{previous}', to: '{nominal}' }
      const paused = { kind: 'pause', queue: 'slow', pause: { at: start, by: 'ada', why: null, until: null } } as const
      const cases: readonly (readonly [string, Case])[] = [
        ['its run starts', {}],
        ['no slot is free', { slots: 0 }],
        ['it names its occasion', { definition: { input } }],
        ['it follows another run', { definition: { input }, before: after(1) }],
        ['it has to start soon', { definition: { policies: { ...defaultPolicies, startWithin: duration(5) } } }],
        ['it has a place of its own', { decision: { placing: keyed, attemptsAllowed: 4 } }],
        ['its queue is paused', { decision: { placing: keyed }, first: paused }],
        ['it is the last one', { decision: { status: 'ended', nextAt: null } }],
        ['its opportunity has a row already', { before: after(2) }],
      ]
      for (const [name, one] of cases) {
        test(name, async () => {
          const foreseen = await judgedWith(open, one, true)
          assert.deepEqual(foreseen, await judgedWith(open, one, false))
        })
      }
    })

    test('asks no judge where it is as foreseen, and the judge where anything of it is not', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const foreseeing = (ahead: Schedule, nominal: Instant) => {
        const decision = deciding({ runs: wanted(nominal), mark: nominal, nextAt: after(62) })
        const subject = { schedule: ahead, unfinished: [], open: [], known: null }
        return { at: after(5), slots: 1, ahead, foreseen: foresee(ahead, decision(subject, after(5))) }
      }
      const { runs, schedule: judged } = await here.judge(schedule, nothingToJudge, foreseeing(schedule, after(2)))
      const [run] = runs
      assert.ok(run)
      assert.deepEqual([run.state, run.nominalAt], ['running', after(2)])
      let asked = 0
      const judge: Judge = (...subject) => {
        asked++
        return deciding({})(...subject)
      }
      // Its first run goes on.
      assert.deepEqual((await here.judge(judged, judge, foreseeing(judged, after(3)))).runs, [])
      await here.finish(run, done, { judge: nothingToJudge })
      // It was judged since it was read.
      assert.deepEqual((await here.judge(judged, judge, foreseeing(schedule, after(4)))).runs, [])
      // Another one was read.
      const other = await here.schedule('other')
      assert.deepEqual((await here.judge(judged, judge, foreseeing(other, after(4)))).runs, [])
      // An opportunity waits.
      const { schedule: waiting } = await here.judge(other, { opens: opening(after(1)) })
      assert.deepEqual((await here.judge(waiting, judge, foreseeing(waiting, after(4)))).runs, [])
      assert.equal(asked, 4)
    })

    test('shows the judge the schedule, its runs that are not over and its open rows, oldest first', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.schedule('other').then(other => here.judge(other, { runs: wanted(start), opens: opening(after(1)) }))
      const { runs } = await here.judge(schedule, { runs: wanted(after(1), after(2), after(3)) }, { slots: 1 })
      const { others } = await here.judge(schedule, { opens: opening(after(4), after(5)) })
      const [over, second, third] = runs
      assert.ok(over && second && third)
      await here.finish(over, done, { judge: deciding({}) })
      await here.request()
      const seen: Subject[] = []
      const look: Judge = (subject, at) => {
        seen.push(subject)
        return deciding({})(subject, at)
      }
      await here.judge(schedule, look)
      const [subject] = seen
      assert.equal(subject?.schedule.name, 'hourly')
      assert.deepEqual(subject?.unfinished, [
        { id: second.id, state: 'queued', expiresAt: null },
        { id: third.id, state: 'queued', expiresAt: null },
      ])
      assert.deepEqual(
        subject?.open,
        others.map(({ id, nominalAt }) => ({ id, nominalAt, causedBy: null, waitsFor: { kind: 'overlap' } })),
      )
    })

    test('claims as many of the runs as there are slots, oldest first, in the same commit', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1), after(2)) }, { at: after(3), slots: 1 })
      const [claimed, queued] = runs
      assert.ok(claimed && queued)
      assert.deepEqual(
        [claimed.state, claimed.nominalAt, claimed.worker, claimed.attempt, claimed.fence, claimed.startedAt],
        ['running', after(1), 'w1', 1, 1, after(3)],
      )
      assert.equal(queued.state, 'queued')
      assert.deepEqual(await here.run(claimed.id), claimed)
      assert.deepEqual(await here.run(queued.id), queued)
    })

    test('never makes two runs of one nominal time', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const first = await here.judge(schedule, { runs: wanted(after(1)) }, { at: after(1) })
      const second = await here.judge(schedule, { runs: wanted(after(1), after(2)) }, { at: after(2) })
      assert.deepEqual(
        [...first.runs, ...second.runs].map(run => run.nominalAt),
        [after(1), after(2)],
      )
      assert.equal(second.schedule.runsCreated, 2)
    })

    test('makes runs of the same nominal time for two schedules', async () => {
      await using here = await given(open)
      for (const name of ['a', 'b']) {
        const judged = await here.judge(await here.schedule(name), { runs: wanted(after(1)) })
        assert.equal(judged.runs.length, 1)
      }
    })

    test('of a schedule that is gone gives null', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.one({ kind: 'removeSchedule', name: 'hourly', at: after(1) })
      const change = { kind: 'judge', schedule: schedule.id, at: after(2), claimFor: null, slots: 0 } as const
      assert.equal(await here.one({ ...change, ahead: null }), null)
      assert.equal(await here.one({ ...change, ahead: schedule }), null)
      assert.equal(await here.one({ ...change, schedule: 4_711, ahead: null }), null)
    })

    test('takes a schedule read ahead while its version is the stored one, and else the stored one', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const names: (string | null)[] = []
      const look: Judge = (subject, at) => {
        names.push(subject.schedule.condition)
        return deciding({})(subject, at)
      }
      const asked = { ...schedule, condition: 'read ahead' }
      await here.judge(schedule, look, { at: after(1), ahead: asked })
      await here.judge(schedule, look, { at: after(2), ahead: asked })
      assert.deepEqual(names, ['read ahead', 'every 1 minute'])
    })

    test('says whether the row is as it was read: others may have judged since', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const said: (boolean | undefined)[] = []
      const look: Judge = (subject, at) => {
        said.push(subject.isAsRead)
        return deciding({ mark: at })(subject, at)
      }
      await here.judge(schedule, look, { at: after(1), ahead: schedule })
      await here.judge(schedule, look, { at: after(2), ahead: schedule })
      await here.judge(schedule, look, { at: after(3) })
      assert.deepEqual(said, [true, false, false])
    })

    test('shows runs that are not over also with a schedule read ahead', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const first = await here.judge(schedule, { runs: wanted(after(1)), opens: opening(after(2)) })
      const seen: Subject[] = []
      const look: Judge = (subject, at) => {
        seen.push(subject)
        return deciding({})(subject, at)
      }
      await here.judge(schedule, look, { ahead: first.schedule })
      assert.deepEqual([seen[0]?.unfinished.length, seen[0]?.open.length], [1, 1])
    })

    test('that changes nothing leaves the version as it is', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const same = { mark: schedule.mark, nextAt: schedule.nextAt }
      assert.deepEqual((await here.judge(schedule, same, { at: after(1) })).schedule, schedule)
      assert.deepEqual(await here.stored('hourly'), schedule)
    })

    test('keeps the highest mark there ever was, and says by how much the clock was set back', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.judge(schedule, { mark: after(100) })
      const back = await here.judge(schedule, { mark: after(40), clockSetBack: duration(60_000) })
      assert.equal(back.clockSetBack, 60_000)
      const { mark, highestMark } = await here.stored('hourly')
      assert.deepEqual([mark, highestMark], [after(40), after(100)])
    })

    test('releases open rows as queued or claimed runs, and counts them', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { others } = await here.judge(schedule, { opens: opening(after(1), after(2)) }, { at: after(2) })
      const judged = await here.judge(schedule, { released: releasing(idsOf(others)) }, { at: after(7), slots: 1 })
      assert.deepEqual(
        judged.runs.map(run => [run.id, run.state, run.reason]),
        [
          [others[0]?.id, 'running', null],
          [others[1]?.id, 'queued', null],
        ],
      )
      assert.equal(judged.schedule.runsCreated, 2)
      for (const run of judged.runs) assert.deepEqual(await here.run(run.id), run)
    })

    test('drops open rows with their reason', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { others } = await here.judge(schedule, { opens: opening(after(1)) })
      const [row] = others
      assert.ok(row)
      const dropped = [{ id: row.id, reason: 'coalesced', detail: 'into a newer one' }] as const
      const judged = await here.judge(schedule, { dropped }, { at: after(9) })
      const run = await here.run(row.id)
      assert.deepEqual(judged.others, [run])
      assert.deepEqual(
        [run.state, run.reason, run.detail, run.endedAt],
        ['skipped', 'coalesced', 'into a newer one', after(9)],
      )
    })

    test('asks running runs to stop, and ends at once those that wait', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1), after(2)) }, { slots: 1 })
      const judged = await here.judge(schedule, { cancels: idsOf(runs) }, { at: after(9) })
      assert.deepEqual(
        judged.cancelled.map(run => [run.state, run.cancelRequestedAt]),
        [
          ['running', after(9)],
          ['cancelled', after(9)],
        ],
      )
      for (const run of judged.cancelled) assert.deepEqual(await here.run(run.id), run)
    })

    test('lets an open row go on when the run it waited for was cancelled by the same decision', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { at: after(1) })
      // As a judge that does not know which runs can be ended at once.
      const cautious: Judge = (subject, at): Decision => {
        const part =
          subject.unfinished.length > 0
            ? { cancels: idsOf(runs), opens: opening(after(2)) }
            : { released: releasing(subject.open.map(row => row.id)) }
        return deciding(part)(subject, at)
      }
      const judged = await here.judge(schedule, cautious, { at: after(2), slots: 1 })
      assert.deepEqual(
        judged.runs.map(run => [run.nominalAt, run.state]),
        [[after(2), 'running']],
      )
      assert.deepEqual(await here.stored('hourly'), judged.schedule)
    })

    test('ignores decisions on runs that are over or unknown', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { slots: 1 })
      const [run] = runs
      assert.ok(run)
      const { run: over } = await here.finish(run)
      const ids = [run.id, (run.id + 1_000) as typeof run.id]
      const dropped = ids.map(id => ({ id, reason: 'coalesced', detail: '' }) as const)
      const judged = await here.judge(schedule, { released: releasing(ids), cancels: ids, dropped })
      assert.deepEqual([judged.runs, judged.others, judged.cancelled], [[], [], []])
      assert.deepEqual(await here.run(run.id), over)
    })
  })

  describe('schedules that want attention', () => {
    test('come soonest first, up to an instant and a number', async () => {
      await using here = await given(open)
      for (const [name, nextAt] of [
        ['late', after(30)],
        ['soon', after(10)],
        ['never', null],
        ['mid', after(20)],
      ] as const) {
        await here.schedule(name, { nextAt })
      }
      const due = async (until: number, limit: number) =>
        (await here.store.schedulesDue(after(until), limit)).map(schedule => schedule.name)
      assert.deepEqual(await due(20, 10), ['soon', 'mid'])
      assert.deepEqual(await due(20, 1), ['soon'])
      assert.deepEqual(await due(9, 10), [])
      assert.deepEqual(await here.store.schedulesDue(after(10), 10), [await here.stored('soon')])
    })

    test('come in pages, also where many want it at one instant', async () => {
      await using here = await given(open)
      for (const name of ['a', 'b', 'c', 'd']) await here.schedule(name, { nextAt: after(name === 'a' ? 20 : 10) })
      const first = await here.store.schedulesDue(after(20), 2)
      const second = await here.store.schedulesDue(after(20), 2, first.at(-1))
      const third = await here.store.schedulesDue(after(20), 2, second.at(-1))
      assert.deepEqual(
        [first, second, third].map(page => page.map(schedule => schedule.name)),
        [['b', 'c'], ['d', 'a'], []],
      )
    })

    test('show when the next one is due, and when the next retrying run will be', async () => {
      await using here = await given(open)
      assert.deepEqual(await here.store.nextDueAt(start), { schedule: null, retry: null })
      await here.schedule('later', { nextAt: after(500) })
      await here.schedule('overdue', { nextAt: after(-500) })
      for (const retryAt of [after(20), after(40), after(60)]) {
        const run = await here.running({ attemptsAllowed: 2 })
        await here.finish(run, {
          kind: 'failed',
          reason: 'error',
          error: { name: 'Error', message: '' },
          retryAt,
          free: false,
        })
      }
      assert.deepEqual(await here.store.nextDueAt(after(20)), { schedule: after(-500), retry: after(40) })
    })

    test('are found by a mark that lies ahead of the clock', async () => {
      await using here = await given(open)
      const ahead = await here.schedule('ahead')
      await here.schedule('behind')
      await here.judge(ahead, { mark: after(5_000), nextAt: after(6_000) })
      const found = await here.store.schedulesAhead(after(4_000), 10)
      assert.deepEqual(found, [await here.stored('ahead')])
      assert.deepEqual(await here.store.schedulesAhead(after(5_000), 10), [])
    })
  })
}
