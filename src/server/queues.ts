/** Queues over HTTP: the list, and pausing and resuming one of them or everything. */

import { z } from '@hono/zod-openapi'
import type { App } from '../app.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { pauseFields, pauseOut, pauseShape, queueOut, queueShape } from './shapes.ts'

export const queueRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/queues',
    summary: 'Queues, by name.',
    answer: z.object({ queues: z.array(queueShape) }),
    handle: async () => ({ queues: (await app.queues()).map(queueOut) }),
  }),

  route({
    method: 'post',
    path: '/api/v1/queues/{name}/pause',
    summary: 'Pauses a queue: nothing of it starts until it is resumed, or the time is over; what runs goes on.',
    body: pauseFields,
    answer: pauseShape,
    refuses: ['QUEUE_UNKNOWN', 'OPTION_INVALID', 'DURATION_UNREADABLE'],
    handle: async ({ part, body, by }) => pauseOut(await app.pause({ queue: part('name'), by, ...given(body) })),
  }),

  route({
    method: 'post',
    path: '/api/v1/queues/{name}/resume',
    summary: 'Lifts the pause of a queue: what waited starts.',
    answer: resumed,
    refuses: ['QUEUE_UNKNOWN'],
    handle: async ({ part, by }) => ({ resumed: await app.resume({ queue: part('name'), by }) }),
  }),

  route({
    method: 'post',
    path: '/api/v1/pause',
    summary: 'Pauses everything: nothing starts until it is resumed, or the time is over; what runs goes on.',
    body: pauseFields,
    answer: pauseShape,
    refuses: ['OPTION_INVALID', 'DURATION_UNREADABLE'],
    handle: async ({ body, by }) => pauseOut(await app.pause({ by, ...given(body) })),
  }),

  route({
    method: 'post',
    path: '/api/v1/resume',
    summary: 'Lifts the pause of everything. Queues and schedules that are paused stay so.',
    answer: resumed,
    handle: async ({ by }) => ({ resumed: await app.resume({ by }) }),
  }),
]

const resumed = z.object({ resumed: z.boolean().openapi({ description: 'Whether it was paused.' }) })

type PauseBody = { readonly [K in keyof typeof pauseFields]?: z.output<(typeof pauseFields)[K]> }

const given = ({ why, for: length }: PauseBody): Pick<Parameters<App['pause']>[0], 'why' | 'for'> => ({
  ...(why === undefined ? {} : { why }),
  ...(length === undefined ? {} : { for: length }),
})
