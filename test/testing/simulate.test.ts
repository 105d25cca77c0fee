/** What the schedules of an app would do, told without calling one of its handlers. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RotaError } from '../../src/base/errors.ts'
import { parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { chain, group, map } from '../../src/domain/flow.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions, ScheduleOptions } from '../../src/app.ts'
import { simulate } from '../../src/testing/simulate.ts'
import type { SimulateOptions } from '../../src/testing/simulate.ts'
import type { SimulatedSchedule, Simulation } from '../../src/testing/simulation.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { timetable } from '../../src/when/timetable.ts'

const MONDAY = '2026-01-05T00:00:00Z'

const never = (): never => assert.fail('a real handler was called')

/** An app whose handlers must not be called, with a task of its own for each schedule unless one is named. */
const appWith = (
  schedules: Readonly<Record<string, string | (Partial<ScheduleOptions> & { readonly when: string })>>,
  options: RotaOptions & { readonly task?: Parameters<App['task']>[2] } = {},
): App => {
  const { task: taskOptions, ...rest } = options
  const app = rota(rest)
  for (const [name, written] of Object.entries(schedules)) {
    const asked = typeof written === 'string' ? { when: written } : written
    const task = typeof asked.task === 'string' ? asked.task : name
    if (!app.tasks.list().some(one => one.name === task)) app.task(task, never, taskOptions)
    app.schedule(name, { ...asked, task })
  }
  return app
}

const dayOf = (app: App, options: Partial<SimulateOptions> = {}): Promise<Simulation> =>
  simulate(app, { from: MONDAY, for: '1 day', ...options })

const only = ({ schedules }: Simulation): SimulatedSchedule => {
  assert.equal(schedules.length, 1)
  return schedules[0] as SimulatedSchedule
}

const named = ({ schedules }: Simulation, name: string): SimulatedSchedule => {
  const found = schedules.find(one => one.name === name)
  return found ?? assert.fail(`there is no '${name}'`)
}

const refused = (code: RotaError['code'], text: RegExp) => (error: unknown) =>
  error instanceof RotaError && error.code === code && text.test(error.message)

test('a day of a schedule is counted, and no handler is called', async () => {
  const app = appWith({ hours: { when: 'every 30 minutes and between 09:00 and 17:00', timezone: 'Europe/Berlin' } })
  const day = await dayOf(app)
  assert.deepEqual(day.schedules, [
    {
      name: 'hours',
      task: 'hours',
      condition: 'every 30 minutes and between 09:00 and 17:00',
      timezone: 'Europe/Berlin',
      runs: 16,
      succeeded: 16,
      failed: 0,
      cancelled: 0,
      unfinished: 0,
      failures: {},
      skipped: {},
      retries: 0,
      latestMs: 0,
      busyMs: 16_000,
      silent: null,
    },
  ])
  assert.deepEqual([day.from, day.to, day.seed, day.runs], [MONDAY, '2026-01-06T00:00:00Z', 1, 16])
  assert.equal(day.startsByHour.length, 24)
  assert.deepEqual(day.startsByHour.slice(7, 17), [0, 2, 2, 2, 2, 2, 2, 2, 2, 0])
})

test('what is due at the first instant belongs to it, what is due at the end does not', async () => {
  const day = await dayOf(appWith({ midnight: 'daily', often: 'every 6 hours' }))
  assert.equal(named(day, 'midnight').runs, 1)
  assert.equal(named(day, 'often').runs, 4)
  assert.equal(day.timeline[0]?.at, MONDAY)
})

test('the app is left as it was: its store is not opened, and it can be started', async () => {
  const path = join(tmpdir(), `rota-never-opened-${process.pid}.db`)
  await dayOf(appWith({ hourly: 'hourly' }, { store: path }))
  assert.equal(existsSync(path), false)
  const clock = new VirtualClock(MONDAY)
  let calls = 0
  const app = rota({ store: ':memory:', clock })
  app.schedule('hourly', { task: app.task('count', () => calls++), when: 'hourly' })
  await dayOf(app)
  await clock.during(app.start())
  await clock.advance('2 h')
  assert.equal(calls, 2)
  await clock.during(app.stop())
})

