/** A sweep: one task that asks several sources at once, none of which hides or stops another. */

import type { DurationInput } from '../base/duration.ts'
import type { Schema } from '../base/schema.ts'
import type { RetryOptions } from '../domain/retry.ts'
import type { Task } from '../domain/task.ts'
import type { Source } from './source.ts'

export interface SweepOptions<Input> {
  readonly sources: readonly Source<never>[]
  readonly description?: string
  /** Checks the input of a run; each source is given it too, checked by its own schema. Default: any JSON. */
  readonly input?: Schema<unknown, Input>
  /** Of a whole run. Default: none. */
  readonly timeout?: DurationInput
  /** Attempts are for crashes. Default three. */
  readonly retry?: RetryOptions
}

/**
 * Makes a task whose runs hold one unit for each source and query.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 * @example sweep('odds', { sources: [betpawa, sportybet, bet9ja], timeout: '10 minutes' })
 */
export declare const sweep: <Input = unknown>(name: string, options: SweepOptions<Input>) => Task<Input, unknown>
