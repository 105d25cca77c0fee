/** Any value as plain JSON data, bounded: what a reader gives is foreign. */

import { toJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'

const MOST_CHARACTERS = 250_000
const DEEPEST = 50

export type Plain = { readonly data: Json } | { readonly problem: string }

/** The value as JSON gives it back (dates as text, no functions), or why it cannot be kept. */
export const plainData = (value: unknown): Plain => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'it is no object' }
  const json = toJson(value, MOST_CHARACTERS)
  if ('reason' in json) return { problem: json.reason }
  const data = JSON.parse(json.text) as Json
  return isDeeper(data, DEEPEST) ? { problem: `it is nested more than ${DEEPEST} deep` } : { data }
}

const isDeeper = (data: Json, levels: number): boolean => {
  if (typeof data !== 'object' || data === null) return false
  return levels === 0 || Object.values(data).some(member => isDeeper(member, levels - 1))
}
