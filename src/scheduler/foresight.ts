/**
 * What a burst comes to, made ready before its instant, so that it only has to be written. The judge is pure: what it says of
 * an idle schedule at its instant, and says again of it some time later, it says of every instant between.
 */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { foresee } from '../domain/decision-rows.ts'
import type { Decision, Foreseen, Judge, Subject } from '../domain/opportunity.ts'
import type { Schedule } from '../domain/schedule.ts'

// A burst is over by then. No window and no facts are read that change and change back within it.
const GOOD_FOR_MS = 1_000

export class Foresight {
  readonly #judge: Judge
  readonly #foreseen = new Map<Schedule, Foreseen>()

  constructor(judge: Judge) {
    this.#judge = judge
  }

  /** Looks ahead to the next instants of these, as they were read. */
  prepare(schedules: readonly Schedule[]): void {
    for (const schedule of schedules) {
      const foreseen = this.#lastingOrNone(schedule)
      if (foreseen !== null) this.#foreseen.set(schedule, foreseen)
    }
  }

  forget(): void {
    this.#foreseen.clear()
  }

  /** What judging it comes to at `at` if it is idle and as it was read; null where that has to be seen. */
  of(schedule: Schedule, at: Instant): Foreseen | null {
    const { nextAt } = schedule
    if (nextAt === null || at < nextAt || at > nextAt + GOOD_FOR_MS) return null
    return this.#foreseen.get(schedule) ?? null
  }

  // One that cannot be judged is judged again at its instant, where the failure is seen.
  #lastingOrNone(schedule: Schedule): Foreseen | null {
    try {
      return this.#lasting(schedule)
    } catch {
      return null
    }
  }

  #lasting(schedule: Schedule): Foreseen | null {
    const { nextAt, usesFacts, paused } = schedule
    // What it asks about besides time may happen until then; a pause that ends is lifted first.
    if (nextAt === null || usesFacts || paused !== null) return null
    const subject: Subject = { schedule, unfinished: [], open: [], known: null }
    const decision = this.#judge(subject, nextAt)
    if (!isOneRun(decision)) return null
    const later = this.#judge(subject, instant(nextAt + GOOD_FOR_MS))
    return isOneRun(later) && isSame(decision, later) ? foresee(schedule, decision) : null
  }
}

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
