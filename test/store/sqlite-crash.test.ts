/** What was committed is there after the process was killed in the middle of its work; what was not left no trace. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { Child } from './child.ts'
import { temporaryFolder } from './folder.ts'

const integrityOf = (path: string): unknown => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  } finally {
    database.close()
  }
}

test('nothing that was committed is lost to kill -9, and nothing is there twice', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  let said: string[] = []
  for (let round = 1; round <= 5; round++) {
    await using child = new Child('writing-program.ts', [path])
    for (let i = 0; i < round * 40; i++) said.push(await child.line())
    said = [...said, ...(await child.kill())]
    const store = await openSqliteStore({ path })
    const runs = (await store.runs({ limit: 100_000 })).toReversed()
    await store.close()
    // The number of each run is its place; at most one was committed and not said any more.
    assert.deepEqual(
      runs.map(run => run.id),
      runs.map((_, i) => i + 1),
    )
    assert.deepEqual(
      said.map(Number),
      runs.slice(0, said.length).map(run => run.id),
    )
    assert.ok(runs.length <= said.length + 1)
    said = runs.map(run => `${run.id}`)
    assert.equal(new Set(runs.map(run => run.nominalAt)).size, runs.length)
    assert.equal(integrityOf(path), 'ok')
  }
})
