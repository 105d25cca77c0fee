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
import { workerFile, workerFolder, workerOf } from './worker-files.ts'

// Whoever looks whether the worker lives holds the lock for an instant.
const TAKE_TIMEOUT_MS = 5_000

const LOCK = '.lock'

// Nothing is ever written to it: no journal need lie beside it.
const NO_JOURNAL = 'PRAGMA journal_mode = MEMORY'

// A lock that nobody can reach any more would be closed by the garbage collector, and its worker be taken for dead.
const reachable = new Set<DatabaseSync>()

export class WorkerLocks {
  readonly #place: string
  readonly #held = new Map<WorkerId, DatabaseSync>()

  /** `place`: the database's file. */
  constructor(place: string) {
    this.#place = place
  }

  /** Holds the lock until it is released, or the process dies. */
  take(worker: WorkerId): void {
    const path = this.#path(worker)
    mkdirSync(workerFolder(this.#place), { recursive: true, mode: 0o700 })
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
    const folder = workerFolder(this.#place)
    if (!existsSync(folder)) return []
    const files = readdirSync(folder).filter(name => name.endsWith(LOCK))
    return files.filter(name => !isFree(join(folder, name))).map(name => workerOf(name, LOCK))
  }

  /** Deletes the files of a worker that is dead. What cannot be deleted harms nothing. */
  clear(worker: WorkerId): void {
    try {
      if (!this.isDead(worker)) return
      for (const kind of [LOCK, '.beat'] as const) rmSync(workerFile(this.#place, worker, kind), { force: true })
    } catch {
      // The rescue is committed: it must not be said to have failed.
    }
  }

  #path(worker: WorkerId): string {
    return workerFile(this.#place, worker, LOCK)
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
