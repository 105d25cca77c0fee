/** A clock that stands still until it is told to go: tests of weeks take milliseconds, and no test waits. */

import { sleepOn, systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { duration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'

interface Timer {
  /** On its line: the wall's instants, or the steady milliseconds. */
  readonly due: number
  readonly order: number
  readonly wake: () => void
}

// What is awaited on real input (a file, a socket) needs turns of the real loop; so many without work mean that all is quiet.
const QUIET_TURNS = 2
// Then it waits for the machine (a file, a module that is loaded): from here on the loop is turned at its pace.
const QUICK_TURNS = 100
const NAP = duration(1)
// A call that is not over by then waits for time to pass.
const MOST_TURNS = 5_000

export interface VirtualClockOptions {
  /**
   * What comes to rest before time goes on. `everything` (default): also what needs turns of the real loop, such as a file
   * being read. `promises`: only what needs none; several times as fast, for work that touches nothing outside.
   */
  readonly waitsFor?: 'everything' | 'promises'
}

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
  #order = 0
  readonly #byWall: Timer[] = []
  readonly #bySteady: Timer[] = []
  #soon: (() => void)[] = []
  #settling: Promise<void> | null = null
  #quietTurns = 0
  readonly #machine = systemClock()
  readonly #waitsFor: NonNullable<VirtualClockOptions['waitsFor']>

  constructor(start: string | Instant = '2026-01-01T00:00:00Z', options: VirtualClockOptions = {}) {
    this.#waitsFor = options.waitsFor ?? 'everything'
    this.#now = typeof start === 'string' ? parseInstant(start) : start
  }

  now(): Instant {
    return this.#now
  }

  monotonicMs(): number {
    return this.#steadyMs
  }

  callAt(at: Instant, wake: () => void): () => void {
    return this.#arm(this.#byWall, at, wake)
  }

  callAfter(delay: Duration, wake: () => void): () => void {
    return this.#arm(this.#bySteady, this.#steadyMs + delay, wake)
  }

  callSoon(work: () => void): void {
    this.#soon.push(work)
  }

  sleepUntil(at: Instant, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, at, signal)
  }

  /** When the next timer is due, or null. */
  get nextTimerAt(): Instant | null {
    const next = this.#next()
    return next === null ? null : instant(this.#now + next.leftMs)
  }

  /** Lets this much time pass, timer by timer. */
  async advance(by: DurationInput): Promise<void> {
    const end = this.#steadyMs + parseDuration(by)
    await this.settle()
    for (let next = this.#next(); next !== null && this.#steadyMs + next.leftMs <= end; next = this.#next()) {
      next.line.shift()
      this.#pass(next.leftMs)
      next.timer.wake()
      await this.settle()
    }
    this.#pass(end - this.#steadyMs)
  }

  /** Lets time pass until then, timer by timer. */
  async advanceTo(until: Instant): Promise<void> {
    return this.advance(Math.max(0, until - this.#now))
  }

  /**
   * What a call gives that needs turns of the loop but no time, such as `app.start()`.
   *
   * @example await clock.during(app.start())
   */
  async during<T>(work: Promise<T>): Promise<T> {
    const over = Promise.allSettled([work]).then(() => true)
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      if (await Promise.race([over, this.settle().then(() => false)])) break
      if (turns >= QUICK_TURNS) await Promise.race([over, this.#nap()])
    }
    // What the call set going comes to rest, too.
    await this.settle()
    return work
  }

  #nap(): Promise<void> {
    return new Promise(resolve => this.#machine.callAfter(NAP, resolve))
  }

  /** Sets the wall clock, as a person or a time server does: no time passes, and timers look at it anew. */
  step(by: number): void {
    this.#now = instant(this.#now + by)
  }

  /** Runs everything that is ready, until nothing is. */
  settle(): Promise<void> {
    // Who asks while another one waits is waited for as long as if alone.
    this.#quietTurns = 0
    this.#settling ??= this.#comeToRest()
    return this.#settling
  }

  async #comeToRest(): Promise<void> {
    while (this.#quietTurns < QUIET_TURNS) {
      await this.#turn()
      this.#quietTurns++
      if (this.#doSoon()) this.#quietTurns = 0
    }
    this.#settling = null
  }

  #turn(): Promise<void> {
    // What `nextTick` is given is called once no promise has anything left to do, before the loop turns.
    if (this.#waitsFor === 'promises') return new Promise(resolve => process.nextTick(resolve))
    return new Promise(resolve => this.#machine.callSoon(resolve))
  }

  /** Whether there was any. */
  #doSoon(): boolean {
    const ready = this.#soon
    this.#soon = []
    for (const work of ready) work()
    return ready.length > 0
  }

  #pass(ms: number): void {
    this.#steadyMs += ms
    this.#now = instant(this.#now + ms)
  }

  #next(): { readonly timer: Timer; readonly line: Timer[]; readonly leftMs: number } | null {
    const wall = this.#left(this.#byWall, this.#now)
    const steady = this.#left(this.#bySteady, this.#steadyMs)
    if (wall === null || steady === null) return wall ?? steady
    if (wall.leftMs !== steady.leftMs) return wall.leftMs < steady.leftMs ? wall : steady
    return wall.timer.order < steady.timer.order ? wall : steady
  }

  #left(line: Timer[], now: number): { readonly timer: Timer; readonly line: Timer[]; readonly leftMs: number } | null {
    const timer = line[0]
    return timer === undefined ? null : { timer, line, leftMs: Math.max(0, timer.due - now) }
  }

  // Kept in order, so that the soonest is first; of equal ones the one that was asked for first.
  #arm(line: Timer[], due: number, wake: () => void): () => void {
    const timer: Timer = { due, order: this.#order++, wake }
    let low = 0
    let high = line.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((line[middle]?.due ?? 0) <= due) low = middle + 1
      else high = middle
    }
    line.splice(low, 0, timer)
    return () => {
      const index = line.indexOf(timer)
      if (index >= 0) line.splice(index, 1)
    }
  }
}
