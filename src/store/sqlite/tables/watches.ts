/** Schedules that are watched for being overdue or silent: when to look at each, and what is seen then. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { Statement } from '../statement.ts'
import { codeOf } from '../state-code.ts'

export interface WatchRow {
  readonly schedule: number
  readonly since: Instant
  readonly suspectedAt: Instant | null
}

// So far back a good run is looked for: whoever had none in so many has been told.
const FURTHEST_BACK = 1_000
const GOOD = `${codeOf('succeeded')}, ${codeOf('partial')}`

export class Watches {
  readonly #put: Statement
  readonly #putAll: Statement
  readonly #wake: Statement
  readonly #look: Statement
  readonly #delete: Statement
  readonly #deleteAll: Statement
  readonly #due: Statement<readonly [schedule: number, since: number, suspectedAt: number | null]>
  readonly #lookAt: Statement<readonly [at: number | null]>
  readonly #goodAt: Statement<readonly [endedAt: number]>
  readonly #waitsSince: Statement<readonly [at: number | null]>

  constructor(database: DatabaseSync) {
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO watches (schedule, since, look_at, suspected_at) VALUES (?1, ?2, ?2, NULL)',
    )
    this.#putAll = new Statement(
      database,
      `INSERT OR IGNORE INTO watches (schedule, since, look_at)
       SELECT id, ?1, ?1 FROM schedules WHERE removed_at IS NULL`,
    )
    this.#wake = new Statement(
      database,
      'UPDATE watches SET look_at = min(coalesce(look_at, ?1), ?1) WHERE schedule = ?2',
    )
    this.#look = new Statement(database, 'UPDATE watches SET look_at = ?, suspected_at = ? WHERE schedule = ?')
    this.#delete = new Statement(database, 'DELETE FROM watches WHERE schedule = ?')
    this.#deleteAll = new Statement(database, 'DELETE FROM watches')
    this.#due = new Statement(
      database,
      `SELECT schedule, since, suspected_at FROM watches INDEXED BY watches_due
       WHERE look_at <= ? ORDER BY look_at LIMIT ?`,
    )
    this.#lookAt = new Statement(
      database,
      'SELECT min(look_at) FROM watches INDEXED BY watches_due WHERE look_at IS NOT NULL',
    )
    // Walks the chain of a schedule's runs from the newest, and stops at the first good one.
    this.#goodAt = new Statement(
      database,
      `WITH RECURSIVE back (state, ended_at, earlier, depth) AS (
         SELECT r.state, r.ended_at, r.earlier, 1
         FROM marks m CROSS JOIN runs r ON r.id = m.last_run WHERE m.schedule = ?1
         UNION ALL
         SELECT r.state, r.ended_at, r.earlier, depth + 1 FROM back CROSS JOIN runs r ON r.id = back.earlier
         WHERE depth < ${FURTHEST_BACK})
       SELECT ended_at FROM back WHERE state IN (${GOOD}) AND ended_at > ?2 LIMIT 1`,
    )
    this.#waitsSince = new Statement(
      database,
      `SELECT min(created_at) FROM runs INDEXED BY runs_live
       WHERE schedule = ? AND state < 5 AND state = ${codeOf('queued')} AND attempt = 0`,
    )
  }

  /** Watches a schedule from now on, as one of which nothing is known. */
  put(schedule: number, at: Instant): void {
    this.#put.run(schedule, at)
  }

  /** Watches every schedule that was not watched. */
  putAll(at: Instant): void {
    this.#putAll.run(at)
  }

  /** Looks at it at `at`, if it would not be sooner. */
  wake(schedule: number, at: Instant): void {
    this.#wake.run(at, schedule)
  }

  /** When to look at it next. */
  look(schedule: number, lookAt: Instant | null, suspectedAt: Instant | null): void {
    this.#look.run(lookAt, suspectedAt, schedule)
  }

  delete(schedule: number): void {
    this.#delete.run(schedule)
  }

  deleteAll(): void {
    this.#deleteAll.run()
  }

  /** Those to be looked at by then, at most `limit`. */
  due(by: Instant, limit: number): readonly WatchRow[] {
    return this.#due.all(by, limit).map(([schedule, since, suspectedAt]) => ({
      schedule,
      since: since as Instant,
      suspectedAt: suspectedAt as Instant | null,
    }))
  }

  lookAt(): Instant | null {
    return (this.#lookAt.first()?.[0] ?? null) as Instant | null
  }

  /** When its last good run ended, if that was later than this. */
  goodAt(schedule: number, after: Instant): Instant | null {
    return (this.#goodAt.first(schedule, after)?.[0] ?? null) as Instant | null
  }

  /** Since when the oldest run of it waits for its first start. */
  waitsSince(schedule: number): Instant | null {
    return (this.#waitsSince.first(schedule)?.[0] ?? null) as Instant | null
  }
}
