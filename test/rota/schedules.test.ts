/** Schedules in a whole app over a virtual clock: what runs, what does not and why, across pauses, edits and restarts. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { formatInstant, instant } from '../../src/base/instant.ts'
import type { Run } from '../../src/domain/run.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions, ScheduleOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const START = '2026-01-05T10:00:00Z'

/** A store that outlives the apps over it, as a file does. */
const lasting = async (): Promise<{ readonly store: Store; readonly end: () => Promise<void> }> => {
  const store = await openSqliteStore({ path: ':memory:' })
  const kept = new Proxy(store, {
    get: (target, key: keyof Store) => (key === 'close' ? async () => {} : (target[key].bind(target) as unknown)),
  })
  return { store: kept, end: () => store.close() }
}

interface World extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly app: App
  /** "10:05 succeeded", oldest first. */
  told(): Promise<readonly string[]>
  stop(): Promise<void>
}

const begin = async (
  schedules: Record<string, Omit<ScheduleOptions, 'task'> & { readonly task?: string }>,
  options: RotaOptions & { clock?: VirtualClock; lastsMs?: number } = {},
): Promise<World> => {
  const clock = options.clock ?? new VirtualClock(START)
  const app = rota({ store: ':memory:', ...options, clock })
  const lastsMs = options.lastsMs ?? 0
  app.task('work', async ({ clock: time, signal }) => {
    if (lastsMs > 0) await time.sleepUntil(instant(time.now() + lastsMs), signal)
  })
  for (const [name, schedule] of Object.entries(schedules)) app.schedule(name, { task: 'work', ...schedule })
  await clock.during(app.start())
  const stop = async (): Promise<void> => {
    const stopped = app.stop({ grace: 0 })
    await clock.advance('1 minute')
    await stopped
  }
  return {
    clock,
    app,
    told: async () => (await app.runs.list({ limit: 100 })).map(asLine).reverse(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const asLine = (run: Run): string => {
  const from = run.nominalAt === null ? 'by hand' : formatInstant(run.nominalAt).slice(11, 16)
  const to = run.lastNominalAt === null ? '' : `-${formatInstant(run.lastNominalAt).slice(11, 16)} ×${run.count}`
  return `${from}${to} ${run.state}${run.reason === null ? '' : ` ${run.reason}`}`
}

describe('a schedule', () => {
  test('runs at each of its moments, not a millisecond early', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } })
    await world.clock.advance('4m59s999ms')
    assert.deepEqual(await world.told(), [])
    await world.clock.advance('1ms')
    assert.deepEqual(await world.told(), ['10:05 succeeded'])
    await world.clock.advance('10 minutes')
    assert.deepEqual(await world.told(), ['10:05 succeeded', '10:10 succeeded', '10:15 succeeded'])
  })

  test('of two conditions joined by or has one run where they meet', async () => {
    await using world = await begin({ news: { when: 'hourly or daily at 11:00' } })
    await world.clock.advance('2 h')
    assert.deepEqual(await world.told(), ['11:00 succeeded', '12:00 succeeded'])
  })

  test('records what it skipped because its last run was not over', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } }, { lastsMs: 12 * 60_000 })
    await world.clock.advance('18 minutes')
    assert.deepEqual(await world.told(), ['10:05 succeeded', '10:10-10:15 ×2 skipped overlap'])
  })

  test('with overlap queue runs the newest as soon as the earlier one is over', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes', overlap: 'queue' } }, { lastsMs: 12 * 60_000 })
    await world.clock.advance('18 minutes')
    assert.deepEqual(await world.told(), ['10:05 succeeded', '10:10 skipped coalesced', '10:15 running'])
  })

  test('with overlap cancelPrevious stops the old one and then starts the new one', async () => {
    await using world = await begin(
      { news: { when: 'every 5 minutes', overlap: 'cancelPrevious' } },
      { lastsMs: 12 * 60_000 },
    )
    await world.clock.advance('11 minutes')
    assert.deepEqual(await world.told(), ['10:05 cancelled', '10:10 running'])
  })

  test('is ended after its last run, and stays to be seen', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes', maxRuns: 2 } })
    await world.clock.advance('1 h')
    assert.deepEqual(await world.told(), ['10:05 succeeded', '10:10 succeeded'])
    assert.equal((await world.app.schedules.get('news')).status, 'ended')
  })

  test('costs nothing between its moments: the clock is looked at, and nothing is written', async () => {
    const { store, end } = await lasting()
    let commits = 0
    const counting = new Proxy(store, {
      get: (target, key: keyof Store) => {
        if (key === 'commit') commits++
        return target[key].bind(target) as unknown
      },
    })
    {
      await using world = await begin({ news: { when: 'daily at 09:00' } }, { store: counting })
      // Past the first look for old runs to remove; the next is an hour later.
      await world.clock.advance('5 minutes')
      const before = commits
      await world.clock.advance('50 minutes')
      assert.equal(commits - before, 0)
    }
    await end()
  })
})

