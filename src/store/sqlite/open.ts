/** Opening the file: where it may be, who may read it, how SQLite keeps it. */

import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { backUp } from './backup.ts'
import { missingCommits, noteFile, readNote } from './commit-count.ts'
import { SQLITE_BUSY, openingError, resultCode } from './errors.ts'
import { checkSchema, migrate, migrations } from './migrations.ts'
import type { Migration } from './migrations/migration.ts'
import { refuseNetworkFolder } from './network-folder.ts'

export interface SqliteOptions {
  /** A file, created where it is missing, or `:memory:`. */
  readonly path: string
  /** `normal` (default) survives the end of the process; `full` syncs each commit to disk, and survives a power loss. */
  readonly durability?: 'normal' | 'full'
  /** Told how many of the newest commits were lost at least, when the machine went down before they were on the disk. */
  readonly onLoss?: (commits: number) => void
}

// A commit waits so long for that of another process; both are over in milliseconds.
const BUSY_TIMEOUT_MS = 5_000

// How often the switch to WAL is tried while other processes open the same new file: each try waits for their lock.
const WAL_TRIES = 20

/** The absolute path of the file, or `:memory:`. */
export const placeOf = (path: string): string => (path === ':memory:' ? path : resolve(path))

/** The open database, at the newest schema. @throws RotaError STORE_… */
export const openDatabase = (options: SqliteOptions, steps: readonly Migration[] = migrations): DatabaseSync => {
  const place = placeOf(options.path)
  let database: DatabaseSync | undefined
  try {
    if (place !== ':memory:') createFile(place)
    const file = fileAt(place)
    // Before the store is read: others may be writing to it.
    const note = readNote(place)
    const opened = new DatabaseSync(place, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false })
    database = opened
    const schema = checkSchema(opened, place, steps.length)
    const lost = missingCommits(opened, place, note, schema === 0)
    if (lost > 0) options.onLoss?.(lost)
    configure(database, options.durability ?? 'normal')
    migrate(database, place, schema => backUp(opened, place, schema), steps)
    // A restore put another file there while this one waited for it. From here on it could not: the file is in use.
    if (fileAt(place) === file) return database
    database.close()
    return openDatabase(options, steps)
  } catch (error) {
    if (database?.isOpen) database.close()
    throw openingError(error, place)
  }
}

/** Which file has the name now. */
const fileAt = (place: string): number | null => statSync(place, { throwIfNoEntry: false })?.ino ?? null

// SQLite would create it readable for everybody the umask lets; what it creates beside it takes its mode.
const createFile = (place: string): void => {
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  refuseNetworkFolder(dirname(place), place)
  if (!existsSync(place)) {
    rmSync(noteFile(place), { force: true })
    closeSync(openSync(place, 'a', 0o600))
  }
  // SQLite would open what it may only read, and say so at the first write.
  accessSync(place, constants.R_OK | constants.W_OK)
  accessSync(dirname(place), constants.W_OK)
}

const configure = (database: DatabaseSync, durability: 'normal' | 'full'): void => {
  useWriteAheadLog(database)
  database.exec(`
    PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA wal_autocheckpoint = 10000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
  `)
}

// SQLite does not wait for others here, as it does elsewhere. A transaction does: after it the next try may succeed.
const useWriteAheadLog = (database: DatabaseSync): void => {
  for (let left = WAL_TRIES; ; left--) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (resultCode(error) !== SQLITE_BUSY || left === 0) throw error
    }
    database.exec('BEGIN IMMEDIATE; COMMIT')
  }
}
