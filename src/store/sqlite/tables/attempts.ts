/**
 * Attempts that are over. Most runs have one: it is kept as columns of the run and has no row here. A row is written as
 * soon as that would not say everything: when another attempt follows, or the end was not the attempt's own.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { failReasons } from '../../../domain/run.ts'
import type { Attempt, FailReason, WorkerId } from '../../../domain/run.ts'
import { Statement } from '../statement.ts'
import { codeOf, isOverCode, stateOf } from '../state-code.ts'
import type { Names } from './names.ts'
import { errorFrom, errorText } from './run-row.ts'

type OnlyRow = readonly [
  state: number,
  attempt: number,
  worker: number | null,
  startedAt: number | null,
  endedAt: number | null,
  reason: string | null,
  error: string | null,
]

type AttemptRow = readonly [
  attempt: number,
  worker: number,
  startedAt: number,
  endedAt: number,
  outcome: string,
  reason: string | null,
  error: string | null,
]

export class Attempts {
  readonly #names: Names
  readonly #insert: Statement
  readonly #of: Statement<AttemptRow>
  readonly #only: Statement<OnlyRow>
  readonly #running: Statement<readonly [run: number, startedAt: number]>
  readonly #delete: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#insert = new Statement(
      database,
      `INSERT OR REPLACE INTO attempts (run, attempt, worker, started_at, ended_at, outcome, reason, error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#of = new Statement(
      database,
      `SELECT attempt, worker, started_at, ended_at, outcome, reason, error FROM attempts WHERE run = ? ORDER BY attempt`,
    )
    this.#only = new Statement(
      database,
      `SELECT state, attempt, worker, started_at + coalesce(attempt_delay, 0), ended_at, reason, error FROM runs WHERE id = ?`,
    )
    this.#running = new Statement(
      database,
      `SELECT id, started_at + coalesce(attempt_delay, 0) FROM runs INDEXED BY runs_live
       WHERE state < 5 AND state = ${codeOf('running')} AND worker = ? ORDER BY id`,
    )
    this.#delete = new Statement(database, 'DELETE FROM attempts WHERE run = ?')
  }

  insert(attempt: Attempt): void {
    this.#insert.run(
      attempt.run,
      attempt.attempt,
      this.#names.number(attempt.worker),
      attempt.startedAt,
      attempt.endedAt,
      attempt.outcome,
      attempt.reason,
      errorText(attempt.error),
    )
  }

  of(run: RunId): readonly Attempt[] {
    const rows = this.#of.all(run)
    return rows.length === 0 ? this.#fromRun(run) : rows.map(row => this.#read(run, row))
  }

  /** What a worker is executing, by what is stored: since when, as far as is known. */
  running(worker: WorkerId): readonly { readonly run: RunId; readonly startedAt: Instant }[] {
    const id = this.#names.find(worker)
    if (id === undefined) return []
    return this.#running.all(id).map(([run, startedAt]) => ({ run: run as RunId, startedAt: startedAt as Instant }))
  }

  delete(run: RunId): void {
    this.#delete.run(run)
  }

  #fromRun(run: RunId): readonly Attempt[] {
    const row = this.#only.first(run)
    if (row === undefined) return []
    const [state, attempt, worker, startedAt, endedAt, reason, error] = row
    if (attempt === 0 || !isOverCode(state) || worker === null || startedAt === null || endedAt === null) return []
    return [this.#read(run, [attempt, worker, startedAt, endedAt, stateOf(state) ?? 'failed', reason, error])]
  }

  #read(run: RunId, [attempt, worker, startedAt, endedAt, outcome, reason, error]: AttemptRow): Attempt {
    return {
      run,
      attempt,
      worker: this.#names.name(worker),
      startedAt: startedAt as Instant,
      endedAt: endedAt as Instant,
      outcome: outcome as Attempt['outcome'],
      reason: (failReasons as readonly string[]).includes(reason ?? '') ? (reason as FailReason) : null,
      error: errorFrom(error),
    }
  }
}