describe('a pause', () => {
  test('starts nothing, says so in one row, and nothing floods when it is over', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes', catchUp: 'all' } })
    await world.clock.advance('5 minutes')
    await world.clock.during(world.app.schedules.pause('news', 'ada', 'the site is down'))
    await world.clock.advance('21 minutes')
    await world.clock.during(world.app.schedules.resume('news', 'ada'))
    await world.clock.advance('5 minutes')
    assert.deepEqual(await world.told(), ['10:05 succeeded', '10:10-10:25 ×4 skipped paused', '10:30 succeeded'])
    assert.equal((await world.app.schedules.get('news')).paused, null)
  })

  test('with an end is over by itself: what passed in it is skipped, and the moment of its end runs', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes', catchUp: 'all' } })
    await world.clock.advance('6 minutes')
    const { paused } = await world.clock.during(world.app.schedules.pause('news', 'ada', 'lunch', '14 minutes'))
    assert.equal(formatInstant(paused?.until ?? instant(0)), '2026-01-05T10:20:00Z')
    const [next] = world.app.schedules.upcoming(await world.app.schedules.get('news'), 1)
    assert.equal(next, paused?.until)
    await world.clock.advance('20 minutes')
    assert.deepEqual(await world.told(), [
      '10:05 succeeded',
      '10:10-10:15 ×2 skipped paused',
      '10:20 succeeded',
      '10:25 succeeded',
    ])
    assert.equal((await world.app.schedules.get('news')).paused, null)
  })

  test('that was over while nobody worked hides nothing that came after it', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 5 minutes', catchUp: 'all' } }, { store })
    await first.clock.during(first.app.schedules.pause('news', 'ada', undefined, '12 minutes'))
    await first.stop()
    await first.clock.advance('21 minutes')
    {
      const options = { when: 'every 5 minutes', catchUp: 'all' } as const
      await using second = await begin({ news: options }, { store, clock: first.clock })
      await second.clock.advance('1 minute')
      assert.deepEqual(await second.told(), ['10:05-10:10 ×2 skipped paused', '10:15 succeeded', '10:20 succeeded'])
    }
    await end()
  })

  test('takes the longer of two; whoever resumes lifts it at once', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } })
    const pause = async (by: string, length?: string) =>
      (await world.clock.during(world.app.schedules.pause('news', by, undefined, length))).paused?.by
    assert.deepEqual(
      [await pause('ada', '1 h'), await pause('bob', '10 minutes'), await pause('eve'), await pause('dan', '30 days')],
      ['ada', 'ada', 'eve', 'eve'],
    )
    await world.clock.during(world.app.schedules.resume('news', 'ada'))
    await world.clock.advance('5 minutes')
    assert.deepEqual(await world.told(), ['10:05 succeeded'])
  })

  test('of no length, or of more than a year, is refused', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } })
    for (const length of [0, '400 days'])
      await assert.rejects(
        async () => world.app.schedules.pause('news', 'ada', undefined, length),
        error => isRotaError(error, 'OPTION_INVALID'),
      )
  })

  test('survives a restart', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 5 minutes' } }, { store })
    await first.clock.during(first.app.schedules.pause('news', 'ada'))
    await first.stop()
    {
      await using second = await begin({ news: { when: 'every 5 minutes' } }, { store, clock: first.clock })
      await second.clock.advance('11 minutes')
      assert.deepEqual(await second.told(), ['10:05-10:10 ×2 skipped paused'])
    }
    await end()
  })
})

