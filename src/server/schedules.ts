/** Schedules over HTTP: the list, one of them, creating and removing, pausing and resuming. */

import { z } from '@hono/zod-openapi'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { App, ScheduleOptions } from '../app.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { cursorText, filterName, limit } from './fields.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import {
  pageShape,
  length,
  pauseFields,
  scheduleDetailsOut,
  scheduleDetailsShape,
  scheduleExplanationOut,
  scheduleExplanationShape,
  scheduleOut,
  scheduleShape,
} from './shapes.ts'
import { readOnWall } from '../when/on-wall.ts'

const UPCOMING = 10

export const scheduleRoutes = (app: App): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/schedules',
    summary: 'Schedules, by name.',
    query: { tag: filterName('tag'), limit: limit(50), cursor: cursorText },
    answer: pageShape('schedules', scheduleShape),
    refuses: ['CURSOR_INVALID', 'OPTION_INVALID'],
    handle: async ({ query: { tag, limit, cursor } }) => {
      const schedules = await app.schedules.list({
        limit: limit + 1,
        ...(cursor === undefined ? {} : { after: readCursor('schedules', cursor, [''])[0] }),
        ...(tag === undefined ? {} : { tag }),
      })
      const page = schedules.slice(0, limit)
      const lastRuns = await newestRuns(app, page)
      const last = schedules.length > limit ? page.at(-1) : undefined
      return {
        schedules: page.map(schedule => scheduleOut(schedule, app.schedules.upcoming(schedule, 1), lastRuns(schedule))),
        next: last === undefined ? null : writeCursor('schedules', last.name),
      }
    },
  }),

  route({
    method: 'get',
    path: '/api/v1/schedules/{name}',
    summary: 'One schedule, with its policies and its next ten instants.',
    answer: scheduleDetailsShape,
    refuses: ['SCHEDULE_UNKNOWN'],
    handle: async ({ part }) => details(app, await app.schedules.get(part('name'))),
  }),

  route({
    method: 'get',
    path: '/api/v1/schedules/{name}/explanation',
    summary: 'Why a schedule does or did nothing, or what it did: now, or at an instant that is past.',
    query: {
      at: z.string().optional().openapi({
        description: 'With an offset, or as the wall of its zone shows it. Default: now.',
        example: '2026-11-22T09:00:00Z',
      }),
    },
    answer: scheduleExplanationShape,
    refuses: ['SCHEDULE_UNKNOWN', 'INSTANT_UNREADABLE', 'OPTION_INVALID'],
    handle: async ({ part, query: { at } }) => {
      const { name, timezone } = await app.schedules.get(part('name'))
      const asked = at === undefined ? undefined : readOnWall(at, timezone)
      return scheduleExplanationOut(await app.schedules.explain(name, asked))
    },
  }),

  route({
    method: 'post',
    path: '/api/v1/schedules',
    summary: 'Creates a schedule.',
    body: wanted,
    answer: scheduleDetailsShape,
    status: 201,
    location: schedule => `/api/v1/schedules/${encodeURIComponent(schedule.name)}`,
    refuses: [
      'SCHEDULE_EXISTS',
      'TASK_UNKNOWN',
      'CONDITION_UNREADABLE',
      'CONDITION_TOO_LONG',
      'CONDITION_NEVER',
      'CONDITION_INCOMPLETE',
      'CONDITION_REFUSED',
      'PREDICATE_UNKNOWN',
      'CALENDAR_UNKNOWN',
      'TIMEZONE_UNKNOWN',
      'NAME_INVALID',
      'OPTION_INVALID',
      'JSON_INVALID',
    ],
    handle: async ({ body: { name, condition, ...rest } }) => {
      // Fields that were not given are not there, rather than undefined.
      const options = { ...rest, when: condition } as ScheduleOptions
      return details(app, await app.schedules.create(name, options))
    },
  }),

  route({
    method: 'delete',
    path: '/api/v1/schedules/{name}',
    summary: 'Removes a schedule, and answers with what it was. Its runs stay.',
    answer: scheduleDetailsShape,
    refuses: ['SCHEDULE_UNKNOWN'],
    handle: async ({ part, by }) => details(app, await app.schedules.remove(part('name'), by)),
  }),

  route({
    method: 'post',
    path: '/api/v1/schedules/{name}/pause',
    summary: 'Pauses a schedule: nothing of it starts until it is resumed, or the time is over.',
    body: pauseFields,
    answer: scheduleDetailsShape,
    refuses: ['SCHEDULE_UNKNOWN', 'OPTION_INVALID', 'DURATION_UNREADABLE'],
    handle: async ({ part, body, by }) => details(app, await app.schedules.pause(part('name'), by, body.why, body.for)),
  }),

  route({
    method: 'post',
    path: '/api/v1/schedules/{name}/resume',
    summary: 'Lifts the pause. What passed meanwhile is not made up for.',
    answer: scheduleDetailsShape,
    refuses: ['SCHEDULE_UNKNOWN'],
    handle: async ({ part, by }) => details(app, await app.schedules.resume(part('name'), by)),
  }),
]

