/** What every engine promises, whatever carries its runs. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../src/base/duration.ts'
import { instant } from '../../src/base/instant.ts'
import type { Json } from '../../src/base/json.ts'
import type { RunId, TaskName } from '../../src/base/name.ts'
import { giveUp, partial, retryAfter } from '../../src/domain/outcome.ts'
import type { Run } from '../../src/domain/run.ts'
import { defineTask } from '../../src/domain/task.ts'
import type { Handler, Task, TaskOptions } from '../../src/domain/task.ts'
import type { Engine, EngineListener, TaskBook } from '../../src/engine/engine.ts'
import type { GroupCommit } from '../../src/store/group-commit.ts'
import type { Store } from '../../src/store/store.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** An engine over a real store and a virtual clock. */
export interface EngineUnderTest extends AsyncDisposable {
  readonly engine: Engine
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: VirtualClock
}

export type OpenEngine = (options: {
  tasks: TaskBook
  slots: number
  listener: EngineListener
}) => Promise<EngineUnderTest>

class Bench implements AsyncDisposable {
  readonly under: EngineUnderTest
  readonly notices: readonly string[]

  constructor(under: EngineUnderTest, notices: readonly string[]) {
    this.under = under
    this.notices = notices
  }

  /** Wants a run and lets everything come to rest. */
  async want(task: string, attemptsAllowed = 1, input: Json = null): Promise<RunId> {
    const id = await this.request(task, attemptsAllowed, input)
    this.under.engine.wake()
    await this.under.clock.settle()
    return id
  }

  /** A run that waits, and of which the engine is told nothing. */
  async request(task: string, attemptsAllowed = 1, input: Json = null): Promise<RunId> {
    const { group, clock } = this.under
    const at = clock.now()
    const trigger = { kind: 'hand', by: 'test' } as const
    const requested = group.apply({
      kind: 'request',
      task: task as TaskName,
      input,
      trigger,
      at,
      attemptsAllowed,
      claimFor: null,
    })
    await clock.settle()
    return (await requested).id
  }

  async run(id: RunId): Promise<Run> {
    const run = await this.under.store.run(id)
    assert.ok(run)
    return run
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.under[Symbol.asyncDispose]()
  }
}

