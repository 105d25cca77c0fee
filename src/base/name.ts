/** Names of tasks, schedules and sources: short, typable in a shell, safe in an address. */

import { RotaError } from './errors.ts'

declare const task: unique symbol
export type TaskName = string & { readonly [task]: 'TaskName' }

declare const run: unique symbol
/** The number of a run, given by the store: 1, 2, 3 … */
export type RunId = number & { readonly [run]: 'RunId' }

// Letters of any script, so that people can name things in their own language; no spaces, slashes, quotes or controls.
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._:-]{0,99}$/u

/**
 * A name as given, checked.
 *
 * @throws RotaError NAME_INVALID
 */
export const checkName = (what: string, name: unknown): string => {
  if (typeof name === 'string' && NAME.test(name)) return name
  const shown = typeof name === 'string' ? `'${name.slice(0, 40)}'` : `a ${typeof name}`
  throw new RotaError(
    'NAME_INVALID',
    `${shown} is not a name for a ${what}; use 1 to 100 letters, digits and . _ : - and begin with a letter or digit.`,
    { details: { what } },
  )
}

/** Eight letters and digits, other ones in every process and at every call. No secret: who guesses them gains nothing. */
export const randomTag = (): string => Math.random().toString(36).slice(2, 10).padEnd(8, '0')
