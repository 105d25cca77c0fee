/** Reads pages by CSS selectors. */

import type { FieldSpecs, Reader } from './reader.ts'

/** Fields of an item from a page: text, or null where there is none; in brackets a list. */
export type HtmlItem<F extends FieldSpecs> = {
  readonly [K in keyof F]: F[K] extends string ? string | null : readonly string[]
}

/**
 * Reads a page: one item for each element that `items` matches, or a single item for the whole page without it.
 * A field is a selector within the item (`h1`: its text, spaces collapsed), a selector and an attribute (`a@href`;
 * addresses come out absolute), `@attribute` or `.` of the item itself; in brackets: all matches as a list.
 *
 * @example html({ items: 'article', fields: { title: 'h2', url: 'a@href', tags: ['.tag'] } })
 */
export declare const html: <const F extends FieldSpecs>(options: {
  readonly items?: string
  readonly fields: F
}) => Reader<HtmlItem<F>>
