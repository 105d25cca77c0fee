/** A condition made ready to be asked when: its moments and windows in a zone. Facts are none of its business. */

import { duration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { zoneOf } from './calendar.ts'
import type { Zone } from './calendar.ts'
import { clausesOf } from './clauses.ts'
import type { Condition } from './condition.ts'
import type { NamedDateSets } from './leaf-parts.ts'
import { compileClause, isOpen, nextMoment, previousMoment } from './moments.ts'
import type { ClauseMoments } from './moments.ts'
import { parse } from './parse.ts'

/** The moments of a condition. The anchor is where intervals and counts (`every 2 weeks`) begin; what is before it does not exist. */
export interface Timetable {
  /** The first moment strictly after `after`, or null. For every instant in [after, next) the answer is the same. */
  next(after: Instant, anchor: Instant): Instant | null

  /** The last moment strictly before `before`, or null. */
  previous(before: Instant, anchor: Instant): Instant | null

  /** Whether the windows of some clause contain this instant; true where a clause has none. */
  open(at: Instant): boolean

  /** Whether the windows of some clauses contain this instant, and those of others do not. */
  partlyOpen(at: Instant): boolean

  /** The shortest gap among the next 32 moments; null where fewer than two are left. */
  period(after: Instant, anchor: Instant): Duration | null
}

/**
 * Makes a condition ready. Without `sets`, the dates that `on 'holidays'` names, such a window is left out of it.
 *
 * @throws RotaError TIMEZONE_UNKNOWN
 * @example compile(parse('daily at 09:00'), 'Europe/Berlin').next(now, anchor)
 */
export const compile = (condition: Condition, timezone: string, sets: NamedDateSets | null = null): Timetable => {
  const clauses = clausesOf(condition).map(clause => compileClause(clause, sets))
  return new CompiledTimetable(clauses, zoneOf(timezone))
}

const cache = new Map<string, Timetable>()
const MOST_CACHED = 1_000

/**
 * `parse` and `compile` behind a cache of the 1,000 used last: rows of schedules are loaded by the thousand, and most of
 * them say the same.
 *
 * @throws RotaError CONDITION_UNREADABLE, CONDITION_TOO_LONG, TIMEZONE_UNKNOWN
 */
export const timetable = (text: string, timezone: string): Timetable => {
  const key = `${timezone.length} ${timezone}${text}`
  const found = cache.get(key) ?? compile(parse(text), timezone)
  // A map keeps the order of insertion: the first is the one not used for longest.
  cache.delete(key)
  cache.set(key, found)
  if (cache.size > MOST_CACHED) cache.delete(cache.keys().next().value ?? '')
  return found
}

// How many moments a period is measured over.
const PERIOD_MOMENTS = 32

class CompiledTimetable implements Timetable {
  readonly #clauses: readonly ClauseMoments[]
  readonly #zone: Zone

  constructor(clauses: readonly ClauseMoments[], zone: Zone) {
    this.#clauses = clauses
    this.#zone = zone
  }

  next(after: Instant, anchor: Instant): Instant | null {
    let first = Infinity
    for (const clause of this.#clauses) {
      const at = nextMoment(clause, this.#zone, after, anchor)
      if (at < first) first = at
    }
    return first === Infinity ? null : instant(first)
  }

  previous(before: Instant, anchor: Instant): Instant | null {
    let last = -Infinity
    for (const clause of this.#clauses) {
      const at = previousMoment(clause, this.#zone, before, anchor)
      if (at > last) last = at
    }
    return last === -Infinity ? null : instant(last)
  }

  open(at: Instant): boolean {
    return this.#clauses.some(clause => isOpen(clause, this.#zone, at))
  }

  partlyOpen(at: Instant): boolean {
    return this.#clauses.length > 1 && this.open(at) && !this.#clauses.every(clause => isOpen(clause, this.#zone, at))
  }

  period(after: Instant, anchor: Instant): Duration | null {
    let shortest = Infinity
    let last = this.next(after, anchor)
    for (let count = 1; count < PERIOD_MOMENTS && last !== null; count++) {
      const next = this.next(last, anchor)
      if (next !== null) shortest = Math.min(shortest, next - last)
      last = next
    }
    return shortest === Infinity ? null : duration(shortest)
  }
}
