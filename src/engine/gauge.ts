/** How far a run is: the last word of its handler, kept twice a second at most. */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { progressOf } from '../domain/progress.ts'
import type { Progress } from '../domain/progress.ts'

const GATHER = duration(500)

export class Gauge {
  readonly #clock: Clock
  readonly #keep: (progress: Progress) => void
  #latest: Progress | null = null
  #takeBack: (() => void) | undefined

  constructor(clock: Clock, keep: (progress: Progress) => void) {
    this.#clock = clock
    this.#keep = keep
  }

  readonly show = (done: number, total: number | null = null, note: string | null = null): void => {
    this.#latest = progressOf(done, total, note, this.#clock.now())
    // The first word at once, those that follow soon after it together.
    if (this.#takeBack === undefined) this.#tell()
  }

  /** Hands over what was said last. */
  flush(): void {
    this.#takeBack?.()
    this.#takeBack = undefined
    if (this.#latest !== null) this.#keep(this.#latest)
    this.#latest = null
  }

  #tell(): void {
    if (this.#latest === null) return
    this.flush()
    this.#takeBack = this.#clock.callAfter(GATHER, () => {
      this.#takeBack = undefined
      this.#tell()
    })
  }
}
