/** What conditions ask about: who waits for what, what happened and is unused, what is counted, and what follows at once. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import type { Instant } from '../../../src/base/instant.ts'
import type { RunId, TaskName } from '../../../src/base/name.ts'
import type { Decision, Judge, Subject } from '../../../src/domain/opportunity.ts'
import { defaultPolicies } from '../../../src/domain/schedule.ts'
import type { Schedule } from '../../../src/domain/schedule.ts'
import { parse } from '../../../src/when/parse.ts'
import { waitsOf } from '../../../src/when/waits.ts'
import { duration } from '../../../src/base/duration.ts'
import { after, deciding, done, endedBefore, failure, given, start, wanted } from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

/** A schedule with what its condition waits for. */
const waiting = (here: Given, name: string, condition: string, task = `${name}'s work`): Promise<Schedule> =>
  here.schedule(name, { condition, task: task as TaskName, waits: waitsOf(parse(condition)), nextAt: null })

/** Decides the same of every schedule, and keeps whom it was asked about. */
const watching = (part: Partial<Decision> = {}): { readonly judge: Judge; readonly seen: Subject[] } => {
  const seen: Subject[] = []
  const judge: Judge = (subject, at) => {
    seen.push(subject)
    return deciding({ mark: subject.schedule.mark, ...part })(subject, at)
  }
  return { judge, seen }
}

const namesOf = (seen: readonly Subject[]): readonly string[] => seen.map(({ schedule }) => schedule.name)

const ended = async (here: Given, task: string, judge: Judge, at: Instant = after(5)): Promise<RunId> => {
  const run = await here.running({ task })
  await here.finish(run, done, { judge, at })
  return run.id
}

const unusedOf = async (here: Given, name: string): Promise<readonly number[]> =>
  ((await here.store.subject(name, after(100)))?.known?.facts.unused ?? []).map(({ id }) => id)

