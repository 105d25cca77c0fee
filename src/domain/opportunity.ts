/** What a judge sees of one schedule and what it may decide: data in, data out. The store holds the row while it judges. */

import type { Duration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { SkipReason } from './run.ts'
import type { Schedule, ScheduleStatus } from './schedule.ts'

/** One schedule as it stands while its row is held. */
export interface Subject {
  readonly schedule: Schedule
  /** Its runs that are queued, running or retrying, oldest first; by hand ones are not counted. */
  readonly unfinished: readonly UnfinishedRun[]
  /** Its open rows, oldest first. */
  readonly open: readonly OpenRow[]
}

/** A run that is not over. A running one ends when its handler does; the others can be ended at once. */
export interface UnfinishedRun {
  readonly id: RunId
  readonly state: 'queued' | 'running' | 'retrying'
}

/** An opportunity that waits: here for an earlier run of its schedule to end. */
export interface OpenRow {
  readonly id: RunId
  readonly nominalAt: Instant
}

/** One opportunity, decided now to become a run or to wait. */
export interface Wanted {
  readonly nominalAt: Instant
  readonly detail: string | null
}

/** One or several neighbouring opportunities that become no run, with the reason. */
export interface Skip {
  readonly from: Instant
  readonly to: Instant
  readonly count: number
  readonly reason: SkipReason
  readonly detail: string
}

export interface Decision {
  /** Become queued runs, oldest first. Each run made here or released counts towards the schedule's `runsCreated`. */
  readonly runs: readonly Wanted[]
  /** Become open rows. */
  readonly opens: readonly Wanted[]
  readonly skips: readonly Skip[]
  /** Open rows that become queued runs. */
  readonly released: readonly RunId[]
  /** Open rows that are skipped after all. */
  readonly dropped: readonly { readonly id: RunId; readonly reason: SkipReason; readonly detail: string }[]
  /** Runs to be cancelled in favour of a newer opportunity; done before anything else of the decision. */
  readonly cancels: readonly RunId[]
  readonly mark: Instant
  readonly nextAt: Instant | null
  readonly status: ScheduleStatus
  readonly problem: string | null
  /** How many attempts each new run may have, from its task's retry policy. */
  readonly attemptsAllowed: number
  /** The mark lay so far in the future that the clock must have been set back: it was moved to now. */
  readonly clockSetBack: Duration | null
}

/** Decides everything of a schedule that is due at `at`. Pure: called again with the same, it answers the same. */
export type Judge = (subject: Subject, at: Instant) => Decision
