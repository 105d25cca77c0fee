/** Notices when the wall clock jumps: it is held against the steady one. */

import type { Clock } from '../base/clock.ts'

// Clocks are slewed by milliseconds all the time; only a step is worth telling.
const SMALLEST_JUMP_MS = 5_000

export class ClockWatch {
  readonly #clock: Clock
  #wall: number
  #steady: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#steady = clock.monotonicMs()
  }

  /** By how many milliseconds the wall clock jumped since the last call; 0 when it did not. */
  jumpedBy(): number {
    const wall = this.#clock.now()
    const steady = this.#clock.monotonicMs()
    const jump = wall - this.#wall - (steady - this.#steady)
    this.#wall = wall
    this.#steady = steady
    return Math.abs(jump) > SMALLEST_JUMP_MS ? Math.round(jump) : 0
  }
}
