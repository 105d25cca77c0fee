/** A copy of the file beside it, made before its schema changes. */

import { closeSync, openSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { schemaOf } from './migrations.ts'

/** Leaves `<place>-schema-<n>.bak`, or the next free name like it. In memory there is nothing to leave. */
export const backUp = (database: DatabaseSync, place: string, schema: number): void => {
  if (place === ':memory:') return
  const path = reserve(`${place}-schema-${schema}`)
  try {
    database.prepare('VACUUM INTO ?').run(path)
    // Another process may have raised the schema meanwhile: then the backup is there already, and is its own.
    if (schemaOfFile(path) !== schema) rmSync(path)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

/** An empty file of a name that was free, for its owner only. */
const reserve = (wanted: string): string => {
  for (let n = 1; ; n++) {
    const path = `${wanted}${n === 1 ? '' : `-${n}`}.bak`
    try {
      closeSync(openSync(path, 'wx', 0o600))
      return path
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error
    }
  }
}

const schemaOfFile = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return schemaOf(database)
  } finally {
    database.close()
  }
}
