/** Workers that have not said goodbye, and whoever holds a run although nothing else is known of it. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { WorkerId } from '../../../domain/run.ts'
import type { Drained, KnownWorker, WorkerRow } from '../../store.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'

const RUNNING = codeOf('running')

type WorkerColumns = readonly [
  worker: string,
  host: string,
  version: string,
  startedAt: number,
  drainedAt: number | null,
  drainedBy: string | null,
]

export class Workers {
  readonly #put: Statement
  readonly #delete: Statement
  readonly #drain: Statement
  readonly #listed: Statement<WorkerColumns>
  readonly #executing: Statement<readonly [worker: string, since: number, runs: number]>

  constructor(database: DatabaseSync) {
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO workers (worker, host, version, started_at) VALUES (?, ?, ?, ?)',
    )
    this.#delete = new Statement(database, 'DELETE FROM workers WHERE worker = ?')
    this.#drain = new Statement(database, 'UPDATE workers SET drained_at = ?, drained_by = ? WHERE worker = ?')
    this.#listed = new Statement(
      database,
      'SELECT worker, host, version, started_at, drained_at, drained_by FROM workers',
    )
    this.#executing = new Statement(
      database,
      `SELECT n.name, min(r.started_at), count(*) FROM runs r INDEXED BY runs_begun JOIN names n ON n.id = r.worker
       WHERE r.state IN (3, 4) AND r.state = ${RUNNING} GROUP BY n.name`,
    )
  }

  put({ worker, host, version, startedAt }: WorkerRow): void {
    this.#put.run(worker, host, version, startedAt)
  }

  delete(worker: WorkerId): void {
    this.#delete.run(worker)
  }

  /** Whether it is listed. */
  drain(worker: WorkerId, drained: Drained | null): boolean {
    return this.#drain.run(drained?.at ?? null, drained?.by ?? null, worker) > 0
  }

  /** By when they started; where only a run is known, by when that did. */
  list(): readonly KnownWorker[] {
    const executing = new Map(this.#executing.all().map(([worker, since, runs]) => [worker, { since, runs }]))
    const listed = this.#listed.all().map(row => listedWorker(row, executing.get(row[0])?.runs ?? 0))
    for (const { worker } of listed) executing.delete(worker)
    const others = [...executing].map(([worker, { since, runs }]) => unlistedWorker(worker, since, runs))
    return [...listed, ...others].sort((a, b) => a.startedAt - b.startedAt || (a.worker < b.worker ? -1 : 1))
  }
}

const listedWorker = (
  [worker, host, version, startedAt, drainedAt, drainedBy]: WorkerColumns,
  runs: number,
): KnownWorker => ({
  worker,
  host,
  version,
  startedAt: startedAt as Instant,
  isListed: true,
  runs,
  drained: drainedAt === null ? null : { at: drainedAt as Instant, by: drainedBy ?? 'unknown' },
})

const unlistedWorker = (worker: string, since: number, runs: number): KnownWorker => ({
  worker,
  host: 'unknown',
  version: 'unknown',
  startedAt: since as Instant,
  isListed: false,
  runs,
  drained: null,
})
