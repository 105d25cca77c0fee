/** Which page of a query is asked next, if any. Guards against sources that page in circles look at items, never at cursors. */

import type { Place } from './extract/place.ts'

/** How a source is paged. Each kind may have `max`, the most pages of one unit: default 100. */
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
