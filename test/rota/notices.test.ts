/** Notices in a whole app over a virtual clock: what is told, to whom, once, in order. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import { duration } from '../../src/base/duration.ts'
import { formatInstant } from '../../src/base/instant.ts'
import type { Notice } from '../../src/domain/notice.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions } from '../../src/app.ts'
import type { Destination, SendContext, Sent } from '../../src/scheduler/destinations/destination.ts'
import type { NoticeOptions } from '../../src/scheduler/notice-rules.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { temporaryFolder } from '../store/folder.ts'

/** A destination that notes what it is sent, and answers as it is told to. */
class Ear implements Destination {
  readonly name: string
  readonly timeout = duration(10_000)
  readonly heard: Notice[] = []
  readonly heardAt: string[] = []
  answer: (notice: Notice, context: SendContext) => Promise<Sent> = async () => ({ kind: 'delivered' })

  constructor(name = 'ear') {
    this.name = name
  }

  async send(notice: Notice, context: SendContext): Promise<Sent> {
    this.heard.push(notice)
    this.heardAt.push(formatInstant(context.now).slice(11, 19))
    return this.answer(notice, context)
  }

  /** "failed 'news' failed" */
  get told(): readonly string[] {
    return this.heard.map(({ kind, text }) => `${kind}: ${text.split(': ')[0]}`)
  }
}

interface World extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly app: App
  /** The task 'work' fails while this is set. */
  fails: boolean
  run(task?: string): Promise<void>
}

const ALL = ['failed', 'recovered', 'health', 'overdue', 'silent'] as const

const begin = async (
  rules: readonly NoticeOptions[],
  options: { clock?: VirtualClock; before?: (app: App) => void } & RotaOptions = {},
): Promise<World> => {
  const { clock = new VirtualClock('2026-01-05T10:00:00Z'), before, ...rest } = options
  const app = rota({ store: ':memory:', random: () => 1, lookEvery: '1 h', ...rest, clock })
  const world = {
    clock,
    app,
    fails: false,
    run: async (task = 'work') => {
      await clock.during(app.run(task))
      await clock.settle()
    },
    [Symbol.asyncDispose]: async () => clock.during(app.stop({ grace: 0 })),
  }
  app.task('work', () => {
    if (world.fails) throw new Error('no answer')
  })
  app.task('other', () => {
    if (world.fails) throw new Error('no answer either')
  })
  before?.(app)
  for (const rule of rules) app.notify(rule)
  await clock.during(app.start())
  return world
}

describe('a failure', () => {
  test('is told when it is the first of a row, and its end is told', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed', 'recovered'] }])
    await world.run()
    world.fails = true
    for (let i = 0; i < 3; i++) await world.run()
    world.fails = false
    for (let i = 0; i < 3; i++) await world.run()
    assert.deepEqual(ear.told, ["failed: task 'work' failed", "recovered: task 'work' runs again"])
    assert.equal(ear.heard[0]?.text, "task 'work' failed: Error: no answer (run 2, attempt 1 of 1)")
    assert.equal(ear.heard[1]?.text, "task 'work' runs again: it failed 3 times since 2026-01-05T10:00:00Z")
  })

  test('is told each time to who asks for every one', async () => {
    const [one, every] = [new Ear('one'), new Ear('every')]
    await using world = await begin([
      { to: one, on: ['failed'] },
      { to: every, on: ['failed'], every: true },
    ])
    world.fails = true
    for (let i = 0; i < 3; i++) await world.run()
    assert.equal(one.heard.length, 1)
    assert.deepEqual(
      every.heard.map(notice => notice.run),
      [1, 2, 3],
    )
  })

  test('that is tried again is told when no attempt is left', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed'] }], {
      before: app =>
        app.task(
          'stubborn',
          () => {
            throw new Error('never')
          },
          { retry: { attempts: 3, first: '1 s', jitter: false } },
        ),
    })
    await world.run('stubborn')
    assert.deepEqual(ear.told, [])
    await world.clock.advance('10 s')
    assert.match(ear.heard[0]?.text ?? '', /attempt 3 of 3/)
    assert.equal(ear.heard.length, 1)
  })

  test('of one schedule is not that of another one of the same task', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed', 'recovered'] }], {
      before: app => {
        app.schedule('early', { task: 'work', when: 'hourly at :10' })
        app.schedule('late', { task: 'work', when: 'hourly at :20' })
      },
    })
    world.fails = true
    await world.clock.advance('25 minutes')
    assert.deepEqual(ear.told, ["failed: 'early' failed", "failed: 'late' failed"])
  })

  test('of a cancelled run is none', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: [...ALL] }], {
      before: app =>
        app.task('slow', async ({ clock, signal }) => clock.sleepUntil((clock.now() + 60_000) as never, signal)),
    })
    const run = await world.clock.during(world.app.run('slow'))
    await world.clock.during(world.app.runs.cancel(run.id, 'ada'))
    await world.clock.advance('2 s')
    assert.equal((await world.app.runs.get(run.id)).run.state, 'cancelled')
    assert.deepEqual(ear.told, [])
  })
})

