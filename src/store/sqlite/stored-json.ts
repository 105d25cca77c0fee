/** JSON columns: what was written by somebody else must not break the reading of a list. */

import type { Json } from '../../base/json.ts'

/** `null` is stored as NULL, and so is what has no JSON. */
export const jsonText = (value: Json): string | null => (value === null ? null : (JSON.stringify(value) ?? null))

/** The value of a column, or undefined when its text is not JSON. */
export const jsonOf = (text: string | null): Json | undefined => {
  if (text === null) return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** The texts in a column that holds a list of texts; what is none is left out. */
export const textsOf = (text: string): readonly string[] => {
  const value = jsonOf(text)
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : []
}

/** The numbers in a column that holds a list of numbers; what is none is left out. */
export const numbersOf = (text: string): readonly number[] => {
  const value = jsonOf(text)
  return Array.isArray(value) ? value.filter((part): part is number => typeof part === 'number') : []
}

export const isRecord = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
