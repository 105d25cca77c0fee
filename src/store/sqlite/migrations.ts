/** The schema's steps, in order, and how a file is brought to the newest: by one process at a time, after a backup. */

import type { DatabaseSync } from 'node:sqlite'
import { RotaError } from '../../base/errors.ts'
import { beginAmongOthers } from './begin.ts'
import { ground } from './migrations/01-ground.ts'
import { facts } from './migrations/02-facts.ts'
import { progressAndState } from './migrations/03-progress-and-state.ts'
import { notices } from './migrations/04-notices.ts'
import { limits } from './migrations/05-limits.ts'
import { pausesThatEnd } from './migrations/06-pauses-that-end.ts'
import { flows } from './migrations/07-flows.ts'
import { drainedWorkers } from './migrations/08-drained-workers.ts'
import { memoryOfRuns } from './migrations/09-memory-of-runs.ts'
import { marks } from './migrations/10-marks.ts'
import { keptEnds } from './migrations/11-kept-ends.ts'
import type { Migration } from './migrations/migration.ts'

/** Numbered from 1 by their place: the first makes an empty file schema 1. */
export const migrations: readonly Migration[] = [
  ground,
  facts,
  progressAndState,
  notices,
  limits,
  pausesThatEnd,
  flows,
  drainedWorkers,
  memoryOfRuns,
  marks,
  keptEnds,
]

/** 'Rota' in ASCII: marks the file as ours. */
const APPLICATION_ID = 0x52_6f_74_61

/**
 * Brings the file to the last of `steps`. Several processes may do so at once: the first does it, the others find it done.
 * `backUp` is called before a file that holds something is changed.
 *
 * @throws RotaError as `checkSchema`
 */
export const migrate = (
  database: DatabaseSync,
  place: string,
  backUp: (schema: number) => void,
  steps: readonly Migration[] = migrations,
): void => {
  const before = checkSchema(database, place, steps.length)
  if (before > 0 && before < steps.length) backUp(before)
  // Also with nothing to do: who cannot write learns it here, and not in the middle of the work.
  beginAmongOthers(database)
  try {
    const schema = checkSchema(database, place, steps.length)
    for (const step of steps.slice(schema)) database.exec(step.sql)
    if (schema < steps.length) {
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}`)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** The schema of a file: 0 for an empty one. */
export const schemaOf = (database: DatabaseSync): number => stateOf(database).schema

/**
 * The schema of a file, 0 for an empty one. Changes nothing.
 *
 * @throws RotaError STORE_NEWER, STORE_UNUSABLE for the database of another program
 */
export const checkSchema = (database: DatabaseSync, place: string, newest: number): number => {
  const { schema, isOurs, isEmpty } = stateOf(database)
  if (isOurs && schema > newest) {
    throw new RotaError(
      'STORE_NEWER',
      `${place} has schema ${schema}; this Rota knows ${newest}. Use the newer Rota.`,
      {
        details: { place, schema, known: newest },
      },
    )
  }
  if (!isOurs && !isEmpty) {
    throw new RotaError('STORE_UNUSABLE', `${place} is the database of another program.`, { details: { place } })
  }
  return schema
}

interface FileState {
  readonly schema: number
  readonly isOurs: boolean
  readonly isEmpty: boolean
}

// One statement, so that all of it is of one moment: another process may be making the file meanwhile.
const stateOf = (database: DatabaseSync): FileState => {
  const row = database
    .prepare(
      `SELECT (SELECT count(*) FROM sqlite_schema) AS tables, (SELECT user_version FROM pragma_user_version) AS version,
         (SELECT application_id FROM pragma_application_id) AS application`,
    )
    .get()
  return {
    schema: Number(row?.['version']),
    isOurs: row?.['application'] === APPLICATION_ID,
    isEmpty: row?.['tables'] === 0,
  }
}