test('a flow is one run of its schedule, and its steps are what is executed', async () => {
  const app = rota()
  for (const name of ['fetch', 'parse', 'report', 'alarm']) app.task(name, never)
  app.flow('nightly', chain('fetch', map('parse'), group('report', { task: 'alarm', on: 'fails' })))
  app.schedule('nightly', { task: 'nightly', when: 'daily at 03:00' })
  const week = await simulate(app, { from: MONDAY, for: '7 days', durations: { fetch: '20 min', parse: '10 min' } })
  const { runs, succeeded, latestMs, busyMs, silent } = only(week)
  assert.deepEqual({ runs, succeeded, latestMs, silent }, { runs: 7, succeeded: 7, latestMs: 0, silent: null })
  assert.equal(busyMs, 7 * (30 * 60_000 + 1_000))
  assert.deepEqual(
    week.tasks.map(({ name, starts }) => [name, starts]),
    [
      ['fetch', 7],
      ['parse', 7],
      ['report', 7],
    ],
  )
  assert.deepEqual([week.runs, week.mostAtOnce?.runs], [7, 1])
  const failing = await simulate(app, { from: MONDAY, for: '1 day', fail: { fetch: 1 } })
  assert.deepEqual([only(failing).failed, failing.tasks.map(({ name }) => name)], [1, ['fetch']])
})

describe('the same question', () => {
  const busy = (more: Parameters<typeof appWith>[0] = {}): App =>
    appWith(
      { news: 'every 10 minutes', feeds: { when: 'every 15 minutes', overlap: 'queue' }, ...more },
      { task: { retry: { attempts: 3 }, timeout: '12 minutes' } },
    )
  const asked = { fail: { news: 0.4 }, durations: { news: ['1 s', '14 minutes'], feeds: ['1 m', '20 m'] } } as const

  test('has the same answer for the same seed, and another for another', async () => {
    const [first, again, other] = [
      await dayOf(busy(), asked),
      await dayOf(busy(), asked),
      await dayOf(busy(), { ...asked, seed: 2 }),
    ]
    assert.deepEqual(again, first)
    assert.equal(JSON.stringify(again), JSON.stringify(first))
    assert.notDeepEqual({ ...other, seed: 1 }, first)
    for (const count of ['retries', 'failed'] as const) assert.ok(named(first, 'news')[count] > 0, count)
    assert.ok((named(first, 'news').failures.timeout ?? 0) + (named(first, 'feeds').failures.timeout ?? 0) > 0)
  })

  test('has the same answer for a schedule when others come to it', async () => {
    const alone = await dayOf(busy(), asked)
    const together = await dayOf(busy({ another: 'every 7 minutes', third: 'hourly at :03' }), asked)
    for (const name of ['news', 'feeds']) assert.deepEqual(named(together, name), named(alone, name))
  })
})

