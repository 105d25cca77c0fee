/** What the simulated world works on: tasks that succeed, fail, last and do not listen, and schedules of every policy. */

import { duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import { chain, group, map } from '../domain/flow.ts'
import type { Context } from '../domain/task.ts'
import type { App, ScheduleOptions } from '../app.ts'
import type { Random } from './random.ts'

const MINUTE = duration(60_000)

/** What the limited tasks may do at once. */
export const LIMITS = { queue: 'narrow', ofQueue: 4, task: 'limited', ofTask: 3, perKey: 2 } as const

/** No attempt of a task lasts longer, once nothing disturbs it. */
export const LONGEST_ATTEMPT = duration(24 * MINUTE)

export type DeclaredSchedule = readonly [name: string, options: ScheduleOptions]

const schedules: readonly DeclaredSchedule[] = [
  ['often', { task: 'steady', when: 'every 5 minutes' }],
  ['queueing', { task: 'retrying', when: 'every 7 minutes', overlap: 'queue' }],
  ['queueing-all', { task: 'steady', when: '*/10 * * * *', overlap: { queueAll: 3 } }],
  ['side-by-side', { task: 'retrying', when: '*/6 * * * *', overlap: { allow: 2 }, jitter: '90 s' }],
  ['impatient', { task: 'steady', when: 'every 11 minutes', overlap: 'cancelPrevious' }],
  ['complete', { task: 'steady', when: 'hourly at :20', catchUp: 'all', catchUpLimit: 4 }],
  ['punctual', { task: 'retrying', when: '*/15 * * * *', catchUp: 'none', grace: '2 minutes' }],
  ['office', { task: 'steady', when: 'every 20 minutes and between 09:00 and 17:00', timezone: 'Europe/Berlin' }],
  ['nightly', { task: 'retrying', when: 'daily at 03:30', timezone: 'America/New_York' }],
  ['in-the-gap', { task: 'steady', when: 'daily at 02:30', timezone: 'Europe/Berlin' }],
  ['slow', { task: 'deaf', when: 'every 30 minutes' }],
  ['hosts', { task: 'limited', when: 'every 9 minutes', overlap: { allow: 4 }, input: 'example.org' }],
  ['other-hosts', { task: 'limited', when: '*/15 * * * *', overlap: { allow: 3 }, input: 'example.com' }],
  ['beside', { task: 'beside', when: 'every 12 minutes', overlap: { allow: 3 } }],
]

/** Schedules that ask about more than the clock. */
const factSchedules: readonly DeclaredSchedule[] = [
  ['after', { task: 'steady', when: "after 'retrying' fails" }],
  ['later', { task: 'steady', when: "10 minutes after 'deaf' finishes" }],
  ['following', { task: 'steady', when: '15 minutes after it finishes' }],
  [
    'counting',
    { task: 'steady', when: "*/12 * * * * and 'retrying' has failed in the last 2 hours fewer than 2 times" },
  ],
  ['unhindered', { task: 'steady', when: "*/20 * * * * and 'deaf' is not running" }],
  ['starting', { task: 'retrying', when: 'on start' }],
  ['stopped', { task: 'steady', when: 'every 9 minutes', stopWhen: "'deaf' is running" }],
  ['flowing', { task: 'flow', when: '*/25 * * * *', overlap: 'queue' }],
  ['cancelling', { task: 'flow', when: 'every 13 minutes', overlap: 'cancelPrevious' }],
  ['after-flows', { task: 'steady', when: "after 'flow' finishes" }],
  ['fresh', { task: 'retrying', when: '*/4 * * * *', overlap: { allow: 6 }, startWithin: '1 minute' }],
]

/** Some of them, and those of these names. */
export const drawSchedules = (random: Random, names: readonly string[]): readonly DeclaredSchedule[] => [
  ...schedules.filter(([name]) => random.chance(0.25) || names.includes(name)),
  ...factSchedules.filter(([name]) => random.chance(0.15) || names.includes(name)),
]

/** `began` is told of each handler that is called. */
export const defineTasks = (app: App, random: Random, began: (context: Context) => void): void => {
  const last = async (context: Context, longestMs: number): Promise<unknown> => {
    began(context)
    const { clock, signal, attempt } = context
    await clock.sleepUntil(instant(clock.now() + random.between(1_000, longestMs)), signal)
    return { attempt }
  }
  app.task('steady', context => {
    context.log.info('started')
    return last(context, 8 * MINUTE)
  })
  app.task(
    'retrying',
    async context => {
      const result = await last(context, 4 * MINUTE)
      if (random.chance(0.3)) throw new Error('no luck')
      return result
    },
    { retry: { attempts: 4, first: '5 s', longest: '2 minutes' }, timeout: '3 minutes' },
  )
  const { queue, task, ofTask: concurrency, perKey } = LIMITS
  const few = (context: Context): Promise<unknown> => last(context, LONGEST_ATTEMPT)
  app.task<string, unknown>(task, few, {
    queue,
    retry: { attempts: 3 },
    limits: { concurrency, key: input => input, perKey, rate: '2 per minute' },
  })
  app.task('beside', few, { queue, priority: 7, retry: { attempts: 2 } })
  app.task(
    'list',
    context => {
      began(context)
      return Array.from({ length: random.between(0, 3) }, () => ({ attempt: context.attempt }))
    },
    { retry: { attempts: 2 } },
  )
  app.flow('flow', chain('list', map('retrying'), group('steady', { task: 'beside', on: 'fails' })))
  app.task(
    'deaf',
    async context => {
      began(context)
      const { clock, attempt } = context
      await clock.sleepUntil(instant(clock.now() + random.between(1, 20) * MINUTE))
      return { attempt }
    },
    { retry: { attempts: 2 }, timeout: '10 minutes', timeoutGrace: '30 s' },
  )
}
