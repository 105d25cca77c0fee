import assert from 'node:assert/strict'
import test from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { instant } from '../../src/base/instant.ts'
import type { Json } from '../../src/base/json.ts'
import type { RunId } from '../../src/base/name.ts'
import { chain, group, join, map } from '../../src/domain/flow.ts'
import type { FlowStep } from '../../src/domain/flow.ts'
import { partial } from '../../src/domain/outcome.ts'
import { isStep } from '../../src/domain/run.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Context } from '../../src/domain/task.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions, ScheduleOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const START = '2026-01-05T08:00:00Z'

interface Flowing extends AsyncDisposable {
  readonly app: App
  readonly clock: VirtualClock
  /** What was executed, in order: "parse(3)". */
  readonly executed: readonly string[]
  run(input?: Json): Promise<Run>
  /** Each step as "task state", by number. */
  steps(root: RunId): Promise<readonly string[]>
  stored(id: RunId): Promise<Run>
}

const lasting = async ({ clock, signal }: Pick<Context, 'clock' | 'signal'>, length: number): Promise<void> => {
  if (length > 0) await clock.sleepUntil(instant(clock.now() + length), signal)
}

/** An app with tasks that end in every way, and 'it', a flow of them. */
const begin = async (
  it: FlowStep,
  { before, ...options }: { readonly before?: (app: App) => void } & RotaOptions = {},
): Promise<Flowing> => {
  const clock = (options.clock as VirtualClock | undefined) ?? new VirtualClock(START)
  const executed: string[] = []
  const app = rota({ store: ':memory:', ...options, clock })
  const define = (name: string, work: (context: Context) => unknown): void => {
    app.task(name, context => {
      executed.push(`${name}(${JSON.stringify(context.input)})`)
      return work(context)
    })
  }
  for (const name of ['a', 'b', 'c', 'd']) define(name, ({ input }) => ({ [name]: input as Json }))
  define('slow', async context => lasting(context, 60_000))
  define('broken', () => {
    throw new Error('no answer')
  })
  define('half', () => partial('half of it', 'page 2 did not answer'))
  define('list', ({ input }) => input ?? [1, 2, 3])
  define('count', async ({ parents }) => (await parents()).map(({ task, state, result }) => [task, state, result]))
  app.flow('it', it)
  before?.(app)
  await clock.during(app.start())
  return {
    app,
    clock,
    executed,
    run: async (input = null) => {
      const { id } = await clock.during(app.run('it', { input }))
      await clock.settle()
      return (await clock.during(app.runs.get(id))).run
    },
    steps: async root => {
      const { steps } = await clock.during(app.runs.flow(root, { limit: 100 }))
      return steps.map(({ run }) => `${run.task} ${run.state}`)
    },
    stored: async id => (await clock.during(app.runs.get(id))).run,
    [Symbol.asyncDispose]: async () => {
      const stopped = app.stop({ grace: 0 })
      await clock.advance('1 minute')
      await stopped
    },
  }
}

// ---- what comes after what

test('a chain goes one after the other, and each step is given what came of the one before', async () => {
  await using it = await begin(chain('a', 'count', 'c'))
  const root = await it.run('in')
  assert.deepEqual([root.state, root.task, root.attempt, root.worker], ['succeeded', 'it', 0, null])
  assert.deepEqual(it.executed, ['a("in")', 'count(null)', 'c(null)'])
  const { steps } = await it.clock.during(it.app.runs.flow(root.id, { limit: 10 }))
  assert.deepEqual(steps[1]?.run.result, [['a', 'succeeded', { a: 'in' }]])
})

test('a group goes side by side, and what follows it waits for all', async () => {
  await using it = await begin(chain(group('slow', 'a'), 'b'))
  const root = await it.run()
  assert.equal(root.state, 'running')
  assert.deepEqual(await it.steps(root.id), ['slow running', 'a succeeded', 'b open'])
  await it.clock.advance('1 minute')
  assert.deepEqual(await it.steps(root.id), ['slow succeeded', 'a succeeded', 'b succeeded'])
  assert.equal((await it.stored(root.id)).state, 'succeeded')
})

test('a join is given the results of all that it joins', async () => {
  await using it = await begin(join(['a', { task: 'b', input: 2 }], 'count'))
  const root = await it.run(1)
  const { steps } = await it.clock.during(it.app.runs.flow(root.id, { limit: 10 }))
  assert.deepEqual(steps[2]?.run.result, [
    ['a', 'succeeded', { a: 1 }],
    ['b', 'succeeded', { b: 2 }],
  ])
})

