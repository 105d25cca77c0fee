/** A -wal that was lost is noticed; a process that was killed, a copy, a backup, or a machine that went down is never accused. */

import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isRotaError } from '../../src/base/errors.ts'
import { missingCommits, readNote } from '../../src/store/sqlite/commit-count.ts'
import { restoreBackup } from '../../src/store/sqlite/restore.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { Child } from './child.ts'
import { temporaryFolder } from './folder.ts'
import { after, deciding } from './given.ts'

const skip = existsSync('/proc/sys/kernel/random/boot_id')
  ? false
  : 'only Linux says which start of the machine this is'

const runsIn = async (path: string): Promise<number> => {
  const store = await openSqliteStore({ path })
  try {
    return (await store.runs({ limit: 100_000 })).length
  } finally {
    await store.close()
  }
}

/** A store whose writer was killed after it said so many runs. */
const killedAfter = async (path: string, runs: number): Promise<void> => {
  await using child = new Child('writing-program.ts', [path])
  for (let i = 0; i < runs; i++) await child.line()
  await child.kill()
}

const isLoss = (error: unknown): boolean => {
  assert.match((error as Error).message, /lost commits.*rota restore.*delete .*rota\.db-commits/)
  return isRotaError(error, 'STORE_CORRUPT')
}

describe('refused is a store', { skip }, () => {
  for (const [what, lose] of [
    ['whose -wal was deleted', (path: string) => rmSync(`${path}-wal`)],
    ['whose -wal was cut off', (path: string) => truncateSync(`${path}-wal`, 40_000)],
    ['whose -wal was emptied', (path: string) => truncateSync(`${path}-wal`, 0)],
  ] as const) {
    test(`${what} after its process was killed, and it is left as it is`, async () => {
      using folder = temporaryFolder()
      const path = join(folder.path, 'rota.db')
      await killedAfter(path, 100)
      rmSync(`${path}-shm`)
      const before = readFileSync(path)
      lose(path)
      await assert.rejects(openSqliteStore({ path }), isLoss)
      assert.deepEqual(readFileSync(path), before)
      await assert.rejects(openSqliteStore({ path }), isLoss)
    })
  }

  test('whose -wal was deleted while a process writes to it', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await using child = new Child('writing-program.ts', [path])
    await child.line()
    rmSync(`${path}-wal`)
    rmSync(`${path}-shm`)
    await assert.rejects(openSqliteStore({ path }), isLoss)
  })

  test('that was emptied itself', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await killedAfter(path, 3)
    for (const rest of ['', '-wal']) truncateSync(path + rest, 0)
    await assert.rejects(openSqliteStore({ path }), isLoss)
  })

  test('until the note is deleted, or a backup put in its place', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    const store = await openSqliteStore({ path })
    await store.backup(backup, { at: after(1) })
    await store.close()
    for (const mend of [
      async () => rmSync(`${path}-commits`),
      async () => restoreBackup(backup, path, { at: after(2), force: false, catchUp: false, judge: deciding({}) }),
    ]) {
      await killedAfter(path, 3)
      rmSync(`${path}-wal`)
      await assert.rejects(openSqliteStore({ path }), isLoss)
      await mend()
      assert.equal(await runsIn(path), 0)
    }
  })
})

describe('never refused is a store', { skip }, () => {
  test('whose process was killed at any instant', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    let runs = 0
    for (const lines of [1, 7, 64, 130]) {
      await killedAfter(path, lines)
      const now = await runsIn(path)
      assert.ok(now >= runs + lines)
      runs = now
    }
  })

  test('that another looks at while a process writes to it', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await using child = new Child('writing-program.ts', [path])
    for (let i = 0; i < 200; i++) {
      await child.line()
      const note = readNote(path)
      assert.ok(note !== null && note.commits > 0)
      using database = new DatabaseSync(path, { readOnly: true })
      assert.equal(missingCommits(database, path, note, false), 0)
    }
  })

  test('that was closed, copied, or put back as an older copy after it was closed', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    const file = (name: string): string => join(folder.path, name)
    await killedAfter(path, 5)
    for (const rest of ['', '-wal']) copyFileSync(path + rest, file(`copy.db${rest}`))
    assert.ok((await runsIn(file('copy.db'))) >= 5)
    const runs = await runsIn(path)
    assert.deepEqual(
      readdirSync(folder.path).filter(name => name.startsWith('rota.db')),
      ['rota.db'],
    )
    copyFileSync(path, file('older.db'))
    await killedAfter(path, 5)
    assert.ok((await runsIn(path)) > runs)
    copyFileSync(file('older.db'), path)
    assert.equal(await runsIn(path), runs)
  })

  test('that is new because the old one was deleted, note or no note', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await killedAfter(path, 5)
    for (const rest of ['', '-wal', '-shm']) rmSync(path + rest)
    assert.equal(await runsIn(path), 0)
  })

  test('whose machine went down before all was on the disk: what is missing is told instead', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await killedAfter(path, 5)
    rmSync(`${path}-wal`)
    const note = readFileSync(`${path}-commits`, 'utf8')
    writeFileSync(`${path}-commits`, `${note.slice(0, 17)}another-start\n`)
    const told: number[] = []
    const store = await openSqliteStore({ path, onLoss: commits => told.push(commits) })
    await store.close()
    assert.equal(told.length, 1)
    assert.ok((told[0] ?? 0) >= 1)
    assert.equal(await runsIn(path), 0)
  })

  test('beside which lies anything else under the name of the note', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await runsIn(path)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), async text => {
        writeFileSync(`${path}-commits`, text)
        assert.equal(await runsIn(path), 0)
      }),
      { numRuns: 50 },
    )
  })
})
