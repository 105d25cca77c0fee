/** Workers that say hello, goodbye, or nothing; and what a store says of itself. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { after, given, start } from '../given.ts'
import type { OpenStore } from '../given.ts'

const worker = (name: string) => ({ worker: name, host: 'h1', version: '0.1.0', startedAt: start })
const known = (name: string) => ({ ...worker(name), isListed: true, runs: 0 })

export const workerContract = (open: OpenStore): void => {
  describe('workers', () => {
    test('are those that said hello and not goodbye', async () => {
      await using here = await given(open)
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      await here.one({ kind: 'joinWorker', ...worker('w2') })
      assert.deepEqual(await here.store.workers(), [known('w1'), known('w2')])
      await here.one({ kind: 'leaveWorker', worker: 'w1' })
      assert.deepEqual(await here.store.workers(), [known('w2')])
    })

    test('are also those that hold a run and said nothing', async () => {
      await using here = await given(open)
      const run = await here.running({ worker: 'unknown' })
      const listed = async () => (await here.store.workers()).map(({ worker, isListed }) => [worker, isListed])
      assert.deepEqual(await listed(), [['unknown', false]])
      await here.finish(run)
      assert.deepEqual(await listed(), [])
    })

    test('are told with how many runs they execute, and which', async () => {
      await using here = await given(open)
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      const runs = [await here.running({ worker: 'w1' }), await here.running({ worker: 'w1' })]
      await here.running({ worker: 'w2' })
      const row = (await here.store.workers()).find(one => one.worker === 'w1')
      assert.deepEqual(row, { ...known('w1'), runs: 2 })
      assert.deepEqual(await here.store.executedBy('w1'), runs)
      assert.deepEqual(await here.store.executedBy('w3'), [])
    })

    test('that were taken over execute nothing, and are off the list until they say hello again', async () => {
      await using here = await given(open)
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      await here.running({ worker: 'w1' })
      await here.one({ kind: 'rescue', worker: 'w1', at: after(1) })
      assert.deepEqual([await here.store.workers(), await here.store.executedBy('w1')], [[], []])
      await here.one({ kind: 'joinWorker', ...worker('w1') })
      assert.deepEqual(await here.store.workers(), [known('w1')])
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
