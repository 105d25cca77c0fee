/** What a handler finds in its context, in a whole app on a virtual clock. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { isRotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import type { Json } from '../../src/base/json.ts'
import { retryAfter } from '../../src/domain/outcome.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Context, Handler, TaskOptions } from '../../src/domain/task.ts'
import { log } from '../../src/engine/current-log.ts'
import { rota } from '../../src/rota.ts'
import type { App, AppEvent, RotaOptions } from '../../src/app.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

class World implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly app: App
  readonly events: AppEvent[] = []

  private constructor(options: RotaOptions) {
    this.app = rota({ store: ':memory:', clock: this.clock, random: () => 0.5, ...options })
    this.app.on(event => this.events.push(event))
  }

  static async with(
    tasks: Readonly<Record<string, Handler | readonly [Handler, TaskOptions]>>,
    options: RotaOptions = {},
  ): Promise<World> {
    const world = new World(options)
    for (const [name, task] of Object.entries(tasks)) {
      if (typeof task === 'function') world.app.task(name, task)
      else world.app.task(name, ...task)
    }
    await world.clock.during(world.app.start())
    return world
  }

  /** Wants a run and lets everything come to rest. */
  async run(task: string, input: Json = null): Promise<Run> {
    const { id } = await this.clock.during(this.app.run(task, { input }))
    await this.clock.settle()
    return this.look(id)
  }

  async look(id: Run['id']): Promise<Run> {
    return (await this.clock.during(this.app.runs.get(id))).run
  }

  async messages({ id }: Run): Promise<readonly string[]> {
    await this.clock.advance('1 s')
    return (await this.clock.during(this.app.runs.logs(id, 0, 100))).map(line => line.message)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.app.stop({ grace: 0 })
    await this.clock.advance('1 minute')
    await stopped
  }
}

describe('a context', () => {
  test('gives each part good by itself, and what was kept by one is seen by the next that is asked for', async () => {
    let deferred = 0
    const work: Handler = async context => {
      const { clock, defer, hold, input, log, parents, previous, progress, records, run, secret, signal, state } =
        context
      defer(() => deferred++)
      context.defer(() => deferred++)
      log.info('one')
      context.log.info('two')
      progress(1, 2)
      await state.set('key', run)
      assert.deepEqual(await records.finishedUnits(), [])
      await hold('1 minute')
      await assert.rejects(secret('nowhere'), error => isRotaError(error, 'SECRET_UNKNOWN'))
      assert.equal(signal, context.signal)
      assert.equal(await context.state.get('key'), run)
      assert.equal(clock, context.clock)
      return { input: input as Json, before: await previous(), parents: (await parents()).length }
    }
    await using world = await World.with({ work })
    const run = await world.run('work', 'given')
    assert.deepEqual(run.result, { input: 'given', before: null, parents: 0 })
    assert.equal(deferred, 2)
    assert.deepEqual(await world.messages(run), ['one', 'two'])
  })
})

describe('defer', () => {
  test('calls each cleanup when the handler is over, the last one first, also when it failed', async () => {
    const called: string[] = []
    const work: Handler = ({ defer, input }) => {
      defer(() => called.push('first'))
      defer(async () => {
        await turn()
        called.push('last')
      })
      called.push('handler')
      if (input !== null) throw new Error('no luck')
      return 'done'
    }
    await using world = await World.with({ work })
    assert.equal((await world.run('work')).result, 'done')
    assert.deepEqual(called.splice(0), ['handler', 'last', 'first'])
    assert.equal((await world.run('work', 1)).error?.message, 'no luck')
    assert.deepEqual(called, ['handler', 'last', 'first'])
  })

  test('logs what a cleanup throws; the others are called, and the outcome stands', async () => {
    const called: string[] = []
    const work: Handler = ({ defer }) => {
      defer(() => called.push('first'))
      defer(() => Promise.reject(new Error('cleanup broke')))
      defer(() => {
        throw undefined as unknown as Error
      })
      return 'done'
    }
    await using world = await World.with({ work })
    const run = await world.run('work')
    assert.deepEqual([run.state, run.result], ['succeeded', 'done'])
    assert.deepEqual(called, ['first'])
    assert.deepEqual(await world.messages(run), ['a cleanup failed', 'a cleanup failed'])
  })

  test('leaves a cleanup alone that is not over within the grace', async () => {
    const work: Handler = ({ defer }) => {
      defer(() => new Promise(() => {}))
      return 'done'
    }
    await using world = await World.with({ work: [work, { timeoutGrace: '3 s' }] })
    const run = await world.run('work')
    assert.equal(run.state, 'running')
    await world.clock.advance('3 s')
    assert.deepEqual([(await world.look(run.id)).state, (await world.look(run.id)).result], ['succeeded', 'done'])
    assert.deepEqual(await world.messages(run), ['the cleanup took longer than 3s and is left alone'])
  })

  test('cleans up after a handler that was abandoned', async () => {
    const called: string[] = []
    const work: Handler = ({ defer }) => {
      defer(() => called.push('closed'))
      return new Promise(() => {})
    }
    await using world = await World.with({ work: [work, { timeout: '1 s', timeoutGrace: '1 s' }] })
    const run = await world.run('work')
    await world.clock.advance('2 s')
    assert.equal((await world.look(run.id)).reason, 'timeout')
    assert.deepEqual(called, ['closed'])
  })
})

