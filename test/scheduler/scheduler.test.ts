/** When the loop looks at the store, in a whole app over a virtual clock. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant } from '../../src/base/instant.ts'
import { rota } from '../../src/rota.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

test('the rows of an instant far off are read a second before it, and not at it', async () => {
  const clock = new VirtualClock('2026-01-05T10:00:00Z')
  const opened = await openSqliteStore({ path: ':memory:' })
  const read: string[] = []
  const store = new Proxy(opened, {
    get(target, key: keyof Store) {
      if (key === 'schedulesDue') read.push(formatInstant(clock.now()).slice(11, 19))
      return target[key].bind(target) as unknown
    },
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
