/** A hash of what an item says: the same whatever the order of its keys. */

import { createHash } from 'node:crypto'
import type { Json } from '../../base/json.ts'

/** SHA-256 of the content, as hexadecimal text. */
export const contentHash = (data: Json): string => createHash('sha256').update(canonical(data)).digest('hex')

// RFC 8785 in what matters here: no spaces, keys in the order of their code units.
const canonical = (data: Json): string => {
  if (typeof data !== 'object' || data === null) return JSON.stringify(data)
  if (Array.isArray(data)) return `[${(data as readonly Json[]).map(canonical).join(',')}]`
  const members = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join(',')}}`
}
