/** Reads an instant that is past or to come as a person names it: with an offset, or as the wall of a zone shows it. */

import { RotaError } from '../base/errors.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { zoneOf } from './calendar.ts'
import { readLocal } from './local-time.ts'

/**
 * An ISO instant with its offset, or a local date-time of the zone: `2026-11-22T09:00:00Z`, `2026-11-22T09:00`, `2026-11-22`.
 *
 * @example readOnWall('2026-11-22T09:00', 'Europe/Berlin') // 2026-11-22T08:00:00Z
 * @throws RotaError INSTANT_UNREADABLE
 */
export const readOnWall = (text: string, timezone: string): Instant => {
  const local = readLocal(text)
  if (!Number.isNaN(local)) return instant(zoneOf(timezone).startOf(local))
  try {
    // In an address, a plus that nobody escaped has become a space.
    return parseInstant(text.replace(/ (?=\d\d:\d\d$)/, '+'))
  } catch (error) {
    const shown = text.slice(0, 40)
    const advice = `write it like 2026-12-01T09:00:00Z, or without an offset for ${timezone}: 2026-12-01T09:00`
    throw new RotaError('INSTANT_UNREADABLE', `'${shown}' is not an instant; ${advice}.`, {
      details: { value: shown },
      cause: error,
    })
  }
}
