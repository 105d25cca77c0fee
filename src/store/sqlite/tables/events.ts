/** Notable things that happened to Rota itself. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { StoredEvent } from '../../store.ts'
import { Statement } from '../statement.ts'

export class Events {
  readonly #insert: Statement
  readonly #newest: Statement<readonly [id: number, at: number, name: string, detail: string]>

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(database, 'INSERT INTO events (at, name, detail) VALUES (?, ?, ?)')
    this.#newest = new Statement(database, 'SELECT id, at, name, detail FROM events ORDER BY id DESC LIMIT ?')
  }

  record(at: Instant, name: string, detail: string): void {
    this.#insert.run(at, name, detail)
  }

  newest(limit: number): readonly StoredEvent[] {
    return this.#newest.all(limit).map(([id, at, name, detail]) => ({ id, at: at as Instant, name, detail }))
  }
}
