/** Notices when the event loop was blocked: a timer that is set anyway rings late by about as long. */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'

const WINDOW_MS = 30_000

export class LoopWatch {
  readonly #clock: Clock
  #expectedMs: number | null = null
  // The longest of this window and of the one before.
  #windowMs: number
  #longest = 0
  #longestBefore = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#windowMs = clock.monotonicMs()
  }

  /** To be called when the timer is set, with its time. */
  expect(pause: Duration): void {
    this.#expectedMs = this.#clock.monotonicMs() + pause
  }

  /** To be called when it rings: how late it is. The loop was blocked for at least so long. */
  rang(): Duration {
    if (this.#expectedMs === null) return duration(0)
    const late = Math.max(0, Math.round(this.#clock.monotonicMs() - this.#expectedMs))
    this.#expectedMs = null
    this.#turn()
    this.#longest = Math.max(this.#longest, late)
    return duration(late)
  }

  /** The longest of the last half minute, or of up to a whole one. */
  longest(): Duration {
    this.#turn()
    return duration(Math.max(this.#longest, this.#longestBefore))
  }

  #turn(): void {
    const now = this.#clock.monotonicMs()
    const windows = Math.floor((now - this.#windowMs) / WINDOW_MS)
    if (windows === 0) return
    this.#longestBefore = windows === 1 ? this.#longest : 0
    this.#longest = 0
    this.#windowMs += windows * WINDOW_MS
  }
}
