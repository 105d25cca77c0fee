/**
 * Local time in a zone, and what daylight saving does to it. The only file that knows about it: everything else in this
 * room works with *names*, local date-times as the wall shows them, in milliseconds since 1970-01-01T00:00 on that wall.
 *
 * A name may not exist (a gap: clocks go forward) or happen twice (a fold: clocks go back). Two rules turn names into
 * instants, and they are Vixie cron's:
 *
 * - *fixed* names happen once, always: in a gap at the first valid instant after it, in a fold at the first pass. A gap
 *   of more than three hours is no daylight saving but a change of date line: its names are dropped.
 * - *wall* names follow the real wall: nothing in the gap, both passes of the fold.
 */

import { nearest } from '../base/nearest.ts'
import { RotaError } from '../base/errors.ts'
import { monthOf, firstDayOf } from './civil.ts'

/** A set of names that can be searched in either direction. NaN says there is none within 400 years. */
export interface Names {
  /** The earliest name at or after `local`. `anchorDay` is the local day that counts (`every 2 weeks`) begin from. */
  from(local: number, anchorDay: number): number

  /** The latest name at or before `local`. */
  upTo(local: number, anchorDay: number): number
}

/** The first instant after `after` that a fixed name stands for, or NaN. */
export const nextFixed = (zone: Zone, names: Names, after: number, anchorDay: number): number => {
  let name = names.from(zone.usedUpTo(after) + 1, anchorDay)
  while (!Number.isNaN(name)) {
    const at = zone.resolve(name)
    if (!Number.isNaN(at)) return at
    name = names.from(zone.start + zone.offset, anchorDay)
  }
  return Number.NaN
}

/** The last instant before `before` that a fixed name stands for, or NaN. */
export const previousFixed = (zone: Zone, names: Names, before: number, anchorDay: number): number => {
  let name = names.upTo(zone.usedUpTo(before - 1), anchorDay)
  while (!Number.isNaN(name)) {
    const at = zone.resolve(name)
    if (!Number.isNaN(at)) return at
    name = names.upTo(zone.start + zone.offsetBefore - 1, anchorDay)
  }
  return Number.NaN
}

// No fold is longer, so a stretch that begins this long after the search repeats no name from before it.
const LONGEST_FOLD_MS = 48 * 3_600_000

/** The first instant after `after` at which the wall shows one of the names, or NaN. */
export const nextOnWall = (zone: Zone, names: Names, after: number, anchorDay: number): number => {
  let at = after + 1
  for (;;) {
    zone.seek(at)
    const candidate = names.from(at + zone.offset, anchorDay) - zone.offset
    if (candidate < zone.end) return candidate
    const mayRepeat = zone.end < after + LONGEST_FOLD_MS
    if (Number.isNaN(candidate) && !mayRepeat) return Number.NaN
    at = mayRepeat ? zone.end : Math.max(zone.end, candidate - LONGEST_FOLD_MS)
  }
}

/** The last instant before `before` at which the wall shows one of the names, or NaN. */
export const previousOnWall = (zone: Zone, names: Names, before: number, anchorDay: number): number => {
  let at = before - 1
  for (;;) {
    zone.seek(at)
    const candidate = names.upTo(at + zone.offset, anchorDay) - zone.offset
    if (candidate >= zone.start) return candidate
    const mayRepeat = zone.start > before - LONGEST_FOLD_MS
    if (Number.isNaN(candidate) && !mayRepeat) return Number.NaN
    at = mayRepeat ? zone.start - 1 : Math.min(zone.start - 1, candidate + LONGEST_FOLD_MS)
  }
}

const DAY_MS = 86_400_000
const WIDEST_FIXED_GAP_MS = 3 * 3_600_000
// Every zone has been within this of UTC since 1970, with room to spare.
const WIDEST_OFFSET_MS = 16 * 3_600_000
// Beyond these years the offset is taken to be that of the border: a search may run there, a schedule does not.
const FIRST_YEAR = 1900
const LAST_YEAR = 2999

/** The stretches of equal offset within one year of UTC. */
interface YearOfOffsets {
  readonly starts: readonly number[]
  readonly offsets: readonly number[]
  readonly offsetBefore: number
  readonly end: number
}

/**
 * One time zone, as stretches of time in which its offset from UTC does not change. The stretches are found through
 * Intl year by year, when a year is first asked for, and kept.
 *
 * `seek` moves to the stretch of an instant; `start`, `end` and the offsets are then that stretch's. Searches ask again
 * and again about the same stretch, and this way they neither look it up nor allocate.
 */
export class Zone {
  readonly name: string
  start = 0
  end = 0
  offset = 0
  /** The offset of the stretch before this one. */
  offsetBefore = 0
  readonly #format: Intl.DateTimeFormat | null
  readonly #years = new Map<number, YearOfOffsets>()

