/** Watches the runs of a simulation and counts: what started, ended or was skipped, when, and what happened side by side. */

import type { Clock } from '../base/clock.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isOver, isRoot, isStep, lateMs } from '../domain/run.ts'
import type { FailReason, Run, SkipReason } from '../domain/run.ts'
import type { Collision, SimulatedSchedule, SimulatedTask, Simulation, TimelineEvent } from './simulation.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const MOST_COLLISIONS = 100

/** What is counted of one schedule. */
type Counts = Omit<SimulatedSchedule, 'name' | 'task' | 'condition' | 'timezone' | 'unfinished' | 'silent'>

interface Tally {
  runs: number
  succeeded: number
  failed: number
  cancelled: number
  readonly failures: Partial<Record<FailReason, number>>
  readonly skipped: Partial<Record<SkipReason, number>>
  retries: number
  latestMs: number | null
  busyMs: number
}

/** A run that is not over. */
interface Live {
  run: Run
  /** For which it is executed: of a step that of its flow. */
  readonly schedule: string
  /** The start of the attempt that is executed. */
  since: Instant | null
}

interface Flight {
  starts: number
  now: number
  most: number
}

export class Recorder {
  readonly #clock: Clock
  readonly #firstHour: number
  readonly #mostEvents: number
  readonly #tallies = new Map<string, Tally>()
  readonly #tasks = new Map<string, Flight>()
  readonly #live = new Map<RunId, Live>()
  /** How many opportunities a skip stood for when it was told last. */
  readonly #skips = new Map<RunId, number>()
  readonly #timeline: TimelineEvent[] = []
  readonly #hours: number[]
  readonly #collisions = new Map<
    string,
    { readonly schedules: readonly string[]; times: number; readonly at: Instant }
  >()
  #runs = 0
  #skipped = 0
  #leftOut = 0
  #inFlight = 0
  #mostAtOnce: { readonly at: Instant; readonly runs: number } | null = null
  #minute = { at: 0, starts: 0 }
  #busiest = { at: 0, starts: 0 }
  #second = { at: 0, schedules: new Set<string>() }

  constructor(options: { clock: Clock; from: Instant; to: Instant; mostEvents: number }) {
    this.#clock = options.clock
    this.#firstHour = hourOf(options.from)
    this.#mostEvents = options.mostEvents
    this.#hours = Array.from({ length: hourOf(instant(options.to - 1)) - this.#firstHour + 1 }, () => 0)
  }

  /** Opportunities so far, skipped ones too. */
  get decided(): number {
    return this.#runs + this.#skipped
  }

  /** A run that is not over. */
  live(id: RunId): Run | undefined {
    return this.#live.get(id)?.run
  }

  /** A commit gave this row back. */
  saw(run: Run): void {
    if (isStep(run)) return this.#sawStep(run)
    switch (run.state) {
      case 'open':
      case 'queued':
        return this.#waits(run)
      case 'running':
        return this.#starts(run)
      case 'retrying':
        return this.#failsForNow(run)
      case 'skipped':
        return this.#isSkipped(run)
      case 'succeeded':
      case 'partial':
      case 'failed':
      case 'cancelled':
        return this.#ends(run, run.state)
      default:
        run.state satisfies never
    }
  }

  /** What is counted of a schedule, and how many of its runs are not over. */
  counts(schedule: string): Counts & { readonly unfinished: number } {
    const tally = this.#tally(schedule)
    const { runs, succeeded, failed, cancelled } = tally
    return { ...tally, unfinished: runs - succeeded - failed - cancelled }
  }

  /** All that belongs to no schedule alone. */
  whole(): Omit<Simulation, 'from' | 'to' | 'seed' | 'schedules'> {
    this.#closeMinute()
    this.#closeSecond()
    const collisions = [...this.#collisions.values()].toSorted(byWeight)
    const most = this.#mostAtOnce
    return {
      runs: this.#runs,
      tasks: [...this.#tasks].map(taskOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      collisions: collisions.slice(0, MOST_COLLISIONS).map(one => ({ ...one, at: formatInstant(one.at) })),
      collisionsLeftOut: Math.max(collisions.length - MOST_COLLISIONS, 0),
      busiestMinute:
        this.#busiest.starts === 0
          ? null
          : { at: formatInstant(instant(this.#busiest.at)), starts: this.#busiest.starts },
      mostAtOnce: most === null ? null : { at: formatInstant(most.at), runs: most.runs },
      startsByHour: this.#hours,
      timeline: this.#timeline,
      timelineLeftOut: this.#leftOut,
    }
  }

  // ---- what may happen to a run

  #waits(run: Run): void {
    const isNew = !this.#live.has(run.id)
    this.#liveOf(run)
    if (isNew) this.#tell(run, 'waiting', null)
  }

  #starts(run: Run): void {
    const live = this.#liveOf(run)
    // Told again because it was asked to stop.
    if (live.since !== null) return
    const at = this.#clock.now()
    const tally = this.#tally(scheduleOf(run))
    const late = lateMs(run)
    if (run.attempt <= 1 && late !== null) tally.latestMs = Math.max(tally.latestMs ?? 0, late)
    live.since = at
    // Of a flow the steps are executed, and not the run that stands for it.
    if (!isRoot(run)) this.#noteStart(live, at)
    this.#tell(run, 'started', null)
  }

  // Of a step only its execution is counted: what is decided, and ends, is the whole.
  #sawStep(run: Run): void {
    const whole = run.root === null ? undefined : this.live(run.root)
    const live = this.#live.get(run.id) ?? { run, schedule: scheduleOf(whole ?? run), since: null }
    if (run.state !== 'running') this.#land(live)
    else if (live.since === null) {
      live.since = this.#clock.now()
      this.#noteStart(live, live.since)
    }
    if (isOver(run)) this.#live.delete(run.id)
    else this.#live.set(run.id, live)
  }

  #failsForNow(run: Run): void {
    const live = this.#liveOf(run)
    this.#land(live)
    this.#tally(scheduleOf(run)).retries++
    this.#tell(run, 'retrying', whyFailed(run))
  }

  #ends(run: Run, state: 'succeeded' | 'partial' | 'failed' | 'cancelled'): void {
    const live = this.#liveOf(run)
    this.#land(live)
    const tally = this.#tally(scheduleOf(run))
    tally[state === 'partial' ? 'succeeded' : state]++
    if (state === 'failed') add(tally.failures, run.reason as FailReason, 1)
    this.#live.delete(run.id)
    this.#tell(run, state, state === 'failed' ? whyFailed(run) : run.detail)
  }

