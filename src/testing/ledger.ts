/**
 * Holds what a store did against the promises, step by step: each row that a commit touched is compared with what was seen
 * of it before, and with the moments its schedule must have had by an evaluation of its own.
 */

import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { isOver, isRoot, isStep } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { isMoment, leavesOf } from '../when/condition.ts'
import { endedSo } from '../when/events.ts'
import type { After } from '../when/fact.ts'
import { parse } from '../when/parse.ts'
import { timetable } from '../when/timetable.ts'

/** From each live state, the states that may be seen next. One commit may hold several steps, so queued may be over at once. */
const allowed: Readonly<Record<RunState, readonly RunState[]>> = {
  open: ['open', 'queued', 'running', 'skipped', 'cancelled', 'failed'],
  queued: ['queued', 'running', 'skipped', 'cancelled', 'failed'],
  running: ['running', 'queued', 'retrying', 'succeeded', 'partial', 'failed', 'cancelled'],
  retrying: ['retrying', 'running', 'cancelled', 'failed'],
  succeeded: ['succeeded'],
  partial: ['partial'],
  failed: ['failed'],
  cancelled: ['cancelled'],
  skipped: ['skipped'],
}

interface Watched {
  readonly name: string
  readonly condition: string
  readonly timezone: string
  readonly anchor: Instant
  /** Every moment up to here was found decided. */
  checkedUpTo: Instant
  /** What became of each nominal instant: its run, or the skip that stands for it. */
  readonly decided: Map<number, Run>
  /** The clock was set back beyond its mark. */
  wasSetBack: boolean
  /** Without moments it has single opportunities: of events, or of starts of an app. */
  readonly hasMoments: boolean
  /** The only thing it waits for, where that is one event. */
  readonly follows: After | null
  /** Runs of the task it follows that ended so since it came to be, and when each fell due. */
  readonly ends: Map<RunId, Instant>
  /** Its rows that wait for facts: it has one clause. */
  readonly waiting: Set<RunId>
  /** What became of each single opportunity. */
  readonly singles: Map<string, RunId>
}

export class Ledger {
  readonly #runs = new Map<RunId, Run>()
  readonly #running = new Map<RunId, Run>()
  readonly #schedules = new Map<number, Watched>()
  readonly #broken: string[] = []

  /** Promises found broken, in words. */
  get broken(): readonly string[] {
    return this.#broken
  }

  get runs(): ReadonlyMap<RunId, Run> {
    return this.#runs
  }

  /** Those that are being executed. */
  running(): readonly Run[] {
    return [...this.#running.values()]
  }

  /** A schedule came to be: from its mark on, every moment must be decided. */
  watch(schedule: Schedule, wasSetBack = false): void {
    if (this.#schedules.has(schedule.id)) return
    const { name, condition, timezone, anchor, mark } = schedule
    const leaves = leavesOf(parse(condition))
    const [only] = leaves
    this.#schedules.set(schedule.id, {
      name,
      condition,
      timezone,
      anchor,
      checkedUpTo: mark,
      decided: new Map(),
      wasSetBack,
      hasMoments: leaves.some(isMoment),
      follows: leaves.length === 1 && only?.kind === 'after' ? only : null,
      ends: new Map(),
      waiting: new Set(),
      singles: new Map(),
    })
  }

  /** A commit gave this row back. */
  saw(run: Run): void {
    const before = this.#runs.get(run.id)
    if (before !== undefined) this.#compare(before, run)
    if (isOver(run)) this.#checkEnd(run)
    if (isOver(run) && (before === undefined || !isOver(before))) this.#noteEnd(run)
    this.#runs.set(run.id, run)
    if (run.state === 'running') this.#running.set(run.id, run)
    else this.#running.delete(run.id)
    if (run.scheduleId !== null && run.nominalAt !== null) this.#decide(run.scheduleId, run)
  }

  /** A commit moved the mark of a schedule: everything up to it must be decided now. */
  sawMark(schedule: Schedule): void {
    const watched = this.#schedules.get(schedule.id)
    if (watched === undefined) return this.watch(schedule)
    watched.wasSetBack ||= schedule.mark < schedule.highestMark
    const times = timetable(watched.condition, watched.timezone)
    for (
      let at = times.next(watched.checkedUpTo, watched.anchor);
      at !== null && at <= schedule.mark;
      at = times.next(at, watched.anchor)
    ) {
      if (!watched.decided.has(at))
        this.#break(2, `'${watched.name}' has no row for ${formatInstant(at)} although its mark passed it`)
    }
    watched.checkedUpTo = instant(Math.max(watched.checkedUpTo, schedule.mark))
  }

