/**
 * Holds what a store did against the promises, step by step: each row that a commit touched is compared with what was seen
 * of it before. Where each promise of a simulated world is checked:
 *
 *   1   one run for each opportunity         schedule-book: rows of one moment or event, at each commit; promise 9's clock steps too
 *   2   nothing vanishes without a row       schedule-book: each moment up to a mark; each event, at the end
 *   3   a daily time, once each local date   schedule-book: dates by Intl, at each commit and at the end
 *   4   next(after) > after, and stable      schedule-book: at each mark
 *   5   ends stand, attempts have no gaps    run-rules: at each commit; audit: the attempts' rows; here: handlers begin once
 *   6   no more run than a limit says        here: after each commit
 *   7   paused starts nothing; cancel stays  here and run-rules: at each commit
 *   8   nothing stays with the dead          simulator: every few minutes
 *   9   catching up is bounded               schedule-book: at each decision
 *   10  everything drains                    audit: once all faults are healed
 *   11  the same seed, the same trace        test/testing/simulator.test.ts
 */

import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isOver, isRoot, isStep } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Context } from '../domain/task.ts'
import { brokenBetween, brokenIn, isStarted } from './run-rules.ts'
import { ScheduleBook } from './schedule-book.ts'
import type { Breaking } from './schedule-book.ts'
import { LIMITS } from './world-tasks.ts'

const EVERYTHING = null

export class Ledger {
  readonly #runs = new Map<RunId, Run>()
  readonly #running = new Map<RunId, Run>()
  readonly #books = new Map<number, ScheduleBook>()
  readonly #begun = new Set<string>()
  readonly #pausedSchedules = new Set<string>()
  readonly #pausedQueues = new Set<string | null>()
  readonly #broken: string[] = []

  /** Promises found broken, in words. */
  get broken(): readonly string[] {
    return this.#broken
  }

  get runs(): ReadonlyMap<RunId, Run> {
    return this.#runs
  }

  /** A schedule came to be: from its mark on, every moment must be decided. */
  watch(schedule: Schedule, wasSetBack = false): void {
    if (!this.#books.has(schedule.id))
      this.#books.set(schedule.id, new ScheduleBook(schedule, wasSetBack, this.#breaking))
  }

  /** A commit gave this row back. */
  saw(run: Run): void {
    const before = this.#runs.get(run.id)
    this.#broken.push(...brokenIn(run), ...(before === undefined ? [] : brokenBetween(before, run)))
    if (isStarted(before, run)) this.#checkPaused(run)
    if (isOver(run) && (before === undefined || !isOver(before)))
      for (const book of this.#books.values()) book.sawEnd(run)
    this.#runs.set(run.id, run)
    if (run.state === 'running') this.#running.set(run.id, run)
    else this.#running.delete(run.id)
    if (run.scheduleId !== null) this.#books.get(run.scheduleId)?.saw(run)
  }

  /** One decision of a schedule: what it made, and where its mark is now. */
  sawDecision(schedule: Schedule, made: readonly Run[]): void {
    this.#books.get(schedule.id)?.sawDecision(made.filter(run => !this.#runs.has(run.id)))
    for (const run of made) this.saw(run)
    this.sawMark(schedule)
  }

  sawMark(schedule: Schedule): void {
    this.watch(schedule)
    this.#books.get(schedule.id)?.sawMark(schedule)
  }

  sawPause(what: { readonly schedule: string } | { readonly queue: string | null }, isPaused: boolean): void {
    if ('schedule' in what) set(this.#pausedSchedules, what.schedule, isPaused)
    else set(this.#pausedQueues, what.queue, isPaused)
  }

  /** A handler was called. */
  began({ run, attempt }: Pick<Context, 'run' | 'attempt'>): void {
    const key = `attempt ${attempt} of run ${run}`
    if (this.#begun.has(key)) this.#breaking(5, `${key} began twice`)
    this.#begun.add(key)
    if ((this.#runs.get(run)?.attempt ?? 0) < attempt) this.#breaking(5, `${key} began before it was stored`)
  }

  /** After each commit: no more run than a limit says. */
  checkLimits(): void {
    const { queue, ofQueue, task, ofTask, perKey } = LIMITS
    const running = [...this.#running.values()]
    this.#checkLimit(
      `queue ${queue}`,
      ofQueue,
      running.filter(run => run.queue === queue),
    )
    this.#checkLimit(
      task,
      ofTask,
      running.filter(run => run.task === task),
    )
    for (const key of new Set(running.map(run => run.key)))
      if (key !== null)
        this.#checkLimit(
          key,
          perKey,
          running.filter(run => run.key === key),
        )
  }

  /** At the end: what lies before `until` is used, and decided. */
  checkEnd(schedules: readonly Schedule[], until: Instant): void {
    for (const schedule of schedules) {
      const book = this.#books.get(schedule.id)
      book?.checkEnds(until)
      book?.checkDates()
    }
  }

  /** Each flow is over with its last step, and not before. */
  checkFlows(): void {
    const steps = Map.groupBy([...this.#runs.values()].filter(isStep), ({ root }) => root)
    for (const [root, ofFlow] of steps) {
      const whole = this.#runs.get(root)
      const live = ofFlow.filter(run => !isOver(run))
      if (whole !== undefined && isOver(whole) !== (live.length === 0))
        this.#breaking(
          5,
          `run ${root} is ${whole.state}, and of its ${ofFlow.length} steps ${live.length} are not over`,
        )
    }
  }

  /** Schedules that are neither paused nor over must have decided what was due. */
  checkDue(schedules: readonly Schedule[], until: Instant): void {
    for (const schedule of schedules)
      if (schedule.status === 'active') this.#books.get(schedule.id)?.checkDue(schedule, until)
  }

  /** Something else was found wrong. */
  fail(what: string): void {
    this.#broken.push(what)
  }

  readonly #breaking: Breaking = (promise, what) => this.fail(`promise ${promise}: ${what}`)

  // What stands for a flow waits in no queue: its steps do.
  #checkPaused(run: Run): void {
    const { id, schedule, queue } = run
    const isQueuePaused = this.#pausedQueues.has(EVERYTHING) || this.#pausedQueues.has(queue)
    const isPaused = (isQueuePaused && !isRoot(run)) || (schedule !== null && this.#pausedSchedules.has(schedule))
    if (isPaused) this.#breaking(7, `run ${id} of ${schedule ?? 'nobody'} was started while it was paused`)
  }

  #checkLimit(what: string, limit: number, running: readonly Run[]): void {
    if (running.length > limit)
      this.#breaking(6, `${running.length} of ${limit} of ${what} run: ${running.map(run => run.id).join(', ')}`)
  }
}

const set = <T>(members: Set<T>, member: T, isIn: boolean): void => {
  if (isIn) members.add(member)
  else members.delete(member)
}
