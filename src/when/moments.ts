/** One clause made ready to be searched: its moments, kept where its windows contain the local time that they name. */

import { parseInstant } from '../base/instant.ts'
import { nextFixed, nextOnWall, previousFixed, previousOnWall } from './calendar.ts'
import type { Names, Zone } from './calendar.ts'
import type { Clause, Literal } from './clauses.ts'
import { isMoment, isWindow } from './condition.ts'
import type { Moment } from './moment.ts'
import { tableOf } from './days.ts'
import { nextInterval, previousInterval } from './intervals.ts'
import { partOf } from './leaf-parts.ts'
import type { NamedDateSets, Part } from './leaf-parts.ts'
import { LocalRule, NOWHERE } from './local-rule.ts'
import type { Windows } from './local-rule.ts'
import { overlap, WHOLE_DAY } from './spans.ts'
import type { Spans } from './spans.ts'
import { DAY_MS } from './time-of-day.ts'
import { commonTimes } from './time-sets.ts'

/** A clause, compiled. */
export interface ClauseMoments {
  readonly moments: Moments
  /** The local times its windows contain; null where it has none. */
  readonly windows: Windows | null
}

/** How the instants of a clause are found. */
export type Moments =
  | { readonly kind: 'none' }
  | NamedMoments
  | { readonly kind: 'interval'; readonly everyMs: number }
  | Single

/** Instants that the wall names. */
export interface NamedMoments {
  readonly kind: 'named'
  readonly names: Names
  readonly isFixed: boolean
  readonly isCounted: boolean
}

/** One instant, counted from the epoch or from the anchor; other moments joined to it must name it too. */
interface Single {
  readonly kind: 'single'
  readonly at: number
  readonly isFromAnchor: boolean
  readonly and: Moments
}

/** Compiles one clause. Facts in it are left to those who know them, as are dates by name where `sets` is null. */
export const compileClause = (clause: Clause, sets: NamedDateSets | null = null): ClauseMoments => {
  const parts = clause.map(literal => partOf(literal, sets))
  const windows = parts.filter((_, index) => isKnownWindow(clause[index], sets))
  return { moments: momentsOf(clause, parts), windows: windows.length === 0 ? null : namesOf(windows) }
}

const isKnownWindow = (literal: Literal | undefined, sets: NamedDateSets | null): boolean =>
  literal !== undefined && isWindow(literal.leaf) && (sets !== null || literal.leaf.kind !== 'named dates')

/** The first moment after `after`, or NaN. */
export const nextMoment = ({ moments, windows }: ClauseMoments, zone: Zone, after: number, anchor: number): number => {
  switch (moments.kind) {
    case 'none':
      return Number.NaN
    case 'named':
      return nextNamed(moments, zone, after, anchor)
    case 'interval':
      return nextInterval(moments.everyMs, windows, zone, after, anchor)
    case 'single': {
      const at = instantOf(moments, anchor)
      return at > after && holdsAt(moments, windows, zone, at, anchor) ? at : Number.NaN
    }
    default:
      return moments satisfies never
  }
}

/** The last moment before `before`, or NaN. */
export const previousMoment = (
  { moments, windows }: ClauseMoments,
  zone: Zone,
  before: number,
  anchor: number,
): number => {
  switch (moments.kind) {
    case 'none':
      return Number.NaN
    case 'named': {
      const search = moments.isFixed ? previousFixed : previousOnWall
      const at = search(zone, moments.names, before, anchorDayOf(moments, zone, anchor))
      return moments.isCounted && at < anchor ? Number.NaN : at
    }
    case 'interval':
      return previousInterval(moments.everyMs, windows, zone, before, anchor)
    case 'single': {
      const at = instantOf(moments, anchor)
      return at < before && holdsAt(moments, windows, zone, at, anchor) ? at : Number.NaN
    }
    default:
      return moments satisfies never
  }
}

/** Whether the wall shows a time that the windows contain. */
export const isOpen = ({ windows }: ClauseMoments, zone: Zone, at: number): boolean => {
  const local = zone.local(at)
  return windows === null || windows.from(local, 0) === local
}

const nextNamed = (moments: NamedMoments, zone: Zone, after: number, anchor: number): number => {
  const search = moments.isFixed ? nextFixed : nextOnWall
  const start = moments.isCounted ? Math.max(after, anchor - 1) : after
  return search(zone, moments.names, start, anchorDayOf(moments, zone, anchor))
}

/** The local day that counts begin from. */
export const anchorDayOf = (moments: NamedMoments, zone: Zone, anchor: number): number =>
  moments.isCounted ? Math.floor(zone.local(anchor) / DAY_MS) : 0

const instantOf = (moments: Single, anchor: number): number => (moments.isFromAnchor ? anchor : 0) + moments.at

const holdsAt = (moments: Single, windows: Windows | null, zone: Zone, at: number, anchor: number): boolean => {
  const local = zone.local(at)
  if (windows !== null && windows.from(local, 0) !== local) return false
  return moments.and.kind === 'none' || nextMoment({ moments: moments.and, windows }, zone, at - 1, anchor) === at
}

const namesOf = (parts: readonly Part[]): Windows => {
  const times = commonTimes(
    parts.flatMap(part => part.times),
    parts.map(part => part.spans).reduce(overlap, WHOLE_DAY),
  )
  const within = parts.map(part => part.within).reduce(overlapOrAll, null)
  if (times === null || within?.length === 0) return NOWHERE
  const days = tableOf(parts.flatMap(part => part.days))
  return new LocalRule({ days, times, within, counts: parts.flatMap(part => part.counts) })
}

const overlapOrAll = (a: Spans | null, b: Spans | null): Spans | null =>
  a === null ? b : b === null ? a : overlap(a, b)

const momentsOf = (clause: Clause, parts: readonly Part[]): Moments => {
  const moments = clause.map(({ leaf }) => leaf).filter(isMoment)
  const interval = moments.find(moment => moment.kind === 'interval')
  if (interval !== undefined) return { kind: 'interval', everyMs: interval.everyMs }
  const singles = moments.flatMap(singleOf)
  const named = singles.length === moments.length ? NO_MOMENTS : namedBy(parts)
  return singles.reduce<Moments>((rest, single) => ({ ...single, and: rest }), named)
}

const NO_MOMENTS: Moments = { kind: 'none' }

const namedBy = (parts: readonly Part[]): Moments => ({
  kind: 'named',
  names: namesOf(parts),
  isFixed: parts.some(part => part.isFixed),
  isCounted: parts.some(part => part.counts.length > 0),
})

const singleOf = (leaf: Moment): readonly Omit<Single, 'and'>[] => {
  if (leaf.kind === 'soon') return [{ kind: 'single', at: leaf.inMs, isFromAnchor: true }]
  if (leaf.kind === 'once' && leaf.at.endsWith('Z')) {
    return [{ kind: 'single', at: parseInstant(leaf.at), isFromAnchor: false }]
  }
  return []
}
