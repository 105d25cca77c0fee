/** What a simulation tells: plain data, instants as UTC ISO text, so that it can be kept, compared and read by programs. */

import type { FailReason, SkipReason } from '../domain/run.ts'

export interface Simulation {
  readonly from: string
  /** Not included. */
  readonly to: string
  readonly seed: number
  /** Opportunities that were not skipped. */
  readonly runs: number
  /** By name. */
  readonly schedules: readonly SimulatedSchedule[]
  /** By name. */
  readonly tasks: readonly SimulatedTask[]
  /** Seconds in which runs of several schedules start, one entry for each set of schedules; the largest sets first. */
  readonly collisions: readonly Collision[]
  readonly collisionsLeftOut: number
  /** The UTC minute with most starts, the first of several. Starts are those of attempts: a retry is one, too. */
  readonly busiestMinute: { readonly at: string; readonly starts: number } | null
  /** Most runs in flight, and when there were so many first. */
  readonly mostAtOnce: { readonly at: string; readonly runs: number } | null
  /** Starts in each UTC hour, the first one that of `from`. */
  readonly startsByHour: readonly number[]
  /** What happened, in order, up to the limit that was asked for. */
  readonly timeline: readonly TimelineEvent[]
  readonly timelineLeftOut: number
}

export interface SimulatedSchedule {
  readonly name: string
  readonly task: string
  readonly condition: string
  readonly timezone: string
  /** Opportunities that were not skipped: the next four together. */
  readonly runs: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Runs that were still waiting, running or between two attempts at the end. */
  readonly unfinished: number
  /** Of the failed ones. */
  readonly failures: Readonly<Partial<Record<FailReason, number>>>
  /** Opportunities that became no run. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  readonly retries: number
  /** The longest that a run started after its nominal time, jitter included; null where none started. */
  readonly latestMs: number | null
  /** Time spent in attempts. */
  readonly busyMs: number
  /** Why nothing of it ever started, in words; null where something did. */
  readonly silent: string | null
}

export interface SimulatedTask {
  readonly name: string
  readonly starts: number
  /** Most of its runs in flight together. */
  readonly mostAtOnce: number
}

export interface Collision {
  readonly schedules: readonly string[]
  /** How often. */
  readonly times: number
  /** The second in which it happens first. */
  readonly at: string
}

export interface TimelineEvent {
  readonly at: string
  readonly schedule: string
  readonly run: number
  readonly event: 'waiting' | 'started' | 'retrying' | 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'skipped'
  /** Of what was executed; 0 before the first. */
  readonly attempt: number
  /** Of a failure or a skip: why. */
  readonly detail: string | null
}
