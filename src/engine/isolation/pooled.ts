/** Handlers in threads and in child processes: the same conversation with either, and vessels kept for the next run. */

import type { Clock } from '../../base/clock.ts'
import type { Duration } from '../../base/duration.ts'
import type { ProcessWork, ThreadWork } from '../../domain/isolation.ts'
import type { Context } from '../../domain/task.ts'
import { conduct } from './conduct.ts'
import type { Execution, Isolation } from './isolation.ts'
import { Pool } from './pool.ts'
import { Child } from './process.ts'
import { Thread } from './thread.ts'
import type { Vessel } from './vessel.ts'

export class Pooled implements Isolation<ThreadWork | ProcessWork> {
  readonly #pool: Pool
  readonly #runs = new WeakMap<Vessel, number>()

  constructor(clock: Clock) {
    this.#pool = new Pool(clock)
  }

  begin(work: ThreadWork | ProcessWork, context: Context, grace: Duration): Execution {
    const vessel = this.#pool.take(kindOf(work), () => launch(work))
    let memoryMb: number | null = null
    const measured = (used: number | null): void => {
      memoryMb = used
    }
    return {
      settled: this.#settled(vessel, work, context, grace, measured),
      kill: () => vessel.kill(),
      memoryMb: () => memoryMb,
    }
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  async #settled(
    vessel: Vessel,
    work: ThreadWork | ProcessWork,
    context: Context,
    grace: Duration,
    measured: (memoryMb: number | null) => void,
  ): Promise<unknown> {
    const { end, memoryMb } = await conduct(vessel, { module: work.module, export: work.export, grace }, context)
    measured(memoryMb)
    this.#putAway(vessel, work, memoryMb)
    if ('thrown' in end) throw end.thrown
    return end.value
  }

  #putAway(vessel: Vessel, work: ThreadWork | ProcessWork, memoryMb: number | null): void {
    const runs = (this.#runs.get(vessel) ?? 0) + 1
    this.#runs.set(vessel, runs)
    if (vessel.isAlive && memoryMb !== null && !isWornOut(work, runs, memoryMb))
      return this.#pool.give(kindOf(work), vessel)
    this.#pool.drop(vessel)
    vessel.heardBy(null)
    vessel.leave()
  }
}

const launch = (work: ThreadWork | ProcessWork): Vessel => (work.kind === 'thread' ? new Thread(work) : new Child(work))

// Vessels of one kind are alike: what is executed in them is said with each run.
const kindOf = (work: ThreadWork | ProcessWork): string =>
  work.kind === 'thread' ? `thread ${work.memoryMb}` : JSON.stringify([work.memoryMb, work.env, work.runs])

const isWornOut = (work: ThreadWork | ProcessWork, runs: number, memoryMb: number): boolean =>
  work.kind === 'process' && (runs >= work.runs || (work.memoryMb !== null && memoryMb > work.memoryMb))
