/** Workers that have not said goodbye, and whoever holds a run although nothing else is known of it. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { WorkerId } from '../../../domain/run.ts'
import type { KnownWorker, WorkerRow } from '../../store.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'

const RUNNING = codeOf('running')

type WorkerColumns = readonly [
  worker: string,
  host: string,
  version: string,
  startedAt: number,
  isListed: number,
  runs: number,
]

export class Workers {
  readonly #put: Statement
  readonly #delete: Statement
  readonly #list: Statement<WorkerColumns>

  constructor(database: DatabaseSync) {
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO workers (worker, host, version, started_at) VALUES (?, ?, ?, ?)',
    )
    this.#delete = new Statement(database, 'DELETE FROM workers WHERE worker = ?')
    this.#list = new Statement(
      database,
      `WITH executing AS (
         SELECT n.name AS worker, min(r.started_at) AS since, count(*) AS runs
         FROM runs r INDEXED BY runs_begun JOIN names n ON n.id = r.worker
         WHERE r.state IN (3, 4) AND r.state = ${RUNNING} GROUP BY n.name)
       SELECT coalesce(w.worker, e.worker), coalesce(w.host, 'unknown'), coalesce(w.version, 'unknown'),
         coalesce(w.started_at, e.since), w.worker IS NOT NULL, coalesce(e.runs, 0)
       FROM workers w FULL JOIN executing e ON e.worker = w.worker ORDER BY 4, 1`,
    )
  }

  put({ worker, host, version, startedAt }: WorkerRow): void {
    this.#put.run(worker, host, version, startedAt)
  }

  delete(worker: WorkerId): void {
    this.#delete.run(worker)
  }

  /** By when they started; where only a run is known, by when that did. */
  list(): readonly KnownWorker[] {
    return this.#list.all().map(([worker, host, version, startedAt, isListed, runs]) => ({
      worker,
      host,
      version,
      startedAt: startedAt as Instant,
      isListed: isListed === 1,
      runs,
    }))
  }
}
