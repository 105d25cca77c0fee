/** How many runs are being executed, over all processes: what limits are held against. */

import type { DatabaseSync } from 'node:sqlite'
import type { RunId, TaskName } from '../../../base/name.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'
import type { Lane } from './lanes.ts'
import type { Names } from './names.ts'

const BEGUN = `FROM runs INDEXED BY runs_begun WHERE state IN (3, 4) AND state = ${codeOf('running')} AND task = ? AND lane = ?`
const OF_KEY = 'FROM runs INDEXED BY runs_running_by_key WHERE state = 3 AND key IS NOT NULL AND task = ? AND key = ?'

export class Running {
  readonly #names: Names
  readonly #count: Statement<readonly [count: number]>
  readonly #ids: Statement<readonly [id: number]>
  readonly #countOfKey: Statement<readonly [count: number]>
  readonly #idsOfKey: Statement<readonly [id: number]>

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#count = new Statement(database, `SELECT count(*) ${BEGUN}`)
    this.#ids = new Statement(database, `SELECT id ${BEGUN} ORDER BY id LIMIT ?`)
    this.#countOfKey = new Statement(database, `SELECT count(*) ${OF_KEY}`)
    this.#idsOfKey = new Statement(database, `SELECT id ${OF_KEY} ORDER BY id LIMIT ?`)
  }

  count(lane: Lane): number {
    return this.#count.first(this.#names.number(lane.task), lane.id)?.[0] ?? 0
  }

  /** The oldest of them. */
  ids(lane: Lane, limit: number): readonly RunId[] {
    return this.#ids.all(this.#names.number(lane.task), lane.id, limit).map(([id]) => id as RunId)
  }

  countOfKey(task: TaskName, key: string): number {
    return this.#countOfKey.first(this.#names.number(task), key)?.[0] ?? 0
  }

  idsOfKey(task: TaskName, key: string, limit: number): readonly RunId[] {
    return this.#idsOfKey.all(this.#names.number(task), key, limit).map(([id]) => id as RunId)
  }
}