describe('the policies of a task are its own', () => {
  test('a failing attempt is tried again as often as the task says', async () => {
    const app = appWith({ news: 'hourly' }, { task: { retry: { attempts: 3, jitter: false, first: '10 s' } } })
    const { runs, failed, failures, retries, busyMs } = only(await dayOf(app, { fail: { news: 1 } }))
    assert.deepEqual(
      { runs, failed, failures, retries },
      { runs: 24, failed: 24, failures: { error: 24 }, retries: 48 },
    )
    assert.equal(busyMs, 72_000)
  })

  test('what takes longer than the timeout fails by it, and is put to retryOn', async () => {
    const retry = { attempts: 2, retryOn: (error: unknown) => !(error instanceof Error && error.name === 'Timeout') }
    const app = appWith({ news: 'hourly' }, { task: { timeout: '30 s', retry } })
    const { failures, retries } = only(await dayOf(app, { durations: { news: '1 minute' } }))
    assert.deepEqual({ failures, retries }, { failures: { timeout: 24 }, retries: 0 })
  })

  test('an input that does not fit fails', async () => {
    const input = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no pages' }] }) },
    } as const
    const { failures } = only(await dayOf(appWith({ news: 'every 12 hours' }, { task: { input } })))
    assert.deepEqual(failures, { input: 2 })
  })

  test('no more run at once than the app allows', async () => {
    const schedules = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`s${i}`, 'hourly']))
    const day = await dayOf(appWith(schedules, { concurrency: 2 }))
    assert.equal(day.mostAtOnce?.runs, 2)
    assert.equal(Math.max(...day.schedules.map(one => one.latestMs ?? 0)), 2_000)
  })
})

test('an overlap ends as the schedule says', async () => {
  const app = appWith({
    skipping: { task: 'slow', when: 'every 10 minutes' },
    queueing: { task: 'slow', when: 'every 10 minutes', overlap: 'queue' },
    cancelling: { task: 'slow', when: 'every 10 minutes', overlap: 'cancelPrevious' },
    allowing: { task: 'slow', when: 'every 10 minutes', overlap: { allow: 3 } },
  })
  const hour = await simulate(app, { from: MONDAY, for: '1 h', durations: { slow: '15 m' } })
  const of = (name: string) => {
    const { runs, succeeded, cancelled, unfinished, skipped } = named(hour, name)
    return { runs, succeeded, cancelled, unfinished, skipped }
  }
  assert.deepEqual(of('skipping'), { runs: 3, succeeded: 3, cancelled: 0, unfinished: 0, skipped: { overlap: 3 } })
  assert.deepEqual(of('queueing'), { runs: 5, succeeded: 3, cancelled: 0, unfinished: 2, skipped: { coalesced: 1 } })
  assert.deepEqual(of('cancelling'), { runs: 6, succeeded: 0, cancelled: 5, unfinished: 1, skipped: {} })
  assert.deepEqual(of('allowing'), { runs: 6, succeeded: 5, cancelled: 0, unfinished: 1, skipped: {} })
  assert.equal(hour.tasks[0]?.mostAtOnce, 5)
})

test('what starts together is told: sets of schedules, the busiest minute, the most in flight', async () => {
  const app = appWith({
    a: 'hourly',
    b: 'every 2 hours',
    c: { when: '30 0 0 * * *' },
    d: 'daily at 12:00',
  })
  const { collisions, collisionsLeftOut, busiestMinute, mostAtOnce, tasks } = await dayOf(app)
  assert.deepEqual(collisions, [
    { schedules: ['a', 'b', 'd'], times: 1, at: '2026-01-05T12:00:00Z' },
    { schedules: ['a', 'b'], times: 11, at: MONDAY },
  ])
  assert.equal(collisionsLeftOut, 0)
  // Three starts at midnight, the third half a minute later; noon has three, too, and comes later.
  assert.deepEqual(busiestMinute, { at: MONDAY, starts: 3 })
  assert.deepEqual(mostAtOnce, { at: '2026-01-05T12:00:00Z', runs: 3 })
  assert.deepEqual(
    tasks.map(({ name, starts }) => `${name} ${starts}`),
    ['a 24', 'b 12', 'c 1', 'd 1'],
  )
})

test('the timeline tells what happened in order, up to a limit', async () => {
  const app = appWith({ news: 'hourly at :10' }, { task: { retry: { attempts: 2, jitter: false, first: '5 s' } } })
  const { timeline, timelineLeftOut } = await dayOf(app, { fail: { news: 1 }, events: 5 })
  assert.deepEqual(
    timeline.map(({ at, event, attempt }) => `${at} ${event} ${attempt}`),
    [
      '2026-01-05T00:10:00Z started 1',
      '2026-01-05T00:10:01Z retrying 1',
      '2026-01-05T00:10:06Z started 2',
      '2026-01-05T00:10:07Z failed 2',
      '2026-01-05T01:10:00Z started 1',
    ],
  )
  assert.match(timeline[3]?.detail ?? '', /^error: the simulation let this attempt fail$/)
  assert.equal(timelineLeftOut, 24 * 4 - 5)
})

