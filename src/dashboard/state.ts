/** How a state looks: a word, a shape and a colour, never the colour alone. Lateness is a state of its own beside the others. */

import type { Duration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { HealthState } from '../domain/health.ts'
import { isOver } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { UnitState } from '../domain/unit.ts'
import { about } from './assets/times.js'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** One of the shapes that every page carries, by its name. Told to nobody: the word beside it says the same. */
export const icon = (name: string): Html =>
  html`<svg class="icon" aria-hidden="true" width="16" height="16"><use href="#i-${name}"></use></svg>`

/** A state as a badge: its shape and its word, and more words after it. */
export const badge = (
  state: RunState | UnitState | HealthState | Schedule['status'] | 'paused' | 'late',
  words: string = state,
): Html => html`<span class="state ${state}">${icon(state)}${words}</span>`

/** The state of a run, with its reason where that says more than the state. */
export const runState = (run: Run): Html =>
  badge(
    run.state,
    run.reason === null || run.reason === 'error' ? wordOf(run.state) : `${wordOf(run.state)}: ${run.reason}`,
  )

/** `open` says what it is to a program; a person reads that it waits. */
export const wordOf = (state: RunState): string => (state === 'open' ? 'waiting' : state)

// A start takes a moment, and many at once take a few: what is later than this has been kept waiting.
const TOLERATED_MS = 5_000

/** By how much a run started late, or is late already while it waits; null when it is not. `jitter`: what its schedule allows. */
export const lateBy = (run: Run, now: Instant, jitter: number = 0): number | null => {
  const start = run.startedAt ?? (isOver(run) ? null : now)
  if (start === null || run.nominalAt === null) return null
  const late = start - run.nominalAt - jitter
  return late > TOLERATED_MS ? late : null
}

/** Whether a schedule has a time at which it is due next. */
export const isComing = (schedule: Schedule): schedule is Schedule & { readonly nextAt: Instant } =>
  schedule.paused === null && schedule.status === 'active' && schedule.nextAt !== null

/** By how much a schedule is overdue: its time has come, and nothing was decided. */
export const overdueBy = (schedule: Schedule, now: Instant): number | null => {
  if (!isComing(schedule)) return null
  const late = now - schedule.nextAt
  return late > TOLERATED_MS ? late : null
}

export const lateBadge = (late: number | null): Html | null =>
  late === null ? null : badge('late', `${about(late)} late`)

/** Jitter by schedule: what a run of it may be late without being called so. */
export const jitterBy = (schedules: readonly Schedule[]): ((run: Run) => Duration | undefined) => {
  const jitters = new Map(schedules.map(({ id, policies }) => [id, policies.jitter]))
  return run => (run.scheduleId === null ? undefined : jitters.get(run.scheduleId))
}