describe('progress', () => {
  test('is kept with the run: the last word, the first one at once', async () => {
    const work: Handler = async ({ progress, clock }) => {
      for (let page = 1; page <= 20; page++) {
        progress(page, 20, `page ${page}`)
        await clock.sleepUntil(instant(clock.now() + 100))
      }
    }
    await using world = await World.with({ work })
    const { id } = await world.run('work')
    const first = (await world.clock.during(world.app.runs.get(id))).progress
    assert.deepEqual([first?.done, first?.total, first?.note], [1, 20, 'page 1'])
    await world.clock.advance('2 s')
    assert.equal((await world.clock.during(world.app.runs.get(id))).progress?.done, 20)
    const told = world.events.filter(event => event.kind === 'progress').map(({ progress }) => progress.done)
    assert.deepEqual(told, [1, 5, 10, 15, 20], 'twice a second')
  })

  test('is refused where it is no number', async () => {
    await using world = await World.with({ work: ({ progress }) => progress(Number.NaN) })
    assert.equal((await world.run('work')).error?.code, 'OPTION_INVALID')
  })
})

describe('state', () => {
  test('is remembered from run to run, each task for itself', async () => {
    const count: Handler = async ({ state }) => {
      const before = Number(await state.get('count'))
      await state.set('count', before + 1)
      return before
    }
    await using world = await World.with({ count, other: count })
    for (const expected of [0, 1, 2]) assert.equal((await world.run('count')).result, expected)
    assert.equal((await world.run('other')).result, 0)
  })

  test('forgets what is deleted', async () => {
    const work: Handler = async ({ state }) => {
      await state.set('a', { n: 1 })
      const kept = await state.get('a')
      await state.delete('a')
      return [kept, await state.get('a')]
    }
    await using world = await World.with({ work })
    assert.deepEqual((await world.run('work')).result, [{ n: 1 }, null])
  })

  test('refuses what is too much, and what is no JSON', async () => {
    const codes: unknown[] = []
    const refused = async (attempt: () => Promise<unknown>): Promise<void> => {
      await assert.rejects(attempt, error => isRotaError(error) && codes.push(error.code) > 0)
    }
    const work: Handler = async ({ state }) => {
      for (let i = 0; i < 100; i++) await state.set(`key ${i}`, i)
      await state.set('key 7', 'again')
      await refused(() => state.set('one more', 1))
      await refused(() => state.set('key 1', 'é'.repeat(40_000)))
      await refused(() => state.set('key 1', 1n as never))
      await refused(() => state.set('', 1))
      return state.get('key 7')
    }
    await using world = await World.with({ work })
    assert.equal((await world.run('work')).result, 'again')
    assert.deepEqual(codes, ['STATE_FULL', 'OPTION_INVALID', 'OPTION_INVALID', 'OPTION_INVALID'])
  })

  test('takes nothing from a handler that is over', async () => {
    let late: Context | undefined
    await using world = await World.with({
      work: context => {
        late = context
      },
    })
    await world.run('work')
    await assert.rejects(
      async () => late?.state.set('a', 1),
      error => isRotaError(error, 'RUN_ALREADY_OVER'),
    )
  })
})

