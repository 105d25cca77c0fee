/** Notices over HTTP: what was told, to whom, and whether it arrived. */

import type { App } from '../app.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { cursorText, limit } from './fields.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { noticeOut, noticeShape, pageShape } from './shapes.ts'

export const noticeRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/notices',
    summary: 'Notices and what became of them, newest first.',
    query: { limit: limit(50), cursor: cursorText },
    answer: pageShape('notices', noticeShape),
    refuses: ['CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ query: { limit, cursor } }) => {
      const notices = await app.notices.list({
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: readCursor('notices', cursor, [0])[0] }),
      })
      const page = notices.slice(0, limit)
      const last = notices.length > limit ? page.at(-1) : undefined
      return { notices: page.map(noticeOut), next: last === undefined ? null : writeCursor('notices', last.number) }
    },
  }),
]
