/** Backups of a file that is in use, and their way back: what is refused, what is kept, what becomes of the unfinished. */

import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { openDatabase } from '../../src/store/sqlite/open.ts'
import { restoreBackup } from '../../src/store/sqlite/restore.ts'
import type { RestoreOptions } from '../../src/store/sqlite/restore.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { Child } from './child.ts'
import { temporaryFolder } from './folder.ts'
import { Given, after, deciding, failure, idsOf, opening, quiet, releasing, start, wanted } from './given.ts'

const refusedWith = (code: ErrorCode) => (error: unknown) => isRotaError(error, code)

const open = async (path: string): Promise<Given> => {
  const store = await openSqliteStore({ path })
  return new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() })
}

/** A store with `runs` runs by hand, all over. */
const fill = async (path: string, runs = 3): Promise<void> => {
  await using here = await open(path)
  for (let i = 0; i < runs; i++) await here.finish(await here.running())
}

const storedIn = async (path: string): Promise<readonly number[]> => {
  await using here = await open(path)
  return idsOf((await here.store.runs({ limit: 100_000 })).toReversed())
}

const restoring = (part: Partial<RestoreOptions> = {}): RestoreOptions => ({
  at: after(3_600),
  force: false,
  catchUp: false,
  judge: deciding({}),
  ...part,
})

const backUp = async (path: string, to: string): Promise<void> => {
  await using here = await open(path)
  await here.store.backup(to, { at: after(60) })
}

describe('a backup', () => {
  test('holds everything committed, is its owner’s alone, and has nothing beside it', async () => {
    using folder = temporaryFolder()
    const [path, copies] = [join(folder.path, 'rota.db'), join(folder.path, 'copies')]
    mkdirSync(copies)
    await using here = await open(path)
    const run = await here.request()
    const backup = await here.store.backup(join(copies, 'one.db'), { at: after(60) })
    await here.request()
    assert.deepEqual(readdirSync(copies), ['one.db'])
    assert.equal(statSync(backup.file).mode & 0o777, 0o600)
    assert.equal(backup.bytes, statSync(backup.file).size)
    assert.deepEqual(await storedIn(backup.file), [run.id])
    assert.equal((await here.store.describe()).backedUpAt, after(60))
  })

  test('is of one moment, while another connection goes on writing', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path, 200)
    await using here = await open(path)
    await using writer = await open(path)
    const file = join(folder.path, 'copy.db')
    const over = new AbortController()
    const backup = here.store.backup(file, { at: after(60) }).finally(() => over.abort())
    let written = 200
    for (; !over.signal.aborted; written++) {
      await writer.request()
      // The backup is told of on another turn of the event loop.
      await new Promise(setImmediate)
    }
    await backup
    const stored = await storedIn(file)
    assert.deepEqual(
      stored,
      stored.map((_, i) => i + 1),
    )
    assert.ok(stored.length >= 200 && stored.length <= written)
  })

  test('of a store in memory is a file like any other', async () => {
    using folder = temporaryFolder()
    await using here = await open(':memory:')
    await here.request()
    const file = join(folder.path, 'memory.db')
    await here.store.backup(file, { at: after(60) })
    assert.deepEqual(await storedIn(file), [1])
  })

  test('never replaces a file unless it is told to', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'backup.db')
    writeFileSync(file, 'precious')
    await using here = await open(join(folder.path, 'rota.db'))
    await assert.rejects(here.store.backup(file, { at: start }), refusedWith('FILE_EXISTS'))
    assert.equal(readFileSync(file, 'utf8'), 'precious')
    await here.store.backup(file, { at: start, force: true })
    assert.deepEqual(await storedIn(file), [])
  })

  test('that cannot be written leaves nothing, and the store goes on', async () => {
    using folder = temporaryFolder()
    await using here = await open(join(folder.path, 'rota.db'))
    await assert.rejects(here.store.backup(join(folder.path, 'gone', 'b.db'), { at: start }), error => {
      assert.match((error as Error).message, /gone/)
      return isRotaError(error, 'STORE_UNUSABLE')
    })
    await here.request()
    assert.ok(!readdirSync(folder.path).some(name => name.endsWith('.part')))
  })
})