describe('previous', () => {
  test('is the last executed run of the same task by hand, or null', async () => {
    const work: Handler = async ({ previous, input }) => {
      const before = await previous()
      if (input === 'fail') throw new Error('no luck')
      return before === null ? 'none' : [before.id, before.state, before.result]
    }
    await using world = await World.with({ work, other: () => 'other' })
    assert.equal((await world.run('work')).result, 'none')
    await world.run('other')
    await world.run('work', 'fail')
    assert.deepEqual((await world.run('work')).result, [3, 'failed', null])
    assert.deepEqual((await world.run('work')).result, [4, 'succeeded', [3, 'failed', null]])
  })

  test('and the parents are the runs that triggered it', async () => {
    await using world = await World.with({ first: () => ({ pages: 3 }), second: ({ parents }) => parents() })
    const options = { task: 'second', when: `after 'first' succeeds` }
    await world.clock.during(world.app.schedules.create('follows', options))
    await world.clock.advance('1 s')
    const first = await world.run('first')
    await world.clock.advance('1 s')
    const [second] = await world.clock.during(world.app.runs.list({ task: 'second', limit: 1 }))
    assert.deepEqual(second?.result, [{ id: first.id, task: 'first', state: 'succeeded', result: { pages: 3 } }])
  })

  test('has no parents where nothing triggered it', async () => {
    await using world = await World.with({ work: ({ parents }) => parents() })
    assert.deepEqual((await world.run('work')).result, [])
  })
})

describe('hold', () => {
  test('lets the schedule of the run rest, recorded as a pause by the run, and over by itself', async () => {
    await using world = await World.with({
      quota: ({ nominalAt, hold }) => (nominalAt === START ? hold('25 minutes', 'the quota is used up') : undefined),
    })
    const START = instant(world.clock.now() + 600_000)
    await world.clock.during(world.app.schedules.create('quota', { task: 'quota', when: '*/10 * * * *' }))
    await world.clock.advance('11 minutes')
    const { paused } = await world.clock.during(world.app.schedules.get('quota'))
    const until = instant(START + 25 * 60_000)
    assert.deepEqual(paused, { at: START, by: 'run 1', why: 'the quota is used up', until })
    await world.clock.advance('35 minutes')
    const rows = await world.clock.during(world.app.runs.list({ schedule: 'quota', limit: 10 }))
    assert.deepEqual(rows.map(({ state, reason, count }) => [state, reason, count]).reverse(), [
      ['succeeded', null, 1],
      ['skipped', 'paused', 2],
      ['succeeded', null, 1],
    ])
  })

  test('lets the retry of the run rest too', async () => {
    const attempts: number[] = []
    const quota: Handler = async ({ attempt, hold }) => {
      attempts.push(attempt)
      if (attempt > 1) return
      await hold('10 minutes')
      throw new Error('no more today')
    }
    await using world = await World.with({ quota: [quota, { retry: { attempts: 2, first: '1 s' } }] })
    await world.clock.during(world.app.schedules.create('quota', { task: 'quota', when: 'in 1 minute' }))
    await world.clock.advance('10 minutes')
    assert.deepEqual(attempts, [1])
    await world.clock.advance('1 minute')
    assert.deepEqual(attempts, [1, 2])
  })

  test('of a run by hand lets nothing rest', async () => {
    await using world = await World.with({ work: ({ hold }) => hold('1 h') })
    assert.equal((await world.run('work')).state, 'succeeded')
  })

  test('for no time, and after the handler is over, is refused', async () => {
    let late: Context | undefined
    await using world = await World.with({
      work: context => {
        late = context
        return context.hold('0 s')
      },
    })
    assert.match((await world.run('work')).error?.message ?? '', /at least 1 ms/)
    await assert.rejects(
      async () => late?.hold('1 h'),
      error => isRotaError(error, 'RUN_ALREADY_OVER'),
    )
  })
})

describe('log', () => {
  test('writes to the run from deep in a call, also after waiting, and each run to its own', async () => {
    const deep = async (): Promise<void> => {
      await turn()
      log.child({ depth: 2 }).info('deep')
    }
    await using world = await World.with({
      work: async () => {
        log.info('shallow')
        await deep()
      },
    })
    const runs = [await world.run('work'), await world.run('work')]
    for (const run of runs) assert.deepEqual(await world.messages(run), ['shallow', 'deep'])
    log.info('nobody hears this')
  })
})

