/** Runs over HTTP: the list and its filters, one run, its lines, and what can be asked of it. */

import { z } from '@hono/zod-openapi'
import { RotaError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { runStates } from '../domain/run.ts'
import type { App } from '../app.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { cursorText, filterName, limit, oneOrMore } from './fields.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import {
  flowOut,
  flowShape,
  lineOut,
  lineShape,
  pageShape,
  runDetailsOut,
  runDetailsShape,
  runExplanationOut,
  runExplanationShape,
  runOut,
  runShape,
} from './shapes.ts'

export const runRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/runs',
    summary: 'Runs, newest first.',
    query: {
      state: oneOrMore(runStates).optional(),
      task: filterName('task'),
      schedule: filterName('schedule'),
      source: filterName('source'),
      limit: limit(50),
      cursor: cursorText,
    },
    answer: pageShape('runs', runShape),
    refuses: ['CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ query: { state, task, schedule, source, limit, cursor } }) => {
      const runs = await app.runs.list({
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: readCursor('runs', cursor, [0])[0] as RunId }),
        ...(state === undefined ? {} : { states: state }),
        ...(task === undefined ? {} : { task }),
        ...(schedule === undefined ? {} : { schedule }),
        ...(source === undefined ? {} : { source }),
      })
      const page = runs.slice(0, limit)
      const last = runs.length > limit ? page.at(-1) : undefined
      return { runs: page.map(runOut), next: last === undefined ? null : writeCursor('runs', last.id) }
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/runs/{id}',
    summary: 'One run, with its attempts and units.',
    answer: runDetailsShape,
    refuses: ['RUN_UNKNOWN'],
    handle: async ({ part }) => runDetailsOut(await app.runs.get(readRunId(part('id')))),
  }),

  route({
    method: 'get',
    path: '/api/v1/runs/{id}/flow',
    summary: 'The flow that a run stands for, or that it is a step of: its runs, and which comes after which.',
    query: { limit: limit(200), cursor: cursorText },
    answer: z.object({ flow: flowShape, next: z.string().nullable() }),
    refuses: ['RUN_UNKNOWN', 'FLOW_UNKNOWN', 'CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ part, query: { limit, cursor } }) => {
      const after = cursor === undefined ? {} : { after: readCursor('nodes', cursor, [0])[0] as RunId }
      const flow = await app.runs.flow(readRunId(part('id')), { limit, ...after })
      return { flow: flowOut(flow), next: flow.next === null ? null : writeCursor('nodes', flow.next) }
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/runs/{id}/explanation',
    summary: 'Why a run is there and why it is as it is, with its schedule as it was then.',
    answer: runExplanationShape,
    refuses: ['RUN_UNKNOWN'],
    handle: async ({ part }) => runExplanationOut(await app.runs.explain(readRunId(part('id')))),
  }),

  route({
    method: 'get',
    path: '/api/v1/runs/{id}/logs',
    summary: 'The lines of a run, in order. `next` is null where no more are stored yet.',
    query: { limit: limit(200), cursor: cursorText },
    answer: pageShape('lines', lineShape),
    refuses: ['RUN_UNKNOWN', 'CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ part, query: { limit, cursor } }) => {
      const id = readRunId(part('id'))
      await app.runs.get(id)
      const after = cursor === undefined ? 0 : readCursor('lines', cursor, [0])[0]
      const lines = await app.runs.logs(id, after, limit + 1)
      const page = lines.slice(0, limit)
      const last = lines.length > limit ? page.at(-1) : undefined
      return { lines: page.map(lineOut), next: last === undefined ? null : writeCursor('lines', last.seq) }
    },
  }),

  route({
    method: 'post',
    path: '/api/v1/tasks/{name}/runs',
    summary: 'Wants a run of a task, now.',
    body: {
      input: z.unknown().optional().openapi({ description: 'Any JSON that fits the task. Default null.' }),
      priority: z.number().optional().openapi({ description: '0 to 9, 9 first. Default: that of the task.' }),
    },
    answer: runShape,
    status: 201,
    location: run => `/api/v1/runs/${run.id}`,
    refuses: ['TASK_UNKNOWN', 'INPUT_INVALID', 'OPTION_INVALID', 'JSON_INVALID'],
    handle: async ({ part, body: { input = null, priority }, by }) => {
      const options = { input: input as Json, by, ...(priority === undefined ? {} : { priority }) }
      return runOut(await app.run(part('name'), options))
    },
  }),

  route({
    method: 'post',
    path: '/api/v1/runs/{id}/cancellations',
    summary:
      'Cancels a run: at once while it waits; one that is running is asked to stop, and says itself when it is over.',
    answer: runShape,
    status: 202,
    refuses: ['RUN_UNKNOWN', 'RUN_ALREADY_OVER'],
    handle: async ({ part, by }) => runOut(await app.runs.cancel(readRunId(part('id')), by)),
  }),

  route({
    method: 'post',
    path: '/api/v1/runs/{id}/retries',
    summary: 'A new run of the same task with the same input.',
    answer: runShape,
    status: 201,
    location: run => `/api/v1/runs/${run.id}`,
    refuses: ['RUN_UNKNOWN', 'TASK_UNKNOWN'],
    handle: async ({ part, by }) => runOut(await app.runs.again(readRunId(part('id')), by)),
  }),
]

/** @throws RotaError RUN_UNKNOWN when the text is no number that a run can have */
export const readRunId = (text: string): RunId => {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(id)) return id as RunId
  throw new RotaError('RUN_UNKNOWN', `'${text.slice(0, 40)}' is not the number of a run.`)
}
