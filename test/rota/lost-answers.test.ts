/** A whole app on a store that fails: what was committed without an answer is found in the rows, and goes on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant, instant } from '../../src/base/instant.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Context } from '../../src/domain/task.ts'
import { rota } from '../../src/rota.ts'
import type { App, RotaOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { withFaults } from '../../src/testing/faulty-store.ts'
import type { Fault } from '../../src/testing/faulty-store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const full: Fault = { kind: 'full' }
const lost: Fault = { kind: 'lost', stands: true }
const unreachable: Fault = { kind: 'lost', stands: false }

class Fixture implements AsyncDisposable {
  readonly clock = new VirtualClock('2026-01-05T08:00:00Z')
  readonly app: App
  readonly told: string[] = []
  /** The store itself, as another process would use it. */
  readonly store: Store
  calls = 0
  #next: { readonly call: keyof Store; readonly fault: Fault; skips: number } | null = null

  constructor(store: Store, options: RotaOptions) {
    this.store = store
    const faulty = withFaults(store, this.clock, call => this.#fate(call))
    const say = (message: string): number => this.told.push(message)
    const log = { debug: () => {}, info: () => {}, warn: say, error: say, child: () => log }
    this.app = rota({ ...options, store: faulty, clock: this.clock, log })
    this.app.task('work', () => ++this.calls)
    this.app.task('long', ({ clock, signal }: Context) => {
      this.calls++
      return clock.sleepUntil(instant(clock.now() + 3_600_000), signal)
    })
    this.app.on(event => {
      if (event.kind === 'run') this.told.push(`${event.run.task} ${event.run.state}`)
    })
  }

  /** The next such call, after so many others, fares so. */
  next(call: keyof Store, fault: Fault, skips = 0): void {
    this.#next = { call, fault, skips }
  }

  async start(): Promise<void> {
    await this.clock.during(this.app.start())
  }

  async runs(): Promise<readonly string[]> {
    return (await this.store.runs({ limit: 100 })).map(asLine).reverse()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.app.stop({ grace: 0 })
    await this.clock.advance('1 minute')
    await stopped
  }

  #fate(call: keyof Store): Fault | null {
    if (this.#next?.call !== call || this.#next.skips-- > 0) return null
    const { fault } = this.#next
    this.#next = null
    return fault
  }
}

const asLine = ({ task, nominalAt, state, attempt }: Run): string =>
  `${task} ${nominalAt === null ? 'by hand' : formatInstant(nominalAt).slice(11, 16)} ${state} ${attempt}`

const given = async (options: RotaOptions = {}): Promise<Fixture> =>
  new Fixture(await openSqliteStore({ path: ':memory:' }), options)

const failed = { code: 'STORE_UNUSABLE' }

test('a run that was claimed with its decision is executed, once', async () => {
  await using world = await given()
  world.app.schedule('it', { task: 'work', when: 'daily at 09:00' })
  await world.start()
  await world.clock.advance('59 minutes')
  world.next('commit', lost)
  await world.clock.advance('2 minutes')
  assert.deepEqual(await world.runs(), ['work 09:00 succeeded 1'])
  assert.equal(world.calls, 1)
})

test('a run by hand is executed although nobody was told its number', async () => {
  await using world = await given()
  await world.start()
  world.next('commit', lost)
  const requested = assert.rejects(world.app.run('work'), failed)
  await world.clock.advance('2 s')
  await requested
  assert.deepEqual(await world.runs(), ['work by hand succeeded 1'])
})

test('a run that waited for a slot is executed, and the slot is free afterwards', async () => {
  await using world = await given({ concurrency: 1 })
  world.app.task('before', ({ clock }) => clock.sleepUntil(instant(clock.now() + 10_000)))
  await world.start()
  for (const task of ['before', 'work', 'work']) await world.clock.during(world.app.run(task))
  // The end of the first is the next commit, the claim of the second the one after.
  world.next('commit', lost, 1)
  await world.clock.advance('15 s')
  assert.deepEqual(await world.runs(), [
    'before by hand succeeded 1',
    'work by hand succeeded 1',
    'work by hand succeeded 1',
  ])
  assert.equal(world.calls, 2)
})

