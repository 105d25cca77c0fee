/** Vessels that wait for their next handler: starting one takes longer than most handlers. */

import { availableParallelism } from 'node:os'
import type { Clock } from '../../base/clock.ts'
import { duration } from '../../base/duration.ts'
import type { Vessel } from './vessel.ts'

interface Idle {
  readonly vessel: Vessel
  readonly takeBack: () => void
}

// A schedule of every minute finds its vessel again; what is needed less often starts a new one.
const KEPT_FOR = duration(90_000)

export class Pool {
  readonly #clock: Clock
  readonly #idle = new Map<string, Idle[]>()
  readonly #busy = new Set<Vessel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** One that was launched for the same kind of work, or a new one. */
  take(kind: string, launch: () => Vessel): Vessel {
    const idle = this.#idle.get(kind)?.pop()
    idle?.takeBack()
    const vessel = idle?.vessel.isAlive ? idle.vessel : launch()
    this.#busy.add(vessel)
    return vessel
  }

  /** It is free again: kept for a while, or let go where enough of its kind wait. */
  give(kind: string, vessel: Vessel): void {
    this.#busy.delete(vessel)
    vessel.heardBy(null)
    const waiting = this.#idle.get(kind) ?? []
    if (waiting.length >= availableParallelism()) return vessel.leave()
    const takeBack = this.#clock.callAfter(KEPT_FOR, () => {
      waiting.splice(
        waiting.findIndex(idle => idle.vessel === vessel),
        1,
      )
      vessel.leave()
    })
    waiting.push({ vessel, takeBack })
    this.#idle.set(kind, waiting)
  }

  /** It takes no further handler. */
  drop(vessel: Vessel): void {
    this.#busy.delete(vessel)
  }

  /** Ends all of them, also those that somebody has still. */
  async close(): Promise<void> {
    const idle = [...this.#idle.values()].flat()
    this.#idle.clear()
    for (const { takeBack } of idle) takeBack()
    await Promise.all([...idle.map(({ vessel }) => vessel), ...this.#busy].map(vessel => vessel.kill()))
  }
}