describe('a rule', () => {
  test('for tasks and tags hears of these alone', async () => {
    const [ofTask, ofTag] = [new Ear('of-task'), new Ear('of-tag')]
    await using world = await begin(
      [
        { to: ofTask, on: ['failed'], tasks: ['other'] },
        { to: ofTag, on: ['failed'], tags: ['money'] },
      ],
      {
        before: app => {
          app.schedule('plain', { task: 'other', when: 'hourly at :10' })
          app.schedule('tagged', { task: 'work', when: 'hourly at :20', tags: ['money'] })
          app.schedule('neither', { task: 'work', when: 'hourly at :30' })
        },
      },
    )
    world.fails = true
    await world.clock.advance('40 minutes')
    assert.deepEqual(ofTask.told, ["failed: 'plain' failed"])
    assert.deepEqual(ofTag.told, ["failed: 'tagged' failed"])
  })

  test('that is wrong is refused with what would be right', () => {
    const app = rota({ store: ':memory:' })
    const refused = (options: unknown, words: RegExp): void =>
      assert.throws(
        () => app.notify(options as NoticeOptions),
        error => isRotaError(error, 'OPTION_INVALID') && words.test(error.message),
      )
    refused({ to: new Ear(), on: ['failing'] }, /list of failed|Did you mean/)
    refused({ to: new Ear(), on: ['faild'] }, /Did you mean 'failed'/)
    refused({ to: new Ear(), on: [] }, /list of/)
    refused({ to: new Ear(), on: ['recovered', 'health'] }, /name failed, overdue or silent too/)
    refused({ to: 'https://hook.test', on: ['failed'] }, /webhook\(…\)/)
    refused({ to: [], on: ['failed'] }, /somebody/)
    refused({ to: new Ear(), on: ['failed'], task: ['a'] }, /Did you mean 'tasks'/)
    app.notify({ to: new Ear('same'), on: ['failed'] })
    refused({ to: new Ear('same'), on: ['failed'] }, /Two destinations are named 'same'/)
  })

  test('for a task that nobody knows is refused at the start', async () => {
    const app = rota({ store: ':memory:' })
    app.task('work', () => null)
    app.notify({ to: new Ear(), on: ['failed'], tasks: ['wrok'] })
    await assert.rejects(app.start(), error => isRotaError(error, 'TASK_UNKNOWN') && /'work'/.test(error.message))
    await app.stop()
  })
})

describe('health', () => {
  test('is told when it turns bad, once a day while it lasts, and when it is good again', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['health'] }])
    world.fails = true
    for (let i = 0; i < 4; i++) await world.run()
    assert.deepEqual(ear.told, ["health: task 'work' is failing"])
    assert.equal(ear.heard[0]?.text, "task 'work' is failing: 3 bad in a row; no answer")
    await world.clock.advance('49 hours')
    assert.equal(ear.heard.length, 3)
    assert.equal(new Set(ear.heard.map(notice => notice.id)).size, 3)
    assert.match(ear.heard.at(-1)?.text ?? '', /; so since 2026-01-05T10:00:00Z$/)
    world.fails = false
    for (let i = 0; i < 3; i++) await world.run()
    assert.equal(ear.told.at(-1), "health: task 'work' is healthy again")
  })
})

