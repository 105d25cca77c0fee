/**
 * Whatever happens between an event and its decision, the rows of a schedule stand for each of its events, and for each once:
 * runs that end alone and several in one change, at the same millisecond, in pauses, beside cancelled rows and late judgements.
 *
 * `ROTA_CASES=5000 ROTA_SEED=7 npm test -- each-event` looks at more of them.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { instant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { TaskName } from '../../src/base/name.ts'
import type { RunFact } from '../../src/when/facts.ts'
import { duration } from '../../src/base/duration.ts'
import { noLimits } from '../../src/domain/limits.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import type { Policies } from '../../src/domain/schedule.ts'
import { storedWaits } from '../../src/scheduler/definition.ts'
import { judgeWith } from '../../src/scheduler/due.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { leavesOf } from '../../src/when/condition.ts'
import { endedSo } from '../../src/when/events.ts'
import { parse } from '../../src/when/parse.ts'
import { Given, done, failure, start } from '../store/given.ts'

const CASES = Number(process.env['ROTA_CASES'] ?? 150)
const SEED = Number(process.env['ROTA_SEED'] ?? 1)
const MINUTE = 60_000

// ---- cases

const condition = fc.constantFrom(
  "after 'a' finishes",
  "10 minutes after 'a' finishes",
  "after 'a' fails or 10 minutes after 'a' finishes",
  "after 'a' finishes or after 'a' fails",
  "after 'a' succeeds or after 'b' fails",
  "5 minutes after 'a' finishes or 10 minutes after 'b' finishes",
  "after 'a' finishes and between 09:20 and 10:30",
  "10 minutes after 'a' finishes and between 09:20 and 10:30",
  "10 minutes after 'a' finishes and (between 09:00 and 10:00 or 'x' is running)",
  "after any of 'a', 'b' finishes and 'x' is running",
  "10 minutes after 'a' finishes and 'x' is running",
  "10 minutes after 'a' succeeds and 'x' is running or 10 minutes after 'b' fails",
  "after 'a' finishes and 'x' is running or 10 minutes after 'a' finishes",
)

const policies: Arbitrary<Partial<Policies>> = fc.constantFrom<Partial<Policies>>(
  {},
  { overlap: { kind: 'skip' } },
  { overlap: { kind: 'cancelPrevious' } },
  { overlap: { kind: 'queueAll', limit: 2 } },
  { overlap: { kind: 'allow', limit: 2 } },
  { catchUp: { kind: 'none' } },
  { stopWhen: 'between 09:25 and 09:45' },
  { startWithin: duration(7 * MINUTE) },
  { jitter: duration(6 * MINUTE) },
)

const task = fc.constantFrom('a', 'b')

type Step =
  | { readonly kind: 'end'; readonly task: string; readonly succeeds: boolean }
  /** A worker dies that executed these. */
  | { readonly kind: 'rescue'; readonly tasks: readonly string[] }
  | { readonly kind: 'pause'; readonly minutes: number | null }
  | { readonly kind: 'resume' | 'start or end x' | 'claim' | 'end all' | 'cancel one' }
  /** Time passes; what is due meanwhile is judged, or (late) only afterwards. */
  | { readonly kind: 'time'; readonly minutes: number; readonly isLate: boolean }

const step: Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end'), task, succeeds: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rescue'), tasks: fc.array(task, { minLength: 1, maxLength: 4 }) }),
  },
  fc.record({ kind: fc.constant('pause'), minutes: fc.constantFrom(null, 7) }),
  ...(['resume', 'start or end x', 'claim', 'end all', 'cancel one'] as const).map(kind => fc.constant({ kind })),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('time'),
      minutes: fc.integer({ min: 0, max: 14 }),
      isLate: fc.boolean(),
    }),
  },
)

// ---- the world of one case

type Ended = RunFact & { readonly at: number }

class World {
  readonly ends: Ended[] = []
  readonly #here: Given
  readonly #judge = judgeWith({ attemptsAllowed: () => 1 })
  #now: Instant = start

  constructor(here: Given) {
    this.#here = here
  }

