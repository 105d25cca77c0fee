/** Beginning to write while other processes write too, as one does that opens the store. */

import type { DatabaseSync } from 'node:sqlite'
import { SQLITE_BUSY, resultCode } from './errors.ts'

// Within it SQLite looks six times whether it is its turn. Left alone it soon looks ten times a second only, and may miss every
// gap that a process leaves which commits without a pause.
const SHORT_WAIT_MS = 30

/** Waits as long as the connection does for others, but looks more often. */
export const beginAmongOthers = (database: DatabaseSync): void => {
  const wait = Number(database.prepare('PRAGMA busy_timeout').get()?.['timeout'])
  database.exec(`PRAGMA busy_timeout = ${Math.min(SHORT_WAIT_MS, wait)}`)
  try {
    begin(database, wait / SHORT_WAIT_MS)
  } finally {
    database.exec(`PRAGMA busy_timeout = ${wait}`)
  }
}

const begin = (database: DatabaseSync, tries: number): void => {
  for (let left = tries; ; left--) {
    try {
      return database.exec('BEGIN IMMEDIATE')
    } catch (error) {
      if (resultCode(error) !== SQLITE_BUSY || left <= 1) throw error
    }
  }
}
