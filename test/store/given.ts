/** A store under test, and the short words in which the tests speak to it: states are reached through changes only. */

import assert from 'node:assert/strict'
import { instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import type { Json } from '../../src/base/json.ts'
import { outdatedAt, retentionFrom } from '../../src/domain/retention.ts'
import type { Outdated } from '../../src/domain/retention.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { defineFlow, planOf } from '../../src/domain/flow.ts'
import type { FlowStep, TaskPlans } from '../../src/domain/flow.ts'
import { noLimits, usualPlace, usualPlacing } from '../../src/domain/limits.ts'
import type { Limits, Place } from '../../src/domain/limits.ts'
import type { Decision, Foreseen, Judge, Skip } from '../../src/domain/opportunity.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Run } from '../../src/domain/run.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import type { Schedule } from '../../src/domain/schedule.ts'
import type { ItemCounts, NewItem, Unit } from '../../src/domain/unit.ts'
import { granted } from '../../src/store/store.ts'
import type {
  Change,
  ChangeKind,
  Changes,
  Claimed,
  Finished,
  Judged,
  ScheduleDefinition,
  Store,
} from '../../src/store/store.ts'

/** What a contract is run over. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store
  /** Another connection to the same data, where there can be one. */
  readonly another: (() => Promise<Store>) | null
}

export type OpenStore = () => Promise<StoreUnderTest>

/** The beginning of all tests, and instants some seconds after it. */
export const start = parseInstant('2026-11-22T09:00:00Z')
export const after = (seconds: number): Instant => instant(start + seconds * 1_000)

/** For retention: whatever ended before this. */
export const endedBefore = (at: Instant): Outdated => outdatedAt(retentionFrom({ age: 0 }), at)

/** Decides nothing but that everything up to now is decided. */
export const quiet = (at: Instant): Decision => ({
  runs: [],
  opens: [],
  skips: [],
  released: [],
  held: [],
  dropped: [],
  cancels: [],
  cancelledBy: 'a newer opportunity',
  mark: at,
  usesEventsTo: null,
  asks: [],
  nextAt: null,
  status: 'active',
  problem: null,
  attemptsAllowed: 1,
  clockSetBack: null,
})

/** A judge that always decides this, besides that everything up to now is decided. */
export const deciding =
  (part: Partial<Decision>): Judge =>
  (_, at) => ({ ...quiet(at), ...part })

export const nothingToJudge: Judge = () => {
  throw new Error('nothing is to be judged here')
}

/** Nominal times as the runs that a decision wants. */
export const wanted = (...nominal: readonly Instant[]) => nominal.map(nominalAt => ({ nominalAt, detail: null }))

/** Nominal times as open rows that wait for an earlier run. */
export const opening = (...nominal: readonly Instant[]) =>
  wanted(...nominal).map(one => ({ ...one, waitsFor: { kind: 'overlap' as const } }))

/** Open rows to be released. */
export const releasing = (ids: readonly RunId[]) => ids.map(id => ({ id }))

export const skip = (from: Instant, to: Instant, count: number, detail = 'too late'): Skip => ({
  from,
  to,
  count,
  reason: 'missed',
  detail,
})

export const done: Outcome = { kind: 'succeeded', result: { pages: 3 } }

export const failure = (retryAt: Instant | null = null): Outcome => ({
  kind: 'failed',
  reason: 'error',
  error: { name: 'Error', message: 'no answer' },
  retryAt,
  free: false,
})

/** What is known of tasks that nobody said more of. */
export const usualPlans: TaskPlans = { attemptsAllowed: () => 1, placing: () => usualPlacing }

export const definition = (name: string, part: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  name,
  task: 'collect' as TaskName,
  input: { keyword: 'rota' },
  condition: 'every 1 minute',
  timezone: 'UTC',
  anchor: start,
  policies: defaultPolicies,
  tags: [],
  origin: 'run time',
  declaredHash: null,
  waits: [],
  nextAt: after(60),
  ...part,
})

export const item = (key: string, hash = 'h1'): NewItem => ({ key, hash, data: { key, hash } })

export const unit = (query: string, part: Partial<Unit> = {}): Unit => ({
  source: 'news',
  query,
  state: 'succeeded',
  verdict: 'ok',
  detail: null,
  attempt: 1,
  startedAt: after(1),
  endedAt: after(2),
  requests: 1,
  items: { seen: 1, new: 1, changed: 0, unchanged: 0, invalid: 0 },
  ...part,
})

type Granted<C extends Change> = C extends { readonly kind: infer K extends ChangeKind } ? Changes[K]['result'] : never

interface JudgeOptions {
  readonly at?: Instant
  readonly ahead?: Schedule | null
  readonly foreseen?: Foreseen | null
  readonly slots?: number
}

interface RequestOptions {
  readonly task?: string
  readonly at?: Instant
  readonly input?: Json
  readonly attemptsAllowed?: number
  readonly place?: Partial<Place>
}

interface ClaimOptions {
  readonly at?: Instant
  readonly limit?: number
  readonly only?: RunId
  readonly worker?: string
  readonly limits?: Limits
}

export class Given implements AsyncDisposable {
  readonly #under: StoreUnderTest
  readonly store: Store
  /** What the last change set going. */
  followed: readonly Judged[] = []
  /** The runs of flows that the last change moved. */
  moved: readonly Run[] = []

