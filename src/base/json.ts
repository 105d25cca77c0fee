/** JSON as a type, and the two doors between it and the outside: reading text and writing values, neither ever throwing surprises. */

import { RotaError } from './errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Reads JSON text. Keys named `__proto__` become plain own data, as JSON.parse defines.
 *
 * @throws RotaError JSON_INVALID with the reason
 */
export const parseJson = (text: string, what = 'text'): Json => {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new RotaError('JSON_INVALID', `The ${what} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** A value as JSON text, or why it is none (a cycle, a BigInt, a getter that throws, over `limit` characters). `undefined` is null. */
export const toJson = (value: unknown, limit = Infinity): { readonly text: string } | { readonly reason: string } => {
  try {
    const text = JSON.stringify(value) ?? (value === undefined ? 'null' : undefined)
    if (text === undefined) return { reason: `a ${typeof value} is not JSON` }
    return text.length > limit ? { reason: `${text.length} characters are more than the ${limit} allowed` } : { text }
  } catch (error) {
    return { reason: error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown') : String(error) }
  }
}
