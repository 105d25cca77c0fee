/** What was committed comes into its place in the file beside what goes on. */

import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryFolder } from './folder.ts'
import { nothingToJudge, start } from './given.ts'

/** What of this store somebody finds who has its file alone. */
const eventsInFileAlone = async (path: string): Promise<number> => {
  const alone = `${path}.alone`
  copyFileSync(path, alone)
  const copy = await openSqliteStore({ path: alone })
  const events = await copy.events(10)
  await copy.close()
  return events.length
}

const note = (store: Store, name = 'noted') =>
  store.commit([{ kind: 'event', at: start, name, detail: '' }], nothingToJudge)

test('after a checkpoint what was committed before it is in the file itself', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  await note(store)
  assert.equal(await eventsInFileAlone(path), 0)
  await store.checkpoint()
  assert.equal(await eventsInFileAlone(path), 1)
  await store.close()
})

test('commits go on while one is made, and nothing of them is lost', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  const over = new AbortController()
  await note(store)
  const checkpoint = Promise.all([store.checkpoint(), store.checkpoint()]).finally(() => over.abort())
  let commits = 1
  for (; !over.signal.aborted; await nextTurn()) commits += (await note(store)).results.length
  await checkpoint
  await store.close()
  const again = await openSqliteStore({ path })
  assert.equal((await again.events(commits + 1)).length, commits)
  await again.close()
})

test('what gathers is put into its place before SQLite would do that in a commit', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  const empty = statSync(path).size
  // Less than the 10,000 pages at which SQLite does it, each of them written anew by many commits.
  for (let i = 0; i < 400; i++) await note(store)
  // A thread does it: it comes, or this test does not end.
  while (statSync(path).size === empty) await nextTurn()
  await store.close()
})

test('closing the store ends it: no log is left behind, and none is made after that', async () => {
  using folder = temporaryFolder()
  const store = await openSqliteStore({ path: join(folder.path, 'rota.db') })
  await note(store)
  void store.checkpoint()
  await store.close()
  await store.checkpoint()
  assert.deepEqual(readdirSync(folder.path), ['rota.db'])
})

test('without a file there is nothing to do', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  await note(store)
  await store.checkpoint()
  assert.equal((await store.events(10)).length, 1)
  await store.close()
})

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
