/** When the loop looks at the store, in a whole app over a virtual clock. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant } from '../../src/base/instant.ts'
import { rota } from '../../src/rota.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Change, Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** A store that tells of what is asked of it. */
const watched = (opened: Store, asked: (question: keyof Store, given: readonly unknown[]) => void): Store =>
  new Proxy(opened, {
    get(target, key: keyof Store) {
      const method = target[key].bind(target) as (...given: readonly unknown[]) => unknown
      return (...given: readonly unknown[]) => {
        asked(key, given)
        return method(...given)
      }
    },
  })

test('the rows of an instant far off are read a second before it, and not at it', async () => {
  const clock = new VirtualClock('2026-01-05T10:00:00Z')
  const read: string[] = []
  const store = watched(await openSqliteStore({ path: ':memory:' }), question => {
    if (question === 'schedulesDue') read.push(formatInstant(clock.now()).slice(11, 19))
  })
  const app = rota({ store, clock })
  app.task('work', () => {})
  app.schedule('hourly', { task: 'work', when: 'hourly' })
  await clock.during(app.start())
  await clock.advance('61 minutes')
  const runs = await app.runs.list({ limit: 10 })
  assert.deepEqual(
    runs.map(run => [run.state, run.nominalAt === null ? null : formatInstant(run.nominalAt).slice(11, 19)]),
    [['succeeded', '11:00:00']],
  )
  assert.deepEqual(read, ['10:59:59'])
  await clock.during(app.stop({ grace: 0 }))
})

test('of many that are due at once every one has begun before the end of the first is written', async () => {
  const clock = new VirtualClock('2026-01-05T10:00:00Z')
  const MANY = 1_200
  const written: string[] = []
  const store = watched(await openSqliteStore({ path: ':memory:' }), (question, [changes]) => {
    if (question !== 'commit') return
    for (const { kind } of changes as readonly Change[])
      if ((kind === 'judge' || kind === 'finish') && written.at(-1) !== kind) written.push(kind)
  })
  const app = rota({ store, clock, concurrency: MANY })
  app.task('work', () => {})
  for (let i = 0; i < MANY; i++) app.schedule(`hourly-${i}`, { task: 'work', when: 'hourly' })
  await clock.during(app.start())
  await clock.advance('61 minutes')
  assert.deepEqual(written, ['judge', 'finish'])
  assert.equal((await app.status()).runs.succeeded, MANY)
  await clock.during(app.stop({ grace: 0 }))
})
