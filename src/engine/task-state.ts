/** What a task remembers from run to run, as one of its attempts sees it. */

import { RotaError } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { TaskState } from '../domain/task.ts'
import type { Attempt } from './attempt.ts'
import type { Place } from './place.ts'
import { stillOurs, takenOver } from './records.ts'

const LONGEST_VALUE = 65_536
const LONGEST_KEY = 200

export class AttemptState implements TaskState {
  readonly #attempt: Attempt
  readonly #place: Pick<Place, 'store' | 'group'>

  constructor(attempt: Attempt, place: Pick<Place, 'store' | 'group'>) {
    this.#attempt = attempt
    this.#place = place
  }

  async get(key: string): Promise<Json> {
    return this.#place.store.taskState(this.#attempt.run.task, checkKey(key))
  }

  async set(key: string, value: Json): Promise<void> {
    return this.#keep(key, JSON.parse(valueText(key, value)) as Json)
  }

  async delete(key: string): Promise<void> {
    return this.#keep(key, null)
  }

  async #keep(key: string, value: Json): Promise<void> {
    stillOurs(this.#attempt)
    const { id: run, fence, task } = this.#attempt.run
    const kept = await this.#place.group.apply({ kind: 'keepState', run, fence, key: checkKey(key), value })
    if (kept === 'fenced') takenOver(this.#attempt)
    if (kept === 'full') throw new RotaError('STATE_FULL', `'${task}' keeps as many keys as it may; delete one first.`)
  }
}

const checkKey = (key: unknown): string => {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw new RotaError('OPTION_INVALID', `A key of the state is text of 1 to ${LONGEST_KEY} characters.`)
}

const valueText = (key: string, value: unknown): string => {
  const written = toJson(value)
  const reason =
    'reason' in written
      ? written.reason
      : Buffer.byteLength(written.text) > LONGEST_VALUE
        ? `it takes ${Buffer.byteLength(written.text)} bytes, and ${LONGEST_VALUE} are allowed`
        : null
  if (reason === null && 'text' in written) return written.text
  throw new RotaError('OPTION_INVALID', `The state '${String(key).slice(0, 100)}' cannot be kept: ${reason}.`)
}
