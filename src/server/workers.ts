/** Workers over HTTP: the processes that execute runs, and whether they go on. */

import { RotaError } from '../base/errors.ts'
import type { App, WorkerStatus } from '../app.ts'
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

  route({
    method: 'post',
    path: '/api/v1/workers/{worker}/drain',
    summary: 'Lets a worker take nothing new: what it executes goes on, and all else is left to others.',
    answer: workerShape,
    refuses: ['WORKER_UNKNOWN'],
    handle: async ({ part, by }) => {
      await app.drain(part('worker'), by)
      return workerOut(await named(app, part('worker')))
    },
  }),

  route({
    method: 'post',
    path: '/api/v1/workers/{worker}/undrain',
    summary: 'Lets it take again.',
    answer: workerShape,
    refuses: ['WORKER_UNKNOWN'],
    handle: async ({ part, by }) => {
      await app.undrain(part('worker'), by)
      return workerOut(await named(app, part('worker')))
    },
  }),
]

const named = async (app: App, name: string): Promise<WorkerStatus> => {
  const worker = (await app.workers()).find(one => one.worker === name)
  // It left in this very moment.
  if (worker === undefined) throw new RotaError('WORKER_UNKNOWN')
  return worker
}
