/** What a task remembers from run to run, as one of its attempts sees it. */

import { RotaError } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import type { TaskState } from '../domain/task.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { stillOurs, takenOver } from './records.ts'

const LONGEST_VALUE = 65_536
const LONGEST_KEY = 200

export const stateOf = (
  attempt: Attempt,
  { store, group }: { readonly store: Store; readonly group: GroupCommit },
): TaskState => {
  const { id: run, fence, task } = attempt.run

  const keep = async (key: string, text: string): Promise<void> => {
    stillOurs(attempt)
    const kept = await group.apply({ kind: 'keepState', run, fence, key: checkKey(key), value: JSON.parse(text) })
    if (kept === 'fenced') takenOver(attempt)
    if (kept === 'full') throw new RotaError('STATE_FULL', `'${task}' keeps as many keys as it may; delete one first.`)
  }

  return {
    get: async key => store.taskState(task, checkKey(key)),
    set: async (key, value) => keep(key, valueText(key, value)),
    delete: async key => keep(key, 'null'),
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
