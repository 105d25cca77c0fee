/** What waits for facts, follows itself or came of several events at once, in a whole app: each case once went wrong. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { formatInstant, instant } from '../../src/base/instant.ts'
import { retryAfter } from '../../src/domain/outcome.ts'
import type { Run } from '../../src/domain/run.ts'
import { rota } from '../../src/rota.ts'
import type { App, ScheduleOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

class World implements AsyncDisposable {
  readonly clock: VirtualClock
  readonly #store: Store
  readonly #its: Omit<ScheduleOptions, 'task'>
  readonly #lastsMinutes: number
  readonly #concurrency: number
  app: App

  constructor(store: Store, its: Omit<ScheduleOptions, 'task'>, options: WorldOptions) {
    this.clock = new VirtualClock(options.start ?? '2026-01-05T08:00:00Z', { waitsFor: 'promises' })
    this.#store = store
    this.#its = its
    this.#lastsMinutes = options.lastsMinutes ?? 0
    this.#concurrency = options.concurrency ?? 10
    this.app = this.#declared()
  }

  #declared(): App {
    const close = async (): Promise<void> => {}
    const store = new Proxy(this.#store, {
      get: (target, key: keyof Store) => (key === 'close' ? close : (target[key].bind(target) as unknown)),
    })
    const app = rota({ store, clock: this.clock, lookEvery: '1 day', concurrency: this.#concurrency })
    app.task('work', ({ clock, signal }) =>
      this.#lastsMinutes === 0
        ? undefined
        : clock.sleepUntil(instant(clock.now() + this.#lastsMinutes * 60_000), signal),
    )
    app.task('news', () => 'read')
    app.task('long', ({ clock, signal }) => clock.sleepUntil(instant(clock.now() + 3_600_000), signal))
    app.schedule('it', { task: 'work', ...this.#its })
    return app
  }

  async run(task: string): Promise<void> {
    await this.clock.during(this.app.run(task))
  }

  async at(time: string): Promise<void> {
    await this.clock.advanceTo(instant(Date.parse(time.includes('T') ? time : `2026-01-05T${time}Z`)))
  }

  async stop(): Promise<void> {
    const stopped = this.app.stop({ grace: 0 })
    await this.clock.settle()
    await this.clock.advance(0)
    await stopped
  }

  async start(): Promise<void> {
    this.app = this.#declared()
    await this.clock.during(this.app.start())
  }

  /** What became of the schedule, oldest first: "10:05 succeeded". */
  async told(): Promise<readonly string[]> {
    return (await this.clock.during(this.app.runs.list({ schedule: 'it', limit: 200 }))).map(asLine).reverse()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#store.close()
  }
}

interface WorldOptions {
  readonly start?: string
  readonly lastsMinutes?: number
  readonly concurrency?: number
}

const begin = async (its: Omit<ScheduleOptions, 'task'>, options: WorldOptions = {}): Promise<World> => {
  const world = new World(await openSqliteStore({ path: ':memory:' }), its, options)
  await world.clock.during(world.app.start())
  return world
}

const asLine = ({ nominalAt, count, state, reason }: Run): string =>
  `${nominalAt === null ? 'by hand' : formatInstant(nominalAt).slice(11, 16)}${count === 1 ? '' : ` ×${count}`} ${state}${reason === null ? '' : ` ${reason}`}`

test('two clauses that one end makes true at once run once', async () => {
  await using world = await begin({ when: "after 'news' succeeds or after 'news' finishes" })
  await world.at('08:10:00')
  await world.run('news')
  assert.deepEqual(await world.told(), ['08:10 succeeded'])
})

test('one end is two events where they come at different times', async () => {
  await using world = await begin({ when: "after 'news' succeeds or 10 minutes after 'news' succeeds" })
  await world.at('08:10:00')
  await world.run('news')
  await world.at('09:00:00')
  assert.deepEqual(await world.told(), ['08:10 succeeded', '08:20 succeeded'])
})

test('what waits within its open window is not looked at again and again', async () => {
  await using world = await begin({ when: "after 'news' succeeds and between 08:00 and 17:00 and 'long' is running" })
  await world.run('news')
  assert.deepEqual(await world.told(), ['08:00 open condition'])
  const schedule = await world.app.schedules.get('it')
  const { nextAt } = schedule
  assert.equal(nextAt, null)
  await world.at('08:30:00')
  await world.run('long')
  assert.deepEqual(await world.told(), ['08:00 succeeded'])
})

test('a schedule that follows itself within a window goes on when the window opens again', async () => {
  await using world = await begin(
    { when: '30 minutes after it finishes and between 09:00 and 10:00' },
    { start: '2026-01-05T08:40:00Z' },
  )
  await world.at('2026-01-06T10:10:00Z')
  assert.deepEqual(await world.told(), [
    '09:10 succeeded',
    '09:40 succeeded',
    '10:10 succeeded',
    '09:30 succeeded',
    '10:00 open condition',
  ])
})

test('a schedule that follows itself goes on after a run that came too late to its start', async () => {
  await using world = await begin(
    { when: '5 minutes after it finishes', startWithin: '10 minutes' },
    { concurrency: 1 },
  )
  await world.run('long')
  await world.at('08:31:00')
  assert.deepEqual((await world.told()).slice(0, 2), ['08:05 skipped expired', '08:20 skipped expired'])
  await world.at('09:10:00')
  assert.equal((await world.told()).at(-1)?.endsWith('succeeded'), true)
})

