/**
 * What one schedule must have decided, by an evaluation of its own: every moment up to its mark and every event that it
 * follows, each in one row.
 */

import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { isMoment, leavesOf } from '../when/condition.ts'
import { endedSo } from '../when/events.ts'
import type { After } from '../when/fact.ts'
import { parse } from '../when/parse.ts'
import { timetable } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'

/** Says that a promise is broken, and how. */
export type Breaking = (promise: number, what: string) => void

const DAY_MS = 86_400_000

export class ScheduleBook {
  readonly #name: string
  readonly #anchor: Instant
  readonly #times: Timetable
  readonly #break: Breaking
  /** Without moments it has single opportunities: of events, or of starts of an app. */
  readonly #hasMoments: boolean
  /** Whether it names one time of each local date. */
  readonly #isDaily: boolean
  readonly #timezone: string
  /** The only thing it waits for, where that is one event. */
  readonly #follows: After | null
  /** How many runs one decision may make of moments that passed. */
  readonly #mostAtOnce: number
  /** Every moment up to here was found decided. */
  #checkedUpTo: Instant
  /** The clock was set back beyond its mark. */
  #wasSetBack: boolean
  /** What became of each nominal instant: its run, or the skip that stands for it. */
  readonly #decided = new Map<number, Run>()
  /** The opportunity of each local date. */
  readonly #byDate = new Map<string, Instant>()
  /** Runs of the task it follows that ended so since it came to be, and when each fell due. */
  readonly #ends = new Map<RunId, Instant>()
  /** Its rows that wait for facts: it has one clause. */
  readonly #waiting = new Set<RunId>()
  /** How many of them each of its rows stands for, and all together. */
  readonly #eventsOf = new Map<RunId, number>()
  #events = 0
  /** What became of each single opportunity. */
  readonly #singles = new Map<string, RunId>()

  constructor(schedule: Schedule, wasSetBack: boolean, breaking: Breaking) {
    const { name, condition, timezone, anchor, mark, policies } = schedule
    const leaves = leavesOf(parse(condition))
    const [only] = leaves
    this.#name = name
    this.#anchor = anchor
    this.#times = timetable(condition, timezone)
    this.#break = breaking
    this.#hasMoments = leaves.some(isMoment)
    this.#isDaily = /^daily at \d\d:\d\d$/.test(condition)
    this.#timezone = timezone
    this.#follows = leaves.length === 1 && only?.kind === 'after' ? only : null
    this.#mostAtOnce = policies.catchUp.kind === 'all' ? policies.catchUp.limit : 1
    this.#checkedUpTo = mark
    this.#wasSetBack = wasSetBack
  }

