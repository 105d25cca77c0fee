/** Limits, priorities and pauses in whole apps over a virtual clock: who starts when, and what is said of who waits. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { formatInstant } from '../../src/base/instant.ts'
import type { RunId } from '../../src/base/name.ts'
import type { TaskOptions } from '../../src/domain/task.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const START = '2026-01-05T10:00:00Z'

interface World extends AsyncDisposable {
  readonly app: App
  readonly clock: VirtualClock
  /** When what started: "10:00:06 a". */
  readonly started: readonly string[]
  /** Wants runs of `work` with these inputs, one after the other. */
  want(...inputs: readonly string[]): Promise<readonly RunId[]>
  /** Ends the oldest run of this input that runs. */
  end(input: string): Promise<void>
}

/** An app whose task `work` runs until it is told to end. */
const begin = async (
  task: TaskOptions<string>,
  options: RotaOptions & { clock?: VirtualClock } = {},
): Promise<World> => {
  const clock = options.clock ?? new VirtualClock(START)
  const app = rota({ store: ':memory:', ...options, clock })
  const started: string[] = []
  const ends = new Map<string, (() => void)[]>()
  app.task<string, null>(
    'work',
    async ({ input, signal, clock: time }) => {
      started.push(`${formatInstant(time.now()).slice(11, 19)} ${input}`)
      await new Promise<void>((resolve, reject) => {
        ends.set(input, [...(ends.get(input) ?? []), resolve])
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
      return null
    },
    task,
  )
  await clock.during(app.start())
  return {
    app,
    clock,
    started,
    want: async (...inputs) => {
      const ids: RunId[] = []
      for (const input of inputs) ids.push((await clock.during(app.run('work', { input }))).id)
      await clock.settle()
      return ids
    },
    end: async input => {
      const [end, ...others] = ends.get(input) ?? []
      assert.ok(end, `${input} runs`)
      ends.set(input, others)
      end()
      await clock.settle()
    },
    [Symbol.asyncDispose]: async () => {
      const stopped = app.stop({ grace: 0 })
      await clock.advance('1 minute')
      await stopped
    },
  }
}

/** A store that several apps work on at once. */
const shared = async (): Promise<{ readonly store: Store } & AsyncDisposable> => {
  const store = await openSqliteStore({ path: ':memory:' })
  // One connection for both: each hears of the other's writes as of another process's.
  const kept = new Proxy(store, {
    get: (target, key: keyof Store) => {
      if (key === 'close') return async () => {}
      if (key === 'changedElsewhere') return () => true
      return target[key].bind(target) as unknown
    },
  })
  return { store: kept, [Symbol.asyncDispose]: () => store.close() }
}

const waitingOf = async (app: App, id: RunId | undefined): Promise<string | null> => {
  assert.ok(id !== undefined)
  return (await app.runs.get(id)).waiting
}

const inputs = (started: readonly string[]): readonly string[] => started.map(line => line.slice(9))

describe('a limit', () => {
  test('lets the next start as soon as one ends', async () => {
    await using world = await begin({ limits: { concurrency: 2 } })
    await world.want('a', 'b', 'c', 'd')
    assert.deepEqual(inputs(world.started), ['a', 'b'])
    await world.end('a')
    assert.deepEqual(inputs(world.started), ['a', 'b', 'c'])
    await world.end('c')
    await world.end('b')
    assert.deepEqual(inputs(world.started), ['a', 'b', 'c', 'd'])
  })

  test('lets the next start as soon as one is cancelled', async () => {
    await using world = await begin({ limits: { concurrency: 1 } })
    const [first] = await world.want('a', 'b')
    await world.clock.during(world.app.runs.cancel(first as RunId, 'ada'))
    await world.clock.settle()
    assert.deepEqual(inputs(world.started), ['a', 'b'])
  })

  test('of a key says which runs it is held by', async () => {
    const host = (input: string): string | null => (input === 'nowhere' ? null : input.slice(1))
    await using world = await begin({ limits: { key: host, perKey: 2 } })
    const ids = await world.want('1example.org', '2example.org', '3example.org', '1example.com', 'nowhere')
    assert.deepEqual(inputs(world.started), ['1example.org', '2example.org', '1example.com', 'nowhere'])
    const told = `waits: 2 of 2 of 'example.org' are running (runs ${ids[0]}, ${ids[1]})`
    assert.equal(await waitingOf(world.app, ids[2]), told)
    assert.equal(await waitingOf(world.app, ids[0]), null)
    const { sentences } = await world.app.runs.explain(ids[2] as RunId)
    assert.equal(sentences.at(-1), `It ${told}.`)
  })

  test('whose key cannot be made holds all such runs together', async () => {
    const key = (input: string): string => {
      if (input.startsWith('bad')) throw new Error('no host')
      return input
    }
    await using world = await begin({ limits: { key, perKey: 1 } })
    const [, second] = await world.want('bad 1', 'bad 2', 'good')
    assert.deepEqual(inputs(world.started), ['bad 1', 'good'])
    assert.match((await waitingOf(world.app, second)) ?? '', /^waits: 1 of 1 of '\?' are running/)
  })

  test('is kept by two processes together, and what one frees the other takes', async () => {
    await using both = await shared()
    const clock = new VirtualClock(START)
    const options = { store: both.store, clock, queues: { slow: { concurrency: 3 } }, concurrency: 2 }
    await using one = await begin({ queue: 'slow' }, options)
    await using two = await begin({ queue: 'slow' }, options)
    const ids = await one.want('a', 'b', 'c', 'd')
    await clock.advance('1 s')
    assert.deepEqual([inputs(one.started), inputs(two.started)], [['a', 'b'], ['c']])
    assert.match(
      (await waitingOf(two.app, ids[3])) ?? '',
      /^waits: 3 of 3 of queue 'slow' are running \(runs 1, 2, 3\)$/,
    )
    await two.end('c')
    assert.deepEqual(inputs(two.started), ['c', 'd'])
  })

  test('of all holds over every task', async () => {
    await using world = await begin({}, { totalConcurrency: 1 })
    world.app.task('other', () => 'done')
    await world.want('a')
    const other = await world.clock.during(world.app.run('other'))
    assert.equal(await waitingOf(world.app, other.id), 'waits: 1 of 1 are running (run 1)')
    await world.end('a')
    assert.equal((await world.app.runs.get(other.id)).run.state, 'succeeded')
  })

  test('holds for what is executed by hand without a start', async () => {
    await using both = await shared()
    const clock = new VirtualClock(START)
    await using world = await begin({ limits: { concurrency: 1 } }, { store: both.store, clock })
    await world.want('a')
    const script = rota({ store: both.store, clock })
    script.task('work', () => 'by the script', { limits: { concurrency: 1 } })
    const notices: string[] = []
    script.on(event => event.kind === 'notice' && notices.push(event.message))
    const executed = script.execute('work', { input: 'b' })
    await clock.advance('500 ms')
    assert.deepEqual(notices, ["run 2 waits: 1 of 1 of 'work' are running (run 1)"])
    await world.end('a')
    await clock.advance('2 s')
    await world.end('b').catch(() => {})
    await clock.advance('2 s')
    assert.equal((await executed).state, 'succeeded')
    const stopped = script.stop()
    await clock.advance('1 minute')
    await stopped
  })
})

describe('a rate', () => {
  test('starts the next at its instant, by itself', async () => {
    await using world = await begin({ limits: { rate: '10 per minute' } })
    const [, second, third] = await world.want('a', 'b', 'c')
    assert.equal(
      await waitingOf(world.app, third),
      "waits: 10 per 1m for 'work', next at 2026-01-05T10:00:06.000Z".replace('.000', ''),
    )
    await world.clock.advance('30 s')
    assert.deepEqual(world.started, ['10:00:00 a', '10:00:06 b', '10:00:12 c'])
    assert.equal(await waitingOf(world.app, second), null)
  })

  test('lets at most so many start in any period, over a long time', async () => {
    await using world = await begin({ limits: { rate: '7 per minute', key: input => input.slice(1) } })
    const many = Array.from({ length: 40 }, (_, i) => `${i % 10}${i % 2}`)
    await world.want(...many)
    await world.clock.advance('5 minutes')
    for (const key of ['0', '1']) {
      const at = world.started
        .filter(line => line.endsWith(key))
        .map(line => Date.parse(`2026-01-05T${line.slice(0, 8)}Z`))
      assert.equal(at.length, 20)
      at.forEach((first, i) => assert.ok((at[i + 7] ?? Infinity) - first >= 59_000))
    }
  })
})

describe('a priority', () => {
  test('of a task or of one request says who comes first', async () => {
    await using world = await begin({ priority: 3 }, { concurrency: 1 })
    await world.want('a', 'b')
    await world.clock.during(world.app.run('work', { input: 'urgent', priority: 9 }))
    await world.end('a')
    await world.end('urgent')
    assert.deepEqual(inputs(world.started), ['a', 'urgent', 'b'])
    await assert.rejects(world.app.run('work', { input: 'x', priority: 10 }), /a whole number from 0 to 9/)
  })
})

describe('a pause', () => {
  test('with an end is over by itself, and what waited starts then', async () => {
    await using world = await begin({})
    const pause = await world.clock.during(world.app.pause({ by: 'ada', for: '10 minutes' }))
    assert.equal(pause.until, pause.at + 600_000)
    await world.clock.during(world.app.pause({ queue: 'default', by: 'bob', for: '5 minutes' }))
    const [run] = await world.want('a')
    assert.match((await waitingOf(world.app, run)) ?? '', /paused by ada since .* until 2026-01-05T10:10:00Z/)
    await world.clock.advance('9 minutes')
    assert.deepEqual(inputs(world.started), [])
    assert.deepEqual(
      (await world.app.status()).pauses.map(({ queue }) => queue),
      [null],
    )
    await world.clock.advance('1 minute')
    assert.deepEqual(inputs(world.started), ['a'])
    assert.deepEqual((await world.app.status()).pauses, [])
    assert.equal(await world.clock.during(world.app.resume({ by: 'ada' })), false)
  })

  test('of everything lets nothing start, and what waited starts at the resume', async () => {
    await using world = await begin({})
    await world.want('a')
    const pause = await world.clock.during(world.app.pause({ by: 'ada', why: 'the disk is full' }))
    const [second] = await world.want('b')
    await world.end('a')
    assert.deepEqual(inputs(world.started), ['a'])
    const told = 'waits: everything is paused by ada since 2026-01-05T10:00:00Z: the disk is full'
    assert.equal(await waitingOf(world.app, second), told)
    assert.deepEqual((await world.app.status()).pauses, [{ queue: null, pause }])
    assert.equal(await world.clock.during(world.app.resume({ by: 'bob' })), true)
    await world.clock.settle()
    assert.deepEqual(inputs(world.started), ['a', 'b'])
  })

  test('of a queue is shown with it, and is lifted by any process', async () => {
    await using both = await shared()
    const clock = new VirtualClock(START)
    await using world = await begin(
      { queue: 'slow' },
      { store: both.store, clock, queues: { slow: { concurrency: 2 } } },
    )
    const other = rota({ store: both.store, clock })
    await clock.during(other.open())
    const pause = await clock.during(world.app.pause({ queue: 'slow', by: 'ada' }))
    const [id] = await world.want('a')
    assert.deepEqual(await world.app.queues(), [
      { name: 'default', running: 0, waiting: 0, concurrency: null, paused: null },
      { name: 'slow', running: 0, waiting: 1, concurrency: 2, paused: pause },
    ])
    assert.match((await waitingOf(world.app, id)) ?? '', /^waits: queue 'slow' is paused by ada since/)
    await clock.during(other.resume({ queue: 'slow', by: 'bob' }))
    await clock.advance('1 s')
    assert.deepEqual(inputs(world.started), ['a'])
    await assert.rejects(world.app.pause({ queue: 'slw', by: 'ada' }), /Did you mean 'slow'\?/)
    await other.stop()
  })

  test('holds what is scheduled, and no more than its overlap allows waits', async () => {
    await using world = await begin({})
    await world.clock.during(world.app.schedules.create('often', { task: 'work', when: 'every 1 minute', input: 's' }))
    await world.clock.during(world.app.pause({ by: 'ada' }))
    await world.clock.advance('5 minutes')
    const { runs } = await world.app.status()
    assert.deepEqual([runs.queued, runs.running], [1, 0])
    await world.clock.during(world.app.resume({ by: 'ada' }))
    await world.clock.settle()
    assert.deepEqual(world.started, ['10:05:00 s'])
  })
})

test('two processes on one file never run more than a limit says, and run all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'))
  const RUNS = 120
  const together = { all: 0, most: 0, keys: new Map<string, number>() }
  const done = Promise.withResolvers<void>()
  let ended = 0
  const make = (): App => {
    const app = rota({
      store: join(folder, 'rota.db'),
      lookEvery: '5 ms',
      concurrency: 4,
      queues: { slow: { concurrency: 3 } },
    })
    app.task<string, null>(
      'work',
      async ({ input, clock }) => {
        const count = (change: 1 | -1): number => {
          together.all += change
          together.keys.set(input, (together.keys.get(input) ?? 0) + change)
          return together.keys.get(input) ?? 0
        }
        const ofKey = count(1)
        together.most = Math.max(together.most, together.all)
        if (together.all > 3 || ofKey > 2) done.reject(new Error(`${together.all} run, ${ofKey} of ${input}`))
        for (let turn = 0; turn < 5; turn++) await new Promise<void>(resolve => clock.callSoon(resolve))
        count(-1)
        if (++ended === RUNS) done.resolve()
        return null
      },
      { queue: 'slow', limits: { key: input => input, perKey: 2 } },
    )
    return app
  }
  try {
    await using one = make()
    await using two = make()
    await Promise.all([one.start(), two.start()])
    await Promise.all(
      Array.from({ length: RUNS }, (_, i) => (i % 2 === 0 ? one : two).run('work', { input: `${i % 3}` })),
    )
    await done.promise
    assert.equal(together.most, 3)
    const runs = await one.runs.list({ limit: RUNS + 1 })
    for (const { id } of runs) await one.runs.finished(id)
    const ends = await one.runs.list({ states: ['succeeded'], limit: RUNS + 1 })
    assert.equal(ends.length, RUNS)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
