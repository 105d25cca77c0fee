/**
 * A process of the simulated world: its own view of the clock and of the store. It can die between any two store calls,
 * and it can stand still and come back.
 */

import { sleepOn } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import type { Instant } from '../base/instant.ts'
import type { Beat } from '../domain/lease.ts'
import type { WorkerId } from '../domain/run.ts'
import type { Store, WorkerRow } from '../store/store.ts'
import { withCalls } from './changed-store.ts'
import type { StoreCall } from './changed-store.ts'
import { withFaults } from './faulty-store.ts'
import type { Fault } from './faulty-store.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What the world does at each store call of a process. */
export interface Fate {
  /** Called before and after each call; may kill or stop the process. */
  at(process: SimulatedProcess, moment: 'before' | 'after'): void
  /** How a call fares; null: as it should. */
  fault(call: keyof Store): Fault | null
  /** Which of these workers are certainly dead. */
  dead(workers: readonly WorkerRow[]): readonly WorkerRow[]
  /** How far a worker has counted: one that stands still does not. */
  beat(worker: WorkerId): Beat
}

export class SimulatedProcess {
  readonly name: string
  readonly clock: Clock
  readonly store: Store
  worker: WorkerId | null = null
  /** Calls of it that met a fault. */
  faults = 0
  #state: 'alive' | 'standing still' | 'dead' = 'alive'
  #held: (() => void)[] = []
  #commitsSeen = 0
  readonly #shared: SharedStore
  readonly #fate: Fate

  constructor(name: string, world: { clock: VirtualClock; shared: SharedStore; fate: Fate }) {
    this.name = name
    this.#shared = world.shared
    this.#fate = world.fate
    this.clock = this.#clockOf(world.clock)
    this.store = this.#storeOf(world.shared.store)
  }

  get state(): 'alive' | 'standing still' | 'dead' {
    return this.#state
  }

  /** Nothing of it happens any more: calls never return, timers never ring. */
  kill(): void {
    this.#state = 'dead'
    this.#held = []
  }

  /** As SIGSTOP. */
  standStill(): void {
    if (this.#state === 'alive') this.#state = 'standing still'
  }

  /** As SIGCONT: everything that was held back happens now. */
  goOn(): void {
    if (this.#state !== 'standing still') return
    this.#state = 'alive'
    const held = this.#held
    this.#held = []
    for (const work of held) this.#when(work)
  }

  #when(work: () => void): void {
    if (this.#state === 'alive') work()
    else if (this.#state === 'standing still') this.#held.push(work)
  }

  #clockOf(world: VirtualClock): Clock {
    const clock: Clock = {
      now: () => world.now(),
      monotonicMs: () => world.monotonicMs(),
      callAt: (at: Instant, wake) => world.callAt(at, () => this.#when(wake)),
      callAfter: (delay, wake) => world.callAfter(delay, () => this.#when(wake)),
      callSoon: work => world.callSoon(() => this.#when(work)),
      sleepUntil: (at, signal) => sleepOn(clock, at, signal),
    }
    return clock
  }

  // Every method of the store passes a gate on its way in and on its way out.
  #storeOf(store: Store): Store {
    const own: Partial<Store> = {
      keepAlive: async worker => {
        this.worker = worker
        return { beat: async () => {}, [Symbol.asyncDispose]: async () => {} }
      },
      deadWorkers: async () => this.#fate.dead(await store.workers()),
      beats: async workers => new Map(workers.map(worker => [worker, this.#fate.beat(worker)])),
      changedElsewhere: () => {
        const seen = this.#commitsSeen
        this.#commitsSeen = this.#shared.commits
        return seen !== this.#shared.commits
      },
      close: async () => {},
      commit: async (changes, judge) => {
        const results = await store.commit(changes, judge)
        // Its own commit is no news to it.
        if (this.#commitsSeen === this.#shared.commits) this.#commitsSeen++
        this.#shared.commits++
        return results
      },
    }
    const seen = withCalls(store, (name, call) => (own[name] as StoreCall | undefined) ?? call)
    const faulty = withFaults(seen, this.clock, call => {
      const fault = this.#fate.fault(call)
      if (fault !== null) this.faults++
      return fault
    })
    return withCalls(faulty, (name, call) =>
      name === 'changedElsewhere'
        ? call
        : async (...args) => {
            this.#shared.calls++
            await this.#pass('before')
            try {
              return await call(...args)
            } finally {
              await this.#pass('after')
            }
          },
    )
  }

  #pass(moment: 'before' | 'after'): Promise<void> {
    if (this.#state === 'alive') this.#fate.at(this, moment)
    return new Promise(resolve => this.#when(resolve))
  }
}

/** The one store of the world, and how often it was asked and written. */
export interface SharedStore {
  readonly store: Store
  calls: number
  commits: number
}
