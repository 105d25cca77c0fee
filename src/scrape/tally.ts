/** What a unit has gathered so far, and the judgement of the whole when it is over. */

import { addCounts, noItems } from '../domain/unit.ts'
import type { ItemCounts, UnitState, Verdict } from '../domain/unit.ts'
import type { Instant } from '../base/instant.ts'
import type { Objection } from './fetch/judge.ts'

export interface Tally {
  readonly pagesRead: number
  readonly items: ItemCounts
  readonly objections: readonly Objection[]
  /** Whether every answer was what it was before. */
  readonly unchanged: boolean
  /** How many items the source says it holds. */
  readonly total: number | null
  /** After how many pages it was cut off though there was more. */
  readonly cutOff: number | null
}

/** What one page adds. */
export interface PageTally {
  readonly items: ItemCounts
  readonly objections: readonly Objection[]
  readonly unchanged: boolean
  readonly total: number | null
}

export interface Judgement {
  readonly state: UnitState
  readonly verdict: Verdict
  readonly detail: string | null
  /** When to come back, where a failed unit was told so. */
  readonly until: Instant | null
}

export const noTally: Tally = {
  pagesRead: 0,
  items: noItems,
  objections: [],
  unchanged: true,
  total: null,
  cutOff: null,
}

export const withPage = (tally: Tally, page: PageTally): Tally => ({
  ...tally,
  pagesRead: tally.pagesRead + 1,
  items: addCounts(tally.items, page.items),
  objections: [...tally.objections, ...page.objections],
  unchanged: tally.unchanged && page.unchanged,
  // The newest answer knows best.
  total: page.total ?? tally.total,
})

export const withObjection = (tally: Tally, objection: Objection): Tally => ({
  ...tally,
  objections: [...tally.objections, objection],
})

/** What a unit comes to. */
export const judgeTally = (
  tally: Tally,
  expects: { readonly empty: boolean; readonly showsEmpty: boolean },
): Judgement => {
  if (tally.pagesRead === 0 || tally.items.seen === 0) return withoutItems(tally, expects)
  if (tally.objections.length > 0) return objected('partial', tally.objections)
  if (tally.total !== null && tally.total > tally.items.seen) {
    return judgement('partial', 'truncated', `the source says it holds ${tally.total}, ${tally.items.seen} came`)
  }
  if (tally.cutOff !== null) {
    return judgement(
      'partial',
      'truncated',
      `cut off after ${tally.cutOff} pages though there are more; pages.max sets how many`,
    )
  }
  return judgement('succeeded', tally.unchanged ? 'unchanged' : 'ok', null)
}

const withoutItems = (tally: Tally, expects: { readonly empty: boolean; readonly showsEmpty: boolean }): Judgement => {
  if (tally.objections.length > 0) return objected('failed', tally.objections)
  if (tally.total !== null && tally.total > 0) {
    return judgement('failed', 'truncated', `the source says it holds ${tally.total}, none came`)
  }
  if (expects.empty) return judgement('succeeded', 'empty', null)
  return expects.showsEmpty
    ? judgement('failed', 'empty', 'no items, where some are expected')
    : judgement('failed', 'contract', 'nothing matches the selector of the items; the page may have changed')
}

const judgement = (state: UnitState, verdict: Verdict, detail: string | null): Judgement => ({
  state,
  verdict,
  detail,
  until: null,
})

const objected = (state: UnitState, objections: readonly Objection[]): Judgement => {
  const [first = { verdict: 'not_measured', detail: '' } as const] = objections
  const more = objections.length - 1
  const detail = more === 0 ? first.detail : `${first.detail}; and ${more} more`
  return { state, verdict: first.verdict, detail, until: state === 'failed' ? (first.until ?? null) : null }
}
