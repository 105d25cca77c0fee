/** A whole store as one file: copied while others write to it, checked, and put into its place at once or not at all. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, backup } from 'node:sqlite'
import { randomTag } from '../../base/name.ts'
import { RotaError } from '../../base/errors.ts'

// All pages in one step: one moment, read on another thread, and nobody's write makes it begin again.
const AT_ONCE = { rate: 2 ** 31 - 1 }

const MOST_FAULTS = 3

/**
 * Copies the database of a connection to a new file beside `to`, for its owner only and without any file beside it, and
 * gives its name. Of what goes wrong nothing is left.
 */
export const copyBeside = async (source: DatabaseSync, to: string): Promise<string> => {
  const path = `${to}.${randomTag()}.part`
  closeSync(openSync(path, 'wx', 0o600))
  try {
    await backup(source, path, AT_ONCE)
    using copy = new DatabaseSync(path)
    copy.exec('PRAGMA journal_mode = DELETE')
    return path
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** @throws RotaError STORE_CORRUPT when a page or an index is damaged. Reads the whole file. */
export const checkIntegrity = (database: DatabaseSync, place: string): void => {
  const rows = database.prepare(`PRAGMA integrity_check(${MOST_FAULTS})`).all() as { integrity_check: string }[]
  const faults = rows.map(row => row.integrity_check).filter(text => text !== 'ok')
  if (faults.length === 0) return
  throw new RotaError('STORE_CORRUPT', `${place} is damaged: ${faults.join('; ')}.`, { details: { place } })
}

/** Gives a file its name, in place of what had it, so that a power loss leaves the one or the other. */
export const putInPlace = (from: string, to: string): void => {
  sync(from)
  renameSync(from, to)
  sync(dirname(to))
}

const sync = (path: string): void => {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
