/** Why a schedule is silent, or was, or ran: asked of every decided case, now and at instants that are past. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { formatInstant, instant } from '../../src/base/instant.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { rota } from '../../src/rota.ts'
import type { App, ScheduleExplanation } from '../../src/app.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { begin } from './world.ts'
import type { Its, World } from './world.ts'

const asked = async ({ app, clock }: World, at?: string): Promise<ScheduleExplanation> => {
  const time = at === undefined || at.includes('T') ? at : `2026-01-05T${at}Z`
  return clock.during(app.schedules.explain('it', time === undefined ? undefined : instant(Date.parse(time))))
}

/** The parts that do not hold, or are not known any more. */
const amiss = ({ clauses }: ScheduleExplanation): readonly string[] =>
  clauses.flatMap(({ parts }) => parts.filter(({ holds }) => holds !== true).map(({ text }) => text))

/** Whatever instant is asked about, something is said of it. */
const isNeverSpeechless = async (world: World): Promise<void> => {
  const { createdAt } = await world.app.schedules.get('it')
  for (let i = 0; i <= 20; i++) {
    const at = instant(Math.floor(createdAt + (i * (world.clock.now() - createdAt)) / 20))
    const { sentences } = await world.clock.during(world.app.schedules.explain('it', at))
    assert.ok(sentences.length > 0 && sentences.every(sentence => /^\S.*\.$/.test(sentence)), sentences.join('\n'))
  }
}

/** At the instant at which a run was decided its condition held, as far as it is known. */
const holdsWhereItRan = async (world: World): Promise<void> => {
  for (const { startedAt, trigger, id } of await world.app.runs.list({ schedule: 'it', limit: 100 })) {
    if (startedAt === null || trigger.kind === 'hand') continue
    const { clauses } = await world.clock.during(world.app.schedules.explain('it', startedAt))
    assert.ok(
      clauses.some(({ holds }) => holds !== false),
      `run ${id} at ${formatInstant(startedAt)}: ${JSON.stringify(clauses)}`,
    )
  }
}

interface Asked {
  readonly its: Its
  readonly options?: Parameters<typeof begin>[1]
  /** What happens, and what is asked in between: the first sentence for now, or for an instant. */
  readonly acts: readonly (
    | { readonly to: string }
    | { readonly run: string }
    | { readonly why: RegExp; readonly at?: string }
    | { readonly act: (app: App) => Promise<unknown> }
  )[]
}

const daily: Its = { when: "daily at 09:00 and after 'news' succeeds" }

