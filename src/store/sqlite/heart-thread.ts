/** The program of a heart: counts in its file, as long as somebody told it lately that the work goes on. */

import { openSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { duration } from '../../base/duration.ts'
import type { Duration } from '../../base/duration.ts'

const EVERY = duration(250)
// Always as long, so that a beat is one write over the one before.
const DIGITS = 16

const clock = systemClock()
const file = openSync(workerData as string, 'w', 0o600)
let count = 0
let until = 0

const beat = (): void => {
  if (clock.monotonicMs() < until) write()
  clock.callAfter(EVERY, beat)
}

const write = (): void => {
  count++
  try {
    writeSync(file, `${String(count).padStart(DIGITS, '0')} ${clock.now()}\n`, 0)
  } catch {
    // A disk that is full or fails now may be mended within the lease.
  }
}

parentPort?.on('message', (patience: Duration) => {
  until = clock.monotonicMs() + patience
})
beat()