test('a map has a run for each element of the list before it, in the transaction that ended it', async () => {
  await using it = await begin(chain('list', map('a'), 'count'))
  const root = await it.run(['x', 'y', 'z'])
  assert.deepEqual(it.executed.slice(1, -1), ['a("x")', 'a("y")', 'a("z")'])
  const { steps } = await it.clock.during(it.app.runs.flow(root.id, { limit: 10 }))
  const joined = steps.find(({ run }) => run.task === 'count')
  assert.deepEqual(
    joined?.run.result,
    ['x', 'y', 'z'].map(element => ['a', 'succeeded', { a: element }]),
  )
  assert.deepEqual(
    steps.map(({ from, to }) => [from, to]),
    [
      [0, 2],
      [2, 3],
      [3, 1],
      [2, 3],
      [2, 3],
    ],
  )
})

test('a map over a list that is known begins at once', async () => {
  await using it = await begin(join(map('a', { over: [1, 2] }), 'count'))
  assert.equal((await it.run()).state, 'succeeded')
  assert.deepEqual(it.executed, ['a(1)', 'a(2)', 'count(null)'])
})

test('a map whose list is empty has nothing to do, and the flow goes on', async () => {
  await using it = await begin(chain('list', map('a'), 'count'))
  const root = await it.run([])
  assert.equal(root.state, 'succeeded')
  assert.deepEqual(await it.steps(root.id), ['list succeeded', 'a skipped', 'count succeeded'])
  assert.deepEqual(it.executed, ['list([])', 'count(null)'])
})

for (const { what, list, most, why } of [
  { what: 'what is no list', list: { pages: 3 }, most: 10, why: "the result of run 2 of 'list' is no list" },
  {
    what: 'a list that is too long',
    list: [1, 2, 3],
    most: 2,
    why: "the list of run 2 of 'list' has 3 elements, and the map takes 2 at most",
  },
]) {
  test(`a map over ${what} fails the flow, and says so`, async () => {
    await using it = await begin(chain('list', map('a', { most }), 'b'))
    const root = await it.run(list)
    assert.deepEqual([root.state, root.detail], ['failed', 'of 3 runs 1 failed'])
    assert.deepEqual(await it.steps(root.id), ['list succeeded', 'a failed', 'b skipped'])
    const failed = await it.stored((root.id + 2) as RunId)
    assert.deepEqual([failed.reason, failed.detail], ['input', why])
  })
}

test("elements are counted by the limits of their task's key", async () => {
  await using it = await begin(chain('list', map('keyed')), {
    before: app =>
      app.task<string, void>('keyed', context => lasting(context, 60_000), {
        limits: { key: input => input, perKey: 1 },
      }),
  })
  const root = await it.run(['x', 'x', 'y'])
  const { steps } = await it.clock.during(it.app.runs.flow(root.id, { limit: 10 }))
  const elements = steps.slice(1).map(({ run }) => `${run.key} ${run.state}`)
  assert.deepEqual(elements, ['x running', 'x queued', 'y running'])
  await it.clock.advance('2 minutes')
  assert.equal((await it.stored(root.id)).state, 'succeeded')
})

test('each run is told of as it changes: an end before what it sets going, and the whole last', async () => {
  await using it = await begin(chain('a', 'b'))
  const heard: string[] = []
  it.app.on(event => event.kind === 'run' && heard.push(`${event.run.task} ${event.run.state}`))
  await it.run()
  assert.deepEqual(
    heard.filter(line => !/^(a|b) (queued|running|open)$/.test(line)),
    ['it running', 'a succeeded', 'b succeeded', 'it succeeded'],
  )
  assert.ok(heard.indexOf('a succeeded') < heard.indexOf('b queued'))
})

// ---- rules

test('a step that can no longer begin is skipped at once, and so on down', async () => {
  await using it = await begin(chain(group('broken', 'slow'), 'a', 'b'))
  const root = await it.run()
  assert.deepEqual(await it.steps(root.id), ['broken failed', 'slow running', 'a skipped', 'b skipped'])
  const [a, b] = [await it.stored((root.id + 3) as RunId), await it.stored((root.id + 4) as RunId)]
  assert.deepEqual([a.reason, a.detail], ['condition', `run ${root.id + 1} of 'broken' failed`])
  assert.equal(b.detail, `run ${root.id + 3} of 'a' was skipped`)
  assert.equal((await it.stored(root.id)).state, 'running')
  await it.clock.advance('1 minute')
  const over = await it.stored(root.id)
  assert.deepEqual([over.state, over.reason, over.detail], ['failed', 'error', 'of 4 runs 1 failed'])
})

