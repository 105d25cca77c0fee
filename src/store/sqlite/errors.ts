/** What SQLite says, as Rota's own errors. */

import { statSync } from 'node:fs'
import { RotaError, isRotaError } from '../../base/errors.ts'

// Primary result codes (sqlite.org/rescode.html).
const SQLITE_PERM = 3
export const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_NOMEM = 7
const SQLITE_READONLY = 8
const SQLITE_INTERRUPT = 9
const SQLITE_IOERR = 10
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_PROTOCOL = 15
const SQLITE_AUTH = 23
const SQLITE_NOTADB = 26

// Extended ones that mean something else than their primary code.
const SQLITE_IOERR_SHMSIZE = 4874

const ofTheStore: readonly number[] = [
  SQLITE_PERM,
  SQLITE_BUSY,
  SQLITE_LOCKED,
  SQLITE_NOMEM,
  SQLITE_READONLY,
  SQLITE_INTERRUPT,
  SQLITE_IOERR,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_CANTOPEN,
  SQLITE_PROTOCOL,
  SQLITE_AUTH,
  SQLITE_NOTADB,
]

/** Whether the error says that the store fails. Any other is the fault of what was asked: asking again will not mend it. */
export const isStoreFailure = (error: unknown): boolean => {
  const code = resultCode(error)
  return code !== undefined && ofTheStore.includes(code & 0xff)
}

/** Any caught value as a RotaError: STORE_… for what SQLite says, INTERNAL for the rest. */
export const storeError = (error: unknown, place: string): RotaError => {
  if (isRotaError(error)) return error
  const code = resultCode(error)
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

/** Why a file cannot be opened, read or written, as a RotaError STORE_…. */
export const openingError = (error: unknown, place: string): RotaError => {
  if (isRotaError(error)) return error
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

const wayOut = (place: string): string =>
  'Put a backup in its place with `rota restore <backup>`, which keeps the damaged file beside it; ' +
  `what can be saved of it: sqlite3 '${place}' .recover | sqlite3 saved.db`

/** What SQLite answered, if it was SQLite. */
export const resultCode = (error: unknown): number | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode : undefined
}