export const factsContract = (open: OpenStore): void => {
  describe('what schedules wait for', () => {
    test('the end of a run has those judged that name its task, in the order of their numbers, and nobody else', async () => {
      await using here = await given(open)
      await waiting(here, 'z-first', "after 'news' succeeds")
      await waiting(here, 'other', "after 'other' succeeds")
      await waiting(here, 'a-second', "after 'news' finishes")
      await here.schedule('by time')
      const { judge, seen } = watching()
      await ended(here, 'news', judge)
      assert.deepEqual(namesOf(seen), ['z-first', 'a-second'])
      assert.deepEqual(
        here.followed.map(({ schedule }) => schedule.name),
        ['z-first', 'a-second'],
      )
    })

    test('what follows is created in the same commit, and names the run that caused it', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "after 'news' succeeds")
      const run = await here.running({ task: 'news' })
      const cause = { run: run.id, parents: [run.id] }
      const { judge } = watching({ runs: [{ nominalAt: after(5), detail: null, cause }] })
      await here.finish(run, done, { judge })
      const [made] = here.followed.flatMap(({ runs }) => runs)
      assert.deepEqual(made?.trigger, { kind: 'event', run: run.id, parents: [run.id] })
      assert.deepEqual(await here.run(made.id), made)
    })

    test('one run causes one opportunity of each time, however often it is decided', async () => {
      await using here = await given(open)
      const schedule = await waiting(here, 'it', "after 'news' succeeds")
      const run = await here.running({ task: 'news' })
      const cause = { run: run.id, parents: [run.id] }
      const decision = { runs: [{ nominalAt: after(5), detail: null, cause }] }
      const again = { runs: [...decision.runs, { nominalAt: after(65), detail: null, cause }] }
      assert.equal((await here.judge(schedule, decision)).runs.length, 1)
      assert.deepEqual(
        (await here.judge(schedule, again)).runs.map(({ nominalAt }) => nominalAt),
        [after(65)],
      )
    })

    test('of two runs that end in one change each is an event', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "after 'news' fails")
      const ends: number[][] = []
      const judge: Judge = (subject, at) => {
        ends.push((subject.known?.facts.unused ?? []).map(({ id }) => id))
        return deciding({ mark: subject.schedule.mark, usesEventsTo: at })(subject, at)
      }
      const [first, second] = [await here.running({ task: 'news' }), await here.running({ task: 'news' })]
      await here.one({ kind: 'rescue', worker: 'w1', at: after(5) }, judge)
      assert.equal((await here.run(second.id)).state, 'failed')
      assert.deepEqual(ends, [[first.id], [second.id]])
    })

    test('where a judge fails, what happened stands, and the schedule is due', async () => {
      await using here = await given(open)
      await waiting(here, 'broken', "after 'news' succeeds")
      await waiting(here, 'whole', "after 'news' succeeds")
      const { judge, seen } = watching()
      const failing: Judge = (subject, at) => {
        if (subject.schedule.name === 'broken') throw new Error('no judgement')
        return judge(subject, at)
      }
      const id = await ended(here, 'news', failing)
      assert.equal((await here.run(id)).state, 'succeeded')
      assert.deepEqual(namesOf(seen), ['whole'])
      assert.equal((await here.stored('broken')).nextAt, after(5))
      assert.deepEqual(await unusedOf(here, 'broken'), [id])
    })

    test('a state calls for a judgement only where something is open', async () => {
      await using here = await given(open)
      const schedule = await waiting(here, 'it', "every 1 hour and 'news' is running")
      const { judge, seen } = watching()
      const first = await here.one(
        {
          kind: 'request',
          task: 'news' as TaskName,
          input: null,
          trigger: { kind: 'hand', by: 'ada' },
          at: start,
          attemptsAllowed: 1,
          claimFor: 'w1',
        },
        judge,
      )
      assert.deepEqual(namesOf(seen), [])
      const waitsFor = { kind: 'condition', clause: 0, deadline: after(3_600) } as const
      await here.judge(schedule, { opens: [{ nominalAt: after(1), detail: null, waitsFor }] })
      await here.finish(first, done, { judge })
      assert.deepEqual(namesOf(seen), ['it'])
      assert.deepEqual(seen[0]?.open[0]?.waitsFor, waitsFor)
    })
  })

  describe('an unused end', () => {
    test('is kept until a decision uses it', async () => {
      await using here = await given(open)
      const schedule = await waiting(here, 'it', "after 'news' succeeds and after 'other' succeeds")
      const id = await ended(here, 'news', watching().judge)
      assert.deepEqual(await unusedOf(here, 'it'), [id])
      await here.judge(schedule, { usesEventsTo: after(4) })
      assert.deepEqual(await unusedOf(here, 'it'), [id])
      await here.judge(schedule, { usesEventsTo: after(5) })
      assert.deepEqual(await unusedOf(here, 'it'), [])
    })

    test('is the newest of its outcome; a delayed one is kept until its time has come', async () => {
      await using here = await given(open)
      await waiting(here, 'at once', "after 'news' succeeds and after 'other' succeeds")
      const delayed = await waiting(here, 'later', "10 seconds after 'news' succeeds")
      const first = await ended(here, 'news', watching().judge, after(5))
      const second = await ended(here, 'news', watching().judge, after(6))
      assert.deepEqual(await unusedOf(here, 'at once'), [second])
      assert.deepEqual(await unusedOf(here, 'later'), [first, second])
      await here.judge(delayed, { usesEventsTo: after(15) })
      assert.deepEqual(await unusedOf(here, 'later'), [second])
    })

    test('is not kept where no event of a delay names its outcome', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "10 seconds after 'news' fails")
      await ended(here, 'news', watching().judge)
      const run = await here.running({ task: 'news' })
      await here.finish(run, failure(), { judge: watching().judge })
      assert.deepEqual(await unusedOf(here, 'it'), [run.id])
    })

    test('that was due in the gap before a restore is used, where each has its own time', async () => {
      await using here = await given(open)
      await waiting(here, 'at once', "after 'news' succeeds and after 'other' succeeds")
      await waiting(here, 'later', "10 minutes after 'news' succeeds")
      await ended(here, 'news', watching().judge)
      const { judge } = watching()
      await here.one({ kind: 'takeOver', at: after(3_600), from: 'monday.db', catchUp: false }, judge)
      const usedTo = async (name: string) =>
        (await here.store.subject(name, after(3_601)))?.known?.facts.unused?.map(end => end.usedTo)
      assert.deepEqual(await usedTo('later'), [after(3_600)])
      assert.deepEqual(await usedTo('at once'), [undefined])
    })

    for (const [what, drop] of [
      [
        'an edit',
        (here: Given) => {
          const condition = "after 'news' finishes"
          const waits = waitsOf(parse(condition))
          return here.one({
            kind: 'putSchedule',
            mode: 'declare',
            at: after(9),
            definition: { ...definitionOf('it'), condition, waits },
          })
        },
      ],
      [
        'a removal',
        async (here: Given) => {
          await here.one({ kind: 'removeSchedule', name: 'it', at: after(9) })
          await waiting(here, 'it', "after 'news' succeeds")
        },
      ],
      [
        'a pause, whose judge uses it',
        (here: Given) =>
          here.one(
            { kind: 'pauseSchedule', name: 'it', pause: { at: after(9), by: 'ada', why: null, until: null } },
            watching({ usesEventsTo: after(9) }).judge,
          ),
      ],
    ] as const) {
      test(`is dropped by ${what}`, async () => {
        await using here = await given(open)
        await waiting(here, 'it', "after 'news' succeeds")
        await ended(here, 'news', watching().judge)
        await drop(here)
        assert.deepEqual(await unusedOf(here, 'it'), [])
      })
    }
  })

  describe('what is counted', () => {
    const runsOf = async (here: Given, name: string) =>
      (await here.store.subject(name, after(100)))?.known?.facts.runs.map(({ id }) => id).toSorted((a, b) => a - b)
    const totalsOf = async (here: Given, name: string) =>
      (await here.store.subject(name, after(100)))?.known?.facts.totals

    test('knows what ended before anybody asked, and what ended since', async () => {
      await using here = await given(open)
      const before = await ended(here, 'news', watching().judge)
      await waiting(here, 'it', "every 1 hour and 'news' has succeeded today at least 2 times")
      await waiting(here, 'ever', "every 1 hour and 'news' has succeeded at least 2 times")
      const since = await ended(here, 'news', watching().judge)
      assert.deepEqual(await runsOf(here, 'it'), [before, since])
      assert.deepEqual(await totalsOf(here, 'ever'), { news: { succeeded: 2 } })
    })

    test('is not forgotten when the runs are deleted, as long as its period', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "every 1 hour and 'news' has succeeded in the last 2 hours at least 1 times")
      await waiting(here, 'ever', "every 1 hour and 'news' has succeeded at least 1 times")
      const id = await ended(here, 'news', watching().judge)
      const prune = { kind: 'prune', before: endedBefore(after(60)), keep: 0, limit: 10 } as const
      assert.equal((await here.one({ ...prune, at: after(60) })).gone, 1)
      assert.equal(await here.store.run(id), null)
      assert.deepEqual(await runsOf(here, 'it'), [id])
      await here.one({ ...prune, at: after(7_300) })
      assert.deepEqual(await runsOf(here, 'it'), [])
      assert.deepEqual(await totalsOf(here, 'ever'), { news: { succeeded: 1 } })
    })

    test('is forgotten after its period, in slices', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "every 1 hour and 'news' has succeeded in the last 2 hours at least 1 times")
      for (let i = 0; i < 5; i++) await ended(here, 'news', watching().judge)
      const before = endedBefore(start)
      const prune = async () => (await here.one({ kind: 'prune', at: after(7_300), before, keep: 0, limit: 2 })).gone
      assert.deepEqual([await prune(), await prune(), await prune(), await prune()], [2, 2, 1, 0])
      assert.deepEqual(await runsOf(here, 'it'), [])
    })

    test('knows the total again after a time in which nobody asked', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "every 1 hour and 'news' has succeeded at least 2 times")
      await ended(here, 'news', watching().judge)
      await here.one({ kind: 'removeSchedule', name: 'it', at: after(9) })
      await ended(here, 'news', watching().judge)
      await waiting(here, 'again', "every 1 hour and 'news' has succeeded at least 2 times")
      assert.deepEqual(await totalsOf(here, 'again'), { news: { succeeded: 2 } })
    })
  })

  describe('what happens besides runs', () => {
    test('two starts of apps at one time are two', async () => {
      await using here = await given(open)
      await waiting(here, 'it', 'on start')
      const { judge, seen } = watching()
      const starts = [
        await here.one({ kind: 'start', at: after(1) }, judge),
        await here.one({ kind: 'start', at: after(1) }, judge),
      ]
      assert.equal(new Set(starts).size, 2)
      assert.deepEqual(namesOf(seen), ['it', 'it'])
      assert.deepEqual(
        seen[1]?.known?.facts.starts.toSorted((a, b) => a - b),
        starts,
      )
    })

    test('a set of dates that changes has those judged that ask for it', async () => {
      await using here = await given(open)
      await waiting(here, 'it', "daily at 09:00 and not on 'holidays'")
      const { judge, seen } = watching()
      const dates = ['2026-12-25']
      assert.equal(await here.one({ kind: 'putCalendar', name: 'holidays', dates, at: after(1) }, judge), true)
      assert.equal(await here.one({ kind: 'putCalendar', name: 'holidays', dates, at: after(2) }, judge), false)
      assert.deepEqual(namesOf(seen), ['it'])
      assert.deepEqual(seen[0]?.known?.dates, { holidays: dates })
      assert.deepEqual(await here.store.calendars(), { holidays: dates })
    })

    test('a predicate that is announced has those judged that wait for it', async () => {
      await using here = await given(open)
      const schedule = await waiting(here, 'it', "every 1 hour and if 'disk is free'")
      await waiting(here, 'idle', "every 1 hour and if 'disk is free'")
      const waitsFor = { kind: 'condition', clause: 0, deadline: null } as const
      await here.judge(schedule, { opens: [{ nominalAt: after(1), detail: null, waitsFor }] })
      const { judge, seen } = watching()
      await here.one({ kind: 'announce', predicates: ['disk is free', 'other'], at: after(2) }, judge)
      assert.deepEqual(namesOf(seen), ['it'])
    })
  })

  describe('schedules that would start each other', () => {
    test('without end are refused, with the way round; a delay makes them possible', async () => {
      await using here = await given(open)
      await waiting(here, 'one', "after 'b' finishes", 'a')
      await assert.rejects(
        waiting(here, 'two', "after 'a' succeeds", 'b'),
        error => isRotaError(error, 'CONDITION_REFUSED') && /Put time between/.test(error.message),
      )
      assert.equal(await here.store.schedule('two'), null)
      await waiting(here, 'two', "1 minute after 'a' succeeds", 'b')
    })
  })

  describe('a run that had to start sooner', () => {
    test('is skipped at its claim, and what waits behind it is judged', async () => {
      await using here = await given(open)
      const policies = { ...defaultPolicies, startWithin: duration(10_000) }
      const schedule = await here.schedule('it', { policies })
      const { runs } = await here.judge(schedule, { runs: wanted(after(1)) }, { at: after(1) })
      const waitsFor = { kind: 'overlap' } as const
      await here.judge(schedule, { opens: [{ nominalAt: after(2), detail: null, waitsFor }] }, { at: after(2) })
      const { judge, seen } = watching()
      const claim = { kind: 'claim', worker: 'w1', limit: 5, tasks: ['collect' as TaskName], only: null } as const
      assert.deepEqual((await here.one({ ...claim, at: after(12) }, judge)).runs, [])
      const [run] = runs
      assert.ok(run)
      const { state, reason } = await here.run(run.id)
      assert.deepEqual([state, reason], ['skipped', 'expired'])
      assert.deepEqual(namesOf(seen), ['it'])
    })
  })

  describe('asked what became of an instant', () => {
    test('a store gives the row of the newest opportunity up to it', async () => {
      await using here = await given(open)
      const schedule = await here.schedule('it')
      const { runs } = await here.judge(schedule, { runs: wanted(after(10), after(20)) }, { at: after(20) })
      const [first, second] = runs
      const at = async (seconds: number) => (await here.store.decisionAt(schedule.id, after(seconds)))?.id
      assert.deepEqual(
        [await at(9), await at(10), await at(19), await at(25)],
        [undefined, first?.id, first?.id, second?.id],
      )
    })
  })
}