const cases: Readonly<Record<string, Asked>> = {
  'news at 08:55 runs at 09:00': {
    its: daily,
    acts: [
      { to: '08:30:00' },
      { why: /^Next: 09:00, in 30 min\.$/ },
      { to: '08:55:00' },
      { run: 'news' },
      { to: '10:30:00' },
      { why: /^Next: Tuesday 09:00, in 22 h 30 min\.$/ },
      { why: /^09:00: run 2 succeeded, after run 1\.$/, at: '09:00:00' },
      { why: /^Nothing was due 09:30: the last before was 09:00, /, at: '09:30:00' },
    ],
  },
  'news at 09:40 runs at 09:40': {
    its: daily,
    acts: [
      { to: '09:30:00' },
      {
        why: /^The opportunity of 09:00 waits for `after 'news' succeeds` \(no success of 'news' yet\), until 10:00, in 30 min\.$/,
      },
      { to: '09:40:00' },
      { run: 'news' },
      { to: '10:30:00' },
      { why: /^09:00: run 1 succeeded, started 40 min late, after run 2\.$/, at: '09:00:00' },
      { why: /^The opportunity of 09:00 was waiting then: run 1 succeeded/, at: '09:20:00' },
    ],
  },
  'news at 10:05 comes too late': {
    its: daily,
    acts: [
      { to: '10:05:00' },
      { run: 'news' },
      { why: /^Next: Tuesday 09:00/ },
      { why: /^09:00: skipped, `after 'news' succeeds` did not hold within its grace of 1h\.$/, at: '09:00:00' },
    ],
  },
  'db comes up at 10:03': {
    its: { when: "every 5 minutes and 'db' is running", anchor: '2026-01-05T00:00:00Z' },
    acts: [
      { to: '10:03:00' },
      {
        why: /^The opportunity of 10:00 waits for `'db' is running` \('db' is not running\), until 10:05, in 2 min\.$/,
      },
      { run: 'db' },
      { to: '10:06:00' },
      { why: /^Next: 10:10, in 4 min\.$/ },
      { why: /^09:55: skipped, `'db' is running` did not hold/, at: '09:55:00' },
      { why: /^10:00: run \d+ succeeded, started 3 min late\.$/, at: '10:00:00' },
      { why: /^10:05: run \d+ succeeded\.$/, at: '10:05:00' },
    ],
  },
  'an event is used up': {
    its: { when: "after 'news' succeeds" },
    acts: [
      { why: /^It waits for `after 'news' succeeds` \(no success of 'news' yet\)\.$/ },
      { to: '08:03:00' },
      { run: 'news' },
      { to: '08:10:00' },
      { why: /^It waits for `after 'news' succeeds` \(last success 08:03, already used by run 2\)\.$/ },
      { why: /^08:03: run 2 succeeded, after run 1\.$/, at: '08:03:00' },
      { why: /^Nothing wanted it: .*\(last success 08:03, already used by run 2\)\.$/, at: '08:05:00' },
      { why: /^Nothing wanted it: .*\(no success of 'news' yet\)\.$/, at: '08:02:00' },
      { why: /^It did not exist: it was created 08:00\.$/, at: '07:00:00' },
    ],
  },
  'three on Saturday run on Monday': {
    its: { when: "after 'news' succeeds and on weekdays", timezone: 'Europe/Berlin' },
    options: { start: '2026-01-03T10:00:00Z' },
    acts: [
      { run: 'news' },
      { to: '2026-01-03T10:01:00Z' },
      { run: 'news' },
      { why: /^The opportunity of 11:01 waits for `on weekdays` \(closed, next opens Monday 00:00, in 1 d 12 h\)\.$/ },
      { to: '2026-01-05T00:00:00Z' },
      { why: /^It waits for .*\(last success 2026-01-03 11:01, already used by run \d+\)\.$/ },
      { why: /^11:00: coalesced into the one for 11:01\.$/, at: '2026-01-03T10:00:00Z' },
      { why: /^11:01: run \d+ succeeded, started 1 d 12 h late, after run \d+\.$/, at: '2026-01-03T10:01:00Z' },
      { why: /^The opportunity of 2026-01-03 11:01 was waiting then: /, at: '2026-01-04T09:00:00Z' },
    ],
  },
  'news succeeds while its follower runs': {
    its: { when: "after 'news' succeeds" },
    options: { lasts: '10 minutes' },
    acts: [
      { run: 'news' },
      { to: '08:01:00' },
      { run: 'news' },
      { why: /^The opportunity of 08:01 waits for run 2 to end\.$/ },
      { to: '08:30:00' },
      { why: /^08:01: run 4 succeeded, started 9 min late, after run 3\.$/, at: '08:01:00' },
      { why: /^Run 4 for 08:01 was running then: run 4 succeeded/, at: '08:15:00' },
    ],
  },
  'a pause uses events': {
    its: { when: "after 'news' succeeds" },
    acts: [
      { act: app => app.schedules.pause('it', 'ada', 'the site moves') },
      { to: '08:01:00' },
      { run: 'news' },
      { to: '08:02:00' },
      { why: /^It is paused by ada since 08:00: the site moves\. Nothing of it starts until it is resumed\.$/ },
      { why: /^08:01: skipped, paused by ada\.$/, at: '08:01:00' },
      { why: /^It was paused by ada since 08:00: the site moves\.$/, at: '08:01:30' },
      { act: app => app.schedules.resume('it', 'ada') },
      { why: /^It waits for .*\(last success 08:01, already used by a skip: paused by ada\)\.$/ },
    ],
  },
  'a delayed event': {
    its: { when: "10 minutes after 'news' finishes" },
    acts: [
      { run: 'news' },
      { to: '08:05:00' },
      { why: /^It waits for `10 minutes after 'news' finishes` \(due 08:10, in 5 min\)\.$/ },
      { to: '08:11:00' },
      { why: /^08:10: run 2 succeeded, after run 1\.$/, at: '08:10:00' },
      { why: /^Nothing wanted it: .*\(due 08:10, 5 min later\)\.$/, at: '08:05:00' },
    ],
  },
  'both of two': {
    its: { when: "after 'news' and 'other' succeed" },
    acts: [
      { run: 'news' },
      { why: /^It waits for `after 'other' succeeds` \(no success of 'other' yet\)\.$/ },
      { to: '08:01:00' },
      { run: 'other' },
      { to: '08:02:00' },
      { run: 'other' },
      { why: /^It waits for `after 'news' succeeds` \(last success 08:00, already used by run 3\)\.$/ },
      { why: /^08:01: run 3 succeeded, after runs 1 and 2\.$/, at: '08:01:00' },
    ],
  },
  'a fixed delay': {
    its: { when: '5 minutes after it finishes' },
    options: { lasts: '2 minutes' },
    acts: [
      { why: /^It waits for `5 minutes after it finishes` \(due 08:05, in 5 min\)\.$/ },
      { to: '08:20:00' },
      { why: /^Run 3 is running since 08:19, after its own last end\.$/ },
      { why: /^Run 1 for 08:05 was running then: /, at: '08:06:00' },
      { why: /^Nothing wanted it: .*\(due 08:12, 3 min later\)\.$/, at: '08:09:00' },
    ],
  },
  'stopWhen holds': {
    its: { when: 'hourly', stopWhen: 'after 10:30' },
    options: { lasts: '45 minutes' },
    acts: [
      { to: '12:10:00' },
      {
        why: /^Nothing of it starts while stopWhen holds: `after 10:30` \(open until Tuesday 00:00, in 11 h 50 min\)\.$/,
      },
      { why: /^10:00: run 2 was cancelled by stopWhen\.$/, at: '10:00:00' },
      { why: /^11:00 to 12:00, 2 times: skipped, stopWhen `after 10:30` holds\.$/, at: '11:00:00' },
    ],
  },
  'a start that came too late': {
    its: { when: 'every 10 minutes', overlap: { allow: 5 }, startWithin: '12 minutes' },
    options: { lasts: '35 minutes', concurrency: 1 },
    acts: [
      { to: '08:40:00' },
      { why: /^Run 1 is running since 08:10\.$/ },
      { why: /^08:20: expired, it had to be started sooner\.$/, at: '08:20:00' },
    ],
  },
  'an earlier run is unfinished': {
    its: { when: 'every 10 minutes' },
    options: { lasts: '15 minutes' },
    acts: [
      { to: '08:22:00' },
      { why: /^Run 1 is running since 08:10\.$/ },
      { why: /^08:20: skipped, run 1 was still running\.$/, at: '08:20:00' },
    ],
  },
  'a predicate says no': {
    its: { when: "hourly and if 'disk is free'" },
    options: { before: app => app.predicate('disk is free', () => false) },
    acts: [
      { to: '09:01:10' },
      {
        why: /^The opportunity of 09:00 waits for `if 'disk is free'` \('disk is free' says no\), until 10:00, in 58 min\.$/,
      },
      { to: '10:30:00' },
      { why: /^09:00: skipped, `if 'disk is free'` did not hold within its grace of 1h\.$/, at: '09:00:00' },
    ],
  },
  'on start': {
    its: { when: 'on start' },
    acts: [
      { to: '2026-01-06T08:00:00Z' },
      { why: /^It waits for `on start` \(no app has started since the last decision\)\.$/ },
      { why: /^Nothing wanted it: |^Before it, .*run 1 succeeded/, at: '09:00:00' },
    ],
  },
  'a day of the named dates': {
    its: { when: "daily at 09:00 and not on 'holidays'" },
    options: { before: app => app.calendar('holidays', ['2026-01-05', '2026-01-06']) },
    acts: [
      { to: '2026-01-05T10:00:00Z' },
      { why: /^Next: Wednesday 09:00, in 1 d 23 h\.$/ },
      { why: /^Nothing was due 09:00: window closed, `not on 'holidays'` did not hold\.$/, at: '09:00:00' },
    ],
  },
  'a count is full': {
    its: { when: "every 10 minutes and 'broken' has failed today fewer than 2 times", timezone: 'Europe/Berlin' },
    acts: [
      { to: '08:11:00' },
      { run: 'broken' },
      { run: 'broken' },
      { to: '08:21:00' },
      { why: /^The opportunity of 09:20 waits for .*\('broken' has failed 2 times today\), until 09:30, in 9 min\.$/ },
      { why: /^09:10: run 1 succeeded\.$/, at: '08:10:00' },
    ],
  },
  'all its runs are had': {
    its: { when: "after 'news' succeeds", maxRuns: 1 },
    acts: [
      { run: 'news' },
      { to: '08:01:00' },
      { run: 'news' },
      { to: '08:05:00' },
      { why: /^It has ended: it has had its one run\.$/ },
      { why: /^It had ended: it has had its one run\.$/, at: '08:01:00' },
      { why: /^08:00: run 2 succeeded, after run 1\.$/, at: '08:00:00' },
    ],
  },
}

