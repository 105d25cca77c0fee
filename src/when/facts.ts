/** What is known about history and the world, as plain data: whoever asks a condition brings it along. */

import type { Instant } from '../base/instant.ts'
import type { CountedRun, HealthState } from './fact.ts'

/** Everything a condition may ask about, for one schedule. */
export interface Facts {
  /** Where intervals and counts begin. */
  readonly anchor: Instant
  /** Creation or last edit of the schedule: what ended before is no event for it. */
  readonly since: Instant
  /** The last decision, run or skip. It used every event that was due by then. */
  readonly decidedAt: Instant | null
  /** When the schedule's own last opportunity ended, whatever became of it; null for none yet. */
  readonly lastEnd: Instant | 'unfinished' | null
  /** Runs of the tasks that the condition names; not those of a backfill. The order does not matter. */
  readonly runs: readonly RunFact[]
  /** The ends that no decision has used, where they are known apart: then events look at these alone. */
  readonly unused?: readonly RunFact[]
  readonly health: Readonly<Record<string, HealthState | 'unknown' | 'paused'>>
  /** The last answers of predicates. One that has not answered does not hold. */
  readonly predicates: Readonly<Record<string, boolean>>
  /** When apps with a scheduling role started. */
  readonly starts: readonly Instant[]
  /** The last ends that conditions may name, used ones too: only to say why. */
  readonly ends?: readonly UsedEnd[]
  /** What counts of all history read, by task, where it is known without the runs. */
  readonly totals?: Readonly<Record<string, Readonly<Partial<Record<CountedRun, number>>>>>
}

/** Nothing is known of anything, for a schedule that came to be then. */
export const noFacts = (since: Instant): Facts => ({
  anchor: since,
  since,
  decidedAt: null,
  lastEnd: null,
  runs: [],
  health: {},
  predicates: {},
  starts: [],
})

/** One run of a task. A failed one has no attempts left; `timeout` and `lost` are failures. */
export interface RunFact {
  readonly id: number
  readonly task: string
  readonly startedAt: Instant | null
  /** When its outcome was decided, also for one that was skipped; null while it has none. */
  readonly endedAt: Instant | null
  readonly outcome: 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'skipped' | null
  /** Up to when a decision has used its end as an event; left out where none has. */
  readonly usedTo?: Instant
  /** How many skipped ones it stands for. Default 1. */
  readonly count?: number
}

/** An end, and what used it, in words (`run 1042`); null for nothing that is known. */
export interface UsedEnd extends RunFact {
  readonly usedBy: string | null
}

/** What is so of a part of a condition at some instant, why, and when time alone may change it. */
export interface Verdict {
  readonly holds: boolean
  readonly reason: string
  readonly changesAt: Instant | null
}