  /** A row of it was written. */
  saw(run: Run): void {
    this.#checkWaiting(run)
    if (run.trigger.kind === 'event') this.#countEvents(run)
    if (!this.#hasMoments) return this.#decideSingle(run)
    if (run.nominalAt === null) return
    const last = run.lastNominalAt ?? run.nominalAt
    let count = 0
    for (let at: Instant | null = run.nominalAt; at !== null && at <= last; at = this.#next(at)) {
      this.#decide(at, run)
      count++
    }
    if (count !== run.count)
      this.#break(2, `run ${run.id} of '${this.#name}' stands for ${run.count} opportunities, and there were ${count}`)
  }

  /** Its mark was moved: everything up to it must be decided now. */
  sawMark({ mark, highestMark }: Schedule): void {
    this.#wasSetBack ||= mark < highestMark
    for (let at = this.#next(this.#checkedUpTo); at !== null && at <= mark; at = this.#next(at)) {
      if (!this.#decided.has(at))
        this.#break(2, `'${this.#name}' has no row for ${formatInstant(at)} although its mark passed it`)
    }
    this.#checkedUpTo = instant(Math.max(this.#checkedUpTo, mark))
    this.#checkNext(mark)
    if (this.#follows !== null && this.#events > this.#ends.size)
      this.#break(1, `'${this.#name}' had ${this.#ends.size} events, and decided ${this.#events}`)
  }

  /** One decision made these rows. */
  sawDecision(runs: readonly Run[]): void {
    const made = runs.filter(run => run.state !== 'skipped' && run.trigger.kind === 'schedule')
    if (made.length > this.#mostAtOnce)
      this.#break(9, `'${this.#name}' made ${made.length} runs at once of moments that passed`)
  }

  /** A run of any task ended. */
  sawEnd(run: Run): void {
    if (run.state === 'skipped' || run.state === 'cancelled' || run.endedAt === null) return
    const outcome = run.state as 'succeeded' | 'partial' | 'failed'
    const follows = this.#follows
    if (follows?.task === run.task && endedSo({ outcome }, follows))
      this.#ends.set(run.id, instant(run.endedAt + follows.delayMs))
  }

  /** What ended long before `until` must have been used: each end is in a row, or in the count of one. */
  checkEnds(until: Instant): void {
    const due = [...this.#ends.values()].filter(at => at <= until).length
    if (this.#follows !== null && this.#events < due)
      this.#break(2, `'${this.#name}' had ${due} events, and decided ${this.#events}`)
  }

  /** Between the first and the last opportunity of a daily schedule there is one for each local date. */
  checkDates(): void {
    const dates = [...this.#byDate.keys()].sort()
    for (const [i, date] of dates.entries()) {
      const before = dates[i - 1]
      if (before !== undefined && Date.parse(date) - Date.parse(before) !== DAY_MS)
        this.#break(3, `'${this.#name}' has an opportunity on ${before}, and the next on ${date}`)
    }
  }

  /** What was due by `until` must be decided. */
  checkDue({ mark }: Schedule, until: Instant): void {
    const next = this.#hasMoments ? this.#next(mark) : null
    if (next !== null && next <= until)
      this.#break(10, `'${this.#name}' was due at ${formatInstant(next)}, and nothing was decided of it`)
  }

  #next(at: Instant): Instant | null {
    return this.#times.next(at, this.#anchor)
  }

  #checkNext(mark: Instant): void {
    const next = this.#next(mark)
    if (next === null) return
    if (next <= mark) this.#break(4, `'${this.#name}': next of ${formatInstant(mark)} is ${formatInstant(next)}`)
    const between = instant(Math.floor((mark + next) / 2))
    if (between < next && this.#next(between) !== next)
      this.#break(4, `'${this.#name}': next of ${formatInstant(mark)} is not that of ${formatInstant(between)}`)
  }

  #checkWaiting(run: Run): void {
    if (run.state === 'open' && run.reason === 'condition') this.#waiting.add(run.id)
    else this.#waiting.delete(run.id)
    if (this.#waiting.size > 1)
      this.#break(
        2,
        `'${this.#name}' has ${this.#waiting.size} rows that wait for facts: ${[...this.#waiting].join(', ')}`,
      )
  }

  #countEvents({ id, count }: Run): void {
    this.#events += count - (this.#eventsOf.get(id) ?? 0)
    this.#eventsOf.set(id, count)
  }

  #decideSingle({ id, trigger, nominalAt }: Run): void {
    const cause = trigger.kind === 'event' ? trigger.run : null
    const key = `${cause} ${nominalAt}`
    const other = this.#singles.get(key)
    this.#singles.set(key, id)
    if (other !== undefined && other !== id)
      this.#break(1, `'${this.#name}' decided ${key} twice: runs ${other} and ${id}`)
  }

  #decide(at: Instant, run: Run): void {
    const other = this.#decided.get(at)
    const isAgain = other !== undefined && other.id !== run.id
    // After the clock was set back, what only lay inside a merged skip may be decided anew.
    const mayBe = this.#wasSetBack && other !== undefined && (isInside(other, at) || isInside(run, at))
    if (isAgain && !mayBe)
      this.#break(1, `'${this.#name}' decided ${formatInstant(at)} twice: runs ${other.id} and ${run.id}`)
    if (other === undefined || isInside(other, at)) this.#decided.set(at, run)
    if (this.#isDaily) this.#noteDate(at)
  }

  #noteDate(at: Instant): void {
    const date = dateIn(this.#timezone, at)
    const other = this.#byDate.get(date)
    this.#byDate.set(date, at)
    if (other !== undefined && other !== at)
      this.#break(
        3,
        `'${this.#name}' has two opportunities on ${date}: ${formatInstant(other)} and ${formatInstant(at)}`,
      )
  }
}

/** The merged skip of which a moment is not the first: it has no row of its own. */
const isInside = (run: Run, at: Instant): boolean => at !== run.nominalAt

const formats = new Map<string, Intl.DateTimeFormat>()

/** As ISO text, and not by Rota's own reckoning. */
const dateIn = (timeZone: string, at: Instant): string => {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  formats.set(timeZone, format)
  return format.format(at)
}
