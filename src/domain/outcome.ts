/** How an attempt ended, as data; and the few values by which a handler says more than "done" or "failed". */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { FailReason, RunError } from './run.ts'

export type Outcome =
  | { readonly kind: 'succeeded'; readonly result: Json }
  | { readonly kind: 'partial'; readonly result: Json; readonly detail: string }
  | {
      readonly kind: 'failed'
      readonly reason: FailReason
      readonly error: RunError
      /** When the next attempt is due, or null when there is to be none. */
      readonly retryAt: Instant | null
      /** Waiting until then uses up no attempt (the other side said when to come back). */
      readonly free: boolean
    }

const partialResult = Symbol('rota.partial')

/** What `partial()` gives. */
export interface Partial {
  readonly [partialResult]: true
  readonly result: unknown
  readonly detail: string
}

/**
 * Returned by a handler whose work succeeded in part: the run ends `partial`, the result is kept, nothing is retried.
 *
 * @example return partial({ pages: 9 }, 'page 10 did not answer')
 */
export const partial = (result: unknown, detail: string): Partial => ({ [partialResult]: true, result, detail })

export const isPartial = (value: unknown): value is Partial =>
  typeof value === 'object' && value !== null && partialResult in value

/** Thrown by a handler that was told when to come back: the run waits until then, and no attempt is used up. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter'
  readonly at: Instant

  constructor(at: Instant, reason: string) {
    super(`${reason} (again at ${formatInstant(at)})`)
    this.at = at
  }
}

/** Thrown by a handler for which trying again is useless: the run fails at once, whatever attempts are left. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp'
}

/** @example throw retryAfter(instant(Date.parse(answer.headers['x-reset'])), 'quota used up') */
export const retryAfter = (at: Instant, reason = 'told to wait'): RetryAfter => new RetryAfter(at, reason)

/** @example throw giveUp('the account is closed') */
export const giveUp = (reason: string, cause?: unknown): GiveUp =>
  new GiveUp(reason, cause === undefined ? {} : { cause })
