/** Workers that say hello, goodbye, or nothing; and what a store says of itself. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { given, start } from '../given.ts'
import type { OpenStore } from '../given.ts'

const worker = (name: string) => ({ worker: name, host: 'h1', version: '0.1.0', startedAt: start })

export const workerContract = (open: OpenStore): void => {
  describe('workers', () => {
    test('are those that said hello and not goodbye', async () => {
      await using here = await given(open)
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      await here.one({ kind: 'joinWorker', ...worker('w2') })
      assert.deepEqual(await here.store.workers(), [worker('w1'), worker('w2')])
      await here.one({ kind: 'leaveWorker', worker: 'w1' })
      assert.deepEqual(await here.store.workers(), [worker('w2')])
    })

    test('are also those that hold a run and said nothing', async () => {
      await using here = await given(open)
      const run = await here.running({ worker: 'silent' })
      assert.deepEqual(
        (await here.store.workers()).map(row => row.worker),
        ['silent'],
      )
      await here.finish(run)
      assert.deepEqual(await here.store.workers(), [])
    })

    test('hold what they execute now, oldest first', async () => {
      await using here = await given(open)
      const [first, second] = [await here.running({ worker: 'w1' }), await here.running({ worker: 'w1' })]
      await here.finish(await here.running({ worker: 'w1' }))
      await here.running({ worker: 'w2' })
      await here.request()
      assert.deepEqual(await here.store.runsOf('w1'), [first, second])
      assert.deepEqual(await here.store.runsOf('nobody'), [])
    })

    test('that are kept alive here are not dead', async () => {
      await using here = await given(open)
      await using _life = await here.store.keepAlive('w1')
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      assert.deepEqual(await here.store.deadWorkers(), [])
    })
  })

  describe('a store', () => {
    test('describes itself', async () => {
      await using here = await given(open)
      const { kind, place, schema, bytes, engine } = await here.store.describe()
      assert.ok(kind.length > 0 && place.length > 0 && engine.length > 0)
      assert.ok(schema >= 1 && bytes > 0)
    })
  })
}
