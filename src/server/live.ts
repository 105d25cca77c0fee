/** The address at which events are heard. */

import { z } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'
import { eventKinds } from './events.ts'
import type { Events } from './events.ts'
import { oneOrMore, readQuery } from './fields.ts'
import type { Route } from './route.ts'
import { readRunId } from './runs.ts'

const query = {
  kind: oneOrMore(eventKinds).optional(),
  run: z
    .string()
    .transform(readRunId)
    .optional()
    .openapi({ type: 'integer', description: 'Only what concerns this run.' }),
}

export const liveRoute = (events: Events): Route => ({
  method: 'get',
  path: '/api/v1/events',
  description,
  answer: async context => {
    const { kind, run } = readQuery(query, new URL(context.req.url).searchParams)
    // Nobody reads the stream of a HEAD: it would wait for ever.
    if (context.req.method === 'HEAD') return new Response(null, { headers })
    const { outgoing } = context.env ?? {}
    const after = context.req.header('last-event-id')
    const stream = events.listen({ kinds: kind, run, after }, outgoing && (() => void outgoing.destroy()))
    return new Response(stream, { headers })
  },
})

const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' }

const description: RouteConfig = {
  method: 'get',
  path: '/api/v1/events',
  summary:
    'What happens, as it happens: server-sent events of the kinds run, progress, schedule, health, log, trouble and notice.',
  description:
    'The data of a `run` event is a Run, of `health` a HealthChange, of `log` {run, lines}, of `progress` {run, progress}, of `schedule` {name, change}, of `trouble` {problems}. ' +
    'Who comes back with Last-Event-ID is told what was missed, or gets a `reset` event when that is no longer known: then ask for everything again.',
  request: { query: z.object(query) },
  responses: {
    200: { description: 'A stream that stays open.', content: { 'text/event-stream': { schema: z.string() } } },
  },
}