test('who stayed silent is told with the reason', async () => {
  const app = appWith({
    monthly: 'monthly on the 1st at 03:00',
    later: { when: 'hourly', startAt: '2026-02-01T00:00:00Z' },
    over: { when: 'hourly', endAt: '2026-01-01T00:00:00Z' },
    busy: 'hourly',
  })
  const silent = Object.fromEntries((await dayOf(app)).schedules.map(one => [one.name, one.silent]))
  assert.deepEqual(silent, {
    busy: null,
    later: 'nothing was due before 2026-02-01T00:00:00Z',
    monthly: 'nothing was due before 2026-02-01T03:00:00Z',
    over: 'nothing more is to come',
  })
})

test('schedules made at run time are taken as they stand in their store', async () => {
  const clock = new VirtualClock('2026-01-01T00:00:07Z')
  const made = rota({ store: ':memory:', clock, lookEvery: '1 day' })
  made.task('work', () => null)
  made.task('gone', () => null)
  made.schedule('declared', { task: 'work', when: 'hourly' })
  made.schedule('changed', { task: 'work', when: 'hourly' })
  await clock.during(made.start())
  const create = (name: string, options: Partial<ScheduleOptions> & { readonly when: string }) =>
    clock.during(made.schedules.create(name, { task: 'work', ...options }))
  await create('anchored', { when: 'every 8 hours' })
  await create('few', { when: 'daily', maxRuns: 6 })
  await create('once', { when: 'at 2026-01-02T00:00:00Z' })
  await create('paused', { when: 'hourly' })
  await create('orphan', { task: 'gone', when: 'every 12 hours' })
  await clock.during(made.schedules.pause('paused', 'anna', 'the site moves'))
  await clock.advanceTo(parseInstant(MONDAY))
  const schedules = await made.schedules.list({ limit: 200 })
  await clock.during(made.stop())

  const app = rota()
  app.task('work', never)
  app.schedule('declared', { task: 'work', when: 'hourly' })
  app.schedule('changed', { task: 'work', when: 'every 6 hours' })
  const days = await simulate(app, { from: MONDAY, for: '3 days', schedules })
  const runs = Object.fromEntries(days.schedules.map(one => [one.name, one.runs]))
  // Of its six runs 'few' had four by then (at midnight of the 2nd to the 5th).
  assert.deepEqual(runs, { anchored: 9, changed: 12, declared: 72, few: 2, once: 0, orphan: 1, paused: 0 })
  assert.equal(days.timeline.find(one => one.schedule === 'anchored')?.at, '2026-01-05T00:00:07Z')
  assert.equal(named(days, 'once').silent, 'it had ended before')
  assert.equal(named(days, 'paused').silent, 'paused by anna: the site moves')
  assert.deepEqual(named(days, 'paused').skipped, { paused: 72 })
  // The first waits for a worker that knows its task, and the others are skipped because it waits.
  assert.deepEqual(named(days, 'orphan').skipped, { overlap: 5 })
  assert.equal(named(days, 'orphan').silent, "no task 'gone' is known here")
})

