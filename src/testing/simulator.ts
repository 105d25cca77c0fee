/**
 * The seeded simulator: the real scheduler, store and engine of several processes over one virtual clock and one store, with
 * processes that die or stand still between any two store calls and a wall clock that is set. After each commit the promises
 * are checked. The same seed gives the same trace.
 */

import { duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import { chain, group, map } from '../domain/flow.ts'
import { isOver, liveStates } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Context } from '../domain/task.ts'
import { rota } from '../rota.ts'
import type { App, ScheduleOptions } from '../rota.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import type { Change, Claimed, Committed, Finished, Judged, Store, WorkerRow } from '../store/store.ts'
import { Ledger } from './ledger.ts'
import { SimulatedProcess } from './process.ts'
import type { SharedStore } from './process.ts'
import { seeded } from './random.ts'
import type { Random } from './random.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Simulated time. Default one day. */
  readonly hours?: number
  /** Breaks the store on purpose, to see whether the simulator notices. */
  readonly mutate?: (store: Store, random: Random) => Store
  /** A store to use instead of a fresh one in memory; it is closed at the end. */
  readonly store?: Store
}

export interface SimulationReport {
  readonly seed: number
  readonly commits: number
  readonly runs: number
  readonly kills: number
  readonly stops: number
  readonly clockSteps: number
  /** Promises found broken; empty when all held. */
  readonly broken: readonly string[]
  /** Ends of all runs, a line each: equal seeds give equal traces. */
  readonly trace: readonly string[]
}

const PROCESSES = 2
const MINUTE = 60_000
const LEASE_MS = 8 * MINUTE
const HOUR = 3_600_000
// After a death or a stop, with all healed: the time by which nothing may be left in the hands of a dead worker.
const RESCUED_WITHIN_MS = LEASE_MS + 9 * MINUTE

// No run of this world lasts longer, retries and waiting included, once nothing disturbs it.
const LONGEST_LIFE_MS = 2 * HOUR

/** What the limited tasks of this world may do at once: promise 6 is checked by it after each commit. */
const LIMITS = { queue: 'narrow', ofQueue: 4, task: 'limited', ofTask: 3, perKey: 2 }

/** Schedules of every policy, of which a seed takes some. */
const schedules: readonly (readonly [string, ScheduleOptions])[] = [
  ['often', { task: 'steady', when: 'every 5 minutes' }],
  ['queueing', { task: 'retrying', when: 'every 7 minutes', overlap: 'queue' }],
  ['queueing-all', { task: 'steady', when: '*/10 * * * *', overlap: { queueAll: 3 } }],
  ['side-by-side', { task: 'retrying', when: '*/6 * * * *', overlap: { allow: 2 }, jitter: '90 s' }],
  ['impatient', { task: 'steady', when: 'every 11 minutes', overlap: 'cancelPrevious' }],
  ['complete', { task: 'steady', when: 'hourly at :20', catchUp: 'all', catchUpLimit: 4 }],
  ['punctual', { task: 'retrying', when: '*/15 * * * *', catchUp: 'none', grace: '2 minutes' }],
  ['office', { task: 'steady', when: 'every 20 minutes and between 09:00 and 17:00', timezone: 'Europe/Berlin' }],
  ['nightly', { task: 'retrying', when: 'daily at 03:30', timezone: 'America/New_York' }],
  ['slow', { task: 'deaf', when: 'every 30 minutes' }],
  ['hosts', { task: 'limited', when: 'every 9 minutes', overlap: { allow: 4 }, input: 'example.org' }],
  ['other-hosts', { task: 'limited', when: '*/15 * * * *', overlap: { allow: 3 }, input: 'example.com' }],
  ['beside', { task: 'beside', when: 'every 12 minutes', overlap: { allow: 3 } }],
]

