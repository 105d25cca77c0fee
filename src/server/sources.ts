/** Sources, their items, and the tasks, over HTTP. */

import type { Instant } from '../base/instant.ts'
import { instant } from '../base/instant.ts'
import type { App } from '../app.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { cursorText, limit } from './fields.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import {
  itemOut,
  itemShape,
  pageShape,
  sourceDetailsOut,
  sourceDetailsShape,
  sourceOut,
  sourceShape,
  taskOut,
  taskShape,
} from './shapes.ts'

const CHANGES = 50

export const sourceRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/sources',
    summary: 'Sources and their health, by name.',
    query: { limit: limit(50), cursor: cursorText },
    answer: pageShape('sources', sourceShape),
    refuses: ['CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ query }) => {
      const { rows, next } = pageByName('sources', await app.sources.list(), query)
      return { sources: rows.map(sourceOut), next }
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/sources/{name}',
    summary: 'One source, with the changes of its health, newest first.',
    answer: sourceDetailsShape,
    refuses: ['SOURCE_UNKNOWN'],
    handle: async ({ part }) => {
      const source = await app.sources.get(part('name'))
      return sourceDetailsOut(source, await app.sources.changes(source.name, CHANGES))
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/sources/{name}/items',
    summary: 'Items of a source, last changed first.',
    query: { limit: limit(50), cursor: cursorText },
    answer: pageShape('items', itemShape),
    refuses: ['SOURCE_UNKNOWN', 'CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ part, query: { limit, cursor } }) => {
      const source = await app.sources.get(part('name'))
      const items = await app.sources.items(source.name, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: itemPlace(cursor) }),
      })
      const page = items.slice(0, limit)
      const last = items.length > limit ? page.at(-1) : undefined
      return {
        items: page.map(itemOut),
        next: last === undefined ? null : writeCursor('items', last.changedAt, last.key),
      }
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/tasks',
    summary: 'Tasks, by name.',
    query: { limit: limit(50), cursor: cursorText },
    answer: pageShape('tasks', taskShape),
    refuses: ['CURSOR_INVALID', 'OPTION_INVALID'],
    handle: ({ query }) => {
      const { rows, next } = pageByName('tasks', app.tasks.list(), query)
      return { tasks: rows.map(taskOut), next }
    },
  }),
]

const itemPlace = (cursor: string): { readonly changedAt: Instant; readonly key: string } => {
  const [changedAt, key] = readCursor('items', cursor, [0, ''])
  return { changedAt: instant(changedAt), key }
}

/** One page of rows that are all at hand. */
const pageByName = <R extends { readonly name: string }>(
  list: string,
  all: readonly R[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly rows: readonly R[]; readonly next: string | null } => {
  const after = cursor === undefined ? null : readCursor(list, cursor, [''])[0]
  const sorted = all.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const left = after === null ? sorted : sorted.filter(row => row.name > after)
  const rows = left.slice(0, limit)
  return { rows, next: left.length > limit ? writeCursor(list, rows.at(-1)?.name ?? '') : null }
}