test('a step on failure begins only after one, and the flow is partial then', async () => {
  const alarm = { task: 'c', on: 'fails' } as const
  await using it = await begin(chain(group('broken', 'a'), group('b', alarm)))
  const root = await it.run()
  assert.deepEqual([root.state, root.detail], ['partial', 'of 4 runs 1 failed'])
  assert.deepEqual(await it.steps(root.id), ['broken failed', 'a succeeded', 'b skipped', 'c succeeded'])

  await using well = await begin(chain('a', group('b', alarm)))
  const good = await well.run()
  assert.equal(good.state, 'succeeded')
  assert.deepEqual(await well.steps(good.id), ['a succeeded', 'b succeeded', 'c skipped'])
  assert.equal((await well.stored((good.id + 3) as RunId)).detail, "nothing before it failed: run 2 of 'a' succeeded")
})

test('a step on any end begins also after what was skipped', async () => {
  await using it = await begin(chain('broken', 'a', { task: 'c', on: 'finishes' }))
  const root = await it.run()
  assert.deepEqual(await it.steps(root.id), ['broken failed', 'a skipped', 'c succeeded'])
  assert.equal(root.state, 'failed')
})

test('what succeeded in part lets the next begin, and makes the whole partial', async () => {
  await using it = await begin(chain('half', 'a'))
  const root = await it.run()
  assert.deepEqual([root.state, root.detail], ['partial', 'of 2 runs 1 succeeded in part'])
  assert.deepEqual(await it.steps(root.id), ['half partial', 'a succeeded'])
})

// ---- cancelling

test('cancelling a flow ends what waits at once, asks what runs to stop, and wins', async () => {
  await using it = await begin(chain(group('slow', 'a'), 'b', { task: 'c', on: 'finishes' }))
  const root = await it.run()
  const asked = await it.clock.during(it.app.runs.cancel(root.id, 'ada'))
  assert.notEqual(asked.cancelRequestedAt, null)
  await it.clock.settle()
  assert.deepEqual(await it.steps(root.id), ['slow cancelled', 'a succeeded', 'b cancelled', 'c cancelled'])
  const over = await it.stored(root.id)
  assert.deepEqual([over.state, over.detail], ['cancelled', 'cancelled by ada'])
})

test('cancelling a single step is no success: what follows is skipped, and the whole is partial', async () => {
  await using it = await begin(chain('slow', 'a', { task: 'c', on: 'finishes' }))
  const root = await it.run()
  await it.clock.during(it.app.runs.cancel((root.id + 1) as RunId, 'ada'))
  await it.clock.settle()
  assert.deepEqual(await it.steps(root.id), ['slow cancelled', 'a skipped', 'c succeeded'])
  const over = await it.stored(root.id)
  assert.deepEqual([over.state, over.detail], ['partial', 'of 3 runs 1 was cancelled'])
})

// ---- as a run like others

const scheduled = (options: Omit<ScheduleOptions, 'task'>) => ({
  before: (app: App) => app.schedule('nightly', { task: 'it', ...options }),
})

const told = async ({ app, clock }: Flowing, schedule = 'nightly'): Promise<readonly string[]> => {
  const runs = await clock.during(app.runs.list({ schedule, limit: 100 }))
  return runs.map(({ state, reason }) => `${state}${reason === null ? '' : ` ${reason}`}`).reverse()
}

test('a schedule runs a flow: the run that stands for it is the one that overlaps, and its steps are nobody else', async () => {
  await using it = await begin(chain('slow', 'slow'), scheduled({ when: 'every 50 s' }))
  await it.clock.advance('5 minutes')
  assert.deepEqual(await told(it), ['succeeded', 'skipped overlap', 'running', 'skipped overlap'])
  const [newest] = await it.clock.during(it.app.runs.list({ task: 'slow', limit: 1 }))
  assert.deepEqual([newest?.schedule, newest?.nominalAt], [null, null])
})

test('a newer opportunity cancels a flow with all its steps', async () => {
  await using it = await begin(chain('slow', 'a'), scheduled({ when: 'every 30 s', overlap: 'cancelPrevious' }))
  await it.clock.advance('65 s')
  assert.deepEqual(await told(it), ['cancelled', 'running'])
})

test('stopWhen ends a flow with all its steps', async () => {
  const options = { when: 'every 40 s', stopWhen: 'after 08:01' }
  await using it = await begin(chain('slow', 'a'), scheduled(options))
  await it.clock.advance('61 s')
  assert.deepEqual((await told(it))[0], 'cancelled')
  assert.deepEqual(it.executed, ['slow(null)'])
})

