/** How far runs are: of each the last word. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Progress } from '../../../domain/progress.ts'
import { Statement } from '../statement.ts'

type ProgressRow = readonly [done: number, total: number | null, note: string | null, at: number]

export class ProgressTable {
  readonly #put: Statement
  readonly #of: Statement<ProgressRow>
  readonly #delete: Statement

  constructor(database: DatabaseSync) {
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO progress (run, done, total, note, at) VALUES (?, ?, ?, ?, ?)',
    )
    this.#of = new Statement(database, 'SELECT done, total, note, at FROM progress WHERE run = ?')
    this.#delete = new Statement(database, 'DELETE FROM progress WHERE run = ?')
  }

  put(run: RunId, { done, total, note, at }: Progress): void {
    this.#put.run(run, done, total, note, at)
  }

  of(run: RunId): Progress | null {
    const row = this.#of.first(run)
    if (row === undefined) return null
    const [done, total, note, at] = row
    return { done, total, note, at: at as Instant }
  }

  delete(run: RunId): void {
    this.#delete.run(run)
  }
}
