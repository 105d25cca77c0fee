/**
 * The loop that makes opportunities into runs: one timer to the next instant that matters, no polling of schedules.
 *
 * At each wake-up it judges what is due, hands what became a run to the engine, and sleeps until the store's next instant.
 * Everything it knows is in the store: it can die between any two lines and be started again.
 */

import type { Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { duration, formatDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { LogFields, LogLevel } from '../base/log.ts'
import type { Judge } from '../domain/opportunity.ts'
import type { Retention } from '../domain/retention.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Engine } from '../engine/engine.ts'
import type { Judged } from '../store/store.ts'
import { ClockWatch } from './clock-watch.ts'
import { FURTHEST_MARK_AHEAD } from './due.ts'
import { Foresight } from './foresight.ts'
import { LoopWatch } from './loop-watch.ts'
import { Others } from './others.ts'
import type { OthersOptions } from './others.ts'
import type { Predicates } from './predicates.ts'
import { prune } from './prune.ts'

export interface SchedulerOptions extends OthersOptions {
  /** The judge of `group`. */
  readonly judge: Judge
  readonly engine: Engine
  readonly retention: Retention
  /** How often another process's writes are looked for; null: as the defaults say. */
  readonly lookEvery: Duration | null
  readonly predicates: Predicates
  readonly listener: SchedulerListener
}

/** What a scheduler tells its owner, each after it is committed. */
export interface SchedulerListener {
  changed(run: Run): void
  /** Another process took this worker for dead or lost, and struck it off the list. */
  takenForDead(): void
  /** A mark lay beyond the clock and was moved: the clock was wrong before, or is now. */
  clockSetBack(detail: string): void
  noticed(level: LogLevel, message: string, fields: LogFields): void
  /** Another process wrote into the store. */
  changedElsewhere(): void
}

// The wall clock is read again at least so often: a step of it is noticed, and nothing sleeps through one.
const HEARTBEAT = duration(30_000)
// Rows due within this are read before they are due, and those of the next instant judged.
const AHEAD_MS = 1_000
const MOST_AHEAD = 10_000
// Read at a time: a few milliseconds.
const PAGE = 500
const PAUSE_AFTER_TROUBLE = duration(1_000)
// Another process may write into the same file: a look at its change counter, not at its rows.
const LOOK_ELSEWHERE = duration(1_000)
const LOOK_ELSEWHERE_WITH_OTHERS = duration(250)
// Others are late by then, and a person wants to know why.
const LOOP_BLOCKED = duration(1_000)
const MOST_NAMED = 5
const PRUNE_EVERY = duration(3_600_000)
const FIRST_PRUNE = duration(60_000)

const lastWords = {
  died: 'a worker died; its runs were taken over',
  lost: 'a worker stands still; its runs were taken over',
} as const

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #watch: ClockWatch
  readonly #loop: LoopWatch
  readonly #others: Others
  readonly #foresight: Foresight
  #ahead: readonly Schedule[] = []
  #wakeAt: Instant | null = null
  #retryAt: Instant | null = null
  // The soonest instant that was asked for while the loop was busy.
  #wantedAt: Instant | null = null
  #takeBackWake: () => void = () => {}
  #takeBackBeat: () => void = () => {}
  #takeBackLook: () => void = () => {}
  #takeBackPrune: () => void = () => {}
  // At the start too: the clock may have been set while nobody ran.
  #mayBeAhead = true
  #isTicking = false
  #mustTickAgain = false
  #isStopped = false
  // Another process wrote something, or died: what follows from it is still to be looked at.
  #hasNews = false

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#watch = new ClockWatch(options.clock)
    this.#loop = new LoopWatch(options.clock)
    this.#others = new Others(options)
    this.#foresight = new Foresight(options.judge)
  }

  /** How long the event loop was blocked at most in the last minute, as far as it shows. */
  get loopLag(): Duration {
    return this.#loop.longest()
  }

  /** Takes up what dead workers left, then begins. */
  async start(): Promise<void> {
    await this.#meetOthers()
    await this.#others.show()
    this.#options.engine.wake()
    this.#beatLater()
    this.#lookElsewhereLater()
    this.#pruneLater(FIRST_PRUNE)
    await this.#tick()
  }

  /** Nothing is judged any more after this. */
  stop(): void {
    this.#isStopped = true
    this.#takeBackWake()
    this.#takeBackBeat()
    this.#takeBackLook()
    this.#takeBackPrune()
    this.#options.predicates.stop()
  }

  /** A schedule was put, resumed or removed, a run was requested: what is next may have changed. */
  poke(): void {
    this.#ahead = []
    void this.#tick()
  }

  /** Takes up what a judgement set going: runs to execute, runs to stop, a sooner next instant. */
  settle(judged: Judged): void {
    const { engine, listener, group, clock } = this.#options
    let queued = false
    for (const run of judged.runs) {
      listener.changed(run)
      if (run.state === 'running') engine.deliver(run)
      else queued = true
    }
    for (const run of judged.others) listener.changed(run)
    for (const run of judged.cancelled) {
      listener.changed(run)
      if (run.state === 'running') engine.abort(run, 'cancelled')
    }
    if (queued || judged.resumed === true) engine.wake()
    if (judged.clockSetBack !== null) {
      const detail = `the mark of '${judged.schedule.name}' was ${formatDuration(judged.clockSetBack)} ahead of the clock and was moved to now`
      listener.clockSetBack(detail)
      listener.noticed('error', detail, { schedule: judged.schedule.name })
      group.apply({ kind: 'event', at: clock.now(), name: 'clock set back', detail }).catch(() => {})
    }
    if (judged.asks.length > 0) void this.#askFor(judged)
    const { nextAt } = judged.schedule
    if (nextAt !== null) this.#wakeBy(nextAt)
  }

  /** A run waits for its next attempt until then. */
  retryBy(at: Instant): void {
    this.#retryAt = sooner(this.#retryAt, at)
    this.#wakeBy(at)
  }

  /** Predicates are asked outside transactions; then the schedule that wanted to know is judged again. */
  async #askFor({ asks, schedule }: Judged): Promise<void> {
    const { predicates, clock, listener } = this.#options
    await Promise.all(asks.map(name => predicates.ask(name, clock, (...told) => listener.noticed(...told))))
    if (this.#isStopped) return
    try {
      await this.#judge([schedule], clock.now())
    } catch (error) {
      this.#trouble(error)
    }
  }

  #wakeBy(at: Instant): void {
    if (this.#isTicking) this.#wantedAt = sooner(this.#wantedAt, at)
    else if (this.#wakeAt === null || at < this.#wakeAt) this.#sleepUntil(at)
  }

  async #tick(): Promise<void> {
    if (this.#isStopped) return
    if (this.#isTicking) {
      this.#mustTickAgain = true
      return
    }
    this.#isTicking = true
    this.#takeBackWake()
    try {
      if (this.#mayBeAhead) await this.#judgeAhead()
      let next: Instant | null
      do {
        this.#mustTickAgain = false
        next = await this.#judgeDue()
      } while (this.#mustTickAgain && !this.#isStopped)
      await this.#sleepTill(next)
    } catch (error) {
      this.#trouble(error)
    } finally {
      this.#isTicking = false
    }
    if (this.#mustTickAgain) void this.#tick()
  }

  // Marks that the clock will only reach in hours: their schedules would be silent until then. And what was queued before the
  // clock was set back would wait until it has come again.
  async #judgeAhead(): Promise<void> {
    const { store, clock, group, engine } = this.#options
    if ((await group.apply({ kind: 'hasten', at: clock.now() })) > 0) engine.wake()
    const beyond = instant(clock.now() + FURTHEST_MARK_AHEAD)
    for (let ahead = await store.schedulesAhead(beyond, PAGE); ahead.length > 0;) {
      await this.#judge(ahead, clock.now())
      ahead = await store.schedulesAhead(beyond, PAGE)
    }
    this.#mayBeAhead = false
  }

  /** Judges until nothing is due, and gives when something will be. */
  async #judgeDue(): Promise<Instant | null> {
    const { store, clock } = this.#options
    const now = clock.now()
    const ahead = this.#ahead.filter(schedule => schedule.nextAt !== null && schedule.nextAt <= now)
    this.#ahead = []
    if (ahead.length > 0) await this.#judge(ahead, now)
    this.#foresight.forget()
    let next = await this.#lookAhead()
    // What came into the store since the rows were read, and what is due again.
    while (next !== null && next <= clock.now() && !this.#isStopped) {
      await this.#judge(await store.schedulesDue(clock.now(), PAGE), clock.now())
      next = await this.#lookAhead()
    }
    return next
  }

  async #lookAhead(): Promise<Instant | null> {
    const { store, clock, engine } = this.#options
    this.#wantedAt = null
    const at = clock.now()
    // Only the soonest retry is known here. Once it is due the store tells of the next that is not.
    const known = this.#retryAt
    const isRetryDue = known !== null && known <= at
    if (isRetryDue) this.#retryAt = null
    try {
      const next = await store.nextDueAt(at)
      this.#retryAt = sooner(this.#retryAt, next.retry)
      return next.schedule
    } catch (error) {
      this.#retryAt = sooner(this.#retryAt, known)
      throw error
    } finally {
      if (isRetryDue) engine.wake()
    }
  }

  async #judge(schedules: readonly Schedule[], at: Instant): Promise<void> {
    let failed: Error | null = null
    await this.#options.group.startEach(
      schedules,
      schedule => this.#judgement(schedule, at),
      (answer, { slots }) => {
        if ('error' in answer) failed ??= answer.error
        else if (answer.ok !== null) this.settle(answer.ok)
        if (slots > 0 && !isStarted(answer)) this.#options.engine.release(slots)
      },
    )
    if (failed !== null) throw failed
  }

  #judgement(ahead: Schedule, at: Instant) {
    const { engine, worker } = this.#options
    const reserved = engine.reserve(ahead.task)
    const claimFor = reserved ? worker : null
    const foreseen = this.#foresight.of(ahead, at)
    return { kind: 'judge', schedule: ahead.id, ahead, foreseen, at, claimFor, slots: reserved ? 1 : 0 } as const
  }

  async #sleepTill(next: Instant | null): Promise<void> {
    const isSoon = next !== null && next - this.#options.clock.now() <= HEARTBEAT
    if (isSoon) await this.#readAhead(next)
    // Of what is due later the rows are read a little before, lest they change or lie in memory for long.
    const wake = next === null || isSoon ? next : instant(next - AHEAD_MS)
    this.#sleepUntil(sooner(sooner(wake, this.#retryAt), this.#wantedAt))
  }

  // Others have their turn between two pages. What is not read when the instant comes is read after it.
  async #readAhead(next: Instant): Promise<void> {
    const { store, clock } = this.#options
    const ahead: Schedule[] = []
    for (let left = MOST_AHEAD; left > 0 && clock.now() < next; left -= PAGE) {
      const page = await store.schedulesDue(instant(next + AHEAD_MS), PAGE, ahead.at(-1))
      this.#foresight.prepare(page.filter(schedule => schedule.nextAt === next))
      ahead.push(...page)
      if (page.length < PAGE) break
      await nextTurn(clock)
    }
    this.#ahead = ahead
  }

  #sleepUntil(at: Instant | null): void {
    if (this.#isStopped) return
    this.#takeBackWake()
    this.#wakeAt = at
    this.#takeBackWake = at === null ? () => {} : this.#options.clock.callAt(at, () => void this.#tick())
  }

  // The wall clock may be set while we sleep: what is due is then another matter.
  #beatLater(): void {
    if (this.#isStopped) return
    this.#takeBackBeat = this.#options.clock.callAfter(HEARTBEAT, () => {
      if (this.#clockJumped()) void this.#tick()
      this.#beatLater()
    })
  }

  // A store in trouble stops the starting of work, and nothing else: the moments stay undecided until it is over.
  #trouble(error: unknown): void {
    if (this.#isStopped) return
    this.#options.listener.noticed('error', 'cannot decide what is due now', { error: asError(error).message })
    this.#ahead = []
    this.#sleepUntil(instant(this.#options.clock.now() + PAUSE_AFTER_TROUBLE))
  }

  #clockJumped(): boolean {
    const jump = this.#watch.jumpedBy()
    if (jump === 0) return false
    if (jump < 0) this.#mayBeAhead = true
    const { listener, group, clock } = this.#options
    const detail = `the wall clock jumped ${jump > 0 ? 'forward' : 'back'} by ${formatDuration(Math.abs(jump) as Duration)}`
    listener.noticed('warn', detail, {})
    group.apply({ kind: 'event', at: clock.now(), name: 'clock jump', detail }).catch(() => {})
    return true
  }

  async #meetOthers(): Promise<void> {
    const { engine, listener } = this.#options
    const { gone, runs, own } = await this.#others.look(this.#lookEvery)
    for (const { worker, why } of gone)
      listener.noticed('warn', lastWords[why], { worker: worker.worker, host: worker.host })
    for (const run of runs) listener.changed(run)
    if (runs.length > 0) this.#hasNews = true
    if (own === null) listener.takenForDead()
    else engine.drain(own.drained !== null)
  }

  get #lookEvery(): Duration {
    return this.#options.lookEvery ?? (this.#others.areThere ? LOOK_ELSEWHERE_WITH_OTHERS : LOOK_ELSEWHERE)
  }

  #lookElsewhereLater(): void {
    if (this.#isStopped) return
    const pause = this.#lookEvery
    this.#loop.expect(pause)
    this.#takeBackLook = this.#options.clock.callAfter(pause, () => void this.#lookElsewhere())
  }

  async #lookElsewhere(): Promise<void> {
    const { store, group, engine, listener } = this.#options
    const longest = this.#loop.longest()
    const late = this.#loop.rang()
    try {
      // A loop that is blocked again and again is told once, unless it gets worse.
      if (late >= LOOP_BLOCKED && late > longest) this.#tellBlocked(late)
      // The store says it once.
      if (store.changedElsewhere()) this.#hasNews = true
      // The end of another worker shows in no row: its lock and its beat are asked.
      if (this.#hasNews || this.#others.areThere) await this.#meetOthers()
      await this.#others.show()
      if (this.#hasNews) {
        this.#hasNews = false
        listener.changedElsewhere()
        // They may have taken a run away, or asked for its end.
        if (engine.running > 0) group.doubt()
        engine.wake()
        this.poke()
      }
    } catch (error) {
      listener.noticed('warn', 'cannot look for changes of other processes', { error: asError(error).message })
    }
    this.#lookElsewhereLater()
  }

  #tellBlocked(late: Duration): void {
    const { engine, listener } = this.#options
    const runs = engine.executing().slice(0, MOST_NAMED)
    const message = `the event loop was blocked for ${formatDuration(late)}, or the process stood still: all was late; what computes for long belongs into a thread`
    listener.noticed('warn', message, {
      lagMs: late,
      executing: runs.map(({ id, task }) => `${id} (${task})`).join(', '),
    })
  }

  #pruneLater(pause: Duration): void {
    const { clock, listener } = this.#options
    if (this.#isStopped) return
    this.#takeBackPrune = clock.callAfter(pause, () => {
      prune(this.#options, () => this.#isStopped)
        .catch((error: unknown) =>
          listener.noticed('warn', 'old runs could not be removed', { error: asError(error).message }),
        )
        .finally(() => this.#pruneLater(PRUNE_EVERY))
        .catch(() => {})
    })
  }
}

/** Whether a run of it was claimed, and with it the slot that was reserved. */
const isStarted = (answer: { readonly ok: Judged | null } | { readonly error: Error }): boolean =>
  'ok' in answer && (answer.ok?.runs.some(run => run.state === 'running') ?? false)

const nextTurn = (clock: Clock): Promise<void> => new Promise(resolve => clock.callSoon(resolve))

const sooner = (a: Instant | null, b: Instant | null): Instant | null => {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
