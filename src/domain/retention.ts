/** How long what is over is kept: by age, by outcome, and the last runs of each schedule whatever their age. */

import { parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { finalStates } from './run.ts'
import type { FinalState } from './run.ts'

/**
 * What is kept for how long. Ages count from the end of a run.
 *
 * @example { age: '7 days', failed: '90 days', skipped: '1 day', keep: 500 }
 */
export interface RetentionOptions extends Partial<Readonly<Record<FinalState, DurationInput>>> {
  /** Of every outcome that has no age of its own. Default 7 days. */
  readonly age?: DurationInput
  /** The last so many executed runs of each schedule, and by hand of each task, stay whatever their age. Default 100. */
  readonly keep?: number
}

export interface Retention {
  readonly ages: Readonly<Record<FinalState, Duration>>
  readonly keep: number
}

/** Before when a run must have ended to go, by its outcome. */
export type Outdated = Readonly<Record<FinalState, Instant>>

const AGE = '7 days'
const KEEP = 100

/** @throws RotaError OPTION_INVALID, DURATION_UNREADABLE */
export const retentionFrom = (input: DurationInput | RetentionOptions = {}): Retention => {
  const options = typeof input === 'object' ? input : { age: input }
  refuseUnknownOptions('retention', options, ['age', 'keep', ...finalStates])
  const { age = AGE, keep = KEEP } = options
  if (!Number.isInteger(keep) || keep < 0)
    throw new RotaError('OPTION_INVALID', `retention.keep is ${keep}; it is a whole number, 0 or more.`)
  return { ages: byOutcome(state => parseDuration(options[state] ?? age)), keep }
}

export const outdatedAt = ({ ages }: Retention, at: Instant): Outdated => byOutcome(state => instant(at - ages[state]))

/** The newest of these instants: a run that is no older stays, whatever became of it. */
export const newestOutdated = (before: Outdated): Instant => instant(Math.max(...Object.values(before)))

/** The oldest of them: what has no outcome goes with what is kept longest. */
export const oldestOutdated = (before: Outdated): Instant => instant(Math.min(...Object.values(before)))

const byOutcome = <T>(of: (state: FinalState) => T): Readonly<Record<FinalState, T>> => ({
  succeeded: of('succeeded'),
  partial: of('partial'),
  failed: of('failed'),
  cancelled: of('cancelled'),
  skipped: of('skipped'),
})
