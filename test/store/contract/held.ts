/** What becomes of a copy that takes over, and of what it held; many schedules imported at once. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { after, definition, deciding, failure, given, idsOf, start } from '../given.ts'
import type { OpenStore } from '../given.ts'

const takeOver = { kind: 'takeOver', at: after(3_600), from: 'a copy', catchUp: false } as const

export const heldContract = (open: OpenStore): void => {
  describe('a copy that takes over', () => {
    test('holds what waits, ends what ran by the crash rule, and moves each mark to now', async () => {
      await using here = await given(open)
      const queued = await here.request()
      const once = await here.running({ worker: 'gone' })
      const again = await here.running({ worker: 'gone', attemptsAllowed: 2 })
      const over = await here.running()
      await here.finish(over)
      await here.schedule('news')
      const taken = await here.one(takeOver, deciding({}))
      assert.deepEqual(taken, { schedules: 1, since: start, held: 2, lost: 1 })
      const states = await Promise.all([queued, once, again, over].map(async ({ id }) => (await here.run(id)).state))
      assert.deepEqual(states, ['queued', 'failed', 'retrying', 'succeeded'])
      assert.equal((await here.stored('news')).mark, after(3_600))
      assert.equal((await here.store.describe()).held, 2)
      assert.deepEqual(await here.claim(['collect'], { at: after(9_000) }), [])
      assert.deepEqual(await here.claim(['collect'], { at: after(9_000), only: queued.id }), [])
      assert.equal((await here.store.nextDueAt(start)).retry, null)
    })

    test('lets go of what it held, one or all, from then on', async () => {
      await using here = await given(open)
      const first = await here.request()
      const retrying = (await here.finish(await here.running({ attemptsAllowed: 3 }), failure(after(60)))).run
      await here.one(takeOver)
      const released = await here.one({ kind: 'release', run: retrying.id, at: after(4_000) })
      assert.deepEqual(idsOf(released), [retrying.id])
      assert.equal(released[0]?.retryAt, after(4_000))
      assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(9_000) })), [retrying.id])
      assert.deepEqual(idsOf(await here.one({ kind: 'release', run: null, at: after(5_000) })), [first.id])
      assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(9_000) })), [first.id])
    })

    test('catches up instead where it is told to', async () => {
      await using here = await given(open)
      const queued = await here.request()
      await here.schedule('news')
      assert.equal((await here.one({ ...takeOver, catchUp: true })).held, 0)
      assert.equal((await here.stored('news')).mark, start)
      assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(9_000) })), [queued.id])
    })
  })

  describe('schedules imported together', () => {
    test('are created, edited, paused and resumed as they are written; the same ones are not touched', async () => {
      await using here = await given(open)
      const same = await here.schedule('same')
      await here.schedule('edited')
      const pause = { at: after(5), by: 'ada', why: null, until: null }
      const entries = [
        { definition: definition('same'), pause: null },
        { definition: definition('edited', { condition: 'every 2 minutes' }), pause },
        { definition: definition('new'), pause },
      ]
      const put = await here.one({ kind: 'importSchedules', at: after(10), entries })
      assert.deepEqual(
        put.map(({ name, revision, paused }) => ({ name, revision, paused })),
        [
          { name: 'edited', revision: 2, paused: pause },
          { name: 'new', revision: 1, paused: pause },
        ],
      )
      assert.deepEqual(await here.stored('same'), same)
      const resumed = entries.map(({ definition: it }) => ({ definition: it, pause: null }))
      await here.one({ kind: 'importSchedules', at: after(20), entries: resumed }, deciding({ nextAt: after(60) }))
      assert.equal((await here.stored('new')).paused, null)
    })

    test('are none where one of them fails', async () => {
      await using here = await given(open)
      await here.one({
        kind: 'importSchedules',
        at: start,
        entries: [{ definition: definition('old'), pause: { at: start, by: 'ada', why: null, until: null } }],
      })
      const entries = [
        { definition: definition('new'), pause: null },
        { definition: definition('old'), pause: null },
      ]
      // Its resumption is judged, and this judge refuses.
      await assert.rejects(here.one({ kind: 'importSchedules', at: after(10), entries }), error => isRotaError(error))
      assert.equal(await here.store.schedule('new'), null)
    })
  })
}