  async begin(text: string, own: Partial<Policies>): Promise<void> {
    const all: Policies = { ...defaultPolicies, overlap: { kind: 'queue' }, ...own }
    const waits = storedWaits({ condition: text, policies: all })
    await this.#here.schedule('it', {
      condition: text,
      policies: all,
      task: 'work' as TaskName,
      waits,
      nextAt: start,
    })
  }

  async take(one: Step): Promise<void> {
    const [here, judge, at] = [this.#here, this.#judge, this.#now]
    switch (one.kind) {
      case 'end': {
        const run = await here.one(this.#requested(one.task, 'w1'), judge)
        await here.finish(run, one.succeeds ? done : failure(), { at, judge })
        return this.#noteEnd(run.id, one.task, one.succeeds ? 'succeeded' : 'failed')
      }
      case 'rescue': {
        for (const name of one.tasks) {
          const { id } = await here.one(this.#requested(name, 'w2'), judge)
          this.#noteEnd(id, name, 'failed')
        }
        return void (await here.one({ kind: 'rescue', worker: 'w2', at }, judge))
      }
      case 'pause': {
        const until = one.minutes === null ? null : instant(at + one.minutes * MINUTE)
        return void (await here.one(
          { kind: 'pauseSchedule', name: 'it', pause: { at, by: 'ada', why: null, until } },
          judge,
        ))
      }
      case 'resume':
        return void (await here.one({ kind: 'resumeSchedule', name: 'it', at }, judge))
      case 'start or end x': {
        const [running] = await here.store.runs({ task: 'x', states: ['running'], limit: 1 })
        if (running === undefined) return void (await here.one(this.#requested('x', 'wx'), judge))
        return void (await here.finish(running, done, { at, judge, worker: 'wx' }))
      }
      case 'claim':
        return void (await here.one(
          { kind: 'claim', worker: 'w3', at, limit: 5, only: null, tasks: ['work' as TaskName], limits: noLimits },
          judge,
        ))
      case 'end all': {
        for (const run of await here.store.runs({ task: 'work', states: ['running'], limit: 99 }))
          await here.finish(run, done, { at, judge, worker: 'w3' })
        return
      }
      case 'cancel one': {
        const [run] = await here.store.runs({ task: 'work', states: ['open', 'queued'], limit: 1 })
        if (run !== undefined) await here.cancel(run.id, { at, judge })
        return
      }
      case 'time':
        return this.pass(one.minutes, one.isLate)
      default:
        return one satisfies never
    }
  }

  async pass(minutes: number, isLate = false): Promise<void> {
    const to = instant(this.#now + minutes * MINUTE)
    for (;;) {
      const schedule = await this.#here.stored('it')
      if (isLate || schedule.nextAt === null || schedule.nextAt > to) break
      this.#now = instant(Math.max(this.#now, schedule.nextAt))
      await this.#here.judge(schedule, this.#judge, { at: this.#now })
    }
    this.#now = to
  }

  #requested(name: string, claimFor: string) {
    const trigger = { kind: 'hand', by: 'ada' } as const
    const of = { task: name as TaskName, input: null, trigger, at: this.#now, attemptsAllowed: 1, claimFor }
    return { kind: 'request', ...of } as const
  }

  #noteEnd(id: number, name: string, outcome: 'succeeded' | 'failed'): void {
    this.ends.push({ id, task: name, startedAt: null, endedAt: this.#now, outcome, at: this.#now })
  }
}

/** The run and the time of each event that the condition names. */
const eventsOf = (text: string, ends: readonly Ended[]): ReadonlySet<string> => {
  const events = leavesOf(parse(text)).filter(leaf => leaf.kind === 'after')
  return new Set(
    ends.flatMap(end =>
      events
        .filter(event => event.task === end.task && endedSo(end, event))
        .map(event => `${end.id} ${end.at + event.delayMs}`),
    ),
  )
}

test('each event is in one row, whatever comes between it and its decision', async () => {
  const cases = fc.asyncProperty(
    condition,
    policies,
    fc.array(step, { minLength: 4, maxLength: 20 }),
    async (text, own, steps) => {
      const store = await openSqliteStore({ path: ':memory:' })
      await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
      const world = new World(here)
      await world.begin(text, own)
      for (const one of steps) await world.take(one)
      await world.pass(20)
      await world.pass(30)
      const rows = await store.runs({ schedule: 'it', limit: 200 })
      const counted = rows.filter(({ trigger }) => trigger.kind === 'event').reduce((sum, { count }) => sum + count, 0)
      assert.equal(counted, eventsOf(text, world.ends).size)
    },
  )
  await fc.assert(cases, { numRuns: CASES, seed: SEED })
})
