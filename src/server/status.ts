/** How the whole is doing, over HTTP: for a person, and for what watches over processes. */

import { z } from '@hono/zod-openapi'
import { isRotaError } from '../base/errors.ts'
import type { App } from '../app.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { statusOut, statusShape } from './shapes.ts'

export const statusRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/status',
    summary: 'How the whole is doing, in one look.',
    answer: statusShape,
    handle: async () => statusOut(await app.status()),
  }),

  route({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process answers at all.',
    answer: z.object({ alive: z.literal(true) }),
    handle: () => ({ alive: true as const }),
  }),

  readiness(app),
]

// The same body with either status, so it is no problem+json: what asks here wants the status and perhaps the words.
const readiness = (app: App): Route => {
  const schema = z.object({ ready: z.boolean(), problems: z.array(z.string()).readonly() })
  const content = { 'application/json': { schema } }
  return {
    method: 'get',
    path: '/readyz',
    description: {
      method: 'get',
      path: '/readyz',
      summary: 'Whether Rota can do its work.',
      responses: {
        200: { description: 'It can.', content },
        503: { description: 'It cannot, and says why.', content },
      },
    },
    answer: async () => {
      const problems = await problemsOf(app)
      const ready = problems.length === 0
      return Response.json({ ready, problems }, { status: ready ? 200 : 503, headers: { 'Cache-Control': 'no-store' } })
    },
  }
}

const problemsOf = async (app: App): Promise<readonly string[]> => {
  try {
    const { problems, startedAt } = await app.status()
    return startedAt === null && problems.length === 0 ? ['it is open, but not started'] : problems
  } catch (error) {
    return [isRotaError(error) ? error.message : 'its state cannot be read']
  }
}
