/** A file from before there were lanes: what waited and ran in it waits and is counted as before. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { noLimits } from '../../src/domain/limits.ts'
import { migrate } from '../../src/store/sqlite/migrations.ts'
import { ground } from '../../src/store/sqlite/migrations/01-ground.ts'
import { facts } from '../../src/store/sqlite/migrations/02-facts.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from './folder.ts'
import { Given, idsOf } from './given.ts'

test('runs of an older file get the lane of their task', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const older = new DatabaseSync(path)
  migrate(older, path, () => {}, [ground, facts])
  older.exec(`
    INSERT INTO names (id, name) VALUES (1, 'collect'), (2, 'other'), (3, 'w0');
    INSERT INTO runs (id, task, state, created_at, ready_at, started_at, ended_at, attempt, attempts_allowed, fence, worker)
    VALUES (1, 1, 5, 0, NULL, 0, 1, 1, 1, 1, 3), (2, 1, 3, 0, NULL, 0, NULL, 1, 1, 1, 3),
      (3, 1, 2, 0, 1, NULL, NULL, 0, 1, 0, NULL), (4, 2, 2, 0, 0, NULL, NULL, 0, 1, 0, NULL);
  `)
  older.close()
  const store = await openSqliteStore({ path })
  await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  assert.deepEqual(await store.queues(), [{ name: 'default', running: 1, waiting: 2 }])
  const over = await store.run(1 as never)
  assert.deepEqual([over?.queue, over?.priority, over?.key], ['default', 5, null])
  const limits = { ...noLimits, queues: new Map([['default', 2]]) }
  assert.deepEqual(idsOf(await here.claim(['collect', 'other'], { limits })), [4])
  assert.deepEqual(idsOf(await here.claim(['collect', 'other'])), [3])
})