const moment = z.string().openapi({ example: '2026-12-01T09:00:00Z' })
const overlapKinds = `it is "skip", "queue", "cancelPrevious", {"queueAll": n} or {"allow": n}`

const wanted = {
  name: z.string().openapi({ example: 'news-feed' }),
  task: z.string().openapi({ example: 'news' }),
  condition: z.string().openapi({ example: 'every 5 minutes and between 09:00 and 17:00' }),
  timezone: z.string().optional().openapi({ description: 'IANA name. Default UTC.', example: 'Europe/Berlin' }),
  input: z.unknown().optional().openapi({ description: 'Any JSON, given to each run. Default null.' }),
  anchor: moment.optional().openapi({ description: 'Where intervals count from. Default: the creation.' }),
  tags: z.array(z.string().max(100)).max(50).optional(),
  grace: length
    .optional()
    .openapi({ description: 'How late an opportunity may still be decided. Default: the period, at most 1 h.' }),
  catchUp: z.enum(['latest', 'none', 'all'], { error: 'it is "latest", "none" or "all"' }).optional(),
  catchUpLimit: z.number().optional(),
  catchUpWindow: length.optional(),
  overlap: z
    .union(
      [
        z.enum(['skip', 'queue', 'cancelPrevious']),
        z.strictObject({ queueAll: z.number() }),
        z.strictObject({ allow: z.number() }),
      ],
      { error: overlapKinds },
    )
    .optional()
    .openapi({
      description: 'What happens while an earlier run is unfinished. Default skip; queue for what events open.',
    }),
  jitter: length.optional().openapi({ description: 'A stable offset between nothing and this. Default 0.' }),
  startAt: moment.optional(),
  endAt: moment.optional(),
  maxRuns: z.number().optional().openapi({ description: 'Ends after so many runs.' }),
  startWithin: length
    .optional()
    .openapi({ description: 'A run that waits longer than this for its start is skipped. Default: it waits.' }),
  stopWhen: z.string().optional().openapi({
    description: 'Windows and states: while they hold nothing starts, and what runs is cancelled.',
    example: 'after 17:00',
  }),
}

const newestRuns = async (
  app: App,
  schedules: readonly Schedule[],
): Promise<(schedule: Schedule) => Run | undefined> => {
  const strips = await app.schedules.strips(schedules, 1)
  return schedule => strips.get(schedule.id)?.at(-1)
}

const details = async (app: App, schedule: Schedule): Promise<ReturnType<typeof scheduleDetailsOut>> => {
  const last = await newestRuns(app, [schedule])
  return scheduleDetailsOut(schedule, app.schedules.upcoming(schedule, UPCOMING), last(schedule))
}
