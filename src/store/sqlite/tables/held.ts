/** Runs that a restore held: they wait as others do, but have no time from which on they may be claimed. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'

const WAITS = `state IN (${codeOf('queued')}, ${codeOf('retrying')})`
const DETAIL = 'held since the restore of a backup, until it is released'

export class Held {
  readonly #moveMarks: Statement<readonly [mark: number]>
  readonly #oldestMark: Statement<readonly [mark: number | null]>
  readonly #hold: Statement
  readonly #remember: Statement
  readonly #list: Statement<readonly [id: number]>
  readonly #release: Statement
  readonly #count: Statement<readonly [count: number]>

  constructor(database: DatabaseSync) {
    this.#oldestMark = new Statement(database, 'SELECT min(mark) FROM marks WHERE next_at IS NOT NULL')
    // Due at once, so that the scheduler finds out when it is due next.
    this.#moveMarks = new Statement(
      database,
      `UPDATE marks SET version = version + 1, mark = ?1, highest_mark = max(highest_mark, ?1), next_at = ?1
       WHERE next_at IS NOT NULL AND mark < ?1`,
    )
    this.#hold = new Statement(
      database,
      `UPDATE runs SET ready_at = NULL, detail = '${DETAIL}' WHERE ready_at IS NOT NULL AND ${WAITS}`,
    )
    this.#remember = new Statement(database, `INSERT OR REPLACE INTO counters (name, value) VALUES ('held', ?)`)
    this.#list = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_live WHERE state < 5 AND ${WAITS} AND ready_at IS NULL ORDER BY id`,
    )
    this.#release = new Statement(
      database,
      `UPDATE runs SET ready_at = ?, detail = NULL WHERE id = ? AND ${WAITS} AND ready_at IS NULL`,
    )
    // Nobody was held since the last restore, mostly: then no run is read.
    this.#count = new Statement(
      database,
      `SELECT CASE WHEN coalesce((SELECT value FROM counters WHERE name = 'held'), 0) > 0 THEN
         (SELECT count(*) FROM runs INDEXED BY runs_live WHERE state < 5 AND ${WAITS} AND ready_at IS NULL)
       ELSE 0 END`,
    )
  }

  /** The oldest mark of a schedule that goes on; null where none does. */
  oldestMark(): Instant | null {
    return (this.#oldestMark.first()?.[0] ?? null) as Instant | null
  }

  /** How many marks were moved up to `at`. */
  moveMarks(at: Instant): number {
    return this.#moveMarks.run(at)
  }

  /** Holds everything that waits; gives how many that is. */
  hold(): number {
    const held = this.#hold.run()
    this.#remember.run(held)
    return held
  }

  list(): readonly RunId[] {
    return this.#list.all().map(([id]) => id as RunId)
  }

  /** Whether it was held. */
  release(id: RunId, at: Instant): boolean {
    return this.#release.run(at, id) > 0
  }

  count(): number {
    return this.#count.first()?.[0] ?? 0
  }
}
