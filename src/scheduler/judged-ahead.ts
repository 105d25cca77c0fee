/**
 * Decisions made before their instant, so that a burst only has to be written. The judge is pure: what it says of an idle
 * schedule at its instant, and says again of it some time later, it says of every instant between.
 */

import { instant } from '../base/instant.ts'
import { foresee } from '../domain/decision-rows.ts'
import type { Decision, Judge, Subject } from '../domain/opportunity.ts'
import type { Schedule } from '../domain/schedule.ts'

// A burst is over by then. No window and no facts are read that change and change back within it.
const GOOD_FOR_MS = 1_000

export class JudgedAhead {
  readonly #judge: Judge
  readonly #decisions = new Map<Schedule, Decision>()

  constructor(judge: Judge) {
    this.#judge = judge
  }

  /** Decides these too at their next instants. */
  prepare(schedules: readonly Schedule[]): void {
    for (const schedule of schedules) {
      const decision = this.#lastingOrNone(schedule)
      if (decision !== null) this.#decisions.set(schedule, decision)
    }
  }

  forget(): void {
    this.#decisions.clear()
  }

  /** As the judge: from memory where it was asked the same before. */
  readonly judge: Judge = (subject, at) => {
    const { schedule, unfinished, open } = subject
    const decision = this.#decisions.get(schedule)
    if (decision === undefined || unfinished.length + open.length > 0 || !isMeant(schedule, at))
      return this.#judge(subject, at)
    return decision
  }

  // One that cannot be judged is judged again at its instant, where the failure is seen.
  #lastingOrNone(schedule: Schedule): Decision | null {
    try {
      return this.#lasting(schedule)
    } catch {
      return null
    }
  }

  #lasting(schedule: Schedule): Decision | null {
    const { nextAt, usesFacts } = schedule
    // What it asks about besides time may happen until then.
    if (nextAt === null || usesFacts) return null
    const subject: Subject = { schedule, unfinished: [], open: [], known: null }
    const decision = this.#judge(subject, nextAt)
    if (!isOneRun(decision)) return null
    const later = this.#judge(subject, instant(nextAt + GOOD_FOR_MS))
    if (!isOneRun(later) || !isSame(decision, later)) return null
    const foreseen = foresee(schedule, decision)
    return foreseen === null ? decision : { ...decision, foreseen }
  }
}

const isMeant = ({ nextAt }: Schedule, at: number): boolean =>
  nextAt !== null && at >= nextAt && at <= nextAt + GOOD_FOR_MS

const isOneRun = ({ runs, opens, skips, released, held, dropped, cancels, clockSetBack }: Decision): boolean =>
  runs.length === 1 &&
  opens.length + skips.length + released.length + held.length + dropped.length + cancels.length === 0 &&
  clockSetBack === null

const isSame = (one: Decision, other: Decision): boolean =>
  one.runs[0]?.nominalAt === other.runs[0]?.nominalAt &&
  one.runs[0]?.detail === other.runs[0]?.detail &&
  one.mark === other.mark &&
  one.nextAt === other.nextAt &&
  one.status === other.status &&
  one.problem === other.problem
