/** What a handler returned, as the JSON that is kept of it. */

import { toJson } from '../base/json.ts'

// Larger results belong into items or files; a run's row stays readable.
export const LONGEST_RESULT = 1_000_000

/** A result that cannot be kept: the next attempt would give the same, so there is none. */
export class Unkept extends Error {
  override readonly name = 'Unkept'
}

/**
 * As JSON text; nothing is null.
 *
 * @throws Unkept with the reason
 */
export const resultText = (value: unknown): string => {
  const written = toJson(value, LONGEST_RESULT)
  if ('reason' in written) throw new Unkept(written.reason)
  return written.text
}
