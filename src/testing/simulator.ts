/**
 * The seeded simulator: the real scheduler, store and engine of several processes over one virtual clock and one store, with
 * processes that die or stand still between any two store calls, store calls that fail, whose answers are lost or late, and
 * a wall clock that is set. After each commit the promises are checked. The same seed gives the same trace.
 */

import { duration } from '../base/duration.ts'
import { formatInstant, parseInstant } from '../base/instant.ts'
import { isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import { rota } from '../rota.ts'
import type { App } from '../app.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import type { Store, WorkerRow } from '../store/store.ts'
import { WaitingInVain, checkDrained, checkStored } from './audit.ts'
import { planOf } from './faulty-store.ts'
import type { Fault, FaultRates } from './faulty-store.ts'
import { Ledger } from './ledger.ts'
import { SimulatedProcess } from './process.ts'
import type { SharedStore } from './process.ts'
import { seeded } from './random.ts'
import type { Random } from './random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { witnessed } from './witness.ts'
import { LIMITS, LONGEST_ATTEMPT, defineTasks, drawSchedules } from './world-tasks.ts'
import type { DeclaredSchedule } from './world-tasks.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Simulated time. Default one day. */
  readonly hours?: number
  /** Schedules of the world, by name, that are there whatever the seed draws. */
  readonly schedules?: readonly string[]
  /** Breaks the store on purpose, to see whether the simulator notices. */
  readonly mutate?: (store: Store, random: Random) => Store
  /** A store to use instead of a fresh one in memory; it is closed at the end. */
  readonly store?: Store
}

export interface SimulationReport {
  readonly seed: number
  readonly calls: number
  readonly commits: number
  readonly runs: number
  readonly kills: number
  readonly stops: number
  readonly clockSteps: number
  /** Store calls that failed or were slow. */
  readonly faults: number
  /** Promises found broken; empty when all held. */
  readonly broken: readonly string[]
  /** Ends of all runs, a line each: equal seeds give equal traces. */
  readonly trace: readonly string[]
}

const SLOTS = 5
const MINUTE = 60_000
const LEASE_MS = 8 * MINUTE
const HOUR = 3_600_000
// After a death or a stop, with all healed: the time by which nothing may be left in the hands of a dead worker.
const RESCUED_WITHIN_MS = LEASE_MS + 9 * MINUTE
// No run of this world lasts longer, retries and waiting included, once nothing disturbs it.
const LONGEST_LIFE_MS = 2 * HOUR
const QUIET_MS = 4 * HOUR
const LOOK_MS = 10 * MINUTE

// The last one is a day like any other: in the others the clocks of Berlin or of New York change.
const days = ['2026-03-28', '2026-10-24', '2026-03-07', '2026-06-17']

const rates: FaultRates = { full: 0.001, lost: 0.004, slow: 0.000_7, slowest: duration(3 * MINUTE) }

