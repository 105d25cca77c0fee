/** Reads JSON by paths (RFC 9535). */

import type { Json } from '../../base/json.ts'
import type { FieldSpecs, Reader } from './reader.ts'

/** Fields of an item from JSON: what stands there, or null where nothing does; in brackets a list. */
export type JsonItem<F extends FieldSpecs> = { readonly [K in keyof F]: F[K] extends string ? Json : readonly Json[] }

export type JsonObject = { readonly [key: string]: Json }

/**
 * Reads JSON: the items at a path (a list, or `[*]` of one), each as it is, or as the fields that paths within it name.
 * Where the list itself is missing the answer is not what was promised; an empty list is an empty list.
 *
 * The type of items without fields is a claim of yours; a `schema` on the source checks it.
 *
 * @example json({ items: '$.features[*]', fields: { id: '$.id', place: '$.properties.place' } })
 */
export declare const json: {
  <const F extends FieldSpecs>(options: { readonly items: string; readonly fields: F }): Reader<JsonItem<F>>
  <Item extends object = JsonObject>(options: { readonly items: string }): Reader<Item>
}
