/** The program of a heart: counts in its file, as long as somebody told it lately that the work goes on. */

import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import { duration } from '../../base/duration.ts'
import type { Duration } from '../../base/duration.ts'
import { BeatFile } from './beat-file.ts'

const EVERY = duration(250)

const clock = systemClock()
const file = new BeatFile(workerData as string)
let until = 0

const beat = (): void => {
  try {
    if (clock.monotonicMs() < until) file.beat(clock.now())
  } catch {
    // A disk that is full or fails now may be mended within the lease.
  }
  clock.callAfter(EVERY, beat)
}

parentPort?.on('message', (patience: Duration) => {
  until = clock.monotonicMs() + patience
})
beat()