test('a flow waits its turn as an open row, and begins with all its steps', async () => {
  await using it = await begin(chain('slow', 'a'), scheduled({ when: 'every 40 s', overlap: 'queue' }))
  await it.clock.advance('85 s')
  assert.deepEqual(await told(it), ['running', 'open overlap'])
  await it.clock.advance('20 s')
  assert.deepEqual(await told(it), ['succeeded', 'running'])
})

test('a flow that ended is an event by its own name, and each of its steps by that of its task', async () => {
  await using it = await begin(chain('a', 'slow'), {
    before: app => {
      app.schedule('whole', { task: 'c', when: "after 'it' succeeds" })
      app.schedule('step', { task: 'd', when: "after 'a' succeeds" })
    },
  })
  await it.run()
  assert.deepEqual([await told(it, 'whole'), await told(it, 'step')], [[], ['succeeded']])
  await it.clock.advance('1 minute')
  assert.deepEqual([await told(it, 'whole'), await told(it, 'step')], [['succeeded'], ['succeeded']])
})

test('a flow is running and has started as a run of its name, also where it waited its turn first', async () => {
  await using it = await begin('slow', {
    before: app => {
      app.schedule('nightly', { task: 'it', when: 'every 40 s', overlap: 'queue' })
      app.schedule('beside', { task: 'c', when: "every 25 s and 'it' is running" })
      app.schedule('second', { task: 'd', when: "every 45 s and 'it' has started today at least 2 times" })
    },
  })
  await it.clock.advance('50 s')
  assert.deepEqual(
    [await told(it, 'beside'), await told(it, 'second')],
    [['succeeded', 'succeeded'], ['open condition']],
  )
  await it.clock.advance('50 s')
  // The one of 01:30 waited until a flow began that had waited itself, at 01:40.
  assert.deepEqual((await told(it, 'second')).at(-1), 'succeeded')
})

test('run again is a new flow; of a single step a run of its task alone', async () => {
  await using it = await begin(chain('a', 'b'))
  const root = await it.run('in')
  const again = await it.clock.during(it.app.runs.again(root.id, 'ada'))
  await it.clock.settle()
  assert.deepEqual(await it.steps(again.id), ['a succeeded', 'b succeeded'])
  assert.deepEqual((await it.stored(again.id)).trigger, { kind: 'again', by: 'ada', of: root.id })
  const step = await it.clock.during(it.app.runs.again((root.id + 1) as RunId, 'ada'))
  assert.equal(step.root, null)
  assert.deepEqual(it.executed.at(-1), 'a("in")')
})

test('steps wait for the pause and the limits of their own tasks; the flow itself takes no slot', async () => {
  await using it = await begin(group('slow', 'slow'), { totalConcurrency: 1 })
  const root = await it.run()
  assert.deepEqual((await it.steps(root.id)).toSorted(), ['slow queued', 'slow running'])
  await it.clock.advance('2 minutes')
  assert.equal((await it.stored(root.id)).state, 'succeeded')
})

test('a step that waits and one that was skipped say why', async () => {
  await using it = await begin(chain(group('slow', 'slow'), 'a', 'b'))
  const root = await it.run()
  const sentences = async (id: number) => (await it.clock.during(it.app.runs.explain(id as RunId))).sentences
  assert.deepEqual(await sentences(root.id + 3), [
    `It is a step of the flow that run ${root.id} stands for.`,
    `It waits for run ${root.id + 1} of 'slow' and others to end.`,
  ])
  await it.clock.during(it.app.runs.cancel((root.id + 1) as RunId, 'ada'))
  await it.clock.settle()
  assert.deepEqual((await sentences(root.id + 3)).at(-1), `Skipped, run ${root.id + 1} of 'slow' was cancelled.`)
})

test('one notice tells of a flow that failed, and none of its steps', async () => {
  const heard: string[] = []
  const to = {
    name: 'ops',
    timeout: duration(1_000),
    send: async ({ text }: { readonly text: string }) => {
      heard.push(text)
      return { kind: 'delivered' } as const
    },
  }
  await using it = await begin(chain('broken', 'a'), { before: app => app.notify({ to, on: ['failed'] }) })
  const root = await it.run()
  await it.clock.settle()
  assert.deepEqual(heard, [`task 'it' failed: of 2 runs 1 failed (run ${root.id})`])
})

// ---- restarts

