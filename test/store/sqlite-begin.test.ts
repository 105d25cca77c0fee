/** How long one waits who wants to write while another does. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { beginAmongOthers } from '../../src/store/sqlite/begin.ts'
import { temporaryFolder } from './folder.ts'

test('who begins among others waits as long as its connection does, and leaves it as it was', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'a.db')
  using other = new DatabaseSync(path)
  for (const timeout of [0, 10, 100]) {
    using one = new DatabaseSync(path, { timeout })
    const wait = () => one.prepare('PRAGMA busy_timeout').get()?.['timeout']
    other.exec('BEGIN IMMEDIATE')
    const from = performance.now()
    assert.throws(() => beginAmongOthers(one), /locked/)
    assert.ok(performance.now() - from >= timeout)
    assert.equal(wait(), timeout)
    other.exec('COMMIT')
    beginAmongOthers(one)
    assert.deepEqual([one.isTransaction, wait()], [true, timeout])
    one.exec('COMMIT')
  }
})
