/** After a request that came to nothing: again, when, or not at all. */

import { duration } from '../../base/duration.ts'
import { instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import { backoff, noRetry } from '../../domain/retry.ts'
import type { Retry } from '../../domain/retry.ts'
import type { Objection } from './judge.ts'

/** How often one request was tried in vain, and how often it was told to wait. */
export interface Tries {
  readonly failed: number
  readonly waits: number
}

export const noTries: Tries = { failed: 0, waits: 0 }

export interface TryPolicy {
  /** Tries in all. */
  readonly tries: number
  /** When the run must be over; null where it has no limit. */
  readonly deadline: Instant | null
}

export type NextTry = { readonly kind: 'end' } | { readonly kind: 'again'; readonly at: Instant; readonly tries: Tries }

const END: NextTry = { kind: 'end' }

/** A wait inside a run keeps its place in the queue; a longer one belongs between runs. */
const LONGEST_WAIT_MS = 60_000
const MOST_WAITS = 5
const FIRST_PAUSE_MS = 5_000

const spacing: Retry = { ...noRetry, first: duration(1_000), longest: duration(30_000) }

/** What follows an objection. Waiting as told is no try; failing in passing is one; nothing else gets better by asking again. */
export const nextTry = (
  tries: Tries,
  objection: Objection,
  policy: TryPolicy,
  now: Instant,
  random: () => number,
): NextTry => {
  switch (objection.verdict) {
    case 'transient':
      return afterFailure({ ...tries, failed: tries.failed + 1 }, policy, now, random)
    case 'rate_limited':
      return afterHold(tries, objection.until ?? now, policy, now)
    default:
      return END
  }
}

/** Until when a host is left alone that says "too many" but not for how long: longer each time. */
export const pauseWithoutWord = (tries: Tries, now: Instant): Instant =>
  instant(now + Math.min(FIRST_PAUSE_MS * 2 ** tries.waits, LONGEST_WAIT_MS))

const afterFailure = (tries: Tries, policy: TryPolicy, now: Instant, random: () => number): NextTry => {
  const at = instant(now + backoff(spacing, tries.failed, random))
  return tries.failed < policy.tries && inTime(at, policy) ? { kind: 'again', at, tries } : END
}

const afterHold = (tries: Tries, until: Instant, policy: TryPolicy, now: Instant): NextTry => {
  const short = until - now <= LONGEST_WAIT_MS && tries.waits < MOST_WAITS
  return short && inTime(until, policy)
    ? { kind: 'again', at: until, tries: { ...tries, waits: tries.waits + 1 } }
    : END
}

const inTime = (at: Instant, { deadline }: TryPolicy): boolean => deadline === null || at < deadline
