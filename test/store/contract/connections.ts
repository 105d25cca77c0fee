/** Several connections to the same data, as several processes have them. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { after, deciding, given, wanted } from '../given.ts'
import type { OpenStore } from '../given.ts'

export const connectionsContract = (open: OpenStore): void => {
  describe('two connections to the same data', () => {
    test('judging the same opportunity make one run', async () => {
      await using here = await given(open)
      await using there = await here.another()
      const schedule = await here.schedule('hourly')
      const decision = { runs: wanted(after(1)), mark: after(1) }
      const judged = [
        await here.judge(schedule, decision, { ahead: schedule }),
        await there.judge(schedule, decision, { ahead: schedule }),
      ]
      assert.deepEqual(
        judged.map(one => one.runs.length),
        [1, 0],
      )
      assert.equal((await there.stored('hourly')).runsCreated, 1)
    })

    test('see what the other wrote, and only that as news', async () => {
      await using here = await given(open)
      await using there = await here.another()
      assert.deepEqual([here.store.changedElsewhere(), there.store.changedElsewhere()], [false, false])
      const run = await here.running()
      assert.deepEqual([here.store.changedElsewhere(), there.store.changedElsewhere()], [false, true])
      assert.deepEqual([here.store.changedElsewhere(), there.store.changedElsewhere()], [false, false])
      await there.cancel(run.id)
      assert.equal(here.store.changedElsewhere(), true)
      const { run: over } = await here.finish(run)
      assert.equal(over.state, 'cancelled')
    })

    test('fence one another', async () => {
      await using here = await given(open)
      await using there = await here.another()
      const run = await here.running({ attemptsAllowed: 2 })
      await there.one({ kind: 'rescue', worker: 'w1', at: after(2) }, deciding({}))
      assert.equal((await here.finish(run)).refused, 'fenced')
      const [again] = await there.claim(['collect'], { worker: 'w2' })
      assert.ok(again)
      assert.equal((await here.finish(run)).refused, 'fenced')
      assert.equal((await there.finish(again, undefined, { worker: 'w2' })).refused, null)
    })

    test('give no number twice', async () => {
      await using here = await given(open)
      await using there = await here.another()
      const ids = []
      for (const one of [here, there, here, there, there]) ids.push((await one.request()).id)
      assert.deepEqual(ids, [1, 2, 3, 4, 5])
    })
  })
}