describe('a schedule', () => {
  test('that brings nothing good is silent after two expected moments, and again after four', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['silent', 'recovered'] }], {
      before: app => app.schedule('news', { task: 'work', when: 'hourly', grace: '10 minutes' }),
    })
    world.fails = true
    await world.clock.advance('6 hours')
    assert.deepEqual(ear.heardAt, ['12:10:00', '14:10:00'])
    assert.equal(
      ear.heard[0]?.text,
      "'news' is silent: no good run since 2026-01-05T10:00:00Z, 2 expected moments and a grace of 10m passed",
    )
    world.fails = false
    await world.clock.advance('1 hour')
    assert.deepEqual(ear.told.slice(2), ["recovered: 'news' runs again"])
    world.fails = true
    await world.clock.advance('5 hours')
    assert.equal(ear.heardAt[3], '19:10:00')
    assert.match(ear.heard[3]?.text ?? '', /the last good run ended 2026-01-05T17:00:00Z/)
  })

  test('that is paused, ended, or waits for facts is not silent', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['silent'] }], {
      before: app => {
        app.schedule('paused', { task: 'work', when: 'hourly' })
        app.schedule('ended', { task: 'other', when: 'hourly', maxRuns: 1 })
        app.schedule('facts', { task: 'other', when: "hourly and after 'work' fails" })
      },
    })
    await world.clock.during(world.app.schedules.pause('paused', 'ada'))
    await world.clock.advance('8 hours')
    assert.deepEqual(ear.told, [])
    await world.clock.during(world.app.schedules.resume('paused', 'ada'))
    world.fails = true
    await world.clock.advance('4 hours')
    assert.deepEqual(ear.told, ["silent: 'paused' is silent"])
  })

  test('whose run nobody starts is overdue, until one does', async () => {
    const ear = new Ear()
    const clock = new VirtualClock('2026-01-05T10:00:00Z')
    await using world = await begin([{ to: ear, on: ['overdue', 'recovered'] }], {
      clock,
      concurrency: 1,
      before: app => {
        app.task('slow', async ({ clock: time, signal }) => time.sleepUntil((time.now() + 7_200_000) as never, signal))
        app.schedule('quick', { task: 'work', when: 'hourly at :05', grace: '5 minutes' })
      },
    })
    await world.run('slow')
    await world.clock.advance('15 minutes')
    assert.deepEqual(ear.told, [])
    await world.clock.advance('31 s')
    assert.deepEqual(ear.told, ["overdue: 'quick' is overdue"])
    assert.match(ear.heard[0]?.text ?? '', /its run waits, and no worker starts it since 2026-01-05T10:05:00Z/)
    await world.clock.advance('4 hours')
    assert.deepEqual(ear.told.slice(1), ["recovered: 'quick' runs again"])
  })
})