/** Schedules that ask about more than the clock, of which a seed takes a few. */
const factSchedules: readonly (readonly [string, ScheduleOptions])[] = [
  ['after', { task: 'steady', when: "after 'retrying' fails" }],
  ['later', { task: 'steady', when: "10 minutes after 'deaf' finishes" }],
  ['following', { task: 'steady', when: '15 minutes after it finishes' }],
  [
    'counting',
    { task: 'steady', when: "*/12 * * * * and 'retrying' has failed in the last 2 hours fewer than 2 times" },
  ],
  ['unhindered', { task: 'steady', when: "*/20 * * * * and 'deaf' is not running" }],
  ['starting', { task: 'retrying', when: 'on start' }],
  ['stopped', { task: 'steady', when: 'every 9 minutes', stopWhen: "'deaf' is running" }],
  ['flowing', { task: 'flow', when: '*/25 * * * *', overlap: 'queue' }],
  ['cancelling', { task: 'flow', when: 'every 13 minutes', overlap: 'cancelPrevious' }],
  ['after-flows', { task: 'steady', when: "after 'flow' finishes" }],
  ['fresh', { task: 'retrying', when: '*/4 * * * *', overlap: { allow: 6 }, startWithin: '1 minute' }],
]

/** Runs one seed. */
export const simulateFaults = async (options: SimulationOptions): Promise<SimulationReport> => {
  const store = options.store ?? (await openSqliteStore({ path: ':memory:' }))
  try {
    const world = new World(options, store)
    await world.run(options.hours ?? 24)
    return await world.report()
  } finally {
    await store.close()
  }
}

class World {
  readonly #seed: number
  readonly #random: Random
  readonly #clock = new VirtualClock('2026-03-28T00:00:00Z')
  readonly #shared: SharedStore
  readonly #store: Store
  readonly #ledger = new Ledger()
  readonly #processes = new Map<string, { process: SimulatedProcess; app: App }>()
  readonly #declared: readonly (readonly [string, ScheduleOptions])[]
  readonly #goneSince = new Map<string, number>()
  #healed = false
  #starts = 0
  #kills = 0
  #stops = 0
  #clockSteps = 0
  // The furthest the wall clock ever was. Handlers sleep until an instant: one begun there sleeps until it has come again.
  #furthest = 0
  #aliveSince: number | null = null