describe('the first sentence names the reason', () => {
  for (const [name, { its, options, acts }] of Object.entries(cases)) {
    test(name, async () => {
      await using world = await begin(its, options)
      for (const act of acts) {
        if ('to' in act) await world.at(act.to)
        else if ('run' in act) await world.run(act.run)
        else if ('act' in act) await world.clock.during(act.act(world.app))
        else assert.match((await asked(world, act.at)).sentences[0] ?? '', act.why)
      }
      await isNeverSpeechless(world)
      await holdsWhereItRan(world)
    })
  }
})

test('the parts tell what was so then, and what is so now', async () => {
  await using world = await begin(daily)
  await world.at('08:55:00')
  await world.run('news')
  await world.at('10:30:00')
  assert.deepEqual(amiss(await asked(world)), ['daily at 09:00', "after 'news' succeeds"])
  assert.deepEqual(amiss(await asked(world, '09:00:00')), [])
  assert.deepEqual(amiss(await asked(world, '08:50:00')), ['daily at 09:00', "after 'news' succeeds"])
})

test('what passed while nothing ran is one row, and each of its instants is told by it', async () => {
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  const its = { task: 'work', when: 'every 10 minutes and before 12:00', catchUp: 'none' } as const
  const app = rota({ store: ':memory:', clock })
  app.task('work', () => null)
  app.schedule('it', its)
  await clock.during(app.start())
  try {
    clock.step(4.25 * 3_600_000)
    await clock.advance('1 minute')
    const { sentences, decision } = await clock.during(
      app.schedules.explain('it', instant(Date.parse('2026-01-05T09:00:00Z'))),
    )
    assert.match(sentences[0] ?? '', /^08:10 to 11:50, 23 times: missed, late by \w+, grace is 10m\.$/)
    assert.equal(decision?.count, 23)
  } finally {
    await clock.during(app.stop())
  }
})