describe('a restart', () => {
  test('after downtime from 10:01 to 10:17 gives one run for 10:15 and coalesces the rest into it', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 5 minutes' } }, { store })
    await first.stop()
    await first.clock.advance('16 minutes')
    {
      await using second = await begin({ news: { when: 'every 5 minutes' } }, { store, clock: first.clock })
      assert.deepEqual(await second.told(), ['10:05-10:10 ×2 skipped coalesced', '10:15 succeeded'])
    }
    await end()
  })

  test('does not fire what merely was declared again', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'daily at 09:00' } }, { store })
    await first.stop()
    {
      await using second = await begin({ news: { when: 'daily at 09:00' } }, { store, clock: first.clock })
      await second.clock.advance('1 h')
      assert.deepEqual(await second.told(), [])
      assert.equal((await second.app.schedules.get('news')).revision, 1)
    }
    await end()
  })

  test('with another declaration is an edit: what passed under the old one is not made up for', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 5 minutes' } }, { store })
    await first.stop()
    await first.clock.advance('30 minutes')
    {
      await using second = await begin({ news: { when: 'hourly' } }, { store, clock: first.clock })
      await second.clock.advance('40 minutes')
      assert.deepEqual(await second.told(), ['11:00 succeeded'])
      assert.equal((await second.app.schedules.get('news')).revision, 2)
    }
    await end()
  })

  test('keeps the anchor of an interval: the rhythm is that of its creation', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 7 minutes' } }, { store })
    await first.stop()
    await first.clock.advance('2 minutes')
    {
      await using second = await begin({ news: { when: 'every 7 minutes' } }, { store, clock: first.clock })
      await second.clock.advance('10 minutes')
      assert.deepEqual(await second.told(), ['10:07 succeeded'])
    }
    await end()
  })

  test('without the declaration goes on, shown as no longer declared', async () => {
    const { store, end } = await lasting()
    const first = await begin({ news: { when: 'every 5 minutes' } }, { store })
    await first.stop()
    {
      await using second = await begin({}, { store, clock: first.clock })
      await second.clock.advance('5 minutes')
      assert.equal((await second.app.schedules.get('news')).declared, false)
      assert.equal((await second.told()).at(-1), '10:05 succeeded')
    }
    await end()
  })
})

describe('at run time', () => {
  test('a schedule is created, runs and is removed, and its runs stay', async () => {
    await using world = await begin({})
    await world.clock.during(world.app.schedules.create('late', { task: 'work', when: 'every 10 minutes' }))
    await world.clock.advance('10 minutes')
    await world.clock.during(world.app.schedules.remove('late', 'ada'))
    await world.clock.advance('30 minutes')
    assert.deepEqual(await world.told(), ['10:10 succeeded'])
    await assert.rejects(world.app.schedules.get('late'), { code: 'SCHEDULE_UNKNOWN' })
  })

  test('a second schedule of the same name is refused', async () => {
    await using world = await begin({ news: { when: 'hourly' } })
    const refused = assert.rejects(world.app.schedules.create('news', { task: 'work', when: 'daily' }), {
      code: 'SCHEDULE_EXISTS',
    })
    await world.clock.settle()
    await refused
  })

  for (const [what, options, code] of [
    ['a task that does not exist', { task: 'wrok', when: 'daily' }, 'TASK_UNKNOWN'],
    ['a task named as an own property of every object', { task: 'constructor', when: 'daily' }, 'TASK_UNKNOWN'],
    ['a condition that cannot be read', { task: 'work', when: 'every banana' }, 'CONDITION_UNREADABLE'],
    ['a date that never comes', { task: 'work', when: '0 0 31 2 *' }, 'CONDITION_NEVER'],
    ['a zone that does not exist', { task: 'work', when: 'daily', timezone: 'Europe/Berlim' }, 'TIMEZONE_UNKNOWN'],
    ['an option that does not exist', { task: 'work', when: 'daily', graze: '1 h' }, 'OPTION_INVALID'],
  ] as const) {
    test(`${what} is refused with ${code}`, async () => {
      await using world = await begin({})
      const refused = assert.rejects(world.app.schedules.create('bad', options as ScheduleOptions), { code })
      await world.clock.settle()
      await refused
    })
  }
})

