/** The history that measurements are made beside is one as Rota would have kept it: it reads it, and goes on with it. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeHistory } from '../../bench/shared/history.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from '../store/folder.ts'
import { after, endedBefore, quiet, start } from '../store/given.ts'

test('a written history is read as runs of its schedules, and retention takes it', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  await writeHistory(path, { runs: 2_000, from: start, to: after(2_000) })
  const store = await openSqliteStore({ path })
  try {
    const [newest, before] = await store.runs({ schedule: 'old-7', limit: 9 })
    assert.deepEqual([newest?.id, before?.id, newest?.state], [1_008, 8, 'succeeded'])
    assert.equal((await store.schedule('old-7'))?.runsCreated, 2)
    const prune = { kind: 'prune', at: after(9_000), before: endedBefore(after(9_000)), keep: 1, limit: 5_000 } as const
    const { results } = await store.commit([prune], (_, at) => quiet(at))
    assert.deepEqual(results, [{ ok: { gone: 1_000, isDone: true } }])
  } finally {
    await store.close()
  }
})
