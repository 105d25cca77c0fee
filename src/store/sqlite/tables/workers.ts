/** Workers that have not said goodbye, and whoever holds a run although nothing else is known of it. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { WorkerId } from '../../../domain/run.ts'
import type { WorkerRow } from '../../store.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'

const RUNNING = codeOf('running')

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
      `SELECT worker, host, version, started_at FROM workers
       UNION ALL
       SELECT n.name, 'unknown', 'unknown', min(r.started_at)
       FROM runs r INDEXED BY runs_live JOIN names n ON n.id = r.worker
       WHERE r.state < 5 AND r.state = ${RUNNING} AND n.name NOT IN (SELECT worker FROM workers) GROUP BY n.name
       ORDER BY 4, 1`,
    )
  }

  put({ worker, host, version, startedAt }: WorkerRow): void {
    this.#put.run(worker, host, version, startedAt)
  }

  delete(worker: WorkerId): void {
    this.#delete.run(worker)
  }

  /** By when they started; where only a run is known, by when that did. */
  list(): readonly WorkerRow[] {
    return this.#list
      .all()
      .map(([worker, host, version, startedAt]) => ({ worker, host, version, startedAt: startedAt as Instant }))
  }
}
