/** Dates as feeds write them, in whichever form, as instants. */

import { formatInstant, instant } from '../../base/instant.ts'

const ISO = /^\d{4}-\d{2}-\d{2}/
const ZONE = /(z|[+-]\d{2}:?\d{2}|\b[a-z]{1,5})\)?$/i
const LAST_MS = 253_402_300_799_999

/**
 * An ISO instant, or null where the text is no date. A date without a zone is UTC: this process's own zone means nothing.
 *
 * @example readDate('Sun, 6 September 2009 16:20:00 +0000') // '2009-09-06T16:20:00Z'
 */
export const readDate = (text: string | undefined): string | null => {
  const written = (text ?? '').trim().slice(0, 100)
  const zoned = ZONE.test(written)
    ? written
    : `${written}${ISO.test(written) ? (written.includes(':') ? 'Z' : '') : ' GMT'}`
  const at = written === '' ? Number.NaN : Date.parse(zoned)
  return at >= 0 && at <= LAST_MS ? formatInstant(instant(at)) : null
}