describe('a secret', () => {
  test('comes from the environment or a file, and is masked wherever the run is kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rota-'))
    const secretsFile = join(folder, 'secrets.env')
    writeFileSync(secretsFile, 'feed="from the file"\n', { mode: 0o600 })
    process.env['ROTA_SECRET_API_KEY'] = 'hunter"22'
    try {
      const work: Handler = async ({ secret, log, input }) => {
        const [key, feed] = [await secret('api-key'), await secret('feed')]
        log.info(`asked with ${key}`, { feed })
        if (input === 'fail') throw new Error(`refused ${key}`)
        return { key, length: feed.length }
      }
      await using world = await World.with({ work }, { secretsFile })
      const run = await world.run('work')
      assert.deepEqual(run.result, { key: '•••', length: 13 })
      assert.deepEqual(await world.messages(run), ['asked with •••'])
      const [line] = await world.clock.during(world.app.runs.logs(run.id, 0, 1))
      assert.deepEqual(line?.fields, { feed: '•••' })
      const failed = await world.run('work', 'fail')
      assert.equal(failed.error?.message, 'refused •••')
      assert.doesNotMatch(failed.error?.stack ?? '', /hunter/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('that is not there is said with the variable to set', async () => {
    await using world = await World.with({ work: ({ secret }) => secret('no such') })
    const { error } = await world.run('work')
    assert.equal(error?.code, 'SECRET_UNKNOWN')
    assert.match(error?.message ?? '', /set ROTA_SECRET_NO_SUCH/)
  })

  test(
    'is not taken from a file that others can read',
    { skip: process.platform === 'win32' && 'no modes there' },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rota-'))
      const secretsFile = join(folder, 'secrets.env')
      writeFileSync(secretsFile, 'feed=shared\n', { mode: 0o644 })
      try {
        await using world = await World.with({ work: ({ secret }) => secret('feed') }, { secretsFile })
        assert.match((await world.run('work')).error?.message ?? '', /can be read by others.*chmod 600/)
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})

describe('a deadline of the whole run', () => {
  const fails: Handler = () => {
    throw new Error('no luck')
  }
  const retry = { attempts: 10, first: '20 s', longest: '20 s', jitter: false }

  test('ends it when the next attempt would come after it', async () => {
    await using world = await World.with({ work: [fails, { deadline: '50 s', retry }] })
    const { id } = await world.run('work')
    await world.clock.advance('40 s')
    const run = await world.look(id)
    assert.deepEqual([run.state, run.reason, run.error?.message, run.attempt], ['failed', 'deadline', 'no luck', 3])
  })

  test('aborts the attempt that is running then, and nothing follows', async () => {
    const waits: Handler = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    await using world = await World.with({ work: [waits, { deadline: '50 s', timeout: '2 minutes', retry }] })
    const { id } = await world.run('work')
    await world.clock.advance('50 s')
    const run = await world.look(id)
    assert.deepEqual([run.state, run.reason, run.attempt], ['failed', 'deadline', 1])
    assert.match(run.error?.message ?? '', /was not over within its deadline of 50s/)
  })

  test('lets nothing begin that is claimed after it', async () => {
    let calls = 0
    const counts: Handler = () => {
      calls++
      throw new Error('no luck')
    }
    await using world = await World.with({ work: [counts, { deadline: '50 s', retry }] })
    const { id } = await world.run('work')
    // As if no worker had been there for an hour.
    world.clock.step(3_600_000)
    await world.clock.advance('1 minute')
    const run = await world.look(id)
    assert.deepEqual([run.state, run.reason, calls], ['failed', 'deadline', 1])
  })

  test('leaves the timeout of an attempt what it was', async () => {
    const waits: Handler = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    await using world = await World.with({ work: [waits, { deadline: '50 s', timeout: '10 s', retry }] })
    const { id } = await world.run('work')
    await world.clock.advance('10 s')
    assert.deepEqual([(await world.look(id)).state, (await world.look(id)).error?.name], ['retrying', 'Timeout'])
    await world.clock.advance('30 s')
    assert.deepEqual([(await world.look(id)).state, (await world.look(id)).reason], ['failed', 'deadline'])
  })

  test('also ends what was told to come back after it', async () => {
    const told: Handler = ({ clock }) => {
      throw retryAfter(instant(clock.now() + 3_600_000))
    }
    await using world = await World.with({ work: [told, { deadline: '50 s' }] })
    assert.equal((await world.run('work')).reason, 'deadline')
  })
})