  constructor(under: StoreUnderTest) {
    this.#under = under
    this.store = under.store
  }

  /** The result of one change, which must succeed. */
  async one<const C extends Change>(change: C, judge: Judge = nothingToJudge): Promise<Granted<C>> {
    const { results, judged, flows = [] } = await this.store.commit([change], judge)
    this.followed = judged.flat()
    this.moved = flows.flat()
    return granted((results as readonly unknown[])[0] as { readonly ok: Granted<C> })
  }

  async schedule(name: string, part: Partial<ScheduleDefinition> = {}, at: Instant = start): Promise<Schedule> {
    return this.one({ kind: 'putSchedule', mode: 'create', at, definition: definition(name, part) })
  }

  async stored(name: string): Promise<Schedule> {
    const schedule = await this.store.schedule(name)
    assert.ok(schedule)
    return schedule
  }

  /** Judges a schedule with a decision or a judge; claims for the worker `w1` where slots are given. */
  async judge(schedule: Schedule, by: Partial<Decision> | Judge, options: JudgeOptions = {}): Promise<Judged> {
    const { at = start, ahead = null, foreseen = null, slots = 0 } = options
    const change = { kind: 'judge', schedule: schedule.id, ahead, foreseen, at, claimFor: 'w1', slots } as const
    const judged = await this.one(change, typeof by === 'function' ? by : deciding(by))
    assert.ok(judged)
    return judged
  }

  async request(options: RequestOptions = {}): Promise<Run> {
    return this.#request(options, null)
  }

  /** A run by hand that the worker `w1` (or another) is executing. */
  async running(options: RequestOptions & { readonly worker?: string } = {}): Promise<Run> {
    return this.#request(options, options.worker ?? 'w1')
  }

  async #request(options: RequestOptions, claimFor: string | null): Promise<Run> {
    const { task = 'collect', at = start, input = null, attemptsAllowed = 1 } = options
    const trigger = { kind: 'hand', by: 'ada' } as const
    const place = { ...usualPlace, ...options.place }
    return this.one({ kind: 'request', task: task as TaskName, input, trigger, at, attemptsAllowed, claimFor, place })
  }

  /** A flow by hand, as its builders make it: the run that stands for it. */
  async flow(steps: FlowStep, { input = null, at = start }: { readonly input?: Json; readonly at?: Instant } = {}) {
    const task = 'flow' as TaskName
    const plan = planOf(defineFlow(task, steps), input, usualPlans)
    const trigger = { kind: 'hand', by: 'ada' } as const
    return this.one({ kind: 'request', task, input, trigger, at, attemptsAllowed: 1, claimFor: null, plan })
  }

  /** The steps of a flow, by number. */
  async steps(root: RunId): Promise<readonly Run[]> {
    return (await this.store.flow(root, { limit: 1_000 })).map(({ run }) => run)
  }

  async claim(tasks: readonly string[], options: ClaimOptions = {}): Promise<readonly Run[]> {
    return (await this.claimed(tasks, options)).runs
  }

  async claimed(tasks: readonly string[], options: ClaimOptions = {}): Promise<Claimed> {
    const { at = after(10), limit = 10, only = null, worker = 'w1', limits = noLimits } = options
    return this.one({ kind: 'claim', worker, at, limit, tasks: tasks as readonly TaskName[], only, limits })
  }

  async finish(
    run: Pick<Run, 'id' | 'fence'>,
    outcome: Outcome = done,
    options: {
      at?: Instant
      startedAt?: Instant
      judge?: Judge
      taskIsSource?: boolean
      worker?: string
      keyOf?: Changes['finish']['change']['keyOf']
    } = {},
  ): Promise<Finished> {
    const { at = after(5), startedAt = after(1), judge, taskIsSource = false, worker = 'w1', keyOf } = options
    const { id, fence } = run
    const known = keyOf === undefined ? {} : { keyOf }
    return this.one(
      { kind: 'finish', run: id, fence, at, outcome, worker, attemptStartedAt: startedAt, taskIsSource, ...known },
      judge,
    )
  }

  async cancel(run: RunId, options: { at?: Instant; judge?: Judge } = {}): Promise<Finished> {
    const { at = after(4), judge } = options
    return this.one({ kind: 'cancel', run, at, by: 'ada' }, judge)
  }

  async giveBack(run: Run, at: Instant = after(4)) {
    return this.one({ kind: 'giveBack', run: run.id, fence: run.fence, at, attemptStartedAt: after(1) })
  }

  async keepItems(run: Run, items: readonly NewItem[], at: Instant = after(2)): Promise<ItemCounts | null> {
    return this.one({ kind: 'keepItems', run: run.id, fence: run.fence, at, source: 'news', items })
  }

  async finishUnit(run: Run, unit: Unit): Promise<boolean> {
    return this.one({ kind: 'finishUnit', run: run.id, fence: run.fence, unit })
  }

  /** The run as it is stored now. */
  async run(id: RunId): Promise<Run> {
    const run = await this.store.run(id)
    assert.ok(run)
    return run
  }

  /** Another connection to the same data. */
  async another(): Promise<Given> {
    assert.ok(this.#under.another)
    const store = await this.#under.another()
    return new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#under[Symbol.asyncDispose]()
  }
}

export const given = async (open: OpenStore): Promise<Given> => new Given(await open())

export const idsOf = (runs: readonly Run[]): readonly RunId[] => runs.map(run => run.id)