const definitionOf = (name: string) => ({
  name,
  task: `${name}'s work` as TaskName,
  input: null,
  timezone: 'UTC',
  anchor: start,
  policies: defaultPolicies,
  tags: [],
  origin: 'code' as const,
  declaredHash: 'other',
  nextAt: null,
})

/** As several processes have it: the one that writes need not be the one that waits. */
export const sharedFactsContract = (open: OpenStore): void => {
  describe('two connections that wait', () => {
    test('what one begins to wait for, the end of a run in the other wakes', async () => {
      await using here = await given(open)
      await using there = await here.another()
      // The other connection remembers that nobody waited.
      await ended(there, 'news', watching().judge)
      await waiting(here, 'it', "after 'news' succeeds")
      const { judge, seen } = watching()
      const id = await ended(there, 'news', judge)
      assert.deepEqual(namesOf(seen), ['it'])
      assert.deepEqual(await unusedOf(here, 'it'), [id])
    })

    test('dates that one changes are seen by the other', async () => {
      await using here = await given(open)
      await using there = await here.another()
      await waiting(here, 'it', "daily at 09:00 and not on 'holidays'")
      await there.one({ kind: 'putCalendar', name: 'holidays', dates: ['2026-12-24'], at: after(1) }, watching().judge)
      assert.deepEqual((await here.store.subject('it', after(2)))?.known?.dates, { holidays: ['2026-12-24'] })
    })
  })
}
