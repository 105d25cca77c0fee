/** Units of runs: one row for a source and query of a run. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Unit, UnitState, Verdict } from '../../../domain/unit.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

type UnitRow = readonly [
  source: number,
  query: string,
  state: string,
  verdict: string,
  detail: string | null,
  attempt: number,
  startedAt: number,
  endedAt: number,
  requests: number,
  seen: number,
  added: number,
  changed: number,
  unchanged: number,
  invalid: number,
]

export class Units {
  readonly #names: Names
  readonly #put: Statement
  readonly #state: Statement<readonly [state: string]>
  readonly #of: Statement<UnitRow>
  readonly #delete: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#put = new Statement(
      database,
      `INSERT OR REPLACE INTO units (run, source, query, state, verdict, detail, attempt, started_at, ended_at, requests,
         seen, new, changed, unchanged, invalid, recorded)
       VALUES (?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
         (SELECT coalesce(max(recorded), 0) + 1 FROM units WHERE run = ?1))`,
    )
    this.#state = new Statement(database, 'SELECT state FROM units WHERE run = ? AND source = ? AND query = ?')
    this.#of = new Statement(
      database,
      `SELECT source, query, state, verdict, detail, attempt, started_at, ended_at, requests, seen, new, changed, unchanged,
         invalid
       FROM units WHERE run = ? ORDER BY ended_at, recorded`,
    )
    this.#delete = new Statement(database, 'DELETE FROM units WHERE run = ?')
  }

  /** The state of the unit that this one replaces, or null when it is the first of its source and query. */
  put(run: RunId, unit: Unit): UnitState | null {
    const source = this.#names.number(unit.source)
    const before = this.#state.first(run, source, unit.query)?.[0] ?? null
    const { seen, new: added, changed, unchanged, invalid } = unit.items
    this.#put.run(
      run,
      source,
      unit.query,
      unit.state,
      unit.verdict,
      unit.detail,
      unit.attempt,
      unit.startedAt,
      unit.endedAt,
      unit.requests,
      seen,
      added,
      changed,
      unchanged,
      invalid,
    )
    return before as UnitState | null
  }

  of(run: RunId): readonly Unit[] {
    return this.#of.all(run).map(row => this.#read(row))
  }

  delete(run: RunId): void {
    this.#delete.run(run)
  }

  #read(row: UnitRow): Unit {
    const [source, query, state, verdict, detail, attempt, startedAt, endedAt, requests] = row
    const [, , , , , , , , , seen, added, changed, unchanged, invalid] = row
    return {
      source: this.#names.name(source),
      query,
      state: state as UnitState,
      verdict: verdict as Verdict,
      detail,
      attempt,
      startedAt: startedAt as Instant,
      endedAt: endedAt as Instant,
      requests,
      items: { seen, new: added, changed, unchanged, invalid },
    }
  }
}
