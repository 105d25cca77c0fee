/**
 * Proof that workers live: each holds the exclusive lock on a small SQLite file of its own, beside the database. The kernel
 * gives it free when the process dies, however it dies; so who can take the lock knows that the worker is dead.
 *
 * No process ids: containers share volumes, not process tables. And never a lock on the file by other means: closing any
 * other descriptor of it would free the lock that SQLite holds (POSIX, fcntl).
 */

import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { WorkerId } from '../../domain/run.ts'

// Whoever looks whether the worker lives holds the lock for an instant.
const TAKE_TIMEOUT_MS = 5_000

const LOCK = '.lock'

// Nothing is ever written to it: no journal need lie beside it.
const NO_JOURNAL = 'PRAGMA journal_mode = MEMORY'

// A lock that nobody can reach any more would be closed by the garbage collector, and its worker be taken for dead.
const reachable = new Set<DatabaseSync>()

export class WorkerLocks {
  readonly #folder: string
  readonly #held = new Map<WorkerId, DatabaseSync>()

  /** `place`: the database's file. */
  constructor(place: string) {
    this.#folder = `${place}-workers`
  }

  /** Holds the lock until it is released, or the process dies. */
  take(worker: WorkerId): void {
    const path = this.#path(worker)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    const lock = new DatabaseSync(path, { timeout: TAKE_TIMEOUT_MS })
    try {
      lock.exec(`${NO_JOURNAL}; BEGIN EXCLUSIVE`)
    } catch (error) {
      lock.close()
      throw error
    }
    this.#held.set(worker, lock)
    reachable.add(lock)
  }

  release(worker: WorkerId): void {
    const lock = this.#held.get(worker)
    if (lock === undefined) return
    this.#held.delete(worker)
    reachable.delete(lock)
    // While it is held, so that nobody sees it free.
    rmSync(this.#path(worker), { force: true })
    lock.close()
  }

  isDead(worker: WorkerId): boolean {
    if (this.#held.has(worker)) return false
    const path = this.#path(worker)
    return !existsSync(path) || isFree(path)
  }

  /** Whoever holds a lock now, whatever the rows say. */
  living(): readonly WorkerId[] {
    if (!existsSync(this.#folder)) return []
    const files = readdirSync(this.#folder).filter(name => name.endsWith(LOCK))
    return files.filter(name => !isFree(join(this.#folder, name))).map(workerOf)
  }

  /** Deletes the file of a worker that is dead. One that cannot be deleted harms nothing. */
  clear(worker: WorkerId): void {
    try {
      if (this.isDead(worker)) rmSync(this.#path(worker), { force: true })
    } catch {
      // The rescue is committed: it must not be said to have failed.
    }
  }

  // Any text is a worker's identity, not any text is a file name.
  #path(worker: WorkerId): string {
    return join(this.#folder, `${encodeURIComponent(worker).replaceAll('.', '%2E')}${LOCK}`)
  }
}

const workerOf = (file: string): WorkerId => {
  try {
    return decodeURIComponent(file.slice(0, -LOCK.length))
  } catch {
    // Somebody else's file.
    return file
  }
}

// Not certainly free is not free: what a living worker executes would be executed by another too.
const isFree = (path: string): boolean => {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path, { timeout: 0 })
    lock.exec(`${NO_JOURNAL}; BEGIN EXCLUSIVE; ROLLBACK`)
    return true
  } catch {
    return false
  } finally {
    lock?.close()
  }
}