test('a moment that nobody decides is told, now and afterwards', async () => {
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  const app = rota({ store: ':memory:', clock })
  app.task('work', () => null)
  await clock.during(app.schedules.create('it', { task: 'work', when: 'daily at 09:00' }))
  try {
    await clock.advance('3 h')
    const now = await clock.during(app.schedules.explain('it'))
    assert.equal(now.sentences[0], '09:00 has come and is not decided yet: nothing schedules on this store at present.')
    const then = await clock.during(app.schedules.explain('it', instant(Date.parse('2026-01-05T09:00:00Z'))))
    assert.equal(then.sentences[0], '09:00 has come and is not decided yet: nothing has scheduled on this store since.')
  } finally {
    await clock.during(app.stop())
  }
})

test('nothing is to come of a schedule that has ended, although its condition goes on', async () => {
  await using world = await begin({ when: 'hourly', maxRuns: 1 })
  await world.at('09:30:00')
  const ended = await world.app.schedules.get('it')
  assert.deepEqual([ended.status, world.app.schedules.upcoming(ended, 3)], ['ended', []])
  const { sentences } = await asked(world)
  assert.deepEqual(sentences, ['It has ended: it has had its one run.', 'Last, 09:00: run 1 succeeded.'])
})

test('a predicate that throws is named with what it threw', async () => {
  await using world = await begin(
    { when: "hourly and if 'cannot look'" },
    {
      before: app =>
        app.predicate('cannot look', () => {
          throw new Error('no door')
        }),
    },
  )
  await world.at('09:00:10')
  const { sentences } = await asked(world)
  assert.ok(sentences.some(sentence => /^The predicate 'cannot look' gave no answer 09:00: .*no door/.test(sentence)))
})

