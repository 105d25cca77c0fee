/** Workers over HTTP: the processes that execute runs, and whether they go on. */

import type { App } from '../rota.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { pageShape, workerOut, workerShape } from './shapes.ts'

export const workerRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/workers',
    summary: 'The processes that execute runs, by when they started.',
    answer: pageShape('workers', workerShape),
    handle: async () => ({ workers: (await app.workers()).map(workerOut), next: null }),
  }),
]
