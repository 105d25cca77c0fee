/** Schedules as people and code put, edit, pause, resume and remove them. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../../src/base/duration.ts'
import { isRotaError } from '../../../src/base/errors.ts'
import type { Judge } from '../../../src/domain/opportunity.ts'
import { defaultPolicies } from '../../../src/domain/schedule.ts'
import type { Policies } from '../../../src/domain/schedule.ts'
import type { ScheduleDefinition } from '../../../src/store/store.ts'
import { after, deciding, definition, given, opening, skip, start, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const declare = (here: Given, name: string, part: Partial<ScheduleDefinition> = {}, at = start) =>
  here.one({
    kind: 'putSchedule',
    mode: 'declare',
    at,
    definition: definition(name, { origin: 'code', declaredHash: 'h1', ...part }),
  })

const pause = { at: after(5), by: 'ada', why: 'the site is down', until: null } as const

export const scheduleContract = (open: OpenStore): void => {
  describe('creating a schedule', () => {
    test('stores everything of its definition, decided up to now', async () => {
      await using here = await given(open)
      const policies: Policies = {
        grace: duration(1_000),
        catchUp: { kind: 'all', limit: 5, window: duration(60_000) },
        overlap: { kind: 'queueAll', limit: 3 },
        jitter: duration(500),
        startAt: after(1),
        endAt: after(1_000),
        maxRuns: 7,
        startWithin: duration(9_000),
        stopWhen: 'after 17:00',
      }
      const whole = definition('täglich', {
        policies,
        tags: ['b', 'a'],
        input: [1, { deep: null }],
        timezone: 'Asia/Tokyo',
      })
      const schedule = await here.one({ kind: 'putSchedule', mode: 'create', at: after(3), definition: whole })
      const { waits: _waits, ...stored } = whole
      assert.deepEqual(schedule, {
        ...stored,
        id: schedule.id,
        declared: false,
        createdAt: after(3),
        since: after(3),
        revision: 1,
        version: schedule.version,
        mark: after(3),
        highestMark: after(3),
        paused: null,
        status: 'active',
        problem: null,
        runsCreated: 0,
        lastNominalAt: null,
        usesFacts: false,
      })
      assert.deepEqual(await here.stored('täglich'), schedule)
    })

    test('is refused when there is one of this name', async () => {
      await using here = await given(open)
      const first = await here.schedule('hourly')
      await assert.rejects(here.schedule('hourly', { condition: 'daily' }), error =>
        isRotaError(error, 'SCHEDULE_EXISTS'),
      )
      assert.deepEqual(await here.stored('hourly'), first)
    })

    test('of a name that was removed makes another one', async () => {
      await using here = await given(open)
      const first = await here.schedule('hourly')
      await here.one({ kind: 'removeSchedule', name: 'hourly', at: after(1) })
      const second = await here.schedule('hourly', {}, after(2))
      assert.notEqual(second.id, first.id)
      assert.deepEqual([second.revision, second.runsCreated, second.createdAt], [1, 0, after(2)])
    })
  })

  describe('declaring a schedule in code', () => {
    test('creates it as declared', async () => {
      await using here = await given(open)
      const schedule = await declare(here, 'hourly')
      assert.deepEqual([schedule.origin, schedule.declared, schedule.declaredHash], ['code', true, 'h1'])
    })

    test('with the hash of the last declaration changes nothing, whatever was edited since', async () => {
      await using here = await given(open)
      const schedule = await declare(here, 'hourly')
      assert.deepEqual(await declare(here, 'hourly', { condition: 'daily' }, after(9)), schedule)
    })

    test('with another hash edits it: a revision more, open rows skipped, queued runs kept, decided up to now', async () => {
      await using here = await given(open)
      const first = await declare(here, 'hourly')
      const { runs, others } = await here.judge(
        first,
        { runs: wanted(after(1)), opens: opening(after(2)) },
        { at: after(2) },
      )
      const part = { declaredHash: 'h2', condition: 'daily', input: 'new', nextAt: after(99), tags: ['x'] }
      const edited = await declare(here, 'hourly', part, after(9))
      assert.deepEqual(
        [edited.id, edited.revision, edited.condition, edited.input, edited.mark, edited.nextAt, edited.declaredHash],
        [first.id, 2, 'daily', 'new', after(9), after(99), 'h2'],
      )
      assert.deepEqual([edited.createdAt, edited.runsCreated], [start, 1])
      assert.deepEqual(await here.stored('hourly'), edited)
      const [queued] = runs
      const [row] = others
      assert.ok(queued && row)
      assert.deepEqual(await here.run(queued.id), queued)
      const dropped = await here.run(row.id)
      assert.deepEqual([dropped.state, dropped.reason, dropped.endedAt], ['skipped', 'edited', after(9)])
    })

    test('with another hash and an equal definition is no edit', async () => {
      await using here = await given(open)
      const first = await declare(here, 'hourly')
      const same = await declare(here, 'hourly', { declaredHash: 'h2' }, after(9))
      assert.deepEqual(same, { ...first, declaredHash: 'h2', version: same.version })
    })

    test('takes over one that was created at run time', async () => {
      await using here = await given(open)
      const first = await here.schedule('hourly')
      const taken = await declare(here, 'hourly', { condition: 'daily' }, after(9))
      assert.deepEqual([taken.id, taken.origin, taken.declared, taken.condition], [first.id, 'code', true, 'daily'])
    })

    test('keeps a pause', async () => {
      await using here = await given(open)
      await declare(here, 'hourly')
      await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })
      const edited = await declare(here, 'hourly', { declaredHash: 'h2', condition: 'daily' }, after(9))
      assert.deepEqual(edited.paused, pause)
    })

    test('gives life to one that was unloadable or had ended', async () => {
      await using here = await given(open)
      const first = await declare(here, 'hourly')
      await here.judge(first, { status: 'unloadable', problem: 'no such zone', nextAt: null })
      const edited = await declare(here, 'hourly', { declaredHash: 'h2', condition: 'daily' }, after(9))
      assert.deepEqual([edited.status, edited.problem], ['active', null])
    })
  })

  describe('what code no longer declares', () => {
    test('is marked, once, and stays', async () => {
      await using here = await given(open)
      await declare(here, 'a')
      await declare(here, 'b')
      await here.schedule('by hand')
      const undeclare = (names: readonly string[]) => here.one({ kind: 'undeclare', names, at: after(1) })
      assert.deepEqual(await undeclare(['a', 'never seen']), ['b'])
      assert.deepEqual(await undeclare(['a']), [])
      const { declared, status, nextAt } = await here.stored('b')
      assert.deepEqual([declared, status, nextAt], [false, 'active', after(60)])
    })

    test('is marked as declared when it is declared again, also unchanged', async () => {
      await using here = await given(open)
      const first = await declare(here, 'a')
      await here.one({ kind: 'undeclare', names: [], at: after(1) })
      const again = await declare(here, 'a', {}, after(2))
      assert.deepEqual([again.declared, again.revision, again.mark], [true, 1, first.mark])
    })
  })

  describe('pausing', () => {
    test('says who and why, and ends open rows', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { others } = await here.judge(schedule, { opens: opening(after(1)) })
      const paused = await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })
      assert.deepEqual(paused.paused, pause)
      assert.deepEqual(await here.stored('hourly'), paused)
      const [row] = others
      assert.ok(row)
      const ended = await here.run(row.id)
      assert.deepEqual([ended.state, ended.reason, ended.endedAt], ['skipped', 'paused', after(5)])
    })

    test('of a paused one keeps the first pause', async () => {
      await using here = await given(open)
      await here.schedule('hourly')
      const first = await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })
      const second = await here.one({ kind: 'pauseSchedule', name: 'hourly', pause: { ...pause, by: 'bob' } })
      assert.deepEqual(second, first)
    })

    test('longer than it is paused is another pause', async () => {
      await using here = await given(open)
      await here.schedule('hourly')
      const brief = { ...pause, until: after(20) }
      const first = await here.one({ kind: 'pauseSchedule', name: 'hourly', pause: brief })
      assert.deepEqual([first.paused, first.nextAt], [brief, after(20)])
      const longer = { ...pause, by: 'bob', until: after(40) }
      assert.deepEqual((await here.one({ kind: 'pauseSchedule', name: 'hourly', pause: longer })).paused, longer)
      assert.deepEqual((await here.one({ kind: 'pauseSchedule', name: 'hourly', pause: brief })).paused, longer)
      assert.deepEqual((await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })).paused, pause)
    })

    test('that is over is lifted by the next judgement, after one of what passed in it', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      await here.one({ kind: 'pauseSchedule', name: 'hourly', pause: { ...pause, until: after(20) } })
      const asked: (readonly [isPaused: boolean, at: number])[] = []
      const look: Judge = (subject, at) => {
        asked.push([subject.schedule.paused !== null, at])
        return deciding({ mark: at, nextAt: after(60) })(subject, at)
      }
      const judged = await here.judge(schedule, look, { at: after(25) })
      assert.deepEqual(asked, [
        [true, after(20) - 1],
        [false, after(25)],
      ])
      assert.deepEqual([judged.schedule.paused, judged.resumed], [null, true])
      assert.deepEqual(await here.stored('hourly'), judged.schedule)
    })

    test('by a running attempt is a pause by its run; by one that was taken over it is none', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { slots: 1 })
      const [run] = runs
      assert.ok(run)
      const change = { kind: 'holdSchedule', run: run.id, at: after(2), until: after(9), why: 'quota' } as const
      assert.equal(await here.one({ ...change, fence: run.fence - 1 }), false)
      assert.equal((await here.stored('hourly')).paused, null)
      assert.equal(await here.one({ ...change, fence: run.fence }), true)
      const paused = { at: after(2), by: `run ${run.id}`, why: 'quota', until: after(9) }
      assert.deepEqual((await here.stored('hourly')).paused, paused)
    })

    test('makes a schedule read ahead stale', async () => {
      await using here = await given(open)
      const ahead = await here.schedule('hourly')
      await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })
      const look: Judge = (subject, at) => {
        assert.deepEqual(subject.schedule.paused, pause)
        return deciding({})(subject, at)
      }
      await here.judge(ahead, look, { ahead })
    })

    test('of one that is not there fails, as do resuming and removing it', async () => {
      await using here = await given(open)
      for (const change of [
        { kind: 'pauseSchedule', name: 'nobody', pause },
        { kind: 'resumeSchedule', name: 'nobody', at: start },
        { kind: 'removeSchedule', name: 'nobody', at: start },
      ] as const) {
        await assert.rejects(here.one(change), error => isRotaError(error, 'SCHEDULE_UNKNOWN'))
      }
    })
  })

  describe('resuming', () => {
    // As the real judge: what is due is skipped while the pause stands.
    const judge: Judge = (subject, at) => {
      const isPaused = subject.schedule.paused !== null
      const skips =
        subject.schedule.mark < after(20) ? [{ ...skip(after(10), after(20), 2), reason: 'paused' as const }] : []
      return deciding(isPaused ? { skips, mark: after(20), nextAt: null } : { mark: after(20), nextAt: after(30) })(
        subject,
        at,
      )
    }

    test('first decides as paused what passed meanwhile, then looks for the next moment', async () => {
      await using here = await given(open)
      await here.schedule('hourly')
      await here.one({ kind: 'pauseSchedule', name: 'hourly', pause })
      const resumed = await here.one({ kind: 'resumeSchedule', name: 'hourly', at: after(25) }, judge)
      assert.deepEqual([resumed.paused, resumed.mark, resumed.nextAt], [null, after(20), after(30)])
      assert.deepEqual(await here.stored('hourly'), resumed)
      const rows = await here.store.runs({ limit: 10 })
      assert.deepEqual(
        rows.map(row => [row.state, row.reason, row.nominalAt, row.lastNominalAt, row.count]),
        [['skipped', 'paused', after(10), after(20), 2]],
      )
    })

    test('of one that is not paused does nothing', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      assert.deepEqual(await here.one({ kind: 'resumeSchedule', name: 'hourly', at: after(9) }), schedule)
    })
  })

  describe('removing', () => {
    test('ends what waits, and leaves what runs and what ran', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('hourly')
      const part = { runs: wanted(after(1), after(2)), opens: opening(after(3)) }
      const { runs, others } = await here.judge(schedule, part, { slots: 1 })
      const removed = await here.one({ kind: 'removeSchedule', name: 'hourly', at: after(9) })
      assert.equal(removed.name, 'hourly')
      assert.equal(await here.store.schedule('hourly'), null)
      const [running, queued] = runs
      const [row] = others
      assert.ok(running && queued && row)
      assert.deepEqual(await here.run(running.id), running)
      for (const { id } of [queued, row]) {
        const ended = await here.run(id)
        assert.deepEqual([ended.state, ended.reason, ended.endedAt], ['skipped', 'ended', after(9)])
      }
      const { run } = await here.finish(running)
      assert.deepEqual([run.state, run.schedule], ['succeeded', 'hourly'])
    })

    test('takes it off every list', async () => {
      await using here = await given(open)
      await here.schedule('hourly', { nextAt: after(1) })
      await here.one({ kind: 'removeSchedule', name: 'hourly', at: after(9) })
      assert.deepEqual(await here.store.schedules({ limit: 10 }), [])
      assert.deepEqual(await here.store.schedulesDue(after(60), 10), [])
      assert.deepEqual((await here.store.nextDueAt(start)).schedule, null)
      assert.deepEqual(await here.store.schedulesAhead(after(-10), 10), [])
    })
  })

  describe('a list of schedules', () => {
    test('is by name, in pages, and by tag', async () => {
      await using here = await given(open)
      for (const name of ['b', 'a', 'd', 'c']) {
        await here.schedule(name, { tags: name < 'c' ? ['early', 'x'] : ['x'], policies: defaultPolicies })
      }
      const names = async (filter: Parameters<Given['store']['schedules']>[0]) =>
        (await here.store.schedules(filter)).map(schedule => schedule.name)
      assert.deepEqual(await names({ limit: 10 }), ['a', 'b', 'c', 'd'])
      assert.deepEqual(await names({ limit: 2, after: 'a' }), ['b', 'c'])
      assert.deepEqual(await names({ limit: 10, tag: 'early' }), ['a', 'b'])
      assert.deepEqual(await names({ limit: 1, tag: 'x', after: 'b' }), ['c'])
      assert.deepEqual(await names({ limit: 10, tag: 'none' }), [])
    })

    test('holds no schedule that is not there', async () => {
      await using here = await given(open)
      assert.equal(await here.store.schedule('nobody'), null)
    })
  })
}
