/** What retention writes comes into its place in the file while it goes on. */

import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from './folder.ts'
import { after, endedBefore, given, start } from './given.ts'

test('a long removal leaves no long log behind: what was committed before it is in the file itself', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  await using here = await given(async () => ({ store, another: null, [Symbol.asyncDispose]: () => store.close() }))
  await here.request()
  const runsInFileAlone = async (): Promise<number> => {
    const alone = join(folder.path, 'alone.db')
    copyFileSync(path, alone)
    const copy = await openSqliteStore({ path: alone })
    const runs = await copy.runs({ limit: 10 })
    await copy.close()
    return runs.length
  }
  assert.equal(await runsInFileAlone(), 0)
  for (let slice = 0; slice < 16; slice++)
    await here.one({ kind: 'prune', at: after(9), before: endedBefore(start), keep: 0, limit: 10 })
  assert.equal(await runsInFileAlone(), 1)
})
