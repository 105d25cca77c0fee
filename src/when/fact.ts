/** Facts as data: events, which happen at an instant and are used up, and states, which hold or do not. */

/** `on start`: one moment for each start of an app with a scheduling role. */
export interface Start {
  readonly kind: 'start'
}

export type Event = After | AfterItself

/** `after 'news' succeeds`, `10 minutes after 'news' finishes`. */
export interface After {
  readonly kind: 'after'
  readonly task: string
  readonly outcome: Outcome
  /** 0 is at once. */
  readonly delayMs: number
}

/** `5 minutes after it finishes`: so long after the end of the schedule's own last opportunity. */
export interface AfterItself {
  readonly kind: 'after itself'
  readonly delayMs: number
}

/** `finishes` is any of the other three. */
export const OUTCOMES = ['succeeds', 'fails', 'is partial', 'finishes'] as const
export type Outcome = (typeof OUTCOMES)[number]

export type State = Counted | Running | Health | Predicate

/** `'news' has failed today at least 3 times`. */
export interface Counted {
  readonly kind: 'counted'
  readonly task: string
  readonly what: CountedRun
  readonly during: Period
  readonly compare: Comparison
  readonly times: number
}

export const COUNTED_RUNS = ['succeeded', 'failed', 'finished', 'started', 'been skipped'] as const
export type CountedRun = (typeof COUNTED_RUNS)[number]

/** A calendar period of the schedule's zone, the last so many milliseconds, or all of history. */
export type Period = 'ever' | 'today' | 'this hour' | 'this week' | 'this month' | { readonly lastMs: number }

export const COMPARISONS = ['at least', 'more than', 'fewer than', 'exactly'] as const
export type Comparison = (typeof COMPARISONS)[number]

/** `'news' is running`. */
export interface Running {
  readonly kind: 'running'
  readonly task: string
}

/** `'betpawa' is healthy`. */
export interface Health {
  readonly kind: 'health'
  readonly subject: string
  readonly state: HealthState
}

export const HEALTH_STATES = ['healthy', 'degraded', 'failing', 'blocked'] as const
export type HealthState = (typeof HEALTH_STATES)[number]

/** `if 'disk is free'`: registered in code under this name. */
export interface Predicate {
  readonly kind: 'predicate'
  readonly name: string
}
