/** Where the files of workers lie: in a folder beside the database, one of each kind for a worker. */

import { join } from 'node:path'
import type { WorkerId } from '../../domain/run.ts'

export type WorkerFile = '.lock' | '.beat'

/** `place`: the database's file. */
export const workerFolder = (place: string): string => `${place}-workers`

// Any text is a worker's identity, not any text is a file name.
export const workerFile = (place: string, worker: WorkerId, kind: WorkerFile): string =>
  join(workerFolder(place), `${encodeURIComponent(worker).replaceAll('.', '%2E')}${kind}`)

/** Whose file it is. */
export const workerOf = (file: string, kind: WorkerFile): WorkerId => {
  try {
    return decodeURIComponent(file.slice(0, -kind.length))
  } catch {
    // Somebody else's file.
    return file
  }
}
