/** A clock that stands still until it is told to go: tests of weeks take milliseconds, and no test waits. */

import { sleepOn, systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { parseDuration } from '../base/duration.ts'
import type { DurationInput } from '../base/duration.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'

interface Timer {
  readonly at: Instant
  readonly wake: () => void
}

// What is awaited on real input (a file, a socket) needs turns of the real loop; this many without work mean that all is quiet.
const QUIET_TURNS = 2

/**
 * A virtual clock. Time passes only in `advance`; between two timers everything that was set going comes to rest first.
 *
 * @example
 * const clock = new VirtualClock('2026-01-01T00:00:00Z')
 * const app = rota({ store: ':memory:', clock })
 * …
 * await clock.advance('2 h')
 */
export class VirtualClock implements Clock {
  #now: Instant
  #steadyMs = 0
  readonly #timers: Timer[] = []
  #soon: (() => void)[] = []
  readonly #machine = systemClock()

  constructor(start: string | Instant = '2026-01-01T00:00:00Z') {
    this.#now = typeof start === 'string' ? parseInstant(start) : start
  }

  now(): Instant {
    return this.#now
  }

  monotonicMs(): number {
    return this.#steadyMs
  }

  callAt(at: Instant, wake: () => void): () => void {
    const timer: Timer = { at, wake }
    this.#insert(timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  callSoon(work: () => void): void {
    this.#soon.push(work)
  }

  sleepUntil(at: Instant, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, at, signal)
  }

  /** When the next timer is due, or null. */
  get nextTimerAt(): Instant | null {
    return this.#timers[0]?.at ?? null
  }

  /** Lets this much time pass, timer by timer. */
  async advance(by: DurationInput): Promise<void> {
    return this.advanceTo(instant(this.#now + parseDuration(by)))
  }

  /** Lets time pass until then, timer by timer. */
  async advanceTo(until: Instant): Promise<void> {
    await this.settle()
    for (let timer = this.#timers[0]; timer !== undefined && timer.at <= until; timer = this.#timers[0]) {
      this.#timers.shift()
      this.#passTo(timer.at)
      timer.wake()
      await this.settle()
    }
    this.#passTo(until)
  }

  /** Sets the wall clock, as a person or a time server does: no time passes, and timers look at it anew. */
  step(by: number): void {
    this.#now = instant(this.#now + by)
  }

  /** Runs everything that is ready, until nothing is. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await new Promise<void>(resolve => this.#machine.callSoon(resolve))
      if (this.#soon.length === 0) continue
      quiet = -1
      const ready = this.#soon
      this.#soon = []
      for (const work of ready) work()
    }
  }

  #passTo(at: Instant): void {
    if (at <= this.#now) return
    this.#steadyMs += at - this.#now
    this.#now = at
  }

  // Kept in order, so that the soonest is first; equal instants in the order in which they were asked for.
  #insert(timer: Timer): void {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#timers[middle]?.at ?? 0) <= timer.at) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
  }
}
