/** Which page of a query is asked next, if any. Guards against sources that page in circles look at items, never at cursors. */

import { RotaError } from '../base/errors.ts'
import { findInPage } from './extract/html.ts'
import { pageOf } from './extract/page.ts'
import { findAt } from './extract/place.ts'
import type { Place } from './extract/place.ts'
import type { Answer } from './fetch/answer.ts'
import { nextLink } from './fetch/link.ts'

/** How a source is paged. Each kind may have `max`, the most pages of one unit; without it a unit is cut off after 100. */
export type PageOptions =
  /** `page.number` counts up from `first` (default 1). A page with fewer than `size` items is the last, where `size` is given. */
  | { readonly by: 'number'; readonly first?: number; readonly size?: number; readonly max?: number }
  /** `page.offset` counts up by `size`. */
  | { readonly by: 'offset'; readonly size: number; readonly max?: number }
  /** `page.cursor` is what stood `at` that place in the last answer; missing, null or blank: that was the last page. */
  | { readonly by: 'cursor'; readonly at: Place; readonly max?: number }
  /** The address that stood `at` that place is asked. Default: the Link header's `next`, else `rel=next` in the page. */
  | { readonly by: 'link'; readonly at?: Place; readonly max?: number }

/** Which page is asked for. */
export interface PageMark {
  /** Counts up from `pages.first`, or 1. */
  readonly number: number
  /** How many items of earlier pages to pass over, where pages are counted by offset. */
  readonly offset: number
  /** What the last answer gave, where pages are told by a cursor; null for the first page. */
  readonly cursor: string | null
}

/** Where a unit stands in its pages. */
export interface Position {
  readonly mark: PageMark
  /** The address to ask instead of the source's own, where pages are linked. */
  readonly address: string | null
  /** How many pages were asked before. */
  readonly before: number
  readonly emptyInARow: number
}

/** How a page went: how many items, and how many of them this unit had not met before. */
export interface PageCount {
  readonly items: number
  readonly fresh: number
}

export type NextPage =
  | { readonly kind: 'page'; readonly position: Position }
  | { readonly kind: 'end' }
  /** There is more, but a unit nobody set a `max` for is not followed for ever. */
  | { readonly kind: 'cut off'; readonly after: number }

const MOST_PAGES = 100
// Some sources give an empty page and go on after it (Facebook's feeds do).
const MOST_EMPTY_IN_A_ROW = 3

const END: NextPage = { kind: 'end' }

export const firstPage = (paging: PageOptions | null): Position => ({
  mark: { number: paging?.by === 'number' ? (paging.first ?? 1) : 1, offset: 0, cursor: null },
  address: null,
  before: 0,
  emptyInARow: 0,
})

/** The page after one, told from how it went and from what it says of the next. */
export const nextPage = (
  paging: PageOptions | null,
  position: Position,
  count: PageCount,
  said: string | null,
): NextPage => {
  if (paging === null || goesInCircles(count)) return END
  const emptyInARow = count.items === 0 ? position.emptyInARow + 1 : 0
  if (isLast(paging, count, said, emptyInARow)) return END
  const before = position.before + 1
  if (before >= (paging.max ?? MOST_PAGES)) return paging.max === undefined ? { kind: 'cut off', after: before } : END
  const offset = position.mark.offset + (paging.by === 'offset' ? paging.size : 0)
  const mark = { number: position.mark.number + 1, offset, cursor: paging.by === 'cursor' ? said : null }
  return { kind: 'page', position: { mark, address: paging.by === 'link' ? said : null, before, emptyInARow } }
}

/** What an answer says of the page after it: a cursor, an address, or null. */
export const saidOfNext = async (paging: PageOptions | null, answer: Answer): Promise<string | null> => {
  if (paging === null || paging.by === 'number' || paging.by === 'offset') return null
  const said = paging.at === undefined ? await linkIn(answer) : await findAt(answer, paging.at)
  if (typeof said === 'number') return String(said)
  return typeof said === 'string' && said.trim() !== '' ? said : null
}

/**
 * Checks how a source is paged.
 *
 * @throws RotaError OPTION_INVALID
 */
export const checkPaging = (paging: PageOptions): PageOptions => {
  if (!['number', 'offset', 'cursor', 'link'].includes(paging.by)) {
    throw new RotaError(
      'OPTION_INVALID',
      `pages.by is ${JSON.stringify(paging.by)}; it is 'number', 'offset', 'cursor' or 'link'.`,
    )
  }
  if (paging.max !== undefined) checkCount('max', paging.max, 1)
  if (paging.by === 'offset' || (paging.by === 'number' && paging.size !== undefined))
    checkCount('size', paging.size, 1)
  if (paging.by === 'number' && paging.first !== undefined) checkCount('first', paging.first, 0)
  if (paging.by === 'cursor' && paging.at === undefined)
    throw new RotaError('OPTION_INVALID', 'pages.at is missing: where the cursor stands.')
  return paging
}

const goesInCircles = (count: PageCount): boolean => count.items > 0 && count.fresh === 0

const isLast = (paging: PageOptions, count: PageCount, said: string | null, emptyInARow: number): boolean => {
  switch (paging.by) {
    case 'number':
    case 'offset':
      return count.items === 0 || (paging.size !== undefined && count.items < paging.size)
    case 'cursor':
    case 'link':
      return said === null || emptyInARow >= MOST_EMPTY_IN_A_ROW
    default:
      return paging satisfies never
  }
}

const linkIn = async (answer: Answer): Promise<string | null> => {
  const linked = nextLink(answer)
  if (linked !== null || !answer.text.includes('<')) return linked
  return findInPage(await pageOf(answer), 'link[rel~="next"], a[rel~="next"]@href') ?? null
}

const checkCount = (name: string, value: unknown, least: number): void => {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= 1_000_000) return
  throw new RotaError('OPTION_INVALID', `pages.${name} is ${String(value)}; it is a whole number from ${least}.`)
}
