/** Opening the file: where it may be, who may read it, how SQLite keeps it. */

import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RotaError } from '../../base/errors.ts'
import { backUp } from './backup.ts'
import { SQLITE_BUSY, resultCode, storeError } from './errors.ts'
import { checkSchema, migrate, migrations } from './migrations.ts'
import type { Migration } from './migrations/migration.ts'
import { refuseNetworkFolder } from './network-folder.ts'

export interface SqliteOptions {
  /** A file, created where it is missing, or `:memory:`. */
  readonly path: string
  /** `normal` (default) survives the end of the process; `full` syncs each commit to disk, and survives a power loss. */
  readonly durability?: 'normal' | 'full'
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
    const opened = new DatabaseSync(place, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false })
    database = opened
    checkSchema(opened, place, steps.length)
    configure(database, options.durability ?? 'normal')
    migrate(database, place, schema => backUp(opened, place, schema), steps)
    return database
  } catch (error) {
    if (database?.isOpen) database.close()
    throw refused(error, place)
  }
}

// SQLite would create it readable for everybody the umask lets; what it creates beside it takes its mode.
const createFile = (place: string): void => {
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  refuseNetworkFolder(dirname(place), place)
  if (!existsSync(place)) closeSync(openSync(place, 'a', 0o600))
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

const refused = (error: unknown, place: string): RotaError => {
  if (error instanceof RotaError) return error
  const code = (error as { code?: unknown }).code
  const said = (error as Error).message
  const options = { details: { place }, cause: error }
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new RotaError('STORE_FULL', `The disk of ${place} is full.`, options)
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new RotaError('STORE_READ_ONLY', `${place} cannot be written: ${said}`, options)
  }
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory()) {
    return new RotaError('STORE_UNUSABLE', `${place} is a folder; the store is a file.`, options)
  }
  const known = storeError(error, place)
  return known.code === 'INTERNAL'
    ? new RotaError('STORE_UNUSABLE', `${place} cannot be opened: ${said}`, options)
    : known
}