  #isSkipped(run: Run): void {
    const tally = this.#tally(scheduleOf(run))
    // It waited first, and was counted.
    if (this.#live.delete(run.id)) {
      tally.runs--
      this.#runs--
    }
    // Neighbours that are skipped for the same reason share a row, which is told again with each.
    const before = this.#skips.get(run.id) ?? 0
    this.#skips.set(run.id, run.count)
    const reason = run.reason as SkipReason
    this.#skipped += run.count - before
    add(tally.skipped, reason, run.count - before)
    this.#tell(run, 'skipped', run.detail === null ? reason : `${reason}: ${run.detail}`)
  }

  #liveOf(run: Run): Live {
    const known = this.#live.get(run.id)
    if (known !== undefined) {
      known.run = run
      return known
    }
    const live = { run, schedule: scheduleOf(run), since: null }
    this.#live.set(run.id, live)
    this.#tally(scheduleOf(run)).runs++
    this.#runs++
    return live
  }

  /** Its attempt is over, if there was one. */
  #land(live: Live): void {
    const { since, schedule, run } = live
    live.since = null
    if (since === null || isRoot(run)) return
    this.#tally(schedule).busyMs += this.#clock.now() - since
    this.#inFlight--
    this.#flight(run.task).now--
  }

  // ---- side by side

  #noteStart({ run, schedule }: Live, at: Instant): void {
    const flight = this.#flight(run.task)
    flight.starts++
    flight.now++
    flight.most = Math.max(flight.most, flight.now)
    this.#inFlight++
    if (this.#inFlight > (this.#mostAtOnce?.runs ?? 0)) this.#mostAtOnce = { at, runs: this.#inFlight }
    const hour = hourOf(at) - this.#firstHour
    this.#hours[hour] = (this.#hours[hour] ?? 0) + 1
    const minute = at - (at % MINUTE)
    if (minute !== this.#minute.at) this.#closeMinute(minute)
    this.#minute.starts++
    const second = at - (at % SECOND)
    if (second !== this.#second.at) this.#closeSecond(second)
    this.#second.schedules.add(schedule)
  }

  #closeMinute(next = 0): void {
    if (this.#minute.starts > this.#busiest.starts) this.#busiest = this.#minute
    this.#minute = { at: next, starts: 0 }
  }

  #closeSecond(next = 0): void {
    const { at, schedules } = this.#second
    this.#second = { at: next, schedules: new Set() }
    if (schedules.size < 2) return
    const sorted = [...schedules].sort()
    const key = sorted.join(' ')
    const known = this.#collisions.get(key)
    if (known === undefined) this.#collisions.set(key, { schedules: sorted, times: 1, at: instant(at) })
    else known.times++
  }

  // ----

  #tally(schedule: string): Tally {
    const known = this.#tallies.get(schedule)
    if (known !== undefined) return known
    const counts = { runs: 0, succeeded: 0, failed: 0, cancelled: 0, retries: 0, latestMs: null, busyMs: 0 }
    const tally: Tally = { ...counts, failures: {}, skipped: {} }
    this.#tallies.set(schedule, tally)
    return tally
  }

  #flight(task: string): Flight {
    const known = this.#tasks.get(task)
    if (known !== undefined) return known
    const flight = { starts: 0, now: 0, most: 0 }
    this.#tasks.set(task, flight)
    return flight
  }

  #tell(run: Run, event: TimelineEvent['event'], detail: string | null): void {
    if (this.#timeline.length >= this.#mostEvents) {
      this.#leftOut++
      return
    }
    const at = formatInstant(this.#clock.now())
    this.#timeline.push({ at, schedule: scheduleOf(run), run: run.id, event, attempt: run.attempt, detail })
  }
}

const hourOf = (at: Instant): number => Math.floor(at / HOUR)

// Every run of a simulation comes from a schedule, if as a step of another.
const scheduleOf = (run: Run): string => run.schedule ?? run.task

const whyFailed = ({ reason, error }: Run): string => `${reason ?? 'error'}: ${error?.message ?? 'no message'}`

const add = <Name extends string>(counts: Partial<Record<Name, number>>, name: Name, by: number): void => {
  counts[name] = (counts[name] ?? 0) + by
}

const taskOf = ([name, { starts, most }]: readonly [string, Flight]): SimulatedTask => ({
  name,
  starts,
  mostAtOnce: most,
})

/** The largest sets first, then the most frequent, then the earliest. */
const byWeight = (
  a: Omit<Collision, 'at'> & { readonly at: Instant },
  b: Omit<Collision, 'at'> & { readonly at: Instant },
): number => b.schedules.length - a.schedules.length || b.times - a.times || a.at - b.at