test('a claim that the store refused is tried again, also when nothing else happens', async () => {
  await using world = await given({ concurrency: 1 })
  await world.start()
  await world.clock.during(world.app.pause({ by: 'ada' }))
  await world.clock.during(world.app.run('work'))
  await world.clock.during(world.app.resume({ by: 'ada' }).then(() => world.next('commit', full)))
  assert.deepEqual(await world.runs(), ['work by hand queued 0'])
  await world.clock.advance('3 s')
  assert.deepEqual(await world.runs(), ['work by hand succeeded 1'])
})

test('a slot that a failed claim had taken is free again', async () => {
  await using world = await given({ concurrency: 1 })
  // The worker says hello, the run is requested, and then it is claimed.
  world.next('commit', full, 2)
  await assert.rejects(world.clock.during(world.app.execute('work')), { code: 'STORE_FULL' })
  await world.clock.advance('1 s')
  await world.start()
  await world.clock.advance('3 s')
  assert.deepEqual(await world.runs(), ['work by hand succeeded 1'])
})

test('a schedule is judged at its moments although its creation was not answered', async () => {
  await using world = await given()
  await world.start()
  await world.clock.advance('1 minute')
  world.next('commit', lost)
  const created = assert.rejects(world.app.schedules.create('it', { task: 'work', when: 'daily at 09:00' }), failed)
  await world.clock.advance('2 s')
  await created
  await world.clock.advance('1 h')
  assert.deepEqual(await world.runs(), ['work 09:00 succeeded 1'])
})

test('a run ends although its cancel was not answered', async () => {
  await using world = await given()
  await world.start()
  const run = await world.clock.during(world.app.run('long'))
  world.next('commit', lost)
  const cancelled = assert.rejects(world.app.runs.cancel(run.id, 'ada'), failed)
  await world.clock.advance('2 s')
  await cancelled
  assert.deepEqual(await world.runs(), ['long by hand cancelled 1'])
})

test('an end without an answer is told as what it is, and what it set going goes on', async () => {
  await using world = await given()
  world.app.task('first', ({ clock }) => clock.sleepUntil(instant(clock.now() + 10_000)))
  world.app.schedule('it', { task: 'work', when: "after 'first' succeeds" })
  await world.start()
  await world.clock.during(world.app.run('first'))
  await world.clock.advance('9 s')
  world.next('commit', lost)
  await world.clock.advance('5 s')
  assert.deepEqual(await world.runs(), ['first by hand succeeded 1', 'work 08:00 succeeded 1'])
  assert.ok(world.told.includes('first succeeded'), world.told.join('\n'))
  assert.ok(!world.told.includes('a late result was refused'), world.told.join('\n'))
})

test('a start that the store failed can be tried again', async () => {
  await using world = await given()
  world.app.schedule('it', { task: 'work', when: 'daily at 09:00' })
  world.next('workers', unreachable)
  await assert.rejects(world.clock.during(world.app.start()), failed)
  await world.start()
  await world.clock.advance('1 h')
  assert.deepEqual(await world.runs(), ['work 09:00 succeeded 1'])
})

test('what another process wrote is found, also when the first look at it fails', async () => {
  await using world = await given()
  await world.start()
  const elsewhere = rota({ store: world.store, clock: world.clock })
  elsewhere.task('work', () => null)
  let isNews = true
  world.store.changedElsewhere = () => isNews && !(isNews = false)
  world.next('workers', unreachable)
  await world.clock.during(elsewhere.schedules.create('it', { task: 'work', when: 'daily at 09:00' }))
  await world.clock.advance('2 h')
  assert.deepEqual(await world.runs(), ['work 09:00 succeeded 1'])
})

test('an app stops although the store answers nothing any more', async () => {
  const clock = new VirtualClock()
  let isLost = false
  const opened = await openSqliteStore({ path: ':memory:' })
  const store = withFaults(opened, clock, () => (isLost ? unreachable : null))
  const app = rota({ store, clock })
  app.task('work', () => null)
  await clock.during(app.start())
  isLost = true
  await assert.rejects(clock.during(app.run('work')), failed)
  const stopped = assert.rejects(app.stop({ grace: 0 }), failed)
  await clock.advance('1 minute')
  await stopped
  await assert.rejects(opened.events(1), /is closed/)
})
