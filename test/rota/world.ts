/** A whole app over a virtual clock with one schedule, 'it', and tasks beside it that end well, badly, or after an hour. */

import { parseDuration } from '../../src/base/duration.ts'
import type { DurationInput } from '../../src/base/duration.ts'
import { formatInstant, instant } from '../../src/base/instant.ts'
import type { Run } from '../../src/domain/run.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions, ScheduleOptions } from '../../src/app.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

export interface World extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly app: App
  /** Runs a task by hand, and waits until it is over. */
  run(task: string): Promise<Run>
  /** What became of the schedule 'it', oldest first: "10:05 succeeded". */
  told(): Promise<readonly string[]>
  at(time: string): Promise<void>
}

export type Its = Omit<ScheduleOptions, 'task'> & { readonly task?: string }

export const begin = async (
  its: Its,
  options: {
    start?: string
    lasts?: DurationInput
    clock?: VirtualClock
    before?: (app: App) => void
  } & RotaOptions = {},
): Promise<World> => {
  const { start = '2026-01-05T08:00:00Z', lasts = 0, clock = new VirtualClock(start), before, ...rest } = options
  const app = rota({ store: ':memory:', ...rest, clock })
  app.task('work', async ({ clock: time, signal }) => {
    const length = parseDuration(lasts)
    if (length > 0) await time.sleepUntil(instant(time.now() + length), signal)
  })
  app.task('news', () => ({ items: 3 }))
  app.task('other', () => 'done')
  app.task('broken', () => {
    throw new Error('no answer')
  })
  app.task('db', ({ clock: time, signal }) => time.sleepUntil(instant(time.now() + 3_600_000), signal))
  before?.(app)
  app.schedule('it', { task: 'work', ...its })
  await clock.during(app.start())
  return {
    clock,
    app,
    run: async task => {
      const run = await clock.during(app.run(task))
      await clock.settle()
      return run
    },
    told: async () => (await clock.during(app.runs.list({ schedule: 'it', limit: 100 }))).map(asLine).reverse(),
    at: time => clock.advanceTo(instant(Date.parse(time.includes('T') ? time : `2026-01-05T${time}Z`))),
    [Symbol.asyncDispose]: async () => {
      const stopped = app.stop({ grace: 0 })
      await clock.advance('1 minute')
      await stopped
    },
  }
}

const asLine = (run: Run): string => {
  const from = run.nominalAt === null ? 'by hand' : formatInstant(run.nominalAt).slice(11, 16)
  const to = run.lastNominalAt === null ? '' : `-${formatInstant(run.lastNominalAt).slice(11, 16)}`
  const count = run.count === 1 ? '' : ` ×${run.count}`
  return `${from}${to}${count} ${run.state}${run.reason === null ? '' : ` ${run.reason}`}`
}

export const startedAt = async ({ app, clock }: World): Promise<readonly (string | null)[]> =>
  (await clock.during(app.runs.list({ schedule: 'it', limit: 100 })))
    .map(({ startedAt }) => (startedAt === null ? null : formatInstant(startedAt).slice(11, 16)))
    .reverse()
