/** The Retry-After header: until when the other side wants to be left alone. */

import { instant } from './instant.ts'
import type { Instant } from './instant.ts'

const SECONDS = /^\d{1,12}(\.\d{1,9})?$/
const LONGEST_MS = 365 * 86_400_000

/**
 * Reads seconds or an HTTP date. Nothing, nonsense, 0 and the past all mean that nothing was said.
 *
 * @example readRetryAfter('120', now)
 */
export const readRetryAfter = (value: string, now: Instant): Instant | null => {
  const text = value.trim().slice(0, 60)
  const at = SECONDS.test(text) ? now + Number(text) * 1_000 : dateIn(text)
  return at > now ? instant(Math.min(Math.ceil(at), now + LONGEST_MS)) : null
}

// The oldest of the three forms of an HTTP date (RFC 9110, 5.6.7) names no zone; all of them are GMT.
const dateIn = (text: string): number => {
  if (text === '' || !text.includes(':')) return Number.NaN
  return Date.parse(/(GMT|UTC|Z|[+-]\d{4})$/.test(text) ? text : `${text} GMT`)
}