  constructor(name: string) {
    this.name = name
    this.#format =
      name === 'UTC' ? null : new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** Moves to the stretch that holds `at`. */
  seek(at: number): void {
    if (at >= this.start && at < this.end) return
    const year = this.#yearOf(at)
    let index = year.starts.length - 1
    while (index > 0 && (year.starts[index] ?? 0) > at) index--
    this.start = year.starts[index] ?? 0
    this.end = year.starts[index + 1] ?? year.end
    this.offset = year.offsets[index] ?? 0
    this.offsetBefore = index === 0 ? year.offsetBefore : (year.offsets[index - 1] ?? 0)
  }

  /** The name the wall shows at `at`. */
  local(at: number): number {
    this.seek(at)
    return at + this.offset
  }

  /** The latest name that, as a fixed one, is over at `at`: in the second pass of a fold that is the end of the fold. */
  usedUpTo(at: number): number {
    this.seek(at)
    return Math.max(at + this.offset, this.start + this.offsetBefore - 1)
  }

  /** The instant a fixed name stands for, or NaN where it is dropped; then this is at the stretch after the gap. */
  resolve(name: number): number {
    // The common case: in the stretch at hand, and not in the second pass of the fold it may begin with.
    const likely = name - this.offset
    if (likely >= this.start && likely < this.end && name >= this.start + this.offsetBefore) return likely
    this.seek(name - WIDEST_OFFSET_MS)
    while (name - this.offset >= this.end) this.seek(this.end)
    if (name - this.offset >= this.start) return name - this.offset
    return this.offset - this.offsetBefore > WIDEST_FIXED_GAP_MS ? Number.NaN : this.start
  }

  /** The first instant at which the wall shows `name` or, where it never does, what comes behind the gap. */
  startOf(name: number): number {
    const at = this.resolve(name)
    return Number.isNaN(at) ? this.start : at
  }

  #yearOf(at: number): YearOfOffsets {
    const exact = Math.floor(monthOf(Math.floor(at / DAY_MS)) / 12)
    const year = Math.min(Math.max(exact, FIRST_YEAR), LAST_YEAR)
    let found = this.#years.get(year)
    if (found === undefined) {
      found = this.#findYear(year)
      this.#years.set(year, found)
    }
    return found
  }

  #findYear(year: number): YearOfOffsets {
    const start = firstDayOf(year * 12) * DAY_MS
    const end = firstDayOf(year * 12 + 12) * DAY_MS
    const starts = [start]
    const offsets = [this.#ask(start)]
    // No zone has changed its offset twice within five days since 1970: the shortest stretch, Boa Vista's in October 2000,
    // has seven.
    for (let from = start; from < end; from += 5 * DAY_MS) {
      const to = Math.min(from + 5 * DAY_MS, end - 1)
      const offset = this.#ask(to)
      if (offset === offsets.at(-1)) continue
      starts.push(this.#findChange(from, to))
      offsets.push(offset)
    }
    if (year === FIRST_YEAR) starts[0] = -Infinity
    return { starts, offsets, offsetBefore: this.#ask(start - 1), end: year === LAST_YEAR ? Infinity : end }
  }

  /** The first second in (from, to] with the offset of `to`. */
  #findChange(from: number, to: number): number {
    const wanted = this.#ask(to)
    let before = Math.floor(from / 1000)
    let after = Math.ceil(to / 1000)
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.#ask(middle * 1000) === wanted) after = middle
      else before = middle
    }
    return after * 1000
  }

  #ask(at: number): number {
    return this.#format === null ? 0 : offsetIn(this.#format.format(at))
  }
}

// The text ends in GMT, GMT+05:30 or, before some zones left local mean time, GMT-00:44:30.
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/

const offsetIn = (text: string): number => {
  const [, sign, hours, minutes, seconds] = OFFSET.exec(text) ?? []
  const length = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  return (sign === '-' ? -1000 : 1000) * length
}

const zones = new Map<string, Zone>()

// More names than the tz database has, so that only odd spellings (any mix of cases is one) can be many.
const MOST_ZONES = 1_000

/**
 * The zone of an IANA name. One object per zone for the life of the process: the tables grow, and are never replaced.
 *
 * @throws RotaError TIMEZONE_UNKNOWN with the nearest name that exists
 */
export const zoneOf = (name: string): Zone => {
  const known = zones.get(name)
  if (known !== undefined) return known
  const proper = checkTimezone(name)
  const zone = zones.get(proper) ?? new Zone(proper)
  if (zones.size < MOST_ZONES) zones.set(name, zone).set(proper, zone)
  return zone
}

// Names as the tz database writes them. Offsets such as +01:00 are no zones: they know no daylight saving.
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(\/[A-Za-z0-9_+-]{1,31}){0,2}$/

/**
 * The name of a zone in its proper case.
 *
 * @throws RotaError TIMEZONE_UNKNOWN with the nearest name that exists
 * @example checkTimezone('europe/berlin') // 'Europe/Berlin'
 */
export const checkTimezone = (name: unknown): string => {
  // The default needs no zone data: loading it costs a small program a tenth of its memory.
  if (name === 'UTC') return name
  if (typeof name === 'string' && ZONE_NAME.test(name)) {
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
    } catch {
      // A RangeError, which says no more than the error below.
    }
  }
  throw unknownZone(name)
}

const unknownZone = (name: unknown): RotaError => {
  const shown = typeof name === 'string' ? name.slice(0, 60) : `a ${typeof name}`
  const hint = typeof name === 'string' ? nearestZone(name) : undefined
  const advice = hint === undefined ? 'write an IANA name such as Europe/Berlin or UTC' : `did you mean ${hint}?`
  return new RotaError('TIMEZONE_UNKNOWN', `No time zone is called ${JSON.stringify(shown)}; ${advice}`, {
    details: hint === undefined ? { value: shown } : { value: shown, hint },
  })
}

const nearestZone = (name: string): string | undefined => {
  if (name.length > 60) return undefined
  const all = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  const city = name.toLowerCase().trim().replaceAll(' ', '_')
  return all.find(zone => zone.toLowerCase().split('/').at(-1) === city) ?? nearest(name, all)
}
