/** The program of the checkpoints: does one when it is told so, and ends when nobody told it for a while. */

import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { duration } from '../../base/duration.ts'

const PATIENCE = duration(60_000)

const clock = systemClock()
const database = new DatabaseSync(workerData as string)
// It waits for nobody, and nobody for it: what a reader still needs is left for the next one.
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')

let takeBack = clock.callAfter(PATIENCE, () => parentPort?.close())

parentPort?.on('message', () => {
  takeBack()
  try {
    checkpoint.all()
  } finally {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    parentPort?.postMessage(null)
  }
  takeBack = clock.callAfter(PATIENCE, () => parentPort?.close())
})