describe('by hand', () => {
  test('a run is wanted, executed and told', async () => {
    await using world = await begin({})
    const told: string[] = []
    world.app.on(event => {
      if (event.kind === 'run') told.push(event.run.state)
    })
    const wanted = await world.clock.during(world.app.run('work', { by: 'ada' }))
    const run = await world.clock.during(world.app.runs.finished(wanted.id))
    assert.deepEqual(run.trigger, { kind: 'hand', by: 'ada' })
    assert.equal(run.state, 'succeeded')
    assert.equal(told.at(-1), 'succeeded')
  })

  test('a run never skips, and is no reason to skip', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } }, { lastsMs: 60_000 })
    await world.clock.advance('4m30s')
    await world.clock.during(world.app.run('work'))
    await world.clock.advance('5 minutes')
    assert.deepEqual(await world.told(), ['by hand succeeded', '10:05 succeeded'])
  })

  test('run again is a new run with the same input', async () => {
    await using world = await begin({})
    const first = await world.clock.during(world.app.run('work', { input: { keyword: 'tea' } }))
    await world.clock.during(world.app.runs.finished(first.id))
    const again = await world.clock.during(world.app.runs.again(first.id, 'ada'))
    assert.notEqual(again.id, first.id)
    assert.deepEqual(again.input, { keyword: 'tea' })
    assert.deepEqual(again.trigger, { kind: 'again', by: 'ada', of: first.id })
  })

  test('a running run is cancelled, and a finished one is not', async () => {
    await using world = await begin({}, { lastsMs: 60_000 })
    const wanted = await world.clock.during(world.app.run('work'))
    await world.clock.during(world.app.runs.cancel(wanted.id, 'ada'))
    assert.equal((await world.app.runs.get(wanted.id)).run.state, 'cancelled')
    const refused = assert.rejects(world.app.runs.cancel(wanted.id, 'ada'), { code: 'RUN_ALREADY_OVER' })
    await world.clock.settle()
    await refused
  })

  test('execute runs one task and starts nothing else', async () => {
    const { store, end } = await lasting()
    const clock = new VirtualClock(START)
    {
      await using app = rota({ store, clock })
      app.task('once', ({ input }) => ({ got: input }))
      app.schedule('often', { task: 'once', when: 'every 1 second' })
      const run = await clock.during(app.execute('once', { input: 7 }))
      assert.deepEqual(run.result, { got: 7 })
      await clock.advance('10 s')
      assert.equal((await app.runs.list({ limit: 10 })).length, 1)
      const stopped = app.stop()
      await clock.settle()
      await stopped
    }
    await end()
  })
})

test('execute ends when its run is cancelled between two attempts', async () => {
  const clock = new VirtualClock(START)
  await using app = rota({ store: ':memory:', clock, random: () => 1 })
  const failing = (): never => {
    throw new Error('no luck')
  }
  app.task('work', failing, { retry: { attempts: 3, first: '1 h', longest: '1 h' } })
  const executed = app.execute('work')
  await clock.settle()
  const [waiting] = await app.runs.list({ limit: 1 })
  assert.equal(waiting?.state, 'retrying')
  await clock.during(app.runs.cancel(waiting.id, 'ada'))
  assert.equal((await executed).state, 'cancelled')
  const stopped = app.stop()
  await clock.settle()
  await stopped
})

describe('a clock that is set', () => {
  test('forward is downtime: the newest missed moment runs, the rest is coalesced', async () => {
    await using world = await begin({ news: { when: 'every 5 minutes' } })
    world.clock.step(3_600_000)
    await world.clock.advance('1 minute')
    assert.deepEqual(await world.told(), ['10:05-10:55 ×11 skipped coalesced', '11:00 succeeded'])
    assert.match((await world.app.events(5))[0]?.detail ?? '', /jumped forward by 1h/)
  })

  test('back by two hours repeats nothing that was decided, and goes on', async () => {
    await using world = await begin({ news: { when: 'every 30 minutes' } })
    await world.clock.advance('2h10m')
    world.clock.step(-2 * 3_600_000)
    await world.clock.advance('2h30m')
    assert.deepEqual(await world.told(), [
      '10:30 succeeded',
      '11:00 succeeded',
      '11:30 succeeded',
      '12:00 succeeded',
      '12:30 succeeded',
    ])
    assert.match((await world.app.status()).problems.join(), /ahead of the clock/)
  })
})
