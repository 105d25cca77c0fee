/** Which queues are paused, or everything: nothing of them is claimed. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { Pause } from '../../../domain/schedule.ts'
import type { StoredPause } from '../../store.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

const EVERYTHING = 0

export class Pauses {
  readonly #names: Names
  readonly #list: Statement<readonly [queue: number, at: number, by: string, why: string | null]>
  readonly #put: Statement
  readonly #delete: Statement
  /** By queue, as they were when this connection looked last. Asked for with every run that is claimed as it is created. */
  #known: ReadonlyMap<string | null, Pause> | null = null

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#list = new Statement(database, 'SELECT queue, at, by, why FROM pauses ORDER BY queue')
    this.#put = new Statement(database, 'INSERT INTO pauses (queue, at, by, why) VALUES (?, ?, ?, ?)')
    this.#delete = new Statement(database, 'DELETE FROM pauses WHERE queue = ?')
  }

  /** Inside a transaction. */
  stops(queue: string): boolean {
    this.#known ??= this.#read()
    return this.#known.size > 0 && (this.#known.has(queue) || this.#known.has(null))
  }

  /** As stored; inside or outside a transaction. */
  list(): readonly StoredPause[] {
    return [...this.#read()].map(([queue, pause]) => ({ queue, pause }))
  }

  put(queue: string | null, { at, by, why }: Pause): void {
    this.#known = null
    this.#put.run(this.#number(queue), at, by, why)
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
      rows.map(([queue, at, by, why]) => [
        queue === EVERYTHING ? null : this.#names.name(queue),
        { at: at as Instant, by, why },
      ]),
    )
  }

  #number(queue: string | null): number {
    return queue === null ? EVERYTHING : this.#names.number(queue)
  }
}
