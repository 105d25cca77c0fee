/** Where time comes from. Everything that waits or asks "now?" is given one; nothing else reads the machine's clock. */

import type { Duration } from './duration.ts'
import { instant } from './instant.ts'
import type { Instant } from './instant.ts'

export interface Clock {
  /** The wall clock. It may jump in either direction. */
  now(): Instant

  /** Milliseconds since some fixed moment of this process; never goes back. For measuring how long things took. */
  monotonicMs(): number

  /** Calls `wake` once, at the first moment when `now() >= at`. Returns what takes the call back. */
  callAt(at: Instant, wake: () => void): () => void

  /** Calls `wake` once, when this much time has passed, whatever the wall clock says meanwhile. Returns what takes it back. */
  callAfter(delay: Duration, wake: () => void): () => void

  /** Calls `work` in the next turn of the event loop, after what is already waiting for this one. */
  callSoon(work: () => void): void

  /** Resolves at `at`, or rejects with the signal's reason when it aborts. A past instant resolves at once. */
  sleepUntil(at: Instant, signal?: AbortSignal): Promise<void>
}

// The wall clock may jump while a timer runs on the steady one: no timer is trusted for longer than this.
const LONGEST_TRUST_MS = 30_000
// setTimeout counts in 32 bits: a longer one would fire at once, so long ones are cut up.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. Its timers do not keep the process alive by themselves: what is started says how it ends. */
export const systemClock = (): Clock => {
  const clock: Clock = {
    now: () => instant(Date.now()),
    monotonicMs: () => performance.now(),
    callAt(at, wake) {
      let timer: NodeJS.Timeout | undefined
      const arm = (): void => {
        const left = at - Date.now()
        timer = setTimeout(left > LONGEST_TRUST_MS ? arm : check, Math.min(Math.max(left, 0), LONGEST_TRUST_MS))
      }
      // A timer may fire a millisecond early by the wall clock.
      const check = (): void => (Date.now() >= at ? wake() : arm())
      arm()
      return () => clearTimeout(timer)
    },
    callAfter(delay, wake) {
      const end = performance.now() + delay
      let timer: NodeJS.Timeout | undefined
      const arm = (): void => {
        const left = Math.max(0, Math.ceil(end - performance.now()))
        timer = left > LONGEST_TIMER_MS ? setTimeout(arm, LONGEST_TIMER_MS) : setTimeout(wake, left)
      }
      arm()
      return () => clearTimeout(timer)
    },
    callSoon(work) {
      setImmediate(work)
    },
    sleepUntil: (at, signal) => sleepOn(clock, at, signal),
  }
  return clock
}

/** `sleepUntil` for any clock that can call. */
export const sleepOn = (clock: Pick<Clock, 'callAt' | 'now'>, at: Instant, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    if (clock.now() >= at) return resolve()
    const giveUp = (): void => {
      takeBack()
      reject(signal?.reason)
    }
    const takeBack = clock.callAt(at, () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
    signal?.addEventListener('abort', giveUp, { once: true })
  })
