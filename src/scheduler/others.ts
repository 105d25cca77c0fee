/** The other workers on the store: shows them that this one goes on, and finds those that died or stand still. */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { forget, freshWatch, isLost, watchOn } from '../domain/lease.ts'
import type { Run, WorkerId } from '../domain/run.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { KnownWorker, Life, Store } from '../store/store.ts'
import { rescue } from './rescue.ts'
import type { Gone } from './rescue.ts'

export interface OthersOptions {
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: Clock
  readonly worker: WorkerId
  readonly life: Life
  /** Whoever was seen to stand still for so long is lost. */
  readonly lease: Duration
  /** How long this one may be busy with something else before it is lost itself. */
  readonly patience: () => Duration
}

export interface Seen {
  readonly gone: readonly Gone[]
  /** The runs of those that are gone, as they are now. */
  readonly runs: readonly Run[]
  /** False where another one took this worker for gone. */
  readonly isListed: boolean
}

export class Others {
  readonly #options: OthersOptions
  #watch = freshWatch
  #areThere = false
  #wereThere = false

  constructor(options: OthersOptions) {
    this.#options = options
  }

  /** Whether there were any at the last look. */
  get areThere(): boolean {
    return this.#areThere
  }

  /** Shows that this worker goes on, once somebody was there to see it. Alone it costs nothing. */
  async show(): Promise<void> {
    if (this.#wereThere) await this.#options.life.beat(this.#options.patience())
  }

  /** @param pause how often is looked */
  async look(pause: Duration): Promise<Seen> {
    const { store, worker } = this.#options
    const known = await store.workers()
    const others = known.filter(one => one.worker !== worker)
    this.#areThere = others.length > 0
    this.#wereThere ||= this.#areThere
    const gone = this.#areThere ? await this.#findGone(others, pause) : []
    const runs = await rescue(gone, this.#options)
    this.#watch = forget(
      this.#watch,
      gone.map(({ worker }) => worker.worker),
    )
    return { gone, runs, isListed: known.some(own => own.worker === worker && own.isListed) }
  }

  async #findGone(others: readonly KnownWorker[], pause: Duration): Promise<readonly Gone[]> {
    const { store, clock, lease } = this.#options
    const patience = this.#options.patience()
    const beats = await store.beats(others.map(({ worker }) => worker))
    this.#watch = watchOn(this.#watch, beats, { atMs: clock.monotonicMs(), pause })
    const dead = new Set((await store.deadWorkers()).map(({ worker }) => worker))
    return others.flatMap((worker): readonly Gone[] => {
      if (dead.has(worker.worker)) return [{ worker, why: 'died' }]
      return isLost(this.#watch, worker.worker, { lease, patience }) ? [{ worker, why: 'lost' }] : []
    })
  }
}

// How often a worker that only executes looks whether there is anybody to see it.
const LOOK_FOR_OTHERS = duration(1_000)

/** Shows others that a worker goes on which only executes, and looks after nobody. */
export const showLife = (
  { store, clock, life, patience }: Pick<OthersOptions, 'store' | 'clock' | 'life' | 'patience'>,
  ended: AbortSignal,
): void => {
  let takeBack = (): void => {}
  const look = async (): Promise<void> => {
    try {
      if ((await store.workers()).length > 1) await life.beat(patience())
    } catch {
      // A store that cannot be read now is none in which others can take its runs over.
    }
    if (!ended.aborted) lookLater()
  }
  const lookLater = (): void => {
    takeBack = clock.callAfter(LOOK_FOR_OTHERS, () => void look())
  }
  ended.addEventListener('abort', () => takeBack(), { once: true })
  lookLater()
}
