/** Whether and when a failed attempt is followed by another: how many, how long between, for which errors. */

import { duration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { refuseUnknownOptions } from '../base/options.ts'

/** What a task may say. Each part has a default. */
export interface RetryOptions {
  /** Attempts in all, the first included: 1 (no retry) to 100. Default 1, for sources 3. */
  readonly attempts?: number
  /** The wait before the second attempt; doubles with each one. Default 2 s. */
  readonly first?: DurationInput
  /** The longest wait. Default 30 s. */
  readonly longest?: DurationInput
  /** Full jitter: the wait is drawn between nothing and the computed one. Default true. */
  readonly jitter?: boolean
  /** Which errors are worth another attempt. Default: all. */
  readonly retryOn?: (error: unknown) => boolean
}

export interface Retry {
  readonly attempts: number
  readonly first: Duration
  readonly longest: Duration
  readonly jitter: boolean
  readonly retryOn: (error: unknown) => boolean
}

export const noRetry: Retry = {
  attempts: 1,
  first: duration(2_000),
  longest: duration(30_000),
  jitter: true,
  retryOn: () => true,
}

const optionNames: readonly (keyof RetryOptions)[] = ['attempts', 'first', 'longest', 'jitter', 'retryOn']

/**
 * The options over the defaults.
 *
 * @throws RotaError OPTION_INVALID, DURATION_UNREADABLE
 */
export const retryFrom = (options: RetryOptions = {}, defaults: Retry = noRetry): Retry => {
  refuseUnknownOptions('retry', options, optionNames)
  const attempts = options.attempts ?? defaults.attempts
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100) {
    throw new RotaError('OPTION_INVALID', `retry.attempts is ${attempts}; it is a whole number from 1 to 100.`)
  }
  return {
    attempts,
    first: options.first === undefined ? defaults.first : parseDuration(options.first),
    longest: options.longest === undefined ? defaults.longest : parseDuration(options.longest),
    jitter: options.jitter ?? defaults.jitter,
    retryOn: options.retryOn ?? defaults.retryOn,
  }
}

/**
 * The wait after attempt number `attempt` (1 is the first): exponential, with full jitter
 * (Brooker, "Exponential Backoff And Jitter", 2015).
 */
export const backoff = (retry: Retry, attempt: number, random: () => number): Duration => {
  // 2^30 × the first wait is beyond any `longest` already.
  const whole = Math.min(retry.longest, retry.first * 2 ** Math.min(attempt - 1, 30))
  return duration(Math.round(retry.jitter ? whole * random() : whole))
}

/** When the next attempt is due after this one failed with `error`, or null when there is none. */
export const nextAttemptAt = (
  retry: Retry,
  failed: { readonly attempt: number; readonly error: unknown; readonly at: Instant },
  random: () => number,
): Instant | null => {
  if (failed.attempt >= retry.attempts || !wantsRetry(retry, failed.error)) return null
  return instant(failed.at + backoff(retry, failed.attempt, random))
}

// A predicate that throws says nothing: one broken predicate must not change what a failure is.
const wantsRetry = (retry: Retry, error: unknown): boolean => {
  try {
    return retry.retryOn(error)
  } catch {
    return false
  }
}