export const engineContract = (name: string, open: OpenEngine): void => {
  const using = async (
    handlers: Record<string, Handler | readonly [Handler, TaskOptions]>,
    slots = 10,
  ): Promise<Bench> => {
    const tasks = new Map<string, Task>()
    for (const [task, handler] of Object.entries(handlers)) {
      const [work, options] = typeof handler === 'function' ? [handler, {}] : handler
      tasks.set(task, defineTask(task, work, options))
    }
    const notices: string[] = []
    const listener: EngineListener = {
      claimed: () => {},
      finished: () => {},
      mayClaimAt: () => {},
      logged: () => {},
      progressed: () => {},
      noticed: (_level, message) => notices.push(message),
    }
    const book: TaskBook = { get: task => tasks.get(task), names: () => [...tasks.keys()] as TaskName[] }
    return new Bench(await open({ tasks: book, slots, listener }), notices)
  }

  describe(`${name}: an attempt`, () => {
    test('ends succeeded with its result as JSON', async () => {
      await using bench = await using({ work: () => ({ pages: 3, at: new Date(0) }) })
      const run = await bench.run(await bench.want('work'))
      assert.equal(run.state, 'succeeded')
      assert.deepEqual(run.result, { pages: 3, at: '1970-01-01T00:00:00.000Z' })
      assert.equal(run.attempt, 1)
    })

    test('is given its input, its number and why it runs', async () => {
      await using bench = await using({
        work: ({ input, attempt, trigger, nominalAt }) => ({ input, attempt, trigger, nominalAt }),
      })
      const run = await bench.run(await bench.want('work', 1, { keyword: 'tea' }))
      assert.deepEqual(run.result, {
        input: { keyword: 'tea' },
        attempt: 1,
        trigger: { kind: 'hand', by: 'test' },
        nominalAt: null,
      })
    })

    test('ends partial when the handler says so', async () => {
      await using bench = await using({ work: () => partial({ pages: 9 }, 'page 10 did not answer') })
      const run = await bench.run(await bench.want('work'))
      assert.equal(run.state, 'partial')
      assert.equal(run.detail, 'page 10 did not answer')
      assert.deepEqual(run.result, { pages: 9 })
    })

    for (const [what, thrown, message] of [
      ['an Error', new Error('no luck'), 'no luck'],
      ['a string', 'no luck', 'no luck'],
      ['null', null, 'null'],
      ['an object', { code: 7 }, '{"code":7}'],
      ['an error whose message throws', hostileError(), 'an error whose fields cannot be read'],
    ] as const) {
      test(`ends failed when the handler throws ${what}`, async () => {
        await using bench = await using({
          work: () => {
            throw thrown
          },
        })
        const run = await bench.run(await bench.want('work'))
        assert.equal(run.state, 'failed')
        assert.equal(run.reason, 'error')
        assert.equal(run.error?.message, message)
      })
    }

    for (const [what, result] of [
      ['a cycle', cycle()],
      ['a BigInt', 1n],
      ['a function', () => {}],
      ['a getter that throws', throwing()],
      ['more than a megabyte', 'x'.repeat(1_000_001)],
    ] as const) {
      test(`ends failed when its result is ${what}, and says what is wrong with it`, async () => {
        await using bench = await using({ work: () => result })
        const run = await bench.run(await bench.want('work', 3))
        assert.equal(run.state, 'failed')
        assert.match(run.error?.message ?? '', /cannot be kept as JSON/)
      })
    }

    test('keeps its log lines in order, fields and all', async () => {
      await using bench = await using({
        work: ({ log }) => {
          log.info('first', { page: 1 })
          log.child({ source: 'news' }).warn('second')
        },
      })
      const id = await bench.want('work')
      const lines = await bench.under.store.logs(id, 0, 10)
      assert.deepEqual(
        lines.map(line => [line.level, line.message, line.fields]),
        [
          ['info', 'first', { page: 1 }],
          ['warn', 'second', { source: 'news' }],
        ],
      )
    })
  })

  describe(`${name}: a failed attempt`, () => {
    test('is followed by another when its time comes, and the run keeps both', async () => {
      let calls = 0
      const flaky: Handler = () => {
        if (++calls === 1) throw new Error('first')
        return 'second'
      }
      await using bench = await using({ work: [flaky, { retry: { attempts: 3, first: '10 s', jitter: false } }] })
      const id = await bench.want('work', 3)
      const waiting = await bench.run(id)
      assert.equal(waiting.state, 'retrying')
      assert.equal(waiting.retryAt, bench.under.clock.now() + 10_000)
      await bench.under.clock.advance('10 s')
      bench.under.engine.wake()
      await bench.under.clock.settle()
      const run = await bench.run(id)
      assert.equal(run.state, 'succeeded')
      assert.equal(run.attempt, 2)
      const attempts = await bench.under.store.attempts(id)
      assert.deepEqual(
        attempts.map(attempt => [attempt.attempt, attempt.outcome, attempt.error?.message ?? null]),
        [
          [1, 'failed', 'first'],
          [2, 'succeeded', null],
        ],
      )
    })

    test('is the last when the handler gives up', async () => {
      await using bench = await using({
        work: () => {
          throw giveUp('the account is closed')
        },
      })
      const run = await bench.run(await bench.want('work', 5))
      assert.equal(run.state, 'failed')
      assert.equal(run.error?.message, 'the account is closed')
    })

    test('uses up nothing when the handler was told when to come back', async () => {
      await using bench = await using({
        work: ({ clock, attempt }) => {
          if (attempt === 1) throw retryAfter(instant(clock.now() + 3_600_000), 'quota used up')
          return 'done'
        },
      })
      const id = await bench.want('work', 1)
      assert.equal((await bench.run(id)).state, 'retrying')
      await bench.under.clock.advance('1 h')
      bench.under.engine.wake()
      await bench.under.clock.settle()
      assert.equal((await bench.run(id)).state, 'succeeded')
    })
  })

  describe(`${name}: a timeout`, () => {
    const forever: Handler = () => new Promise(() => {})
    const polite: Handler = ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

    test('aborts the signal, and the run ends failed(timeout)', async () => {
      await using bench = await using({ work: [polite, { timeout: '5 s' }] })
      const id = await bench.want('work')
      await bench.under.clock.advance('5 s')
      const run = await bench.run(id)
      assert.deepEqual([run.state, run.reason], ['failed', 'timeout'])
      assert.match(run.error?.message ?? '', /longer than its timeout of 5s/)
    })

    test('abandons a handler that ignores its signal, frees its slot and counts it', async () => {
      await using bench = await using(
        { deaf: [forever, { timeout: '5 s', timeoutGrace: '2 s' }], next: () => 'ran' },
        1,
      )
      const deaf = await bench.want('deaf')
      const next = await bench.want('next')
      await bench.under.clock.advance('6 s')
      assert.equal((await bench.run(next)).state, 'queued')
      await bench.under.clock.advance('1 s')
      assert.deepEqual([(await bench.run(deaf)).state, (await bench.run(deaf)).reason], ['failed', 'timeout'])
      assert.equal((await bench.run(next)).state, 'succeeded')
      assert.equal(bench.under.engine.abandoned, 1)
    })

    test('refuses what an abandoned handler says later', async () => {
      const late = Promise.withResolvers<string>()
      await using bench = await using({ work: [() => late.promise, { timeout: '5 s', timeoutGrace: '1 s' }] })
      const id = await bench.want('work')
      await bench.under.clock.advance('6 s')
      late.resolve('too late')
      await bench.under.clock.settle()
      const run = await bench.run(id)
      assert.deepEqual([run.state, run.result], ['failed', null])
    })
  })

  test(`${name}: what an abandoned handler throws later disturbs nobody`, async () => {
    const unhandled: unknown[] = []
    const hear = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', hear)
    const late = Promise.withResolvers<string>()
    await using bench = await using({ work: [() => late.promise, { timeout: '5 s', timeoutGrace: '1 s' }] })
    const id = await bench.want('work')
    await bench.under.clock.advance('6 s')
    late.reject(new Error('too late'))
    await bench.under.clock.settle()
    process.off('unhandledRejection', hear)
    const run = await bench.run(id)
    assert.deepEqual([run.state, run.reason, unhandled], ['failed', 'timeout', []])
  })

  describe(`${name}: slots`, () => {
    test('are never exceeded, and the oldest waits least', async () => {
      const order: number[] = []
      let running = 0
      let most = 0
      const work: Handler = async ({ clock, run }) => {
        order.push(run)
        most = Math.max(most, ++running)
        await clock.sleepUntil(instant(clock.now() + 1_000))
        running--
      }
      await using bench = await using({ work }, 2)
      for (let i = 0; i < 5; i++) await bench.want('work')
      await bench.under.clock.advance('5 s')
      assert.equal(most, 2)
      assert.deepEqual(order, [1, 2, 3, 4, 5])
    })

    test('are not set aside for a new run while older ones wait', async () => {
      const work: Handler = ({ clock }) => clock.sleepUntil(instant(clock.now() + 1_000))
      await using bench = await using({ work }, 1)
      await bench.want('work')
      await bench.want('work')
      await bench.under.clock.advance('1 s')
      assert.equal(bench.under.engine.reserve('work' as TaskName), false)
    })

    test('are not set aside for a task nobody here knows', async () => {
      await using bench = await using({ work: () => null })
      await bench.want('work')
      assert.equal(bench.under.engine.reserve('constructor' as TaskName), false)
    })
  })

  describe(`${name}: the end of a worker`, () => {
    const wait: Handler = ({ clock, signal }) => clock.sleepUntil(instant(clock.now() + 60_000), signal)

    test('lets what runs end within the grace', async () => {
      await using bench = await using({ work: wait })
      const id = await bench.want('work')
      const stopped = bench.under.engine.stop(duration(120_000))
      await bench.under.clock.advance('60 s')
      await stopped
      assert.equal((await bench.run(id)).state, 'succeeded')
    })

    test('gives back what may run again, and no attempt is used up', async () => {
      await using bench = await using({ work: wait })
      const id = await bench.want('work', 3)
      const stopped = bench.under.engine.stop(duration(5_000))
      await bench.under.clock.advance('5 s')
      await stopped
      const run = await bench.run(id)
      assert.equal(run.state, 'queued')
      assert.equal(run.attemptsAllowed - run.attempt, 3)
    })

    test('fails what has only one attempt', async () => {
      await using bench = await using({ work: wait })
      const id = await bench.want('work', 1)
      const stopped = bench.under.engine.stop(duration(5_000))
      await bench.under.clock.advance('5 s')
      await stopped
      const run = await bench.run(id)
      assert.deepEqual([run.state, run.reason], ['failed', 'stopped'])
    })
  })

  describe(`${name}: a run that somebody else took over`, () => {
    test('keeps nothing of the late result', async () => {
      const late = Promise.withResolvers<string>()
      await using bench = await using({ work: () => late.promise })
      const id = await bench.want('work', 3)
      const { group, clock } = bench.under
      const held = (await bench.run(id)).worker
      assert.ok(held)
      void group.apply({ kind: 'rescue', worker: held, at: clock.now() })
      await clock.settle()
      assert.equal((await bench.run(id)).state, 'retrying')
      late.resolve('from the dead')
      await clock.settle()
      const run = await bench.run(id)
      assert.deepEqual([run.state, run.result], ['retrying', null])
      assert.ok(bench.notices.includes('a late result was refused'))
    })

    test('is told through its signal at its next log line', async () => {
      const reasons: string[] = []
      const work: Handler = async ({ log, clock, signal }) => {
        await clock.sleepUntil(instant(clock.now() + 10_000))
        log.info('still here')
        signal.addEventListener('abort', () => reasons.push((signal.reason as Error).message))
        await clock.sleepUntil(instant(clock.now() + 60_000), signal)
      }
      await using bench = await using({ work })
      const id = await bench.want('work', 3)
      const { group, clock } = bench.under
      const held = (await bench.run(id)).worker
      assert.ok(held)
      void group.apply({ kind: 'rescue', worker: held, at: clock.now() })
      await clock.advance('11 s')
      assert.deepEqual(reasons, ['another worker has taken the run over'])
    })
  })

  describe(`${name}: what the rows say of it`, () => {
    const untilAborted: Handler = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

    test('is executed where it was claimed in its name and never handed to it', async () => {
      let calls = 0
      await using bench = await using({ work: () => ++calls })
      const { group, store, clock, engine } = bench.under
      const [attempt] = await store.attempts(await bench.want('work'))
      const { worker } = attempt ?? assert.fail('it was not executed')
      const id = await bench.request('work')
      void group.apply({
        kind: 'claim',
        worker,
        at: clock.now(),
        limit: 1,
        tasks: ['work' as TaskName],
        only: null,
      })
      await clock.settle()
      assert.equal((await bench.run(id)).state, 'running')
      assert.equal(engine.running, 0)
      await clock.during(engine.reconcile())
      assert.deepEqual([(await bench.run(id)).state, calls], ['succeeded', 2])
    })

    test('changes nothing where both agree', async () => {
      await using bench = await using({ work: untilAborted })
      const id = await bench.want('work')
      const before = await bench.run(id)
      await bench.under.clock.during(bench.under.engine.reconcile())
      assert.deepEqual(await bench.run(id), before)
      assert.equal(bench.under.engine.running, 1)
    })

    test('ends what was to be cancelled', async () => {
      await using bench = await using({ work: untilAborted })
      const id = await bench.want('work', 3)
      const { group, clock, engine } = bench.under
      void group.apply({ kind: 'cancel', run: id, at: clock.now(), by: 'ada' })
      await clock.settle()
      await clock.during(engine.reconcile())
      assert.equal((await bench.run(id)).state, 'cancelled')
    })

    test('ends what somebody else took over', async () => {
      const reasons: string[] = []
      const work: Handler = ({ signal }) =>
        new Promise(resolve =>
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as Error).message)
            resolve(null)
          }),
        )
      await using bench = await using({ work })
      const id = await bench.want('work', 1)
      const { group, clock, engine } = bench.under
      const { worker } = await bench.run(id)
      void group.apply({ kind: 'rescue', worker: worker ?? assert.fail('nobody has it'), at: clock.now() })
      await clock.settle()
      await clock.during(engine.reconcile())
      assert.deepEqual(reasons, ['another worker has taken the run over'])
      assert.equal((await bench.run(id)).state, 'failed')
    })
  })

  test(`${name}: an end that was kept before is not said to be late`, async () => {
    const work = Promise.withResolvers<string>()
    await using bench = await using({ work: () => work.promise })
    const id = await bench.want('work')
    const { group, clock } = bench.under
    const { fence, worker } = await bench.run(id)
    const outcome = { kind: 'succeeded', result: 'done' } as const
    const at = clock.now()
    void group.apply({
      kind: 'finish',
      run: id,
      fence,
      at,
      outcome,
      worker: worker ?? '',
      attemptStartedAt: at,
      taskIsSource: false,
    })
    await clock.settle()
    work.resolve('done')
    await clock.settle()
    assert.equal((await bench.run(id)).state, 'succeeded')
    assert.deepEqual(bench.notices, [])
  })

  test(`${name}: a run that was taken over may be claimed again while its first attempt still ends`, async () => {
    const ended: string[] = []
    const work: Handler = async ({ attempt, signal, clock }) => {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      // It takes its time.
      await clock.sleepUntil(instant(clock.now() + 5_000))
      ended.push(`attempt ${attempt}: ${(signal.reason as Error).message}`)
    }
    await using bench = await using({ work })
    const id = await bench.want('work', 3)
    const { group, clock, engine } = bench.under
    const { worker } = await bench.run(id)
    void group.apply({ kind: 'rescue', worker: worker ?? '', at: clock.now() })
    await clock.settle()
    engine.wake()
    await clock.settle()
    const [first, second] = engine.executing()
    assert.deepEqual([first?.id, first?.attempt, second?.id, second?.attempt], [id, 1, id, 2])
    engine.abort({ id, fence: first?.fence ?? 0 }, 'fenced')
    await clock.advance('6 s')
    assert.deepEqual(ended, ['attempt 1: another worker has taken the run over'])
    assert.deepEqual(engine.executing(), [second])
    engine.abort({ id, fence: second?.fence ?? 0 }, 'cancelled')
    await clock.advance('6 s')
    assert.deepEqual([ended[1], engine.running], ['attempt 2: the run was cancelled', 0])
    assert.deepEqual(
      (await bench.under.store.attempts(id)).map(({ attempt, reason }) => [attempt, reason]),
      [
        [1, 'lost'],
        [2, null],
      ],
    )
  })

  test(`${name}: a cancelled run ends cancelled, also when its handler returns a result`, async () => {
    const work: Handler = ({ signal }) =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve('half')))
    await using bench = await using({ work })
    const id = await bench.want('work', 3)
    const { group, clock, engine } = bench.under
    void group.apply({ kind: 'cancel', run: id, at: clock.now(), by: 'ada' })
    await clock.settle()
    for (const claim of engine.executing()) engine.abort(claim, 'cancelled')
    await clock.settle()
    const run = await bench.run(id)
    assert.deepEqual([run.state, run.result, run.detail], ['cancelled', 'half', 'cancelled by ada'])
  })
}

function cycle(): unknown {
  const own: Record<string, unknown> = {}
  own['own'] = own
  return own
}

function throwing(): unknown {
  return {
    get pages(): number {
      throw new Error('not now')
    },
  }
}

function hostileError(): Error {
  const error = new Error('hidden')
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error('not now')
    },
  })
  return error
}
