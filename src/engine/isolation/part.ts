/** A part of a command or call, as it is for this attempt. */

import type { Part } from '../../domain/isolation.ts'
import type { Context } from '../../domain/task.ts'

export const partOf = async <T>(part: Part<unknown, T>, context: Context): Promise<T> => {
  if (typeof part !== 'function') return part
  const { input, run, attempt, nominalAt, secret } = context
  const make = part as (occasion: Pick<Context, 'input' | 'run' | 'attempt' | 'nominalAt' | 'secret'>) => T | Promise<T>
  return make({ input, run, attempt, nominalAt, secret })
}
