/** What SQLite says, as Rota's own errors. */

import { RotaError, isRotaError } from '../../base/errors.ts'

// Primary result codes (sqlite.org/rescode.html).
const SQLITE_READONLY = 8
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_TOOBIG = 18
const SQLITE_CONSTRAINT = 19
const SQLITE_MISMATCH = 20
const SQLITE_RANGE = 25
const SQLITE_NOTADB = 26

// Extended ones that mean something else than their primary code.
const SQLITE_IOERR_SHMSIZE = 4874

const ofOneStatement: readonly number[] = [SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE]

/** Whether the error says that the store fails, and not only what was asked of it. */
export const isStoreFailure = (error: unknown): boolean => {
  const code = codeOf(error)
  return code !== undefined && !ofOneStatement.includes(code & 0xff)
}

/** Any caught value as a RotaError: STORE_… for what SQLite says, INTERNAL for the rest. */
export const storeError = (error: unknown, place: string): RotaError => {
  if (isRotaError(error)) return error
  const code = codeOf(error)
  const said = error instanceof Error ? error.message : String(error)
  if (code === undefined || !isStoreFailure(error)) return new RotaError('INTERNAL', said, { cause: error })
  const options = { details: { place, sqlite: code }, cause: error }
  switch (code === SQLITE_IOERR_SHMSIZE ? SQLITE_FULL : code & 0xff) {
    case SQLITE_FULL:
      return new RotaError(
        'STORE_FULL',
        `The disk of ${place} is full (${said}). It goes on when there is room.`,
        options,
      )
    case SQLITE_READONLY:
      return new RotaError('STORE_READ_ONLY', `${place} cannot be written (${said}).`, options)
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new RotaError('STORE_CORRUPT', `${place} is damaged (${said}). ${wayOut(place)}`, options)
    case SQLITE_IOERR:
      return new RotaError('STORE_UNUSABLE', `${place} cannot be read or written: the disk fails (${said}).`, options)
    default:
      return new RotaError('STORE_UNUSABLE', `${place} cannot be used (${said}).`, options)
  }
}

const wayOut = (place: string): string =>
  'Keep a copy of it and of its -wal file, then put a backup in its place; ' +
  `what can be saved of it: sqlite3 '${place}' .recover | sqlite3 saved.db`

const codeOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode : undefined
}