test('of several delayed events that wait each is one row', async () => {
  await using world = await begin({ when: "10 minutes after 'news' succeeds and between 12:00 and 13:00" })
  for (const minute of ['01', '02', '03']) {
    await world.at(`08:${minute}:00`)
    await world.run('news')
  }
  await world.at('12:30:00')
  assert.deepEqual(await world.told(), ['08:11 skipped coalesced', '08:12 skipped coalesced', '08:13 succeeded'])
})

test('delayed events that fell due while the app was down are one row each', async () => {
  await using world = await begin({ when: "10 minutes after 'news' succeeds" })
  for (const minute of ['01', '02', '03']) {
    await world.at(`08:${minute}:00`)
    await world.run('news')
  }
  await world.stop()
  await world.at('09:00:00')
  await world.start()
  assert.deepEqual(await world.told(), ['08:11 skipped coalesced', '08:12 skipped coalesced', '08:13 succeeded'])
})

test('a moment that waits for an event and passes in a pause is counted once', async () => {
  await using world = await begin({ when: "daily at 09:00 and after 'news' succeeds" })
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.run('news')
  await world.at('2026-01-07T10:00:00Z')
  await world.clock.during(world.app.schedules.resume('it', 'ada'))
  assert.deepEqual(await world.told(), ['09:00 ×3 skipped paused'])
})

test('a delayed event that falls due after a pause runs', async () => {
  await using world = await begin({ when: "30 minutes after 'news' succeeds" })
  await world.run('news')
  await world.at('08:10:00')
  await world.clock.during(world.app.schedules.pause('it', 'ada'))
  await world.at('08:20:00')
  await world.clock.during(world.app.schedules.resume('it', 'ada'))
  await world.at('08:40:00')
  assert.deepEqual(await world.told(), ['08:30 succeeded'])
})

test('while a newer one takes the place of the last that may wait, the schedule has not had all its runs', async () => {
  await using world = await begin(
    { when: '*/5 * * * *', overlap: 'queue', maxRuns: 3 },
    { lastsMinutes: 30, start: '2026-01-05T08:01:00Z' },
  )
  await world.at('08:36:00')
  assert.deepEqual((await world.told()).slice(0, 3), [
    '08:05 succeeded',
    '08:10 skipped coalesced',
    '08:15 skipped coalesced',
  ])
  await world.at('10:00:00')
  assert.equal((await world.told()).filter(line => line.endsWith('succeeded')).length, 3)
})

test('a run that waited for time to pass is counted as started', async () => {
  await using world = await begin(
    { when: "*/20 * * * * and 'work' has started in the last 30 minutes fewer than 1 times", grace: '1 hour' },
    { start: '2026-01-05T08:01:00Z' },
  )
  await world.at('09:21:00')
  const skipped = '09:00 skipped coalesced'
  assert.deepEqual(await world.told(), ['08:20 succeeded', '08:40 succeeded', skipped, '09:20 succeeded'])
})

test('a late moment of a closed window does not run by the open window of another clause', async () => {
  await using world = await begin({
    when: '*/20 * * * * and between 09:00 and 17:00 or daily at 03:00',
    grace: '10 minutes',
  })
  await world.at('16:30:00')
  await world.stop()
  await world.at('20:00:00')
  await world.start()
  assert.equal((await world.told()).at(-1), '16:40 skipped missed')
})

test('what is counted of all history goes on where it was after nobody asked for a while', async () => {
  await using world = await begin({ when: "every hour and 'news' has succeeded at least 3 times" })
  await world.run('news')
  await world.clock.during(world.app.schedules.remove('it', 'ada'))
  await world.run('news')
  await world.run('news')
  await world.clock.during(
    world.app.schedules.create('again', { task: 'work', when: "every hour and 'news' has succeeded at least 3 times" }),
  )
  await world.clock.advance(duration(3_700_000))
  const runs = await world.clock.during(world.app.runs.list({ schedule: 'again', limit: 10 }))
  assert.equal(runs.at(-1)?.state, 'succeeded')
})

test('a start of the app runs its schedule later by the jitter, and takes no moment away', async () => {
  await using world = await begin(
    { when: 'hourly or on start', jitter: '10 minutes' },
    { start: '2026-01-05T07:59:59.990Z' },
  )
  await world.at('08:30:00')
  assert.deepEqual(await world.told(), ['07:59 succeeded', '08:00 succeeded'])
})

test('what was queued before the clock was set back is started soon, and not when that time has come again', async () => {
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  const app = rota({ store: ':memory:', clock })
  app.task('work', () => null)
  await clock.during(app.start())
  await clock.during(app.pause({ by: 'ada' }))
  const { id } = await clock.during(app.run('work'))
  clock.step(-3_600_000)
  await clock.advance('1 minute')
  await clock.during(app.resume({ by: 'ada' }))
  assert.equal((await clock.during(app.runs.get(id))).run.state, 'succeeded')
  await clock.during(app.stop({ grace: 0 }))
})

test('of two retries the later one comes in its time, also where it was known first', async () => {
  const clock = new VirtualClock('2026-01-05T08:00:00Z')
  const app = rota({ store: ':memory:', clock })
  for (const [name, seconds] of [
    ['later', 3],
    ['sooner', 1],
  ] as const) {
    app.task(
      name,
      ({ attempt }) => {
        if (attempt === 1) throw retryAfter(instant(clock.now() + seconds * 1_000))
      },
      { retry: { attempts: 2 } },
    )
  }
  await clock.during(app.start())
  await clock.during(app.run('later'))
  await clock.during(app.run('sooner'))
  await clock.advance('5 s')
  const runs = await clock.during(app.runs.list({ limit: 2 }))
  assert.deepEqual(
    runs.map(({ task, state }) => `${task} ${state}`),
    ['sooner succeeded', 'later succeeded'],
  )
  await clock.during(app.stop({ grace: 0 }))
})