/** For a while no commit is kept, or nothing is answered. */
type Outage = Exclude<Fault, { kind: 'slow' }> & { readonly untilMs: number }

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
  readonly #clock: VirtualClock
  readonly #shared: SharedStore
  readonly #store: Store
  readonly #ledger = new Ledger()
  readonly #processes = new Map<string, { process: SimulatedProcess; app: App }>()
  readonly #declared: readonly DeclaredSchedule[]
  readonly #goneSince = new Map<string, number>()
  readonly #plan: (call: keyof Store) => Fault | null
  #outage: Outage | null = null
  #healed = false
  #starts = 0
  #kills = 0
  #stops = 0
  #clockSteps = 0
  #faults = 0
  // The furthest the wall clock ever was. Handlers sleep until an instant: one begun there sleeps until it has come again.
  #furthest = 0
  #aliveSince: number | null = null

  constructor(options: SimulationOptions, store: Store) {
    this.#seed = options.seed
    this.#random = seeded(options.seed)
    this.#store = store
    this.#clock = new VirtualClock(parseInstant(`${this.#random.pick(days)}T00:00:00Z`))
    const mutated = options.mutate?.(store, this.#random) ?? store
    this.#shared = { store: witnessed(mutated, this.#ledger), calls: 0, commits: 0 }
    this.#declared = drawSchedules(this.#random, options.schedules ?? [])
    this.#plan = planOf(this.#random, rates)
  }

  async run(hours: number): Promise<void> {
    const end = this.#clock.monotonicMs() + hours * HOUR
    const processes = this.#random.between(1, 3)
    for (let i = 0; i < processes; i++) await this.#startProcess(`p${i}`)
    while (this.#clock.monotonicMs() < end && this.#ledger.broken.length === 0) {
      await this.#clock.advance(duration(this.#random.between(1, 10) * MINUTE))
      await this.#disturb()
      await this.#checkRescued()
    }
    if (this.#ledger.broken.length === 0) await this.#drain()
  }

  async report(): Promise<SimulationReport> {
    const { broken } = this.#ledger
    const runs = [...this.#ledger.runs.values()]
    return {
      seed: this.#seed,
      calls: this.#shared.calls,
      commits: this.#shared.commits,
      runs: runs.length,
      kills: this.#kills,
      stops: this.#stops,
      clockSteps: this.#clockSteps,
      faults: this.#faults,
      broken: broken.length > 0 ? broken : await checkStored(this.#store, this.#ledger, this.#clockSteps > 0),
      trace: runs.map(asLine),
    }
  }

  // ---- processes

  async #startProcess(name: string): Promise<void> {
    const process = new SimulatedProcess(`${name}.${this.#starts++}`, {
      clock: this.#clock,
      shared: this.#shared,
      fate: {
        at: (one, moment) => this.#strike(one, moment),
        fault: call => this.#fault(call),
        dead: workers => this.#dead(workers),
        beat: worker => ({ count: this.#goneSince.get(worker) ?? this.#clock.monotonicMs(), at: null }),
      },
    })
    const app = rota({
      store: process.store,
      clock: process.clock,
      random: () => this.#random.next(),
      lookEvery: '2 minutes',
      lease: LEASE_MS,
      concurrency: SLOTS,
      retention: '30 days',
      queues: { [LIMITS.queue]: { concurrency: LIMITS.ofQueue } },
    })
    defineTasks(app, this.#random, context => this.#ledger.began(context))
    for (const [schedule, options] of this.#declared) app.schedule(schedule, options)
    this.#processes.set(name, { process, app })
    this.#noteWhoIsAlive()
    // A process may die while it starts: then its start never ends. One that the store fails gives up.
    app.start().catch((error: unknown) => this.#failedToStart(process, error))
    await this.#clock.settle()
  }

  #failedToStart(process: SimulatedProcess, error: unknown): void {
    if (process.faults === 0) this.#ledger.fail(`a start failed: ${String(error)}`)
    this.#kill(process)
  }

  // ---- faults

  #strike(process: SimulatedProcess, moment: 'before' | 'after'): void {
    if (this.#healed || !this.#random.chance(0.000_7)) return
    if (this.#random.chance(0.6)) this.#kill(process)
    else if (moment === 'before') this.#stop(process)
  }

  #fault(call: keyof Store): Fault | null {
    if (this.#healed) return null
    const fault = this.#outageOf(call) ?? this.#plan(call)
    if (fault !== null) this.#faults++
    return fault
  }

  #outageOf(call: keyof Store): Fault | null {
    if (this.#outage === null || this.#clock.monotonicMs() > this.#outage.untilMs) return null
    return this.#outage.kind === 'full' && call !== 'commit' ? null : this.#outage
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

  /** In the order in which they went: the names of workers are no part of the seed. */
  #dead(workers: readonly WorkerRow[]): readonly WorkerRow[] {
    const rows = new Map(workers.map(row => [row.worker, row]))
    return [...this.#goneSince.keys()].flatMap(worker => {
      const row = rows.get(worker)
      return row !== undefined && this.#isCertainlyDead(row) ? [row] : []
    })
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
    if (random.chance(0.005)) {
      const untilMs = this.#clock.monotonicMs() + random.between(1, 10) * MINUTE
      const fault = random.pick([{ kind: 'full' }, { kind: 'lost', stands: false }] as const)
      this.#outage = { ...fault, untilMs }
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
    const queue = random.chance(0.5) ? { queue: LIMITS.queue } : {}
    const by = 'the world'
    const ignore = (): void => {}
    if (random.chance(0.05)) void app.run(random.pick(['steady', 'retrying'])).catch(ignore)
    if (random.chance(0.01)) void app.pause({ ...queue, by }).catch(ignore)
    if (random.chance(0.1)) void app.resume({ ...queue, by }).catch(ignore)
    if (random.chance(0.02) && name !== undefined) void app.schedules.pause(name, by).catch(ignore)
    if (random.chance(0.05) && name !== undefined) void app.schedules.resume(name, by).catch(ignore)
    const live = [...this.#ledger.runs.values()].slice(-30).filter(run => !isOver(run))
    if (random.chance(0.02) && live.length > 0) void app.runs.cancel(random.pick(live).id, by).catch(ignore)
    await this.#clock.settle()
  }

  #noteWhoIsAlive(): void {
    const someoneIs = [...this.#processes.values()].some(({ process }) => process.state === 'alive')
    this.#aliveSince = someoneIs ? (this.#aliveSince ?? this.#clock.monotonicMs()) : null
  }

  // ---- checks

  /** Promise 8: while somebody is alive and the store answers, nothing stays in the hands of the dead. */
  async #checkRescued(): Promise<void> {
    const now = this.#clock.monotonicMs()
    const since = Math.max(this.#aliveSince ?? now, this.#outage?.untilMs ?? 0)
    if (now - since < RESCUED_WITHIN_MS) return
    for (const run of await this.#store.runs({ states: ['running'], limit: 200 })) {
      const gone = run.worker === null ? undefined : this.#goneSince.get(run.worker)
      if (gone === undefined || now - gone < RESCUED_WITHIN_MS || run.startedAt === null) continue
      this.#ledger.fail(`promise 8: run ${run.id} is still in the hands of ${run.worker}`)
    }
  }

  /** Promise 10: all faults healed, everything that was begun ends, and what is due is decided. */
  async #drain(): Promise<void> {
    this.#healed = true
    for (const [name, { process }] of this.#processes) {
      await this.#goOn(process)
      if (process.state === 'dead') await this.#startProcess(name)
    }
    await this.#clock.advance(duration(Math.max(0, this.#furthest - this.#clock.now()) + LONGEST_ATTEMPT))
    // Only now: what people asked of a process that stood still came through when it went on.
    const [first] = this.#processes.values()
    for (const [name] of this.#declared) await this.#settledWith(first?.app.schedules.resume(name, 'the end'))
    await this.#settledWith(first?.app.resume({ queue: LIMITS.queue, by: 'the end' }))
    await this.#settledWith(first?.app.resume({ by: 'the end' }))
    const forgotten = new WaitingInVain(this.#store, this.#clock, SLOTS * this.#processes.size)
    for (let waited = 0; waited < QUIET_MS && this.#ledger.broken.length === 0; waited += LOOK_MS) {
      await this.#clock.advance(duration(LOOK_MS))
      for (const what of await forgotten.look()) this.#ledger.fail(what)
    }
    await checkDrained(this.#store, this.#clock, this.#ledger, LONGEST_LIFE_MS)
  }

  async #settledWith(work: Promise<unknown> | undefined): Promise<void> {
    work?.catch(() => {})
    await this.#clock.settle()
  }
}

const asLine = (run: Run): string => {
  const { id, task, schedule, nominalAt, state, reason, attempt, endedAt } = run
  const at = nominalAt === null ? 'by hand' : formatInstant(nominalAt)
  return `${id} ${task} ${schedule} ${at} ${state} ${reason} ${attempt} ${endedAt}`
}
