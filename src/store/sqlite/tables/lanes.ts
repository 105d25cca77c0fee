/** Where runs wait: a task, a queue, a priority, and whether they have keys, as one number. Never changed or deleted. */

import type { DatabaseSync } from 'node:sqlite'
import type { TaskName } from '../../../base/name.ts'
import { usualPlace } from '../../../domain/limits.ts'
import type { Place } from '../../../domain/limits.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

export interface Lane {
  readonly id: number
  readonly task: TaskName
  readonly queue: string
  readonly priority: number
  readonly keyed: boolean
}

type LaneRow = readonly [id: number, task: number, queue: number, priority: number, keyed: number]

export class Lanes {
  readonly #names: Names
  readonly #find: Statement<readonly [id: number]>
  readonly #add: Statement<readonly [id: number]>
  readonly #after: Statement<LaneRow>
  /** All up to some number: they are numbered as they come. */
  readonly #lanes = new Map<number, Lane>()
  readonly #ids = new Map<string, number>()
  /** Of the runs of a task whose place is the usual one: most are. */
  readonly #usual = new Map<TaskName, number>()
  #newest = 0

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#find = new Statement(
      database,
      'SELECT id FROM lanes WHERE task = ? AND queue = ? AND priority = ? AND keyed = ?',
    )
    this.#add = new Statement(
      database,
      'INSERT INTO lanes (task, queue, priority, keyed) VALUES (?, ?, ?, ?) RETURNING id',
    )
    this.#after = new Statement(database, 'SELECT id, task, queue, priority, keyed FROM lanes WHERE id > ? ORDER BY id')
  }

  /** The number of a lane, given to it now when it has none. Inside a transaction. */
  number(task: TaskName, place: Place): number {
    if (!isUsual(place)) return this.#number(task, place)
    const known = this.#usual.get(task)
    if (known !== undefined) return known
    const id = this.#number(task, place)
    this.#usual.set(task, id)
    return id
  }

  get(id: number): Lane | undefined {
    return this.#lanes.get(id) ?? this.#learn().get(id)
  }

  all(): Iterable<Lane> {
    return this.#learn().values()
  }

  /** To be called when a transaction was rolled back: what it added is not there. */
  forget(): void {
    this.#lanes.clear()
    this.#ids.clear()
    this.#usual.clear()
    this.#newest = 0
  }

  #number(task: TaskName, { queue, priority, key }: Place): number {
    const keyed = key === null ? 0 : 1
    const text = `${priority}${keyed} ${queue} ${task}`
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const lane = [this.#names.number(task), this.#names.number(queue), priority, keyed] as const
    const id = (this.#find.first(...lane) ?? this.#add.first(...lane))?.[0] as number
    this.#ids.set(text, id)
    return id
  }

  #learn(): ReadonlyMap<number, Lane> {
    for (const [id, task, queue, priority, keyed] of this.#after.all(this.#newest)) {
      const name = this.#names.name(task) as TaskName
      this.#lanes.set(id, { id, task: name, queue: this.#names.name(queue), priority, keyed: keyed === 1 })
      this.#newest = id
    }
    return this.#lanes
  }
}

const isUsual = ({ queue, priority, key }: Place): boolean =>
  key === null && priority === usualPlace.priority && queue === usualPlace.queue
