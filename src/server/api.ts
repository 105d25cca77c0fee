/** The JSON API over an app: every address, and the description of them all. It asks the app, and decides nothing. */

import { z } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { App } from '../app.ts'
import { Events } from './events.ts'
import { liveRoute } from './live.ts'
import { noticeRoutes } from './notices.ts'
import { queueRoutes } from './queues.ts'
import { serve } from './route.ts'
import type { ApiEnv, Route } from './route.ts'
import { runRoutes } from './runs.ts'
import { scheduleRoutes } from './schedules.ts'
import { sourceRoutes } from './sources.ts'
import { statusRoutes } from './status.ts'
import { workerRoutes } from './workers.ts'

export interface ApiOptions {
  /** Hears of what went wrong inside. Default: silent. */
  readonly log?: Log
  /** Beats the heart of event streams. Default: the machine's. */
  readonly clock?: Clock
  /** Ends every event stream when it aborts. */
  readonly signal?: AbortSignal
}

/**
 * The API as an app of its own, without a socket and without a guard: `listen` adds both.
 *
 * @example const answer = await api(app).request('/api/v1/status')
 */
export const api = (app: App, { log = silentLog, clock = systemClock(), signal }: ApiOptions = {}): Hono<ApiEnv> => {
  const events = new Events(app, clock)
  if (signal?.aborted) events.close()
  else signal?.addEventListener('abort', () => events.close(), { once: true })

  const routes = [
    ...statusRoutes(app),
    ...scheduleRoutes(app),
    ...runRoutes(app),
    ...queueRoutes(app),
    ...workerRoutes(app),
    ...sourceRoutes(app),
    ...noticeRoutes(app),
    liveRoute(events),
    descriptionRoute(() => describe()),
  ]
  const hono = serve(routes, error =>
    log.error('a request could not be answered', { error: asError(error).stack ?? String(error) }),
  )
  // Making the description takes longer than all the rest, and few ask for it.
  let description: object | undefined
  const describe = (): object => (description ??= hono.getOpenAPI31Document({ openapi: '3.1.0', info }))
  return hono
}

const info = {
  title: 'Rota',
  version: '1',
  description:
    'Schedules, runs and sources of one Rota. Times are UTC ISO text; lists are pages; errors are problem+json.',
}

const descriptionRoute = (description: () => object): Route => ({
  method: 'get',
  path: '/api/v1/openapi.json',
  description: {
    method: 'get',
    path: '/api/v1/openapi.json',
    summary: 'This description.',
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
      },
    },
  },
  answer: async () => Response.json(description()),
})
