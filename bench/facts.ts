/**
 * What conditions about facts cost: the end of a run that one schedule follows, beside 100 and 100,000 others that wait for
 * something else; one end that 1,000 follow; and 10,000 that wait while nothing happens.
 */

import { setTimeout as rest } from 'node:timers/promises'
import { duration } from '../src/base/duration.ts'
import { instant } from '../src/base/instant.ts'
import type { Instant } from '../src/base/instant.ts'
import type { TaskName } from '../src/base/name.ts'
import { rota } from '../src/rota.ts'
import { definitionOf } from '../src/scheduler/definition.ts'
import { judgeWith } from '../src/scheduler/due.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { granted } from '../src/store/store.ts'
import type { Store } from '../src/store/store.ts'
import { median, say } from './shared/figure.ts'

const FEW = 100
const MANY = 100_000
const DEPENDENTS = 1_000
const AT_REST = 10_000
const REST_MS = 10_000
const EVENTS = 2_000
const ROUNDS = 5

const start = instant(Date.now())
const judge = judgeWith({ attemptsAllowed: () => 1 })

const put = async (store: Store, count: number, when: (i: number) => string, at: Instant): Promise<void> => {
  for (let i = 0; i < count; i += 500) {
    const changes = Array.from({ length: Math.min(500, count - i) }, (_, j) => {
      const name = `${when(i + j).length}-${at}-${count}-${i + j}`
      const definition = definitionOf(name, { task: 'follower', when: when(i + j) }, 'run time', at, null)
      // As after the first look: nothing is due, all wait.
      return { kind: 'putSchedule', mode: 'create', at, definition: { ...definition, nextAt: null } } as const
    })
    await store.commit(changes, judge)
  }
}

// Counts, states and events of other tasks, a thousand of them.
const unrelated = (i: number): string =>
  [
    `after 'task-${i % 1_000}' succeeds`,
    `every 5 minutes and 'task-${i % 1_000}' is running`,
    `every 5 minutes and 'task-${i % 1_000}' has failed today at least 3 times`,
  ][i % 3] ?? ''

let time = start

/** One run of 'news' by hand and its end, with all that follows; in µs. */
const eventCost = async (store: Store, events: number): Promise<number> => {
  const began = performance.now()
  for (let i = 0; i < events; i++) {
    time = instant(time + 1)
    const task = 'news' as TaskName
    const trigger = { kind: 'hand', by: 'bench' } as const
    const request = {
      kind: 'request',
      task,
      input: null,
      trigger,
      at: time,
      attemptsAllowed: 1,
      claimFor: 'w1',
    } as const
    const asked = await store.commit([request], judge)
    const run = granted(asked.results[0])
    const outcome = { kind: 'succeeded', result: null } as const
    const { id, fence } = run
    const end = { kind: 'finish', run: id, fence, at: time, outcome, worker: 'w1', attemptStartedAt: time } as const
    const { judged } = await store.commit([{ ...end, taskIsSource: false }], judge)
    // What was started of it ends too, so that nothing piles up.
    for (const made of judged.flat(2).flatMap(one => one.runs)) {
      await store.commit([{ kind: 'cancel', run: made.id, at: time, by: 'bench' }], judge)
    }
  }
  return ((performance.now() - began) / events) * 1_000
}

const beside = async (count: number): Promise<Store> => {
  const store = await openSqliteStore({ path: ':memory:' })
  await put(store, count, unrelated, start)
  await put(store, 1, () => "after 'news' succeeds", start)
  await eventCost(store, 200)
  return store
}

const stores = { few: await beside(FEW), many: await beside(MANY) }
const costs = { few: [] as number[], many: [] as number[] }
for (let round = 0; round < ROUNDS; round++) {
  costs.few.push(await eventCost(stores.few, EVENTS))
  costs.many.push(await eventCost(stores.many, EVENTS))
}
say({ name: `facts: an event beside ${FEW} other schedules`, value: median(costs.few), unit: 'µs' })
say({ name: 'facts: an event beside 100,000 other schedules', value: median(costs.many), unit: 'µs' })
say({
  name: 'facts: an event, 100,000 to 100 others',
  value: median(costs.many) / median(costs.few),
  unit: 'times',
  target: '≤ 1.5',
})
await stores.few.close()
await stores.many.close()

const crowd = await openSqliteStore({ path: ':memory:' })
await put(crowd, DEPENDENTS, () => "after 'news' succeeds", start)
const burst = [await eventCost(crowd, 1), await eventCost(crowd, 1), await eventCost(crowd, 1)]
say({ name: 'facts: an event that 1,000 schedules follow', value: median(burst) / 1_000, unit: 'ms' })
await crowd.close()

const waitingStore = await openSqliteStore({ path: ':memory:' })
const idle = await openSqliteStore({ path: ':memory:' })
await put(waitingStore, AT_REST, i => `after 'task-${i % 1_000}' succeeds`, start)

const cpuAtRest = async (store: Store): Promise<number> => {
  await using app = rota({ store })
  app.task('follower', () => {})
  for (let i = 0; i < 1_000; i++) app.task(`task-${i}`, () => {})
  await app.start()
  await rest(duration(1_000))
  const before = process.cpuUsage()
  await rest(duration(REST_MS))
  const { user, system } = process.cpuUsage(before)
  return ((user + system) / 1_000 / REST_MS) * 100
}

say({ name: 'facts: processor with no schedule', value: await cpuAtRest(idle), unit: '% of one core' })
say({
  name: 'facts: processor with 10,000 schedules that wait for events',
  value: await cpuAtRest(waitingStore),
  unit: '% of one core',
  target: '≤ 0.5',
})
