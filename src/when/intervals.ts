/** Elapsed time: occurrence k is the anchor plus k periods, kept where the wall shows a time that the windows contain. */

import { nextOnWall, previousOnWall } from './calendar.ts'
import type { Zone } from './calendar.ts'
import type { Windows } from './local-rule.ts'
import { DAY_MS } from './time-of-day.ts'

// Decades of summers and winters: an interval that met no window in so many stretches of equal offset meets none.
const MOST_STRETCHES = 200

/**
 * From an occurrence outside the windows straight to the first after they open next; and where its times of day (they
 * repeat while the offset does not change) never lie in the windows, straight to the next change of offset.
 */
export const nextInterval = (
  everyMs: number,
  windows: Windows | null,
  zone: Zone,
  after: number,
  anchor: number,
): number => {
  let at = after < anchor ? anchor : anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs
  if (windows === null) return at
  const step = greatestCommonDivisor(everyMs, DAY_MS)
  for (let stretches = 0; stretches < MOST_STRETCHES;) {
    const local = zone.local(at)
    const opening = windows.from(local, 0)
    if (opening === local) return at
    if (Number.isNaN(opening) || windows.meets(local, step)) {
      at = anchor + Math.ceil((nextOnWall(zone, windows, at, 0) - anchor) / everyMs) * everyMs
      if (Number.isNaN(at)) return at
    } else {
      at = anchor + Math.ceil((zone.end - anchor) / everyMs) * everyMs
      stretches++
    }
  }
  return Number.NaN
}

/** The same towards the past, down to the anchor. */
export const previousInterval = (
  everyMs: number,
  windows: Windows | null,
  zone: Zone,
  before: number,
  anchor: number,
): number => {
  let at = anchor + (Math.ceil((before - anchor) / everyMs) - 1) * everyMs
  const step = greatestCommonDivisor(everyMs, DAY_MS)
  while (at >= anchor) {
    const local = windows === null ? 0 : zone.local(at)
    if (windows === null || windows.from(local, 0) === local) return at
    const last = windows.meets(local, step) ? previousOnWall(zone, windows, at, 0) : zone.start - 1
    at = anchor + Math.floor((last - anchor) / everyMs) * everyMs
  }
  return Number.NaN
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b))