test('a run tells what wanted it and what became of it, with its schedule as it was then', async () => {
  await using world = await begin({ when: "after 'news' succeeds" })
  const news = await world.run('news')
  await world.clock.advance('5 minutes')
  const [row] = await world.app.runs.list({ schedule: 'it', limit: 1 })
  assert.ok(row !== undefined)
  const { sentences, schedule } = await world.clock.during(world.app.runs.explain(row.id))
  assert.deepEqual(sentences, [
    `'it' wanted it after run ${news.id}, for 08:00.`,
    `Run ${row.id} succeeded, after run ${news.id}.`,
  ])
  assert.deepEqual(schedule === null ? null : amiss(schedule), [])
  const byHand = await world.clock.during(world.app.runs.explain(news.id))
  assert.deepEqual(byHand.sentences, ['It was wanted by hand 08:00, by code.', 'Run 1 succeeded.'])
  assert.equal(byHand.schedule, null)
})

test('the run of a schedule that is gone is still explained', async () => {
  await using world = await begin({ when: "after 'news' succeeds" })
  await world.run('news')
  await world.clock.during(world.app.schedules.remove('it', 'ada'))
  const { sentences, schedule } = await world.clock.during(world.app.runs.explain(2 as never))
  assert.equal(schedule, null)
  assert.match(sentences[1] ?? '', /^Run 2 succeeded/)
  await assert.rejects(world.clock.during(world.app.schedules.explain('it')), error =>
    isRotaError(error, 'SCHEDULE_UNKNOWN'),
  )
  // A new schedule of the same name has nothing to say about it.
  await world.clock.during(world.app.schedules.create('it', { task: 'work', when: 'hourly' }))
  assert.equal((await world.clock.during(world.app.runs.explain(2 as never))).schedule, null)
})

test('asked about now, the answer is about now, however long it takes to look', async () => {
  // Every look at this clock takes a millisecond, as on a machine at work.
  let now = Date.parse('2026-01-05T08:00:00Z')
  const clock = { ...systemClock(), now: () => instant(now++) }
  await using app = rota({ store: ':memory:', clock })
  app.task('work', () => null)
  await app.schedules.create('it', { task: 'work', when: 'daily at 09:00' })
  const { sentences } = await app.schedules.explain('it')
  assert.match(sentences[0] ?? '', /^Next: 09:00, in 59 min/)
})
