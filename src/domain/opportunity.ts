/** What a judge sees of one schedule and what it may decide: data in, data out. The store holds the row while it judges. */

import type { Duration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { Facts } from '../when/facts.ts'
import type { NamedDateSets } from '../when/leaf-parts.ts'
import type { FlowPlanner } from './flow.ts'
import type { Placing } from './limits.ts'
import type { Run, SkipReason } from './run.ts'
import type { Schedule, ScheduleStatus } from './schedule.ts'

/** One schedule as it stands while its row is held. */
export interface Subject {
  readonly schedule: Schedule
  /** Its runs that are queued, running or retrying, oldest first; by hand ones are not counted. */
  readonly unfinished: readonly UnfinishedRun[]
  /** Its open rows, oldest first. */
  readonly open: readonly OpenRow[]
  /** What its condition and its `stopWhen` ask about; null where they ask about nothing but time. */
  readonly known: Known | null
  /**
   * The row is as it was when whoever judges read it: a mark that lies ahead of his clock shows then that the clock was set back.
   * Else others may have judged since: a process that stood still judges late, by a time that is long over.
   */
  readonly isAsRead?: boolean
}

/** History as a condition may ask about it, and the dates behind its named windows. */
export interface Known {
  readonly facts: Facts
  readonly dates: NamedDateSets
}

/** A run that is not over. A running one ends when its handler does; the others can be ended at once. */
export interface UnfinishedRun {
  readonly id: RunId
  readonly state: 'queued' | 'running' | 'retrying'
  /** Until when a queued one may still start; null where that does not matter. */
  readonly expiresAt: Instant | null
}

/** An opportunity that waits. */
export interface OpenRow {
  readonly id: RunId
  readonly nominalAt: Instant
  /** The run that completed the events it came of; null for one of time alone. */
  readonly causedBy: RunId | null
  /** For an earlier run of its schedule to end, or for its facts to hold. */
  readonly waitsFor: Waiting
}

export type Waiting = { readonly kind: 'overlap' } | WaitingForFacts

export interface WaitingForFacts {
  readonly kind: 'condition'
  /** Which clause demands it, counted from 0. */
  readonly clause: number
  /** Until when it may be decided; null for one that came of events: it waits for ever. */
  readonly deadline: Instant | null
}

/** The events an opportunity came of: the run that completed them, and the newest run of each. */
export interface Cause {
  readonly run: RunId | null
  readonly parents: readonly RunId[]
}

/** One opportunity, decided now to become a run or to wait. */
export interface Wanted {
  readonly nominalAt: Instant
  readonly detail: string | null
  /** Left out for one that time alone demands. */
  readonly cause?: Cause
}

/** One opportunity that begins to wait. */
export interface Opening extends Wanted {
  readonly waitsFor: Waiting
}

/** One or several neighbouring opportunities that become no run, with the reason. */
export interface Skip {
  readonly from: Instant
  readonly to: Instant
  readonly count: number
  readonly reason: SkipReason
  readonly detail: string
  /** The run that completed the events of a single one. */
  readonly cause?: Cause
}

export interface Decision {
  /** Become queued runs, oldest first. Each run made here or released counts towards the schedule's `runsCreated`. */
  readonly runs: readonly Wanted[]
  /** Become open rows. */
  readonly opens: readonly Opening[]
  readonly skips: readonly Skip[]
  /** Open rows that become queued runs, with the events they came of where those are known only now. */
  readonly released: readonly { readonly id: RunId; readonly cause?: Cause }[]
  /** Open rows whose facts hold, and that wait for an earlier run from now on. */
  readonly held: readonly { readonly id: RunId; readonly detail: string | null; readonly cause?: Cause }[]
  /** Open or queued rows that are skipped after all. */
  readonly dropped: readonly { readonly id: RunId; readonly reason: SkipReason; readonly detail: string }[]
  /** Runs to be cancelled; done before anything else of the decision. */
  readonly cancels: readonly RunId[]
  /** In favour of what: "a newer opportunity", or the `stopWhen` that holds. */
  readonly cancelledBy: string
  readonly mark: Instant
  /** Every event that was due by then is used up; null: none is. */
  readonly usesEventsTo: Instant | null
  /** Predicates that have to be asked: all else of an opportunity holds. */
  readonly asks: readonly string[]
  readonly nextAt: Instant | null
  readonly status: ScheduleStatus
  readonly problem: string | null
  /** How many attempts each new run may have, from its task's retry policy. */
  readonly attemptsAllowed: number
  /** Where each new run waits, from its task. Default: the default queue and priority, no key. */
  readonly placing?: Placing
  /** Each new run stands for a flow: with this plan, by its input. Left out where the schedule's task is a task. */
  readonly flow?: FlowPlanner
  /** The mark lay so far in the future that the clock must have been set back: it was moved to now. */
  readonly clockSetBack: Duration | null
}

/** What judging a schedule comes to where it makes one run that starts at once. */
export interface Foreseen {
  /** All but its number, its worker and the time. */
  readonly run: Omit<Run, 'id' | 'worker' | 'createdAt' | 'startedAt'>
  /** The schedule after it. */
  readonly schedule: Schedule
}

/** Decides everything of a schedule that is due at `at`. Pure: called again with the same, it answers the same. */
export type Judge = (subject: Subject, at: Instant) => Decision
