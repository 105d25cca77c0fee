/** What may be claimed, in the order in which it became due. A run whose schedule is paused waits. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { Statement } from '../statement.ts'

export interface ReadyRun {
  readonly id: RunId
  readonly readyAt: Instant
  /** Whether its input can be read: not where somebody changed the row. */
  readonly readable: boolean
}

// What is left of a schedule that was removed goes on, also where it was paused.
const NOT_PAUSED = `
  NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = r.schedule AND s.paused_at IS NOT NULL AND s.removed_at IS NULL)`

export class Waiting {
  readonly #tasks: Statement<readonly [task: number]>
  readonly #ofTask: Statement<readonly [id: number, readyAt: number, readable: number]>
  readonly #only: Statement<readonly [id: number, readyAt: number, readable: number]>
  readonly #nextRetryAt: Statement<readonly [readyAt: number]>

  constructor(database: DatabaseSync) {
    // Leaps from task to task along the index instead of reading every waiting run.
    this.#tasks = new Statement(
      database,
      `WITH RECURSIVE waiting (task) AS (
         SELECT min(task) FROM runs INDEXED BY runs_ready WHERE ready_at IS NOT NULL
         UNION ALL
         SELECT (SELECT min(task) FROM runs INDEXED BY runs_ready WHERE ready_at IS NOT NULL AND task > waiting.task)
         FROM waiting WHERE task IS NOT NULL)
       SELECT task FROM waiting WHERE task IS NOT NULL`,
    )
    this.#ofTask = new Statement(
      database,
      `SELECT id, ready_at, input IS NULL OR json_valid(input) FROM runs r INDEXED BY runs_ready
       WHERE task = ? AND ready_at <= ? AND ${NOT_PAUSED} ORDER BY ready_at, id LIMIT ?`,
    )
    this.#only = new Statement(
      database,
      `SELECT id, ready_at, input IS NULL OR json_valid(input) FROM runs r WHERE id = ? AND ready_at <= ? AND ${NOT_PAUSED}`,
    )
    this.#nextRetryAt = new Statement(
      database,
      `SELECT ready_at FROM runs r INDEXED BY runs_retrying
       WHERE state = 4 AND ready_at > ? AND ${NOT_PAUSED} ORDER BY ready_at LIMIT 1`,
    )
  }

  /** The tasks that have waiting runs, due or not. */
  tasks(): readonly number[] {
    return this.#tasks.all().map(([task]) => task)
  }

  ofTask(task: number, at: Instant, limit: number): readonly ReadyRun[] {
    return this.#ofTask.all(task, at, limit).map(readyRun)
  }

  only(id: RunId, at: Instant): ReadyRun | null {
    const row = this.#only.first(id, at)
    return row === undefined ? null : readyRun(row)
  }

  /** When the next retrying run that is not due at `at` will be. */
  nextRetryAt(at: Instant): Instant | null {
    return (this.#nextRetryAt.first(at)?.[0] ?? null) as Instant | null
  }
}

const readyRun = ([id, readyAt, readable]: readonly [number, number, number]): ReadyRun => ({
  id: id as RunId,
  readyAt: readyAt as Instant,
  readable: readable === 1,
})
