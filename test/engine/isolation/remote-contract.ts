/** What a handler finds in a thread or a child process: the same context as in this process, and an end for each mistake. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { childProcess, thread } from '../../../src/domain/isolation.ts'
import type { Isolated } from '../../../src/domain/isolation.ts'
import { Attempting, failureOf } from './attempting.ts'

const module = new URL('./handlers.ts', import.meta.url)

export const remoteContract = (kind: 'thread' | 'process'): void => {
  const make = kind === 'thread' ? thread : childProcess
  const work = (name: string, options: { readonly memoryMb?: number } = {}): Isolated =>
    make({ module, export: name, ...options })

  describe(`a handler in a ${kind}`, () => {
    test('is given its input, its number and why it runs', async () => {
      await using here = new Attempting()
      const outcome = await here.run(work('seesItsContext'), {}, { keyword: 'tea' })
      assert.deepEqual(outcome, {
        kind: 'succeeded',
        result: {
          input: { keyword: 'tea' },
          run: 42,
          attempt: 1,
          nominalAt: here.clock.now(),
          trigger: { kind: 'hand', by: 'ada' },
        },
      })
    })

    test('logs in order, fields and all', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('logs'))
      await trial.outcome()
      assert.deepEqual(trial.messages(), ['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'odd'])
      assert.deepEqual(trial.lines.at(-1), {
        level: 'warn',
        message: 'odd',
        fields: { source: 'news', error: 'Error: seen' },
      })
    })

    test('logs from deep in a call by the imported log', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('logsDeep'))
      await trial.outcome()
      assert.deepEqual(trial.messages(), ['from deep in a call'])
    })

    test('asks for state, earlier runs, records and secrets, and shows how far it is', async () => {
      process.env['ROTA_SECRET_CONTRACT'] = 'hidden'
      await using here = new Attempting()
      here.state.set('cursor', { page: 1 })
      const outcome = await here.run(work('asks'))
      assert.deepEqual(outcome, {
        kind: 'succeeded',
        result: { before: { page: 1 }, after: { page: 2 }, previous: 7, parents: 1, secret: 6 },
      })
      assert.deepEqual([...here.state], [['cursor', { page: 2 }]])
      assert.deepEqual(here.progress, [[1, 10, 'first page']])
      assert.deepEqual(here.kept, [['news', [{ key: 'a', hash: 'h', data: null }]]])
    })

    test('sees the refusal of what it asked for', async () => {
      await using here = new Attempting()
      const failed = failureOf(await here.run(work('misses')))
      assert.deepEqual([failed.name, failed.code], ['RotaError', 'SECRET_UNKNOWN'])
    })

    test('is told by its signal, and why', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('polite'), { timeout: '5 s' })
      await trial.said('ready')
      await here.clock.advance('5 s')
      await trial.end()
      assert.ok(trial.messages().includes("told: timeout: 'work' took longer than its timeout of 5s"))
    })

    test('has its cleanups called, the last one first; one that throws is logged and changes nothing', async () => {
      await using here = new Attempting()
      const trial = here.begin(work('defers'))
      assert.deepEqual(await trial.outcome(), { kind: 'succeeded', result: 'done' })
      assert.deepEqual(trial.messages(), ['last deferred', 'a cleanup failed', 'first deferred'])
    })

    test('fails with name, message, code, stack and cause of what it threw', async () => {
      await using here = new Attempting()
      const { error } = failureOf(await here.run(work('fails')))
      assert.deepEqual([error.name, error.message, error.code], ['TypeError', 'no luck', 'E_LUCK'])
      assert.match(error.stack ?? '', /handlers\.ts/)
      assert.equal(error.cause?.message, 'the deeper reason')
    })

    test('that throws what is no Error fails with it', async () => {
      await using here = new Attempting()
      assert.equal(failureOf(await here.run(work('throwsText'))).message, 'just text')
    })

    test('ends partial, gives up, or waits as told, as it says', async () => {
      await using here = new Attempting()
      assert.deepEqual(await here.run(work('part')), {
        kind: 'partial',
        result: { pages: 9 },
        detail: 'page 10 did not answer',
      })
      const hopeless = failureOf(await here.run(work('hopeless'), { retry: { attempts: 5 } }))
      assert.deepEqual([hopeless.name, hopeless.message, hopeless.again], ['GiveUp', 'the account is closed', false])
      const told = await here.run(work('toldToWait'))
      assert.ok(told.kind === 'failed' && told.free)
      assert.equal(told.retryAt, Date.UTC(2030, 0, 1))
    })

    for (const [what, name] of [
      ['a BigInt', 'big'],
      ['a cycle', 'cycle'],
    ] as const) {
      test(`that returns ${what} fails, and it is said what is wrong`, async () => {
        await using here = new Attempting()
        assert.match(failureOf(await here.run(work(name))).message, /The result of 'work' cannot be kept as JSON/)
      })
    }

    test('that exits takes nothing with it: the run fails', async () => {
      await using here = new Attempting()
      assert.match(failureOf(await here.run(work('exits'))).message, /ended with exit code 3 before it was over/)
      assert.deepEqual(await here.run(work('countsRuns')), { kind: 'succeeded', result: 1 })
    })

    test('that crashes where nobody catches it takes nothing with it: the run fails with the error', async () => {
      await using here = new Attempting()
      const failed = failureOf(await here.run(work('crashes')))
      assert.deepEqual([failed.name, failed.message], ['RangeError', 'nobody catches this'])
    })

    test('that needs more memory than it may takes nothing with it', async () => {
      await using here = new Attempting()
      const failed = failureOf(await here.run(work('greedy', { memoryMb: 30 })))
      assert.match(failed.message, /memory|SIGABRT|exit code/)
    })

    test('that is not there fails, and it is said what is', async () => {
      await using here = new Attempting()
      assert.match(failureOf(await here.run(work('nowhere'))).message, /exports no function 'nowhere'\. It has .*asks/)
      assert.match(failureOf(await here.run(work('notAFunction'))).message, /exports no function/)
      const lost = make({ module: new URL('./not-there.ts', import.meta.url) })
      assert.equal(failureOf(await here.run(lost)).code, 'ERR_MODULE_NOT_FOUND')
    })

    test('in a file that starts an app fails: no app starts in it', async () => {
      await using here = new Attempting()
      const failed = failureOf(
        await here.run(make({ module: new URL('./starts-itself.ts', import.meta.url), export: 'work' })),
      )
      assert.equal(failed.code, 'STARTED_IN_WORK')
      assert.match(failed.message, /move the handler to a file of its own/)
    })

    test('finds its module loaded when it comes again', async () => {
      await using here = new Attempting()
      const counted: unknown[] = []
      for (let i = 0; i < 3; i++) counted.push(await here.run(work('countsRuns')))
      assert.deepEqual(
        counted,
        [1, 2, 3].map(result => ({ kind: 'succeeded', result })),
      )
    })

    test('that left work behind is not heard any more, also not as the next one', async () => {
      await using here = new Attempting()
      await here.run(work('leavesWork'))
      const next = here.begin(work('waitsForThatWork'))
      assert.deepEqual(await next.outcome(), { kind: 'succeeded', result: 'RUN_ALREADY_OVER' })
      assert.deepEqual([next.messages(), here.progress, [...here.state]], [[], [], []])
    })

    test('is started anew when what was kept for it has become too old', async () => {
      await using here = new Attempting()
      await here.run(work('countsRuns'))
      await here.clock.advance('2 minutes')
      assert.deepEqual(await here.run(work('countsRuns')), { kind: 'succeeded', result: 1 })
    })
  })
}
