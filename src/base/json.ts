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

/**
 * Whether two values are the same as JSON: the order of keys does not matter, and what is undefined is not there.
 *
 * @example isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 }) // true
 */
export const isSameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((part, i) => isSameJson(part, b[i]))
  }
  const [left, right] = [ownParts(a), ownParts(b)]
  return (
    left.size === right.size && [...left].every(([key, part]) => right.has(key) && isSameJson(part, right.get(key)))
  )
}

const ownParts = (value: object): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(value).filter(([, part]) => part !== undefined))
