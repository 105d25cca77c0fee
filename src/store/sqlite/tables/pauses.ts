/** Which queues are paused, or everything: nothing of them is claimed. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { isPauseOver } from '../../../domain/schedule.ts'
import type { Pause } from '../../../domain/schedule.ts'
import type { StoredPause } from '../../store.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

const EVERYTHING = 0
const none: readonly Pause[] = []

type PauseRow = readonly [queue: number, at: number, by: string, why: string | null, until: number | null]

export class Pauses {
  readonly #names: Names
  readonly #list: Statement<PauseRow>
  readonly #put: Statement
  readonly #delete: Statement
  /** By queue, as they were when this connection looked last. Asked for with every run that is claimed as it is created. */
  #known: ReadonlyMap<string | null, Pause> | null = null

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#list = new Statement(database, 'SELECT queue, at, by, why, until FROM pauses ORDER BY queue')
    this.#put = new Statement(
      database,
      'INSERT OR REPLACE INTO pauses (queue, at, by, why, until) VALUES (?, ?, ?, ?, ?)',
    )
    this.#delete = new Statement(database, 'DELETE FROM pauses WHERE queue = ?')
  }

  /** The pauses that keep runs of this queue from starting at `at`: its own, and that of everything. Inside a transaction. */
  stopping(queue: string, at: Instant): readonly Pause[] {
    this.#known ??= this.#read()
    if (this.#known.size === 0) return none
    return [this.#known.get(null), this.#known.get(queue)].filter(
      (pause): pause is Pause => pause !== undefined && !isPauseOver(pause, at),
    )
  }

  /** As stored, those too that are over by themselves; inside or outside a transaction. */
  list(): readonly StoredPause[] {
    return [...this.#read()].map(([queue, pause]) => ({ queue, pause }))
  }

  put(queue: string | null, { at, by, why, until }: Pause): void {
    this.#known = null
    this.#put.run(this.#number(queue), at, by, why, until)
  }

  /** Whether there was one. */
  delete(queue: string | null): boolean {
    this.#known = null
    return this.#delete.run(this.#number(queue)) > 0
  }

  /** To be called when something was rolled back, and when another connection has written. */
  forget(): void {
    this.#known = null
  }

  #read(): ReadonlyMap<string | null, Pause> {
    const rows = this.#list.all()
    return new Map(
      rows.map(([queue, at, by, why, until]) => [
        queue === EVERYTHING ? null : this.#names.name(queue),
        { at: at as Instant, by, why, until: until as Instant | null },
      ]),
    )
  }

  #number(queue: string | null): number {
    return queue === null ? EVERYTHING : this.#names.number(queue)
  }
}