describe('a restore', () => {
  test('puts the backup in place and keeps what was there beside it, readable', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path, 3)
    await backUp(path, backup)
    await fill(path, 2)
    const before = readFileSync(backup)
    const restored = await restoreBackup(backup, path, restoring({ force: true }))
    assert.equal(restored.backedUpAt, after(60))
    assert.deepEqual(await storedIn(path), [1, 2, 3])
    assert.deepEqual(await storedIn(restored.replaced ?? ''), [1, 2, 3, 4, 5])
    assert.deepEqual(readFileSync(backup), before)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder.path).toSorted(), [
      'backup.db',
      'rota.db',
      'rota.db.replaced-2026-11-22T100000Z',
    ])
  })

  test('makes the store where there is none', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path, 3)
    await backUp(path, backup)
    const elsewhere = join(folder.path, 'elsewhere.db')
    assert.equal((await restoreBackup(backup, elsewhere, restoring())).replaced, null)
    assert.deepEqual(await storedIn(elsewhere), [1, 2, 3])
  })

  test('over a store that holds runs or decisions that the backup does not is refused without force', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path, 3)
    await backUp(path, backup)
    await restoreBackup(backup, path, restoring())
    await fill(path, 1)
    await assert.rejects(restoreBackup(backup, path, restoring()), error => {
      assert.match((error as Error).message, /1 runs after run 3.*--force/)
      return isRotaError(error, 'STORE_AHEAD')
    })
    assert.deepEqual(await storedIn(path), [1, 2, 3, 4])
    await restoreBackup(backup, path, restoring({ force: true }))
    await using here = await open(path)
    await here.judge(await here.schedule('news'), {}, { at: after(120) })
    await assert.rejects(restoreBackup(backup, path, restoring()), refusedWith('STORE_IN_USE'))
    await here.store.close()
    await assert.rejects(restoreBackup(backup, path, restoring()), refusedWith('STORE_AHEAD'))
  })

  test('is refused while a worker lives on the store, in whatever process, and possible once it died', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path)
    await backUp(path, backup)
    await using worker = new Child('worker-program.ts', [path, 'w1'])
    assert.equal(await worker.line(), 'alive')
    await assert.rejects(restoreBackup(backup, path, restoring({ force: true })), error => {
      assert.match((error as Error).message, /w1/)
      return isRotaError(error, 'STORE_IN_USE')
    })
    await worker.kill()
    await restoreBackup(backup, path, restoring({ force: true }))
    assert.deepEqual(await storedIn(path), [1, 2, 3])
  })

  test('over a damaged store needs no force, and the -wal of the damaged one does not reach the new one', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path)
    await backUp(path, backup)
    await using child = new Child('writing-program.ts', [path])
    for (let i = 0; i < 20; i++) await child.line()
    await child.kill()
    assert.ok(existsSync(`${path}-wal`))
    writeFileSync(path, 'This is a text, and a long one. '.repeat(1_000))
    const { replaced } = await restoreBackup(backup, path, restoring())
    assert.deepEqual(await storedIn(path), [1, 2, 3])
    assert.ok(existsSync(replaced ?? ''))
    assert.ok(!existsSync(`${path}-wal`))
  })

  test('that takes the place of a file while another opens it is what that other gets', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    await fill(path, 3)
    await backUp(path, backup)
    let isSwapped = false
    // Read between the opening of the file and the first lock on it.
    const options = {
      path,
      get durability() {
        if (!isSwapped) renameSync(backup, path)
        isSwapped = true
        return 'normal' as const
      },
    }
    await fill(path, 2)
    using database = openDatabase(options)
    assert.equal(database.prepare('SELECT count(*) AS n FROM runs').get()?.['n'], 3)
  })

  test('refuses what is no backup, and changes nothing', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await fill(path)
    const before = readFileSync(path)
    const file = (name: string): string => join(folder.path, name)
    writeFileSync(file('text'), 'This is a text, and a long one. '.repeat(1_000))
    writeFileSync(file('empty'), '')
    using other = new DatabaseSync(file('other'))
    other.exec('CREATE TABLE accounts (id INTEGER)')
    await backUp(path, file('newer'))
    using newer = new DatabaseSync(file('newer'))
    newer.exec('PRAGMA user_version = 99')
    await backUp(path, file('short'))
    truncateSync(file('short'), 20_000)
    for (const [name, code] of [
      ['gone', 'BACKUP_UNUSABLE'],
      ['text', 'BACKUP_UNUSABLE'],
      ['empty', 'BACKUP_UNUSABLE'],
      ['other', 'BACKUP_UNUSABLE'],
      ['short', 'BACKUP_UNUSABLE'],
      ['rota.db', 'BACKUP_UNUSABLE'],
      ['newer', 'STORE_NEWER'],
    ] as const)
      await assert.rejects(restoreBackup(file(name), path, restoring({ force: true })), refusedWith(code), name)
    await assert.rejects(restoreBackup(path, file('other'), restoring({ force: true })), refusedWith('STORE_UNUSABLE'))
    assert.deepEqual(await storedIn(path), [1, 2, 3])
    assert.ok(before.length > 0)
    assert.ok(!readdirSync(folder.path).some(name => /part|replaced/.test(name)))
  })
})

