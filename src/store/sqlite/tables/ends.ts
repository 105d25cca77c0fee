/**
 * How many runs ended, by minute and final state: a day is counted by reading minutes and not runs. Only where a question
 * begins in the middle of a minute are the runs of that one minute read.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { Statement } from '../statement.ts'

const MINUTE_MS = 60_000
// The count of so long a time is right, also where the runs are deleted sooner.
const KEPT_MINUTES = 31 * 24 * 60

export class Ends {
  readonly #add: Statement
  readonly #ofMinutes: Statement<readonly [state: number, count: number]>
  readonly #between: Statement<readonly [state: number, count: number]>
  readonly #deleteBefore: Statement
  /** Counted in this transaction, and not written yet: by state, then by minute. */
  readonly #counted = new Map<number, Map<number, number>>()

  constructor(database: DatabaseSync) {
    this.#add = new Statement(
      database,
      `INSERT INTO ends (minute, state, count) VALUES (?, ?, ?)
       ON CONFLICT (minute, state) DO UPDATE SET count = count + excluded.count`,
    )
    this.#ofMinutes = new Statement(database, 'SELECT state, sum(count) FROM ends WHERE minute >= ? GROUP BY state')
    this.#between = new Statement(
      database,
      'SELECT state, count(*) FROM runs INDEXED BY runs_ended WHERE ended_at >= ? AND ended_at < ? GROUP BY state',
    )
    this.#deleteBefore = new Statement(database, 'DELETE FROM ends WHERE minute < ?')
  }

  /** One run more that ended then in this state; one less with -1. Inside a transaction; written by `flush`. */
  add(state: number, endedAt: Instant, count: 1 | -1 = 1): void {
    let minutes = this.#counted.get(state)
    if (minutes === undefined) this.#counted.set(state, (minutes = new Map()))
    const minute = Math.floor(endedAt / MINUTE_MS)
    minutes.set(minute, (minutes.get(minute) ?? 0) + count)
  }

  /** To be called before the transaction is committed. */
  flush(): void {
    for (const [state, minutes] of this.#counted) {
      for (const [minute, count] of minutes) this.#add.run(minute, state, count)
    }
    this.forget()
  }

  /** To be called when the transaction was rolled back. */
  forget(): void {
    this.#counted.clear()
  }

  /** How many ended at or after this instant, by the code of their state. */
  since(at: Instant): ReadonlyMap<number, number> {
    const whole = Math.ceil(at / MINUTE_MS)
    const counts = new Map(this.#ofMinutes.all(whole))
    for (const [state, count] of this.#between.all(at, whole * MINUTE_MS)) {
      counts.set(state, (counts.get(state) ?? 0) + count)
    }
    return counts
  }

  /** Deletes what nobody asks for any more. `before`: when the runs are deleted. */
  prune(before: Instant): void {
    this.#deleteBefore.run(Math.floor(before / MINUTE_MS) - KEPT_MINUTES)
  }
}
