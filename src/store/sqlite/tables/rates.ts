/** Of what may only start now and then, the instant before which nothing more of it may. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { TaskName } from '../../../base/name.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

export class Rates {
  readonly #names: Names
  readonly #opensAt: Statement<readonly [at: number]>
  readonly #put: Statement
  readonly #prune: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#opensAt = new Statement(database, 'SELECT opens_at FROM rates WHERE task = ? AND key = ?')
    this.#put = new Statement(database, 'INSERT OR REPLACE INTO rates (task, key, opens_at) VALUES (?, ?, ?)')
    this.#prune = new Statement(
      database,
      `DELETE FROM rates WHERE (task, key) IN (
         SELECT task, key FROM rates INDEXED BY rates_by_time WHERE opens_at < ? ORDER BY opens_at LIMIT ?)`,
    )
  }

  /** Null for what never started, or so long ago that it does not matter. */
  opensAt(task: TaskName, key: string): Instant | null {
    const number = this.#names.find(task)
    return number === undefined ? null : ((this.#opensAt.first(number, key)?.[0] ?? null) as Instant | null)
  }

  put(task: TaskName, key: string, opensAt: Instant): void {
    this.#put.run(this.#names.number(task), key, opensAt)
  }

  /** Forgets some of those that opened before. */
  prune(before: Instant, limit: number): void {
    this.#prune.run(before, limit)
  }
}
