/** The ends of runs that some `after …` of a schedule has not used yet. A decision deletes what it uses. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunFact } from '../../../when/facts.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'
import { outcomeOf } from './tally.ts'

/** The end of a run, as it is told. */
export interface End {
  readonly task: number
  readonly run: number
  /** The number of its state. */
  readonly state: number
  readonly endedAt: Instant
}

/** An end that a schedule has not used, or not for all of its events. */
export type UnusedEnd = RunFact & { readonly endedAt: Instant }

export class UnusedEnds {
  readonly #names: Names
  readonly #of: Statement<readonly [run: number, task: number, state: number, endedAt: number, usedTo: number | null]>
  readonly #insert: Statement
  readonly #deleteOlder: Statement
  readonly #use: Statement
  readonly #useDelayed: Statement
  readonly #delete: Statement
  readonly #deleteAll: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#of = new Statement(
      database,
      'SELECT run, task, state, ended_at, used_to FROM unused_ends WHERE schedule = ? ORDER BY ended_at, run',
    )
    this.#insert = new Statement(
      database,
      'INSERT OR REPLACE INTO unused_ends (schedule, run, task, state, ended_at) VALUES (?, ?, ?, ?, ?)',
    )
    this.#deleteOlder = new Statement(
      database,
      'DELETE FROM unused_ends WHERE schedule = ? AND task = ? AND state = ? AND run <> ?',
    )
    this.#use = new Statement(
      database,
      'UPDATE unused_ends SET used_to = max(?1, coalesce(used_to, ?1)) WHERE schedule = ?2 AND run = ?3',
    )
    this.#useDelayed = new Statement(
      database,
      `UPDATE unused_ends SET used_to = max(?1, coalesce(used_to, ?1))
       WHERE EXISTS (SELECT 1 FROM waits w WHERE w.schedule = unused_ends.schedule AND w.name = unused_ends.task AND w.delayed = 1)`,
    )
    this.#delete = new Statement(database, 'DELETE FROM unused_ends WHERE schedule = ? AND run = ?')
    this.#deleteAll = new Statement(database, 'DELETE FROM unused_ends WHERE schedule = ?')
  }

  /** In the order in which they ended. */
  of(schedule: number): readonly UnusedEnd[] {
    return this.#of.all(schedule).map(([run, task, state, endedAt, usedTo]) => ({
      id: run,
      task: this.#names.name(task),
      startedAt: null,
      endedAt: endedAt as Instant,
      outcome: outcomeOf(state),
      ...(usedTo === null ? {} : { usedTo: usedTo as Instant }),
    }))
  }

  /** `keepOlder`: where each has its own time to come; else the newest of an outcome stands for all before it. */
  add(schedule: number, end: End, keepOlder: boolean): void {
    const { run, task, state, endedAt } = end
    if (!keepOlder) this.#deleteOlder.run(schedule, task, state, run)
    this.#insert.run(schedule, run, task, state, endedAt)
  }

  /** A decision used what of this end was due by then; more of it is to come. */
  use(schedule: number, run: number, to: Instant): void {
    this.#use.run(to, schedule, run)
  }

  /** Nothing that was due by then is made up for, of events of which each has its own time. */
  useDelayed(to: Instant): void {
    this.#useDelayed.run(to)
  }

  delete(schedule: number, run: number): void {
    this.#delete.run(schedule, run)
  }

  clear(schedule: number): void {
    this.#deleteAll.run(schedule)
  }
}