describe('what was unfinished in a backup', () => {
  /** A store backed up with a run in each state of the unfinished, restored an hour later. */
  const restored = async (folder: string, part: Partial<RestoreOptions> = {}): Promise<Given> => {
    const [path, backup] = [join(folder, 'rota.db'), join(folder, 'backup.db')]
    {
      await using here = await open(path)
      await here.request()
      await here.running({ attemptsAllowed: 1, worker: 'gone' })
      await here.running({ attemptsAllowed: 3, worker: 'gone' })
      await here.finish(await here.running({ attemptsAllowed: 3 }), failure(after(30)))
      await here.schedule('news')
      await here.store.backup(backup, { at: after(60) })
    }
    await restoreBackup(backup, path, restoring(part))
    return open(path)
  }

  const states = async (store: Store) => (await store.runs({ limit: 10 })).toReversed().map(run => run.state)

  test('is held: nothing of it is claimed until it is released, one or all', async () => {
    using folder = temporaryFolder()
    await using here = await restored(folder.path)
    assert.deepEqual(await states(here.store), ['queued', 'failed', 'retrying', 'retrying'])
    assert.equal((await here.run(2 as never)).reason, 'lost')
    assert.match((await here.run(1 as never)).detail ?? '', /held/)
    assert.deepEqual(await here.store.deadWorkers(), [])
    assert.equal((await here.store.describe()).held, 3)
    assert.deepEqual(await here.claim(['collect'], { at: after(7_200) }), [])
    assert.deepEqual(idsOf(await here.one({ kind: 'release', run: 3 as never, at: after(3_700) })), [3])
    assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(7_200) })), [3])
    assert.deepEqual(idsOf(await here.one({ kind: 'release', run: null, at: after(3_800) })), [1, 4])
    assert.deepEqual(await here.one({ kind: 'release', run: 1 as never, at: after(3_800) }), [])
    await assert.rejects(here.one({ kind: 'release', run: 99 as never, at: after(3_800) }), refusedWith('RUN_UNKNOWN'))
    assert.equal((await here.store.describe()).held, 0)
    assert.deepEqual(idsOf(await here.claim(['collect'], { at: after(7_200) })), [1, 4])
  })

  test('may be cancelled as it is', async () => {
    using folder = temporaryFolder()
    await using here = await restored(folder.path)
    assert.equal((await here.cancel(1 as never)).run.state, 'cancelled')
    assert.equal((await here.store.describe()).held, 2)
  })

  test('and its schedules go on from now, with the gap recorded', async () => {
    using folder = temporaryFolder()
    await using here = await restored(folder.path)
    const { mark, nextAt } = await here.stored('news')
    assert.deepEqual([mark, nextAt], [after(3_600), after(3_600)])
    const [event] = await here.store.events(1)
    assert.equal(event?.name, 'restored')
    assert.equal(
      event?.detail,
      'from backup.db of 2026-11-22T09:01:00Z; what happened since 2026-11-22T09:00:00Z is not known; ' +
        '1 schedules go on from now, 3 runs are held, 1 are lost',
    )
  })

  test('goes on at once with catch-up, as after a long sleep', async () => {
    using folder = temporaryFolder()
    await using here = await restored(folder.path, { catchUp: true })
    assert.deepEqual(await states(here.store), ['queued', 'running', 'running', 'retrying'])
    assert.equal((await here.stored('news')).mark, start)
    assert.equal((await here.store.describe()).held, 0)
    assert.equal((await here.store.deadWorkers()).length, 1)
    assert.match((await here.store.events(1))[0]?.detail ?? '', /caught up with/)
  })

  test('is held too where its end has waiting rows judged', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [join(folder.path, 'rota.db'), join(folder.path, 'backup.db')]
    {
      await using here = await open(path)
      const schedule = await here.schedule('news')
      await here.judge(schedule, { runs: wanted(after(60)) }, { at: after(60), slots: 1 })
      await here.judge(schedule, { opens: opening(after(120)) }, { at: after(120) })
      await here.store.backup(backup, { at: after(130) })
    }
    const releases = restoring({
      judge: (subject, at) => ({ ...quiet(at), released: releasing(subject.open.map(row => row.id)) }),
    })
    await restoreBackup(backup, path, releases)
    await using here = await open(path)
    assert.deepEqual(await states(here.store), ['failed', 'queued'])
    assert.deepEqual(await here.claim(['collect'], { at: after(7_200) }), [])
  })
})