  constructor(options: SimulationOptions, store: Store) {
    this.#seed = options.seed
    this.#random = seeded(options.seed)
    this.#store = store
    const mutated = options.mutate?.(store, this.#random) ?? store
    this.#shared = { store: this.#watched(mutated), commits: 0 }
    this.#declared = [
      ...schedules.filter(() => this.#random.chance(0.35)),
      ...factSchedules.filter(() => this.#random.chance(0.15)),
    ]
  }

  async run(hours: number): Promise<void> {
    const end = this.#clock.monotonicMs() + hours * HOUR
    for (let i = 0; i < PROCESSES; i++) await this.#startProcess(`p${i}`)
    while (this.#clock.monotonicMs() < end && this.#ledger.broken.length === 0) {
      await this.#clock.advance(duration(this.#random.between(1, 10) * MINUTE))
      await this.#disturb()
      await this.#checkRescued()
    }
    await this.#drain()
  }

  async report(): Promise<SimulationReport> {
    const broken = [...this.#ledger.broken, ...(this.#ledger.broken.length === 0 ? await this.#checkStored() : [])]
    const runs = [...this.#ledger.runs.values()]
    return {
      seed: this.#seed,
      commits: this.#shared.commits,
      runs: runs.length,
      kills: this.#kills,
      stops: this.#stops,
      clockSteps: this.#clockSteps,
      broken,
      trace: runs.map(
        run =>
          `${run.id} ${run.task} ${run.schedule} ${run.nominalAt} ${run.state} ${run.reason} ${run.attempt} ${run.endedAt}`,
      ),
    }
  }

  // ---- processes

  async #startProcess(name: string): Promise<void> {
    const process = new SimulatedProcess(`${name}.${this.#starts++}`, {
      clock: this.#clock,
      shared: this.#shared,
      fate: {
        at: (one, moment) => this.#strike(one, moment),
        dead: workers => workers.filter(worker => this.#isCertainlyDead(worker)),
        beat: worker => ({ count: this.#goneSince.get(worker) ?? this.#clock.monotonicMs(), at: null }),
      },
    })
    const app = rota({
      store: process.store,
      clock: process.clock,
      random: () => this.#random.next(),
      lookEvery: '2 minutes',
      lease: LEASE_MS,
      concurrency: 5,
      retention: '30 days',
      queues: { [LIMITS.queue]: { concurrency: LIMITS.ofQueue } },
    })
    this.#defineTasks(app)
    for (const [schedule, options] of this.#declared) app.schedule(schedule, options)
    this.#processes.set(name, { process, app })
    this.#noteWhoIsAlive()
    // A process may die while it starts: then its start never ends.
    app.start().catch((error: unknown) => this.#ledger.fail(`a start failed: ${String(error)}`))
    await this.#clock.settle()
  }

  #defineTasks(app: App): void {
    const last = async ({ clock, signal }: Context, longestMs: number): Promise<void> => {
      await clock.sleepUntil(instant(clock.now() + this.#random.between(1_000, longestMs)), signal)
    }
    app.task('steady', async context => {
      context.log.info('started')
      await last(context, 8 * MINUTE)
      return { attempt: context.attempt }
    })
    app.task(
      'retrying',
      async context => {
        await last(context, 4 * MINUTE)
        if (this.#random.chance(0.3)) throw new Error('no luck')
        return { attempt: context.attempt }
      },
      { retry: { attempts: 4, first: '5 s', longest: '2 minutes' }, timeout: '3 minutes' },
    )
    const { queue, task, ofTask: concurrency, perKey } = LIMITS
    const few = async (context: Context): Promise<unknown> => {
      await last(context, 24 * MINUTE)
      return { attempt: context.attempt }
    }
    app.task<string, unknown>(task, few, {
      queue,
      retry: { attempts: 3 },
      limits: { concurrency, key: input => input, perKey, rate: '2 per minute' },
    })
    app.task('beside', few, { queue, priority: 7, retry: { attempts: 2 } })
    app.task('list', ({ attempt }) => Array.from({ length: this.#random.between(0, 3) }, () => ({ attempt })), {
      retry: { attempts: 2 },
    })
    app.flow('flow', chain('list', map('retrying'), group('steady', { task: 'beside', on: 'fails' })))
    app.task(
      'deaf',
      async context => {
        await context.clock.sleepUntil(instant(context.clock.now() + this.#random.between(1, 20) * MINUTE))
        return { attempt: context.attempt }
      },
      { retry: { attempts: 2 }, timeout: '10 minutes', timeoutGrace: '30 s' },
    )
  }

  // ---- faults

  #strike(process: SimulatedProcess, moment: 'before' | 'after'): void {
    if (this.#healed || !this.#random.chance(0.000_7)) return
    if (this.#random.chance(0.6)) this.#kill(process)
    else if (moment === 'before') this.#stop(process)
  }

  #kill(process: SimulatedProcess): void {
    this.#kills++
    if (process.worker !== null) this.#goneSince.set(process.worker, this.#clock.monotonicMs())
    process.kill()
    this.#noteWhoIsAlive()
  }

  #stop(process: SimulatedProcess): void {
    this.#stops++
    if (process.worker !== null) this.#goneSince.set(process.worker, this.#clock.monotonicMs())
    process.standStill()
    this.#noteWhoIsAlive()
  }

  // Killed: its lock is free at once. One that stands still holds it.
  #isCertainlyDead({ worker }: WorkerRow): boolean {
    if (!this.#goneSince.has(worker)) return false
    const holder = [...this.#processes.values()].find(({ process }) => process.worker === worker)
    return holder === undefined || holder.process.state === 'dead'
  }

  async #disturb(): Promise<void> {
    const random = this.#random
    for (const [name, { process, app }] of this.#processes) {
      if (process.state === 'alive' && random.chance(0.01)) this.#kill(process)
      if (process.state === 'dead' && random.chance(0.5)) await this.#startProcess(name)
      if (process.state === 'standing still' && random.chance(0.2)) await this.#goOn(process)
      if (process.state === 'alive') await this.#meddle(app)
    }
    if (random.chance(0.012)) {
      this.#clockSteps++
      this.#furthest = Math.max(this.#furthest, this.#clock.now())
      this.#clock.step(random.pick([-3 * HOUR, -100 * MINUTE, -10 * MINUTE, 10 * MINUTE, 2 * HOUR]))
    }
  }

  async #goOn(process: SimulatedProcess): Promise<void> {
    if (process.state !== 'standing still') return
    // It lives. If it was given up for lost meanwhile, its fences are raised.
    if (process.worker !== null) this.#goneSince.delete(process.worker)
    process.goOn()
    this.#noteWhoIsAlive()
    await this.#clock.settle()
  }

  /** What people do meanwhile. Their calls may meet a dying process: then they never return, and nobody waits for them. */
  async #meddle(app: App): Promise<void> {
    const random = this.#random
    const name = this.#declared.length === 0 ? undefined : random.pick(this.#declared)[0]
    const ignore = (): void => {}
    if (random.chance(0.05)) void app.run(random.pick(['steady', 'retrying'])).catch(ignore)
    if (random.chance(0.01)) void app.pause({ queue: LIMITS.queue, by: 'the world' }).catch(ignore)
    if (random.chance(0.05)) void app.resume({ queue: LIMITS.queue, by: 'the world' }).catch(ignore)
    if (random.chance(0.02) && name !== undefined) void app.schedules.pause(name, 'the world').catch(ignore)
    if (random.chance(0.05) && name !== undefined) void app.schedules.resume(name, 'the world').catch(ignore)
    const live = [...this.#ledger.runs.values()].slice(-30).filter(run => !isOver(run))
    if (random.chance(0.02) && live.length > 0) void app.runs.cancel(random.pick(live).id, 'the world').catch(ignore)
    await this.#clock.settle()
  }

  #noteWhoIsAlive(): void {
    const someoneIs = [...this.#processes.values()].some(({ process }) => process.state === 'alive')
    this.#aliveSince = someoneIs ? (this.#aliveSince ?? this.#clock.monotonicMs()) : null
  }

  // ---- checks

  #watched(store: Store): Store {
    const commit = async (
      changes: readonly Change[],
      judge: Parameters<Store['commit']>[1],
    ): Promise<Committed<readonly Change[]>> => {
      const committed = await store.commit(changes, judge)
      const results: readonly unknown[] = committed.results
      for (const [i, change] of changes.entries()) {
        this.#saw(change, results[i] as { readonly ok?: unknown })
        for (const one of committed.judged[i] ?? []) this.#sawJudged(one)
        for (const run of committed.flows?.[i] ?? []) this.#ledger.saw(run)
        // These give only the schedule back; what became of its rows is read.
        const touchesRows = change.kind === 'pauseSchedule' || change.kind === 'resumeSchedule'
        if (touchesRows) for (const run of await store.runs({ schedule: change.name, limit: 50 })) this.#ledger.saw(run)
        // A resume judges: after the clock was set back it may move the mark back too.
        if (change.kind === 'resumeSchedule') this.#sawResumed(results[i] as { readonly ok?: Schedule })
      }
      this.#checkLimits()
      return committed
    }
    return new Proxy(store, {
      get: (target, key: keyof Store) => (key === 'commit' ? commit : (target[key].bind(target) as unknown)),
    })
  }

  /** Promise 6: no more run than a limit says. */
  #checkLimits(): void {
    const { queue, ofQueue, task, ofTask, perKey } = LIMITS
    const running = this.#ledger.running()
    const check = (what: string, limit: number, isCounted: (run: Run) => boolean): void => {
      const counted = running.filter(isCounted)
      if (counted.length > limit)
        this.#ledger.fail(
          `promise 6: ${counted.length} of ${limit} of ${what} run: ${counted.map(run => run.id).join(', ')}`,
        )
    }
    check(`queue ${queue}`, ofQueue, run => run.queue === queue)
    check(task, ofTask, run => run.task === task)
    for (const key of new Set(running.map(run => run.key))) if (key !== null) check(key, perKey, run => run.key === key)
  }

  #saw(change: Change, result: { readonly ok?: unknown }): void {
    if (result.ok === undefined || result.ok === null) return
    switch (change.kind) {
      case 'judge':
        return this.#sawJudged(result.ok as Judged)
      case 'finish':
      case 'cancel': {
        const finished = result.ok as Finished
        return this.#ledger.saw(finished.run)
      }
      case 'giveBack':
        return this.#ledger.saw((result.ok as { readonly run: Run }).run)
      case 'request':
        return this.#ledger.saw(result.ok as Run)
      case 'claim':
        for (const run of (result.ok as Claimed).runs) this.#ledger.saw(run)
        return
      case 'rescue':
        for (const run of result.ok as readonly Run[]) this.#ledger.saw(run)
        return
      case 'putSchedule':
        return this.#ledger.watch(result.ok as Parameters<Ledger['watch']>[0])
      default:
        return
    }
  }

  #sawResumed({ ok }: { readonly ok?: Schedule }): void {
    if (ok !== undefined) this.#ledger.sawMark(ok)
  }

  #sawJudged(judged: Judged): void {
    for (const run of [...judged.cancelled, ...judged.others, ...judged.runs]) this.#ledger.saw(run)
    this.#ledger.sawMark(judged.schedule)
  }

  /** Promise 8: while somebody is alive, nothing stays in the hands of the dead. */
  async #checkRescued(): Promise<void> {
    const now = this.#clock.monotonicMs()
    const aliveSince = this.#aliveSince
    if (aliveSince === null || now - aliveSince < RESCUED_WITHIN_MS) return
    for (const run of await this.#store.runs({ states: ['running'], limit: 200 })) {
      const gone = run.worker === null ? undefined : this.#goneSince.get(run.worker)
      if (gone === undefined || now - gone < RESCUED_WITHIN_MS || run.startedAt === null) continue
      this.#ledger.fail(`promise 8: run ${run.id} is still in the hands of ${run.worker}`)
    }
  }

  /** All faults healed: everything that was begun ends, and what is due is decided. */
  async #drain(): Promise<void> {
    if (this.#ledger.broken.length > 0) return
    this.#healed = true
    for (const [name, { process }] of this.#processes) {
      await this.#goOn(process)
      if (process.state === 'dead') await this.#startProcess(name)
    }
    for (const { app } of this.#processes.values()) {
      for (const [name] of this.#declared) await this.#settledWith(app.schedules.resume(name, 'the end'))
      await this.#settledWith(app.resume({ queue: LIMITS.queue, by: 'the end' }))
    }
    await this.#clock.advance(duration(Math.max(0, this.#furthest - this.#clock.now())))
    await this.#clock.advance('4 h')
    this.#ledger.checkEnds(instant(this.#clock.now() - LONGEST_LIFE_MS))
    const long = this.#clock.now() - LONGEST_LIFE_MS
    const left = (await this.#store.runs({ states: liveStates, limit: 200 })).filter(run => run.createdAt < long)
    for (const run of left)
      this.#ledger.fail(`promise 10: run ${run.id} of ${run.task} is still ${run.state} after four quiet hours`)
  }

  async #settledWith<T>(work: Promise<T>): Promise<void> {
    work.catch(() => {})
    await this.#clock.settle()
  }

  /** The rows themselves, read anew: what was told must be what is stored. */
  async #checkStored(): Promise<readonly string[]> {
    const anew = new Ledger()
    for (const schedule of await this.#store.schedules({ limit: 200 }))
      anew.watch({ ...schedule, mark: schedule.createdAt }, this.#clockSteps > 0)
    const stored: Run[] = []
    for (let page = await this.#store.runs({ limit: 200 }); page.length > 0;) {
      stored.push(...page)
      page = await this.#store.runs({ limit: 200, before: page.at(-1)!.id })
    }
    for (const run of stored.reverse()) anew.saw(run)
    anew.checkFlows()
    for (const schedule of await this.#store.schedules({ limit: 200 })) anew.sawMark(schedule)
    const untold = stored.filter(run => !this.#ledger.runs.has(run.id) && run.state !== 'skipped')
    return [...anew.broken, ...untold.map(run => `run ${run.id} is stored (${run.state}), and no commit told of it`)]
  }
}
