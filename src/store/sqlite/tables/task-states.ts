/** What tasks remember from run to run: a few small values of each. */

import type { DatabaseSync } from 'node:sqlite'
import type { Json } from '../../../base/json.ts'
import type { TaskName } from '../../../base/name.ts'
import { Statement } from '../statement.ts'
import { jsonOf } from '../stored-json.ts'
import type { Names } from './names.ts'

const MOST_KEYS = 100

export class TaskStates {
  readonly #names: Names
  readonly #get: Statement<readonly [value: string]>
  readonly #count: Statement<readonly [others: number]>
  readonly #put: Statement
  readonly #delete: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#get = new Statement(database, 'SELECT value FROM task_states WHERE task = ? AND key = ?')
    this.#count = new Statement(database, 'SELECT count(*) FROM task_states WHERE task = ? AND key <> ?')
    this.#put = new Statement(database, 'INSERT OR REPLACE INTO task_states (task, key, value) VALUES (?, ?, ?)')
    this.#delete = new Statement(database, 'DELETE FROM task_states WHERE task = ? AND key = ?')
  }

  /** Null when there is none. */
  get(task: string, key: string): Json {
    const number = this.#names.find(task)
    const value = number === undefined ? undefined : this.#get.first(number, key)?.[0]
    return value === undefined ? null : (jsonOf(value) ?? null)
  }

  /** Whether there was room. */
  put(task: TaskName, key: string, value: Json): boolean {
    const number = this.#names.number(task)
    if ((this.#count.first(number, key)?.[0] ?? 0) >= MOST_KEYS) return false
    this.#put.run(number, key, JSON.stringify(value))
    return true
  }

  delete(task: TaskName, key: string): void {
    this.#delete.run(this.#names.number(task), key)
  }
}
