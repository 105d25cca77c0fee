/** A point in time: epoch milliseconds, as a whole number. Text is always UTC ISO 8601. */

import { RotaError } from './errors.ts'

declare const brand: unique symbol
export type Instant = number & { readonly [brand]: 'Instant' }

/** Marks a number of epoch milliseconds as an instant. Where the number comes from outside, use `parseInstant`. */
export const instant = (epochMs: number): Instant => epochMs as Instant

// What a JavaScript Date can hold (ECMA-262, 21.4.1.1).
const LIMIT_MS = 8_640_000_000_000_000

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/**
 * Reads an ISO 8601 instant with an explicit offset.
 *
 * @example parseInstant('2026-11-22T09:00:00Z') // 1795338000000
 * @throws RotaError INSTANT_UNREADABLE
 */
export const parseInstant = (text: string): Instant => {
  const at = ISO.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at) || Math.abs(at) > LIMIT_MS || !namesARealDay(text)) {
    throw new RotaError(
      'INSTANT_UNREADABLE',
      `'${text.slice(0, 40)}' is not an instant; write it like 2026-12-01T09:00:00Z, with Z or an offset.`,
      { details: { value: text.slice(0, 40) } },
    )
  }
  return instant(at)
}

// Date.parse rolls 30 February over into March; a caller who wrote it meant something else.
const namesARealDay = (text: string): boolean => {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number)
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day)).getUTCDate() === day
}

/** UTC ISO text with seconds; milliseconds only where they are not zero: `2026-01-01T01:00:00Z`. */
export const formatInstant = (at: Instant): string => new Date(at).toISOString().replace('.000Z', 'Z')
