/** Workers that have not said goodbye. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { WorkerId } from '../../../domain/run.ts'
import type { WorkerRow } from '../../store.ts'
import { Statement } from '../statement.ts'

export class Workers {
  readonly #put: Statement
  readonly #delete: Statement
  readonly #list: Statement<readonly [worker: string, host: string, version: string, startedAt: number]>

  constructor(database: DatabaseSync) {
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO workers (worker, host, version, started_at) VALUES (?, ?, ?, ?)',
    )
    this.#delete = new Statement(database, 'DELETE FROM workers WHERE worker = ?')
    this.#list = new Statement(
      database,
      'SELECT worker, host, version, started_at FROM workers ORDER BY started_at, worker',
    )
  }

  put({ worker, host, version, startedAt }: WorkerRow): void {
    this.#put.run(worker, host, version, startedAt)
  }

  delete(worker: WorkerId): void {
    this.#delete.run(worker)
  }

  list(): readonly WorkerRow[] {
    return this.#list
      .all()
      .map(([worker, host, version, startedAt]) => ({ worker, host, version, startedAt: startedAt as Instant }))
  }
}