test('a flow goes on where it was when its process stops and another starts', async () => {
  await using closing = new AsyncDisposableStack()
  const store = closing.adopt(await openSqliteStore({ path: ':memory:' }), one => one.close())
  const kept = new Proxy(store, {
    get: (target, key: keyof typeof store) => (key === 'close' ? async () => {} : target[key].bind(target)),
  })
  const clock = new VirtualClock(START)
  let root: Run
  {
    await using first = await begin(chain('a', 'slow', 'b'), { store: kept, clock })
    root = await first.run()
    assert.deepEqual(await first.steps(root.id), ['a succeeded', 'slow running', 'b open'])
  }
  await using second = await begin(chain('c'), { store: kept, clock })
  await clock.advance('2 minutes')
  // Its single attempt was stopped with the process; what follows is decided all the same, by the plan that was kept.
  assert.deepEqual(await second.steps(root.id), ['a succeeded', 'slow failed', 'b skipped'])
  assert.equal((await second.stored(root.id)).state, 'failed')
})

test('an app that is not started executes a flow that it is asked for, and nothing else', async () => {
  const clock = new VirtualClock(START)
  const app = rota({ store: ':memory:', clock, concurrency: 2 })
  const executed: string[] = []
  app.task<Json, Json>('list', () => [1, 2, 3])
  app.task<Json, void>('each', async context => {
    executed.push(`each(${JSON.stringify(context.input)})`)
    await lasting(context, 1_000)
  })
  app.task<Json, void>(
    'flaky',
    ({ attempt }) => {
      executed.push(`flaky ${attempt}`)
      if (attempt === 1) throw new Error('no luck')
    },
    { retry: { attempts: 2, first: '5 s' } },
  )
  app.flow('it', chain('list', map('each'), 'flaky'))
  await clock.during(app.run('flaky'))
  const executing = app.execute('it')
  await clock.advance('1 minute')
  const root = await clock.during(executing)
  assert.equal(root.state, 'succeeded')
  assert.deepEqual(executed, ['each(1)', 'each(2)', 'each(3)', 'flaky 1', 'flaky 2'])
  await clock.during(app.stop())
})

// ---- what is refused

test('what cannot be a flow is refused where it is written', async t => {
  const app = rota({ store: ':memory:' })
  app.task('a', () => null)
  const cases: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    ['a name that a task has', () => app.flow('a', 'b'), 'TASK_EXISTS', /There is a task 'a' already/],
    ['a group of nothing', () => app.flow('f', chain('a', group())), 'OPTION_INVALID', /a group in it has no steps/],
    ['a map that follows nothing', () => app.flow('f', map('a')), 'OPTION_INVALID', /needs one task right before it/],
    [
      'a map that follows a group',
      () => app.flow('f', chain(group('a', 'a'), map('a'))),
      'OPTION_INVALID',
      /needs one task right before it/,
    ],
    [
      'a rule of a first step',
      () => app.flow('f', { task: 'a', on: 'fails' }),
      'OPTION_INVALID',
      /nothing comes before it/,
    ],
    [
      'a rule with a slip',
      () => app.flow('f', chain('a', { task: 'a', on: 'succeds' as 'succeeds' })),
      'OPTION_INVALID',
      /Did you mean 'succeeds'/,
    ],
    ['a map that takes nothing', () => map('a', { most: 0 }), 'OPTION_INVALID', /a whole number from 1/],
  ]
  for (const [what, define, code, message] of cases) await t.test(what, () => assert.throws(define, { code, message }))
  app.flow('g', 'a')
  await assert.rejects(app.run('g', { priority: 9 }), { code: 'OPTION_INVALID', message: /'g' is a flow/ })
  await assert.rejects(app.run('no-such'), { code: 'TASK_UNKNOWN' })
  await app.stop()
})

test('a flow of a task that nobody defined is refused at the start, and one that would set itself going', async () => {
  await assert.rejects(begin(chain('a', 'gone')), { code: 'TASK_UNKNOWN' })
  await assert.rejects(begin(chain('a', 'b'), scheduled({ when: "after 'b' succeeds" })), {
    code: 'CONDITION_REFUSED',
    message: /'b' is a step of the flow 'it'/,
  })
})

test('a run of no flow has none to show', async () => {
  await using it = await begin('a')
  const alone = await it.clock.during(it.app.run('b'))
  await assert.rejects(it.clock.during(it.app.runs.flow(alone.id, { limit: 10 })), { code: 'FLOW_UNKNOWN' })
  const root = await it.run()
  const { steps } = await it.clock.during(it.app.runs.flow(root.id, { limit: 10 }))
  assert.ok(steps.every(({ run }) => isStep(run)))
})
