/** A time limit on one piece of work, kept by a Clock. */

import type { Clock } from '../../base/clock.ts'
import type { Duration } from '../../base/duration.ts'

/** Does the work with a signal that aborts when time is up or the outer signal does; gives `late` when time was up first. */
export const within = async <T, L>(
  clock: Clock,
  limit: Duration,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  late: L,
): Promise<T | L> => {
  outer.throwIfAborted()
  const inner = new AbortController()
  const passOn = (): void => inner.abort(outer.reason)
  outer.addEventListener('abort', passOn, { once: true })
  const takeBack = clock.callAfter(limit, () => inner.abort(late))
  try {
    return await work(inner.signal)
  } catch (error) {
    if (error === late) return late
    throw error
  } finally {
    takeBack()
    outer.removeEventListener('abort', passOn)
  }
}
