/** What daylight saving does to the instants of a preview, in words: times that do not exist, and times that come twice. */

import type { Instant } from '../base/instant.ts'
import { zoneOf } from './calendar.ts'
import type { Zone } from './calendar.ts'
import { clausesOf } from './clauses.ts'
import type { Condition } from './condition.ts'
import type { NamedDateSets } from './leaf-parts.ts'
import { writeDate, writeLocal } from './local-time.ts'
import { anchorDayOf, compileClause } from './moments.ts'
import type { NamedMoments } from './moments.ts'
import { DAY_MS, writeTime } from './time-of-day.ts'
import { list } from './words.ts'

export interface Preview {
  readonly timezone: string
  /** The instants shown are later than this. */
  readonly after: Instant
  readonly anchor: Instant
  /** Ascending. */
  readonly instants: readonly Instant[]
  readonly sets?: NamedDateSets
}

// Long previews say it often enough; and a search over centuries must end.
const MOST_NOTES = 10
const MOST_CHANGES = 400

/**
 * A note for each change of the clocks that touches what is shown.
 *
 * @example // ['02:30 does not exist on 2025-03-30 in Europe/Berlin: it fires at 03:00']
 */
export const clockNotes = (condition: Condition, preview: Preview): readonly string[] => {
  const zone = zoneOf(preview.timezone)
  const named = clausesOf(condition)
    .map(clause => compileClause(clause, preview.sets ?? null).moments)
    .filter(moments => moments.kind === 'named')
  const changes = changesIn(zone, preview)
  const notes = changes.flatMap(change => named.flatMap(moments => noteOn(change, moments, zone, preview) ?? []))
  return [...new Set(notes)].slice(0, MOST_NOTES)
}

/** The clocks go forward, and the wall leaves out [from, to); or back, and it shows [from, to) twice. */
interface ClockChange {
  readonly at: number
  readonly isGap: boolean
  readonly from: number
  readonly to: number
}

const changesIn = (zone: Zone, { after, instants }: Preview): readonly ClockChange[] => {
  // What comes first of two comes before the clocks change, by no more than a day.
  const end = (instants.at(-1) ?? after) + DAY_MS
  const changes: ClockChange[] = []
  zone.seek(after)
  for (let count = 0; count < MOST_CHANGES && zone.end <= end; count++) {
    zone.seek(zone.end)
    const [before, since] = [zone.start + zone.offsetBefore, zone.start + zone.offset]
    if (before === since) continue
    changes.push({ at: zone.start, isGap: before < since, from: Math.min(before, since), to: Math.max(before, since) })
  }
  return changes
}

const noteOn = (change: ClockChange, moments: NamedMoments, zone: Zone, preview: Preview): string | null => {
  const names = namesIn(change, moments, anchorDayOf(moments, zone, preview.anchor))
  if (names.length === 0) return null
  return change.isGap ? gapNote(change, names, moments, preview) : foldNote(change, names, moments, preview)
}

// One more than are told of.
const MOST_NAMES = 4

const namesIn = ({ from, to }: ClockChange, { names }: NamedMoments, anchorDay: number): readonly number[] => {
  const found: number[] = []
  for (
    let name = names.from(from, anchorDay);
    name < to && found.length < MOST_NAMES;
    name = names.from(name + 1, anchorDay)
  )
    found.push(name)
  return found
}

const WIDEST_FIXED_GAP_MS = 3 * 3_600_000

const gapNote = (
  change: ClockChange,
  names: readonly number[],
  moments: NamedMoments,
  preview: Preview,
): string | null => {
  const { at, from, to } = change
  const { after, timezone, instants } = preview
  const isWithin = at > after && at <= (instants.at(-1) ?? after)
  if (to - from > WIDEST_FIXED_GAP_MS)
    return isWithin ? `${stretch(from, to)} does not exist in ${timezone}: nothing fires in it` : null
  const where = `on ${dateOf(from)} in ${timezone}`
  if (!moments.isFixed) return isWithin ? `${stretch(from, to)} does not exist ${where}: nothing fires in it` : null
  if (!instants.some(instant => instant === at)) return null
  const fires = timeOf(to, from)
  return names.length === 1
    ? `${timesOf(names, from)} does not exist ${where}: it fires at ${fires}`
    : `${timesOf(names, from)} do not exist ${where}: they are one, at ${fires}`
}

const foldNote = (
  change: ClockChange,
  names: readonly number[],
  moments: NamedMoments,
  preview: Preview,
): string | null => {
  const { at, from, to } = change
  const { instants, timezone } = preview
  const where = `on ${dateOf(from)} in ${timezone}`
  if (moments.isFixed) {
    const shown = names.filter(name => instants.some(instant => instant === at - (to - name)))
    if (shown.length === 0) return null
    return shown.length === 1
      ? `${timesOf(shown, from)} comes twice ${where}: it fires at the first`
      : `${timesOf(shown, from)} come twice ${where}: they fire at the first`
  }
  const length = to - from
  return instants.some(instant => instant >= at - length && instant < at + length)
    ? `${stretch(from, to)} comes twice ${where}: it fires in both`
    : null
}

const timesOf = (names: readonly number[], day: number): string => {
  const times = names.map(name => timeOf(name, day))
  return list(times.length < MOST_NAMES ? times : [...times.slice(0, MOST_NAMES - 1), 'more'])
}

const dateOf = (local: number): string => writeDate(Math.floor(local / DAY_MS))

/** A time of day; with its date where that is not the one at hand. */
const timeOf = (local: number, day: number): string =>
  dateOf(local) === dateOf(day)
    ? writeTime(local - Math.floor(local / DAY_MS) * DAY_MS)
    : writeLocal(local).replace('T', ' ')

const stretch = (from: number, to: number): string =>
  to - from >= DAY_MS
    ? `The time from ${writeLocal(from).replace('T', ' ')} to ${writeLocal(to).replace('T', ' ')}`
    : `The time from ${timeOf(from, from)} to ${timeOf(to, from)}`
