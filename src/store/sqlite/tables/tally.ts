/**
 * What conditions count: starts, ends and skips of the tasks that some condition names, as long as the longest period that one
 * of them names, also where the runs are deleted sooner. Of tasks that nobody counts nothing is kept.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { CountedRun } from '../../../when/fact.ts'
import type { RunFact } from '../../../when/facts.ts'
import { Statement } from '../statement.ts'
import { codeOf, stateOf } from '../state-code.ts'
import type { Names } from './names.ts'

/** A start is kept under the number of the state it led to. */
export const STARTED_TALLY = codeOf('running')
export const SKIPPED_TALLY = codeOf('skipped')

const statesOf = {
  succeeded: [codeOf('succeeded')],
  failed: [codeOf('failed')],
  finished: [codeOf('succeeded'), codeOf('partial'), codeOf('failed')],
  started: [STARTED_TALLY],
  'been skipped': [SKIPPED_TALLY],
} as const satisfies Record<CountedRun, readonly number[]>

type TallyRow = readonly [
  run: number,
  at: number,
  count: number,
  startedAt: number | null,
  endedAt: number | null,
  state: number | null,
]

export class Tally {
  readonly #names: Names
  readonly #since: Statement<TallyRow>
  readonly #add: Statement
  readonly #addTotal: Statement
  readonly #total: Statement<readonly [count: number]>
  readonly #fillEnds: Statement
  readonly #fillStarts: Statement
  readonly #fillTotal: Statement
  readonly #fillStarted: Statement
  readonly #deleteBefore: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#since = new Statement(
      database,
      `SELECT t.run, t.at, t.count, r.started_at, r.ended_at, r.state FROM tally t LEFT JOIN runs r ON r.id = t.run
       WHERE t.task = ? AND t.what = ? AND t.at > ? ORDER BY t.at DESC, t.run DESC LIMIT ?`,
    )
    this.#add = new Statement(
      database,
      `INSERT INTO tally (task, what, at, run, count) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    )
    this.#addTotal = new Statement(database, 'UPDATE totals SET count = count + ? WHERE task = ? AND what = ?')
    this.#total = new Statement(database, 'SELECT count FROM totals WHERE task = ? AND what = ?')
    this.#fillEnds = new Statement(
      database,
      `INSERT OR IGNORE INTO tally (task, what, at, run, count)
       SELECT task, state, ended_at, id, count FROM runs INDEXED BY runs_over
       WHERE task = ? AND state >= 5 AND state = ? AND ended_at IS NOT NULL`,
    )
    this.#fillStarts = new Statement(
      database,
      `INSERT OR IGNORE INTO tally (task, what, at, run, count)
       SELECT task, ${STARTED_TALLY}, started_at, id, 1 FROM runs WHERE task = ? AND started_at IS NOT NULL`,
    )
    this.#fillTotal = new Statement(
      database,
      `INSERT INTO totals (task, what, count)
       SELECT ?1, ?2, coalesce(sum(count), 0) FROM runs INDEXED BY runs_over WHERE task = ?1 AND state >= 5 AND state = ?2
       ON CONFLICT DO UPDATE SET count = max(count, excluded.count)`,
    )
    this.#fillStarted = new Statement(
      database,
      `INSERT INTO totals (task, what, count)
       SELECT ?1, ${STARTED_TALLY}, count(*) FROM runs WHERE task = ?1 AND started_at IS NOT NULL
       ON CONFLICT DO UPDATE SET count = max(count, excluded.count)`,
    )
    this.#deleteBefore = new Statement(
      database,
      `DELETE FROM tally WHERE (task, what, at, run) IN (
         SELECT task, what, at, run FROM tally WHERE task = ? AND what = ? AND at < ? ORDER BY at LIMIT ?)`,
    )
  }

  /** The newest that happened after this, at most so many of each state. Where the run is there still, with all of it. */
  since(task: number, what: CountedRun, after: number, most: number): readonly RunFact[] {
    return statesOf[what].flatMap(state =>
      this.#since.all(task, state, after, most).map(row => this.#fact(task, state, row)),
    )
  }

  /** How often it ever happened, as far as is known. */
  total(task: number, what: CountedRun): number {
    return statesOf[what].reduce<number>((sum, state) => sum + (this.#total.first(task, state)?.[0] ?? 0), 0)
  }

  add(task: number, what: number, at: Instant, run: number, count: number): void {
    this.#add.run(task, what, at, run, count)
    this.#addTotal.run(count, task, what)
  }

  /**
   * From now on this is counted of a task, or further back; what is known of it so far is taken over. A total from an earlier
   * time may have missed what is there, and may know what is there no more: the larger number is the better one.
   */
  begin(task: number, what: 'ended' | 'started' | 'skipped'): void {
    if (what === 'started') {
      this.#fillStarts.run(task)
      this.#fillStarted.run(task)
      return
    }
    for (const state of statesOf[what === 'ended' ? 'finished' : 'been skipped']) {
      this.#fillEnds.run(task, state)
      this.#fillTotal.run(task, state)
    }
  }

  /** Deletes what no period reaches any more. */
  prune(task: number, before: Instant, limit: number): number {
    let gone = 0
    for (const state of [...statesOf.finished, STARTED_TALLY, SKIPPED_TALLY])
      gone += this.#deleteBefore.run(task, state, before, limit - gone)
    return gone
  }

  #fact(task: number, state: number, [run, at, count, startedAt, endedAt, now]: TallyRow): RunFact {
    const name = this.#names.name(task)
    const what = outcomeOf(state)
    // The row of the run is gone; or it stands for skips of several times.
    if (now === null || state === SKIPPED_TALLY) {
      const began = state === STARTED_TALLY ? (at as Instant) : null
      return { id: run, task: name, startedAt: began, endedAt: at as Instant, outcome: what ?? 'cancelled', count }
    }
    return {
      id: run,
      task: name,
      startedAt: startedAt as Instant | null,
      endedAt: endedAt as Instant | null,
      outcome: endedAt === null ? null : outcomeOf(now),
      count,
    }
  }
}

/** The states of runs that an event or a count may be about. */
export const isEventState = (state: number): boolean => (statesOf.finished as readonly number[]).includes(state)

/** The outcome that a state stands for, as a fact; null while there is none. */
export const outcomeOf = (state: number): RunFact['outcome'] => {
  const name = stateOf(state)
  switch (name) {
    case 'succeeded':
    case 'partial':
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return name
    default:
      return null
  }
}
