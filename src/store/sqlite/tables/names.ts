/** Names that many rows repeat (of tasks, workers, sources) as numbers. Never deleted: a number means one name for ever. */

import type { DatabaseSync } from 'node:sqlite'
import { Statement } from '../statement.ts'

export class Names {
  readonly #byName: Statement<readonly [id: number]>
  readonly #byId: Statement<readonly [name: string]>
  readonly #add: Statement<readonly [id: number]>
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(database: DatabaseSync) {
    this.#byName = new Statement(database, 'SELECT id FROM names WHERE name = ?')
    this.#byId = new Statement(database, 'SELECT name FROM names WHERE id = ?')
    this.#add = new Statement(database, 'INSERT INTO names (name) VALUES (?) RETURNING id')
  }

  /** The number of a name, or undefined when it was never written. */
  find(name: string): number | undefined {
    return this.#ids.get(name) ?? this.#remember(this.#byName.first(name)?.[0], name)
  }

  /** The number of a name, given to it now when it has none. Inside a transaction. */
  number(name: string): number {
    return this.find(name) ?? (this.#remember(this.#add.first(name)?.[0], name) as number)
  }

  name(id: number): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const name = this.#byId.first(id)?.[0]
    // Only a row changed from outside names a number that is not there.
    if (name === undefined) return `unknown-${id}`
    this.#remember(id, name)
    return name
  }

  /** To be called when a transaction was rolled back: what it added is not there. */
  forget(): void {
    this.#ids.clear()
    this.#names.clear()
  }

  #remember(id: number | undefined, name: string): number | undefined {
    if (id === undefined) return undefined
    this.#ids.set(name, id)
    this.#names.set(id, name)
    return id
  }
}
