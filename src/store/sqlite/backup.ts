/** Copies of the file: one that a person asks for, and one beside it before its schema changes. */

import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RotaError } from '../../base/errors.ts'
import type { Instant } from '../../base/instant.ts'
import type { Backup } from '../store.ts'
import { checkIntegrity, copyBeside, putInPlace } from './copy.ts'
import { openingError } from './errors.ts'
import { schemaOf } from './migrations.ts'

export interface BackupOptions {
  readonly at: Instant
  /** Whether a file of this name is replaced. */
  readonly force: boolean
}

/**
 * Writes what a connection sees into a file of its own.
 *
 * @throws RotaError FILE_EXISTS, STORE_…
 */
export const writeBackup = async (source: DatabaseSync, file: string, options: BackupOptions): Promise<Backup> => {
  refuseTaken(file, options.force)
  let part: string | undefined
  try {
    part = await copyBeside(source, file)
    stampAndCheck(part, file, options.at)
    // Somebody else may have made it meanwhile.
    refuseTaken(file, options.force)
    putInPlace(part, file)
    return { file, bytes: statSync(file).size }
  } catch (error) {
    if (part !== undefined) rmSync(part, { force: true })
    throw openingError(error, file)
  }
}

/** Remembers in a store when it was last backed up; the backup knows its own time so. */
export const stamp = (database: DatabaseSync, at: Instant): void => {
  database.prepare(`INSERT OR REPLACE INTO counters (name, value) VALUES ('backed up at', ?)`).run(at)
}

/** When a store was last backed up, as far as it knows. */
export const stampOf = (database: DatabaseSync): Instant | null =>
  (database.prepare(`SELECT value FROM counters WHERE name = 'backed up at'`).get()?.['value'] ??
    null) as Instant | null

const refuseTaken = (file: string, force: boolean): void => {
  if (force || !existsSync(file)) return
  throw new RotaError('FILE_EXISTS', `${file} is there already. Name another file, or replace it with --force.`, {
    details: { file },
  })
}

const stampAndCheck = (part: string, file: string, at: Instant): void => {
  using copy = new DatabaseSync(part)
  stamp(copy, at)
  checkIntegrity(copy, file)
}

/** Leaves `<place>-schema-<n>.bak`, or the next free name like it. In memory there is nothing to leave. */
export const backUp = (database: DatabaseSync, place: string, schema: number): void => {
  if (place === ':memory:') return
  const path = reserve(`${place}-schema-${schema}`)
  try {
    database.prepare('VACUUM INTO ?').run(path)
    // Another process may have raised the schema meanwhile: then the backup is there already, and is its own.
    if (schemaOfFile(path) !== schema) rmSync(path)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** An empty file of a name that was free, for its owner only. */
const reserve = (wanted: string): string => {
  for (let n = 1; ; n++) {
    const path = `${wanted}${n === 1 ? '' : `-${n}`}.bak`
    try {
      closeSync(openSync(path, 'wx', 0o600))
      return path
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error
    }
  }
}

const schemaOfFile = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return schemaOf(database)
  } finally {
    database.close()
  }
}
