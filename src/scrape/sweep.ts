/** A sweep: one task that asks several sources at once, none of which hides or stops another. */

import type { DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import type { Schema } from '../base/schema.ts'
import { defineTask } from '../domain/task.ts'
import type { RetryOptions } from '../domain/retry.ts'
import type { Task } from '../domain/task.ts'
import { collect } from './collect.ts'
import { sourceRetry } from './source.ts'
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

const optionNames: readonly (keyof SweepOptions<never>)[] = ['sources', 'description', 'input', 'timeout', 'retry']

/**
 * Makes a task whose runs hold one unit for each source and query.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 * @example sweep('odds', { sources: [betpawa, sportybet, bet9ja], timeout: '10 minutes' })
 */
export const sweep = <Input = unknown>(name: string, options: SweepOptions<Input>): Task<Input, unknown> => {
  refuseUnknownOptions(`The sweep '${name}'`, options, optionNames)
  const { sources: given, ...policies } = options
  const sources = checkSources(name, given)
  const task: Task<Input, unknown> = defineTask(
    name,
    context =>
      collect(
        sources.map(({ plan, memory, input: schema }) => ({ plan, memory, schema, input: context.input })),
        context,
        task.timeout,
      ),
    policies,
    { kind: 'task', sources: sources.map(source => source.plan.name), retry: sourceRetry },
  )
  return task
}

const checkSources = (name: string, sources: readonly Source<never>[]): readonly Source<never>[] => {
  if (!Array.isArray(sources) || sources.length === 0) {
    throw new RotaError('OPTION_INVALID', `The sweep '${name}' has no sources; give it a list of what source(…) made.`)
  }
  const list = sources as readonly Source<never>[]
  const strange = list.findIndex(source => typeof source?.plan !== 'object')
  if (strange !== -1)
    throw new RotaError('OPTION_INVALID', `The sweep '${name}': number ${strange + 1} of its sources is none.`)
  const names = list.map(source => source.plan.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new RotaError('OPTION_INVALID', `The sweep '${name}' holds the source '${twice}' twice.`)
  return list
}