describe('the outbox', () => {
  test('tries again after longer and longer waits, and goes on in order', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed'], every: true }])
    ear.answer = async () => {
      throw new Error('connection refused')
    }
    world.fails = true
    await world.run()
    await world.run()
    await world.clock.advance('40 s')
    assert.deepEqual(ear.heardAt, ['10:00:00', '10:00:05', '10:00:15', '10:00:35'])
    assert.deepEqual(new Set(ear.heard.map(notice => notice.run)), new Set([1]))
    assert.equal(new Set(ear.heard.map(notice => notice.id)).size, 1)
    const [, waiting] = await world.app.notices.list({ limit: 10 })
    assert.deepEqual([waiting?.state, waiting?.tries, waiting?.problem], ['waiting', 4, 'connection refused'])
    ear.answer = async () => ({ kind: 'delivered' })
    await world.clock.advance('1 minute')
    assert.deepEqual(
      ear.heard.slice(4).map(notice => notice.run),
      [1, 2],
    )
    assert.deepEqual(
      (await world.app.notices.list({ limit: 10 })).map(({ state }) => state),
      ['delivered', 'delivered'],
    )
  })

  test('waits as long as a destination asks for', async () => {
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed'] }])
    ear.answer = async (_, { now }) => ({ kind: 'failed', why: 'HTTP 429', retryAt: (now + 3_600_000) as never })
    world.fails = true
    await world.run()
    await world.clock.advance('2 hours')
    assert.deepEqual(ear.heardAt, ['10:00:00', '11:00:00', '12:00:00'])
  })

  test('gives up after a day, or when it is refused, and says so', async () => {
    const [dead, refusing] = [new Ear('dead'), new Ear('refusing')]
    dead.answer = async () => ({ kind: 'failed', why: 'HTTP 500 \u001B[2J', retryAt: null })
    refusing.answer = async () => ({ kind: 'refused', why: 'HTTP 410' })
    await using world = await begin([{ to: [dead, refusing], on: ['failed'] }])
    world.fails = true
    await world.run()
    assert.match((await world.app.status()).problems[0] ?? '', /could not be delivered to refusing: HTTP 410/)
    assert.equal(refusing.heard.length, 1)
    await world.clock.advance('24 hours')
    const tried = dead.heard.length
    assert.ok(tried > 50 && tried < 120, String(tried))
    await world.clock.advance('2 hours')
    assert.equal(dead.heard.length, tried)
    assert.match((await world.app.status()).problems.join(), /could not be delivered to dead: HTTP 500 ␛\[2J/)
    assert.deepEqual(
      (await world.app.notices.list({ limit: 10 })).map(({ state }) => state),
      ['given up', 'given up'],
    )
    assert.deepEqual(
      (await world.app.events(10)).map(event => event.name),
      ['notice given up', 'notice given up'],
    )
  })

  test('lets one destination that hangs keep no other waiting, and gives it up for now at its time', async () => {
    const [hanging, quick] = [new Ear('hanging'), new Ear('quick')]
    hanging.answer = () => new Promise(() => {})
    await using world = await begin([{ to: [hanging, quick], on: ['failed'], every: true }])
    world.fails = true
    await world.run()
    await world.run()
    assert.equal(quick.heard.length, 2)
    assert.equal(hanging.heard.length, 1)
    await world.clock.advance('10 s')
    const waiting = (await world.app.notices.list({ limit: 10 })).filter(({ state }) => state === 'waiting')
    assert.deepEqual(
      waiting.map(({ problem }) => problem),
      [null, 'no answer within 10s'],
    )
  })

  test('sends what was being sent when the app stopped at the next start, with the same id', async () => {
    await using kept = await keptStore()
    const ear = new Ear()
    ear.answer = () => new Promise(() => {})
    const clock = new VirtualClock('2026-01-05T10:00:00Z')
    const first = await begin([{ to: ear, on: ['failed'] }], { store: kept.store, clock })
    first.fails = true
    await first.run()
    await first[Symbol.asyncDispose]()
    ear.answer = async () => ({ kind: 'delivered' })
    await using second = await begin([{ to: ear, on: ['failed'] }], { store: kept.store, clock })
    await clock.settle()
    assert.equal(ear.heard.length, 2)
    assert.equal(ear.heard[0]?.id, ear.heard[1]?.id)
    const notices = await second.app.notices.list({ limit: 10 })
    assert.deepEqual(
      notices.map(({ state }) => state),
      ['delivered'],
    )
  })

  test('holds what another process did on the same file, and is emptied by who knows the destination', async () => {
    using folder = temporaryFolder()
    const store = join(folder.path, 'rota.db')
    const ear = new Ear()
    await using world = await begin([{ to: ear, on: ['failed'] }], { store, lookEvery: '1 s' })
    const other = rota({ store, clock: world.clock })
    other.task('broken', () => {
      throw new Error('elsewhere')
    })
    await world.clock.during(other.execute('broken'))
    await world.clock.during(other.stop())
    assert.deepEqual(ear.told, [])
    await world.clock.advance('1 s')
    assert.deepEqual(ear.told, ["failed: task 'broken' failed"])
  })

  test('of an app that declares no rules says nothing, whatever an earlier start declared', async () => {
    await using kept = await keptStore()
    const clock = new VirtualClock('2026-01-05T10:00:00Z')
    const ear = new Ear()
    const first = await begin([{ to: ear, on: [...ALL] }], { store: kept.store, clock })
    assert.equal((await kept.store.noticeRules()).length, 1)
    await first[Symbol.asyncDispose]()
    await using second = await begin([], { store: kept.store, clock })
    assert.deepEqual(await kept.store.noticeRules(), [])
    second.fails = true
    await second.run()
    await clock.advance('6 hours')
    assert.deepEqual([ear.told, await kept.store.notices({ limit: 10 })], [[], []])
  })
})

/** A store that outlives the apps on it. */
const keptStore = async (): Promise<{ readonly store: Store } & AsyncDisposable> => {
  const store = await openSqliteStore({ path: ':memory:' })
  const kept = new Proxy(store, {
    get: (target, key: keyof Store) => (key === 'close' ? async () => {} : (target[key].bind(target) as unknown)),
  })
  return { store: kept, [Symbol.asyncDispose]: () => store.close() }
}

test('a test notice goes straight to a destination that is known', async () => {
  const ear = new Ear()
  const app = rota({ store: ':memory:', clock: new VirtualClock() })
  app.notify({ to: ear, on: ['failed'] })
  assert.deepEqual(await app.notices.test('ear'), { kind: 'delivered' })
  assert.deepEqual(
    ear.heard.map(({ kind }) => kind),
    ['test'],
  )
  await assert.rejects(
    app.notices.test('eer'),
    error => isRotaError(error, 'DESTINATION_UNKNOWN') && /Did you mean 'ear'/.test(error.message),
  )
})
