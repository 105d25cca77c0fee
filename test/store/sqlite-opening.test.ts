/** Opening a file: who may read it, what is created, what is refused and in which words, and how its schema grows. */

import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { migrations } from '../../src/store/sqlite/migrations.ts'
import { networkFilesystem } from '../../src/store/sqlite/network-folder.ts'
import { openDatabase } from '../../src/store/sqlite/open.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { Child } from './child.ts'
import { temporaryFolder } from './folder.ts'
import { Given, nothingToJudge, start } from './given.ts'

const refusedWith = (code: ErrorCode) => (error: unknown) => isRotaError(error, code)

const fill = async (path: string, runs = 1): Promise<void> => {
  const store = await openSqliteStore({ path })
  await using here = new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
  for (let i = 0; i < runs; i++) await here.request({ input: 'x'.repeat(1_000) })
}

const modes = (folder: string): readonly string[] =>
  readdirSync(folder)
    .toSorted()
    .map(name => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`)

const newest = migrations.length

describe('a new file', () => {
  test('can be read by its owner only, whatever the umask, and so can all that lies beside it', async () => {
    using folder = temporaryFolder()
    await using worker = new Child('worker-program.ts', [join(folder.path, 'rota.db'), 'w1'], { umask: 0 })
    assert.equal(await worker.line(), 'alive')
    assert.deepEqual(modes(folder.path), [
      'rota.db 600',
      'rota.db-commits 600',
      'rota.db-shm 600',
      'rota.db-wal 600',
      'rota.db-workers 700',
    ])
    assert.deepEqual(modes(join(folder.path, 'rota.db-workers')), ['w1.lock 600'])
  })

  test('lies in a folder that is made for it, for its owner only', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'not', 'there', 'rota.db')
    await using _opened = new Child('opening-program.ts', [path], { umask: 0 })
    assert.deepEqual(await _opened.rest(), [`${newest}`])
    assert.deepEqual(modes(folder.path), ['not 700'])
    assert.ok(existsSync(path))
  })

  test('may be one that is there and empty', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    writeFileSync(path, '')
    await fill(path)
    await fill(path)
  })

  test('opened by several processes at once is made once, and is whole for each of them', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    const children = Array.from({ length: 4 }, () => new Child('opening-program.ts', [path]))
    const said = await Promise.all(children.map(child => child.rest()))
    assert.deepEqual(
      said,
      Array.from({ length: 4 }, () => [`${newest}`]),
    )
    await fill(path)
  })

  test('leaves nothing beside it when the last one closes it', async () => {
    using folder = temporaryFolder()
    await fill(join(folder.path, 'rota.db'))
    assert.deepEqual(readdirSync(folder.path), ['rota.db'])
  })
})

describe('refused is', () => {
  test('a folder in place of a file', async () => {
    using folder = temporaryFolder()
    await assert.rejects(openSqliteStore({ path: folder.path }), error => {
      assert.match((error as Error).message, /is a folder/)
      return isRotaError(error, 'STORE_UNUSABLE')
    })
  })

  test('a network filesystem, by its number in any sign', () => {
    assert.deepEqual([0x6969, 0xff534d42, 0xff534d42 | 0].map(networkFilesystem), ['NFS', 'CIFS', 'CIFS'])
    assert.equal(networkFilesystem(0xef53), undefined)
  })

  test('a folder in the way of the folder', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    await assert.rejects(openSqliteStore({ path: join(file, 'rota.db') }), refusedWith('STORE_UNUSABLE'))
  })

  test('the database of another program, which is left as it is', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'other.db')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE accounts (id INTEGER)')
    other.close()
    const before = readFileSync(path)
    await assert.rejects(openSqliteStore({ path }), error => {
      assert.match((error as Error).message, /another program/)
      return isRotaError(error, 'STORE_UNUSABLE')
    })
    assert.deepEqual(readFileSync(path), before)
  })

  test('a file of a newer Rota', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    const newer = new DatabaseSync(path)
    newer.exec('PRAGMA user_version = 99')
    newer.close()
    await assert.rejects(openSqliteStore({ path }), error => {
      assert.ok(isRotaError(error, 'STORE_NEWER'))
      assert.equal(error.details['schema'], 99)
      return true
    })
  })

  test('a file that is no database', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    writeFileSync(path, 'This is a text, and a long one. '.repeat(1_000))
    await assert.rejects(openSqliteStore({ path }), error => {
      assert.match((error as Error).message, /backup/)
      return isRotaError(error, 'STORE_CORRUPT')
    })
  })

  test('a file of which a part is missing', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path, 200)
    truncateSync(path, 100_000)
    await assert.rejects(openSqliteStore({ path }), refusedWith('STORE_CORRUPT'))
  })

  test('what was damaged in the middle, as soon as it is read', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path, 500)
    const { size } = statSync(path)
    const garbage = Buffer.alloc(size - 8_192, 0xa5)
    writeFileSync(path, garbage, { flag: 'r+' })
    // The first two pages hold what SQLite must know to open it at all.
    await assert.rejects(async () => {
      const store = await openSqliteStore({ path })
      try {
        await store.runs({ limit: 1_000 })
      } finally {
        await store.close()
      }
    }, refusedWith('STORE_CORRUPT'))
  })
})

describe('what may not be written is said so', () => {
  const NOBODY = 65_534
  // Permissions do not bind root: then another user asks.
  const as = process.getuid?.() === 0 ? { uid: NOBODY } : {}

  const codeOf = async (path: string): Promise<string> => {
    await using child = new Child('opening-program.ts', [path], as)
    return await child.line()
  }

  test('when the folder is read-only', async () => {
    using folder = temporaryFolder()
    chmodSync(folder.path, 0o555)
    assert.equal(await codeOf(join(folder.path, 'rota.db')), 'STORE_READ_ONLY')
    assert.equal(await codeOf(join(folder.path, 'deeper', 'rota.db')), 'STORE_READ_ONLY')
    chmodSync(folder.path, 0o700)
  })

  test('when the file is read-only', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    chmodSync(path, 0o444)
    chmodSync(folder.path, 0o777)
    assert.equal(await codeOf(path), 'STORE_READ_ONLY')
  })

  test('when the folder of a file that is there is read-only', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    chmodSync(path, 0o666)
    chmodSync(folder.path, 0o555)
    assert.equal(await codeOf(path), 'STORE_READ_ONLY')
    chmodSync(folder.path, 0o700)
  })
})

describe('a file of an older schema', () => {
  const second = { sql: 'CREATE TABLE later (id INTEGER) STRICT' }

  test('is backed up, then brought to the newest', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    openDatabase({ path }, [...migrations, second]).close()
    const backup = join(folder.path, `rota.db-schema-${newest}.bak`)
    assert.deepEqual(modes(folder.path), ['rota.db 600', `rota.db-schema-${newest}.bak 600`])
    const store = await openSqliteStore({ path: backup })
    assert.equal((await store.runs({ limit: 10 })).length, 1)
    await store.close()
    await assert.rejects(openSqliteStore({ path }), refusedWith('STORE_NEWER'))
  })

  test('is brought there once by several processes at once, and no backup is of the new one', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    const children = Array.from({ length: 4 }, () => new Child('migrating-program.ts', [path]))
    const said = await Promise.all(children.map(child => child.rest()))
    assert.deepEqual(
      said,
      Array.from({ length: 4 }, () => [`${newest + 1}`]),
    )
    const backups = readdirSync(folder.path).filter(name => name.endsWith('.bak'))
    assert.ok(backups.length >= 1)
    for (const backup of backups) await fill(join(folder.path, backup))
  })

  test('never overwrites an older backup', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    const earlier = join(folder.path, `rota.db-schema-${newest}.bak`)
    await fill(path)
    writeFileSync(earlier, 'precious')
    openDatabase({ path }, [...migrations, second]).close()
    assert.deepEqual(readdirSync(folder.path).toSorted(), [
      'rota.db',
      `rota.db-schema-${newest}-2.bak`,
      `rota.db-schema-${newest}.bak`,
    ])
    assert.equal(statSync(earlier).size, 8)
  })

  test('is left as it was when a step fails', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    const failing = { sql: 'CREATE TABLE later (id INTEGER) STRICT; CREATE TABLE runs (id INTEGER)' }
    assert.throws(() => openDatabase({ path }, [...migrations, failing]))
    await fill(path)
  })

  test('needs no backup when it is empty or new', async () => {
    using folder = temporaryFolder()
    openDatabase({ path: join(folder.path, 'new.db') }, [...migrations, second]).close()
    assert.deepEqual(readdirSync(folder.path), ['new.db'])
  })
})

describe('durability', () => {
  test('decides whether each commit is synced to disk', async () => {
    using folder = temporaryFolder()
    for (const [durability, level] of [
      ['full', 2],
      ['normal', 1],
    ] as const) {
      const database = openDatabase({ path: join(folder.path, `${durability}.db`), durability })
      assert.equal(database.prepare('PRAGMA synchronous').get()?.['synchronous'], level)
      assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
      database.close()
    }
  })
})

describe('a folder with a name that means something to SQLite', () => {
  test('is a folder like any other', async () => {
    using folder = temporaryFolder()
    const odd = join(folder.path, "file:it's ?mode=memory#100%")
    mkdirSync(odd)
    const path = join(odd, 'rota.db')
    await fill(path)
    const store = await openSqliteStore({ path })
    await store.commit([{ kind: 'event', at: start, name: 'x', detail: '' }], nothingToJudge)
    assert.equal((await store.runs({ limit: 10 })).length, 1)
    await store.close()
    assert.deepEqual(readdirSync(odd), ['rota.db'])
  })
})