  /** Everything that ended long before now must have been used by whoever follows it: each end is in a row, or in its count. */
  checkEnds(until: Instant): void {
    for (const [id, { name, follows, ends }] of this.#schedules) {
      if (follows === null) continue
      const due = [...ends.values()].filter(at => at <= until).length
      const decided = [...this.#runs.values()].filter(run => run.scheduleId === id && run.trigger.kind === 'event')
      const count = decided.reduce((sum, run) => sum + run.count, 0)
      if (count < due || count > ends.size)
        this.#break(2, `'${name}' had ${due} events, of ${ends.size}, and decided ${count}`)
    }
  }

  /** Each flow is over with its last step, and not before. */
  checkFlows(): void {
    const steps = Map.groupBy([...this.#runs.values()].filter(isStep), ({ root }) => root)
    for (const [root, ofFlow] of steps) {
      const whole = this.#runs.get(root)
      const live = ofFlow.filter(run => !isOver(run))
      if (whole !== undefined && isOver(whole) !== (live.length === 0))
        this.#break(5, `run ${root} is ${whole.state}, and of its ${ofFlow.length} steps ${live.length} are not over`)
    }
  }

  /** Something else was found wrong. */
  fail(what: string): void {
    this.#broken.push(what)
  }

  #break(promise: number, what: string): void {
    this.#broken.push(`promise ${promise}: ${what}`)
  }

  #compare(before: Run, run: Run): void {
    if (isOver(before) && !isSameEnd(before, run)) {
      this.#break(
        5,
        `run ${run.id} was ${before.state} and is ${run.state} (attempt ${before.attempt}, then ${run.attempt})`,
      )
    }
    if (!allowed[before.state].includes(run.state))
      this.#break(5, `run ${run.id} went from ${before.state} to ${run.state}`)
    if (run.attempt < before.attempt || run.attempt > before.attempt + 1) {
      this.#break(5, `run ${run.id} went from attempt ${before.attempt} to ${run.attempt}`)
    }
    if (run.fence < before.fence)
      this.#break(5, `the fence of run ${run.id} went from ${before.fence} back to ${run.fence}`)
  }

  // The handlers of the world give back which attempt they are, be it in a list.
  #checkEnd(run: Run): void {
    if (run.state !== 'succeeded' || isRoot(run)) return
    const results = [run.result].flat() as readonly ({ readonly attempt?: number } | null)[]
    for (const result of results) {
      if (result?.attempt === run.attempt) continue
      this.#break(
        5,
        `run ${run.id} kept the result of attempt ${result?.attempt} while attempt ${run.attempt} had taken over`,
      )
    }
  }

  #noteEnd(run: Run): void {
    if (run.state === 'skipped' || run.state === 'cancelled') return
    const outcome = run.state as 'succeeded' | 'partial' | 'failed'
    for (const { follows, ends } of this.#schedules.values())
      if (follows?.task === run.task && endedSo({ outcome }, follows) && run.endedAt !== null)
        ends.set(run.id, instant(run.endedAt + follows.delayMs))
  }

  #decide(schedule: number, run: Run): void {
    const watched = this.#schedules.get(schedule)
    if (watched === undefined || run.nominalAt === null) return
    this.#checkWaiting(watched, run)
    if (!watched.hasMoments) return this.#decideSingle(watched, run)
    const times = timetable(watched.condition, watched.timezone)
    const last = run.lastNominalAt ?? run.nominalAt
    let count = 0
    for (let at: Instant | null = run.nominalAt; at !== null && at <= last; at = times.next(at, watched.anchor)) {
      this.#decideMoment(watched, at, run)
      count++
    }
    if (count !== run.count)
      this.#break(
        2,
        `run ${run.id} of '${watched.name}' stands for ${run.count} opportunities, and there were ${count}`,
      )
  }

  #checkWaiting({ name, waiting }: Watched, run: Run): void {
    if (run.state === 'open' && run.reason === 'condition') waiting.add(run.id)
    else waiting.delete(run.id)
    if (waiting.size > 1)
      this.#break(2, `'${name}' has ${waiting.size} rows that wait for facts: ${[...waiting].join(', ')}`)
  }

  #decideSingle({ name, singles }: Watched, run: Run): void {
    const cause = run.trigger.kind === 'event' ? run.trigger.run : null
    const key = `${cause} ${run.nominalAt}`
    const other = singles.get(key)
    singles.set(key, run.id)
    if (other !== undefined && other !== run.id)
      this.#break(1, `'${name}' decided ${key} twice: runs ${other} and ${run.id}`)
  }

  #decideMoment(watched: Watched, at: Instant, run: Run): void {
    const other = watched.decided.get(at)
    const isAgain = other !== undefined && other.id !== run.id
    // After the clock was set back, what only lay inside a merged skip may be decided anew.
    const mayBe = watched.wasSetBack && other !== undefined && (isInside(other, at) || isInside(run, at))
    if (isAgain && !mayBe)
      this.#break(1, `'${watched.name}' decided ${formatInstant(at)} twice: runs ${other.id} and ${run.id}`)
    if (other === undefined || isInside(other, at)) watched.decided.set(at, run)
  }
}

/** The merged skip of which a moment is not the first: it has no row of its own. */
const isInside = (run: Run, at: Instant): boolean => at !== run.nominalAt

// A skip may come to stand for more neighbours; the end of anything else is fixed.
const isSameEnd = (a: Run, b: Run): boolean =>
  a.state === b.state &&
  (a.state === 'skipped' ||
    (a.attempt === b.attempt && a.endedAt === b.endedAt && toText(a.result) === toText(b.result)))

const toText = (result: Json): string => JSON.stringify(result)
