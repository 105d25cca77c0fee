/**
 * The counters by which workers show that they go on, each in a small file beside its worker's lock. In the locked file
 * itself nobody could read it, and closing any other descriptor of that one would free its lock (POSIX, fcntl).
 */

import { rmSync } from 'node:fs'
import type { Duration } from '../../base/duration.ts'
import type { Beat } from '../../domain/lease.ts'
import type { WorkerId } from '../../domain/run.ts'
import { readBeat } from './beat-file.ts'
import type { Heart } from './heart.ts'
import { workerFile } from './worker-files.ts'

export class Beats {
  readonly #place: string
  readonly #hearts = new Map<WorkerId, Promise<Heart>>()

  /** `place`: the database's file. */
  constructor(place: string) {
    this.#place = place
  }

  /** Counts for a worker of this process, for as long as `patience` whatever else this process does. */
  async beat(worker: WorkerId, patience: Duration): Promise<void> {
    // A thread that nobody needs is not even loaded.
    const heart = this.#hearts.get(worker) ?? import('./heart.ts').then(({ Heart }) => new Heart(this.#file(worker)))
    this.#hearts.set(worker, heart)
    ;(await heart).beat(patience)
  }

  async stop(worker: WorkerId): Promise<void> {
    const heart = this.#hearts.get(worker)
    this.#hearts.delete(worker)
    await (await heart)?.stop()
    rmSync(this.#file(worker), { force: true })
  }

  of(worker: WorkerId): Beat {
    return readBeat(this.#file(worker))
  }

  #file(worker: WorkerId): string {
    return workerFile(this.#place, worker, '.beat')
  }
}