test('every moment becomes a run or a skip', async () => {
  const conditions = fc.constantFrom(
    'every 7 minutes',
    'every 90 s and between 03:00 and 04:00',
    '*/20 * * * *',
    'hourly at :15',
    'daily at 02:30',
    'weekly on Tuesday at 08:00',
    'every weekday at 09:00',
  )
  const policy = fc.record({
    overlap: fc.constantFrom('skip' as const, 'queue' as const, 'cancelPrevious' as const, { allow: 2 }),
    timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
  })
  const schedule = fc.tuple(conditions, policy)
  const from = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(schedule, { minLength: 1, maxLength: 4 }),
      from,
      fc.nat(9),
      async (chosen, start, seed) => {
        const app = appWith(
          Object.fromEntries(chosen.map(([when, policies], i) => [`s${i}`, { ...policies, when, task: 'work' }])),
        )
        const durations = { work: ['1 s', '25 m'] } as const
        const begin = new Date(start).toISOString()
        const days = await simulate(app, { from: begin, for: '1 day', seed, durations, fail: { work: 0.3 } })
        for (const one of days.schedules) {
          const skipped = Object.values(one.skipped).reduce((sum, count) => sum + count, 0)
          assert.equal(
            one.runs + skipped,
            momentsOf(one, parseInstant(days.from), parseInstant(days.to)),
            one.condition,
          )
          assert.equal(one.runs, one.succeeded + one.failed + one.cancelled + one.unfinished)
        }
        assert.equal(
          days.startsByHour.reduce((sum, count) => sum + count, 0),
          days.tasks.reduce((sum, { starts }) => sum + starts, 0),
        )
      },
    ),
    { numRuns: 15 },
  )
})

const momentsOf = ({ condition, timezone }: SimulatedSchedule, from: Instant, to: Instant): number => {
  const times = timetable(condition, timezone)
  let count = 0
  for (let at = times.next((from - 1) as Instant, from); at !== null && at < to; at = times.next(at, from)) count++
  return count
}

test('it can be stopped', async () => {
  const stop = new AbortController()
  setImmediate(() => stop.abort(new Error('enough')))
  await assert.rejects(
    simulate(appWith({ often: 'every 1 s' }), { from: MONDAY, for: '400 days', signal: stop.signal }),
    /enough/,
  )
})

test('more runs and skips than are allowed are refused, soon after there are so many', async () => {
  const app = appWith({ often: { when: 'every 10 ms', overlap: 'queue' } })
  await assert.rejects(
    simulate(app, { from: MONDAY, for: '400 days', limit: 2_000, durations: { often: '1 h' } }),
    refused(
      'OPTION_INVALID',
      /^There are more than 2,000 runs and skips in the first \d\ds; simulate less time than that\.$/,
    ),
  )
})

test('what cannot be asked is refused with the right spelling', async () => {
  const app = appWith({ news: 'hourly' })
  const cases: readonly (readonly [Partial<SimulateOptions>, RotaError['code'], RegExp])[] = [
    [{ from: '2026-01-05' }, 'INSTANT_UNREADABLE', /write it like 2026/],
    [{ for: '401 days' }, 'OPTION_INVALID', /at most 400 days/],
    [{ for: 0 }, 'OPTION_INVALID', /at least 1 ms/],
    [{ for: 'a week' }, 'DURATION_UNREADABLE', /is not a duration/],
    [{ seed: 1.5 }, 'OPTION_INVALID', /seed is 1\.5/],
    [{ fail: { nwes: 0.2 } }, 'TASK_UNKNOWN', /Did you mean 'news'\?/],
    [{ durations: { nwes: '1 s' } }, 'TASK_UNKNOWN', /Did you mean 'news'\?/],
    [{ fail: { news: 1.2 } }, 'OPTION_INVALID', /from 0 to 1/],
    [{ durations: { news: ['2 s', '1 s'] } }, 'OPTION_INVALID', /the shortest and the longest/],
    [{ till: '1 d' } as object, 'OPTION_INVALID', /no option 'till'/],
  ]
  for (const [options, code, text] of cases) await assert.rejects(dayOf(app, options), refused(code, text))
  const unknown = rota()
  unknown.schedule('news', { task: 'nobody', when: 'hourly' })
  await assert.rejects(dayOf(unknown), refused('TASK_UNKNOWN', /'nobody'/))
})
