/** The part of a run that fails alone: one source asked one query. And what came of its items. */

import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'

/** What one request, or a whole unit, came to. Could-not-look is never nothing-there. */
export const verdicts = [
  'ok',
  'unchanged',
  'transient',
  'rate_limited',
  'quota_exhausted',
  'auth',
  'refused',
  'contract',
  'empty',
  'truncated',
  'client',
  'not_measured',
] as const
export type Verdict = (typeof verdicts)[number]

export type UnitState = 'succeeded' | 'partial' | 'failed'

/** How many items a unit saw, and what was new about them. */
export interface ItemCounts {
  readonly seen: number
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly invalid: number
}

export const noItems: ItemCounts = { seen: 0, new: 0, changed: 0, unchanged: 0, invalid: 0 }

export const addCounts = (a: ItemCounts, b: ItemCounts): ItemCounts => ({
  seen: a.seen + b.seen,
  new: a.new + b.new,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
  invalid: a.invalid + b.invalid,
})

export interface Unit {
  readonly source: string
  /** Which query of the source; '' where it has only one. */
  readonly query: string
  readonly state: UnitState
  readonly verdict: Verdict
  /** Why, in words; null when all went well. */
  readonly detail: string | null
  readonly attempt: number
  readonly startedAt: Instant
  readonly endedAt: Instant
  /** Requests made, with tries repeated. */
  readonly requests: number
  readonly items: ItemCounts
}

/** One record from a source, as it is given to be kept. */
export interface NewItem {
  /** What identifies it within its source. */
  readonly key: string
  /** A hash of its content: equal hash, unchanged item. */
  readonly hash: string
  readonly data: Json
}

/** One record from a source, as it is kept. */
export interface Item {
  readonly source: string
  readonly key: string
  readonly hash: string
  readonly data: Json
  readonly version: number
  readonly firstSeenAt: Instant
  readonly lastSeenAt: Instant
  readonly changedAt: Instant
}

/** Whether a unit counts as bad for the health of its source. */
export const isBad = (unit: Pick<Unit, 'state'>): boolean => unit.state === 'failed'
