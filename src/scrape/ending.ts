/** What a run comes to, told from what its units came to. */

import type { Instant } from '../base/instant.ts'
import { addCounts, noItems } from '../domain/unit.ts'
import type { ItemCounts, Unit } from '../domain/unit.ts'

/** A unit that is over; with `until` where it was told to come back then. */
export interface UnitEnd {
  readonly unit: Unit
  readonly until: Instant | null
}

/** The result of a run: counts, and the units by source and query; of very many units only the first. */
export interface CollectResult {
  readonly units: { readonly succeeded: number; readonly partial: number; readonly failed: number }
  readonly items: ItemCounts
  readonly requests: number
  readonly byUnit: Readonly<Record<string, UnitResult>>
}

export interface UnitResult extends ItemCounts {
  readonly state: Unit['state']
  readonly verdict: Unit['verdict']
}

export type Ending =
  | { readonly kind: 'succeeded'; readonly result: CollectResult }
  | { readonly kind: 'partial'; readonly result: CollectResult; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'told to wait'; readonly until: Instant; readonly reason: string }

const MOST_UNITS_SHOWN = 200
const MOST_REASONS = 5

/** The ending of a run with these units. One that failed beside one that did not makes the run partial, whatever it needs. */
export const endingOf = (ends: readonly UnitEnd[]): Ending => {
  const bad = ends.filter(end => end.unit.state !== 'succeeded')
  if (bad.length === 0) return { kind: 'succeeded', result: resultOf(ends) }
  const reasons = reasonsOf(bad)
  if (bad.length < ends.length || bad.some(end => end.unit.state === 'partial'))
    return { kind: 'partial', result: resultOf(ends), detail: reasons }
  const waits = ends.flatMap(end => end.until ?? [])
  const until = waits.length === ends.length ? waits.toSorted((a, b) => a - b)[0] : undefined
  return until === undefined ? { kind: 'failed', reason: reasons } : { kind: 'told to wait', until, reason: reasons }
}

const resultOf = (ends: readonly UnitEnd[]): CollectResult => {
  const units = ends.map(end => end.unit)
  const inState = (state: Unit['state']): number => units.filter(unit => unit.state === state).length
  return {
    units: { succeeded: inState('succeeded'), partial: inState('partial'), failed: inState('failed') },
    items: units.map(unit => unit.items).reduce(addCounts, noItems),
    requests: units.reduce((sum, unit) => sum + unit.requests, 0),
    byUnit: Object.fromEntries(units.slice(0, MOST_UNITS_SHOWN).map(unit => [nameOf(unit), unitResult(unit)])),
  }
}

const unitResult = ({ state, verdict, items }: Unit): UnitResult => ({ state, verdict, ...items })

const nameOf = (unit: Unit): string => (unit.query === '' ? unit.source : `${unit.source}: ${unit.query}`)

const reasonsOf = (bad: readonly UnitEnd[]): string => {
  const told = bad
    .slice(0, MOST_REASONS)
    .map(({ unit }) => `${nameOf(unit)}: ${unit.verdict}${unit.detail === null ? '' : ` (${unit.detail})`}`)
  const more = bad.length - told.length
  return more === 0 ? told.join('; ') : `${told.join('; ')}; and ${more} more`
}
