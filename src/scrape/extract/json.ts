/** Reads JSON by paths (RFC 9535). */

import type { JSONPathQuery, JSONValue } from 'json-p3'
import type { Json } from '../../base/json.ts'
import { RotaError } from '../../base/errors.ts'
import type { Answer } from '../fetch/answer.ts'
import { brokenContract } from './reader.ts'
import type { FieldSpec, FieldSpecs, Reader } from './reader.ts'

/** Fields of an item from JSON: what stands there, or null where nothing does; in brackets a list. */
export type JsonItem<F extends FieldSpecs> = { readonly [K in keyof F]: F[K] extends string ? Json : readonly Json[] }

export type JsonObject = { readonly [key: string]: Json }

interface JsonReading {
  <const F extends FieldSpecs>(options: { readonly items: string; readonly fields: F }): Reader<JsonItem<F>>
  <Item extends object = JsonObject>(options: { readonly items: string }): Reader<Item>
}

/**
 * Reads JSON: the items at a path (a list, or `[*]` of one), each as it is, or as the fields that paths within it name.
 * Where the list itself is missing the answer is not what was promised; an empty list is an empty list.
 *
 * The type of items without fields is a claim of yours; a `schema` on the source checks it.
 *
 * @example json({ items: '$.features[*]', fields: { id: '$.id', place: '$.properties.place' } })
 */
export const json: JsonReading = (options: { readonly items: string; readonly fields?: FieldSpecs }): Reader<never> => {
  const { items } = options
  checkPath('items', items)
  const specs = options.fields === undefined ? null : Object.entries(options.fields)
  for (const [name, spec] of specs ?? []) checkPath(`the field '${name}'`, pathOf(spec))
  return {
    promised: 'json',
    showsEmpty: true,
    read: async answer => {
      const found = await itemsAt(items, answer.json)
      const fields = specs === null ? null : await Promise.all(specs.map(([name, spec]) => fieldFrom(name, spec)))
      return (fields === null ? found : found.map(item => itemFrom(item, fields))) as never[]
    },
  }
}

/** The first value at a path; undefined where nothing stands. */
export const findInJson = async (answer: Answer, path: string): Promise<Json | undefined> =>
  valuesAt(await compiled(path), answer.json)[0]

interface Field {
  readonly name: string
  readonly query: JSONPathQuery
  readonly list: boolean
}

const fieldFrom = async (name: string, spec: FieldSpec): Promise<Field> => ({
  name,
  query: await compiled(pathOf(spec)),
  list: typeof spec !== 'string',
})

const pathOf = (spec: FieldSpec): string => (typeof spec === 'string' ? spec : spec[0])

const checkPath = (what: string, path: unknown): void => {
  if (typeof path === 'string' && path.startsWith('$')) return
  throw new RotaError(
    'OPTION_INVALID',
    `json: ${what} is ${JSON.stringify(path)}; a path begins with $, like $.data.items[*].`,
  )
}

const itemFrom = (item: Json, fields: readonly Field[]): JsonObject =>
  Object.fromEntries(
    fields.map(({ name, query, list }) => {
      const values = valuesAt(query, item)
      return [name, list ? values : (values[0] ?? null)]
    }),
  )

const ALL = '[*]'

const itemsAt = async (path: string, json: Json): Promise<readonly Json[]> => {
  const spread = path.endsWith(ALL)
  const query = await compiled(spread ? path.slice(0, -ALL.length) : path)
  const found = valuesAt(query, json)
  const single = query.singularQuery()
  if (single && found.length === 0) throw brokenContract(`nothing stands at ${path}`)
  if (spread) return found.flatMap(list => membersOf(list, path))
  return single ? found.flatMap(list => listAt(list, path)) : found
}

const membersOf = (list: Json, path: string): readonly Json[] =>
  typeof list === 'object' && list !== null && !Array.isArray(list)
    ? Object.values(list as JsonObject)
    : listAt(list, path)

const listAt = (list: Json, path: string): readonly Json[] => {
  if (Array.isArray(list)) return list as readonly Json[]
  throw brokenContract(`no list stands at ${path}`)
}

const valuesAt = (query: JSONPathQuery, json: Json): readonly Json[] => {
  try {
    return query.query(json as JSONValue).values() as readonly Json[]
  } catch (error) {
    throw brokenContract(`the answer cannot be searched: ${(error as Error).message}`, error)
  }
}

const compiled = async (path: string): Promise<JSONPathQuery> => {
  const { compile } = await import('json-p3')
  try {
    return compile(path)
  } catch (error) {
    throw brokenContract(`'${path.slice(0, 100)}' is not a JSON path: ${(error as Error).message}`, error)
  }
}
