/**
 * How many commits a store holds, counted in it, and noted in a small file beside it: `rota.db-commits`. A store that holds
 * fewer than are noted has lost some: its -wal file was deleted, cut off or replaced, or an older copy lies in its place.
 *
 * The count moves with the first commit of a connection, then at most once a second or every 64 commits, inside a
 * transaction that is made anyway; the note follows its commit and is not synced. So what is noted was always committed: a
 * process killed at any instant is never accused. A machine that goes down may lose what was not synced yet, and the note
 * may outlive it: that is told apart by the identity of the machine's start, which only Linux gives. Elsewhere nothing is
 * noted. Whoever closes the store last deletes the note: then everything is in the one file.
 */

import { closeSync, constants, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { RotaError } from '../../base/errors.ts'
import type { Instant } from '../../base/instant.ts'
import type { Change } from '../store.ts'
import { Statement } from './statement.ts'

const EVERY_MS = 1_000
const EVERY_COMMITS = 64
// Always as long, so that a note is one write over the one before.
const DIGITS = 16
const NOTE = /^(\d{16}) (\S{1,100})\n$/
const WRITE_ANYWHERE = constants.O_WRONLY | constants.O_CREAT
const BOOT = '/proc/sys/kernel/random/boot_id'

export interface Note {
  readonly commits: number
  /** Of which start of the machine it is. */
  readonly boot: string
}

/** The file of notes of a store. */
export const noteFile = (place: string): string => `${place}-commits`

export class CommitCount {
  readonly #place: string
  readonly #boot = bootOfMachine()
  readonly #add: Statement<readonly [count: number]>
  #file: number | null = null
  #uncounted = 0
  #countedAt = Number.NaN

  constructor(database: DatabaseSync, place: string) {
    this.#place = place
    this.#add = new Statement(
      database,
      `INSERT INTO counters (name, value) VALUES ('commits', ?1) ON CONFLICT DO UPDATE SET value = value + ?1
       RETURNING value`,
    )
  }

  /** Inside a transaction, before its end: the count to be noted once it is committed, or null. */
  count(changes: readonly Change[]): number | null {
    const first = changes[0]
    const at = first !== undefined && 'at' in first ? first.at : null
    if (this.#boot === null || !this.#isDue(at)) {
      this.#uncounted++
      return null
    }
    const count = this.#add.first(this.#uncounted + 1)?.[0] ?? null
    this.#uncounted = 0
    this.#countedAt = at ?? this.#countedAt
    return count
  }

  #isDue(at: Instant | null): boolean {
    if (this.#file === null || this.#uncounted >= EVERY_COMMITS - 1) return true
    // Also where the clock was set back.
    return at !== null && !(Math.abs(at - this.#countedAt) < EVERY_MS)
  }

  /** After the commit. What cannot be noted now is noted later: a note that is too low accuses nobody. */
  note(count: number | null): void {
    if (count === null) return
    try {
      this.#file ??= openSync(noteFile(this.#place), WRITE_ANYWHERE, 0o600)
      writeSync(this.#file, `${String(count).padStart(DIGITS, '0')} ${this.#boot}\n`, 0)
    } catch {
      // The disk is full or read-only, as the store will say itself.
    }
  }

  /** After the database was closed. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
    // SQLite deletes it when the last connection closes, after it has put everything into the one file.
    if (!existsSync(`${this.#place}-wal`)) rmSync(noteFile(this.#place), { force: true })
  }
}

/** What was noted of a store, or null: to be read before the store itself, which only grows. */
export const readNote = (place: string): Note | null => {
  try {
    const [, commits = '', boot = ''] = NOTE.exec(readFileSync(noteFile(place), 'utf8')) ?? []
    return boot === '' ? null : { commits: Number(commits), boot }
  } catch {
    return null
  }
}

/**
 * How many commits are missing that may be: those that were not on the disk yet when the machine went down.
 *
 * @throws RotaError STORE_CORRUPT when some are missing although the machine did not go down
 */
export const missingCommits = (database: DatabaseSync, place: string, note: Note | null, isNew: boolean): number => {
  if (note === null) return 0
  const held = isNew ? 0 : heldBy(database)
  if (held >= note.commits) return 0
  if (note.boot !== bootOfMachine()) return note.commits - held
  throw new RotaError(
    'STORE_CORRUPT',
    `${place} has lost commits: it holds ${held} of ${note.commits}. Its -wal file was deleted, cut off or replaced, or an older copy was put in its place. ` +
      `Put the -wal file back, or a backup in its place with \`rota restore <backup>\`; to go on with what is left, delete ${noteFile(place)}`,
    { details: { place, held, noted: note.commits } },
  )
}

const heldBy = (database: DatabaseSync): number =>
  Number(database.prepare(`SELECT value FROM counters WHERE name = 'commits'`).get()?.['value'] ?? 0)

const bootOfMachine = (): string | null => {
  try {
    return readFileSync(BOOT, 'utf8').trim()
  } catch {
    return null
  }
}
