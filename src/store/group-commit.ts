/**
 * One writer for a process: changes of one turn of the event loop share a transaction.
 *
 * What was handed in during a turn is committed in the next, in slices, starts before everything else, so that the first
 * handlers of a burst begin while the rest is still being written. An answer is given only after COMMIT.
 */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { RotaError, asError } from '../base/errors.ts'
import type { Judge } from '../domain/opportunity.ts'
import { granted } from './store.ts'
import type { Change, ChangeKind, Changes, Judged, Store } from './store.ts'

type Granted<C extends Change> = C extends { readonly kind: infer K extends ChangeKind } ? Changes[K]['result'] : never

export interface GroupCommitOptions {
  readonly store: Store
  readonly judge: Judge
  readonly clock: Clock
  /** Called when a commit fails, and (null) when one succeeds again. */
  readonly onTrouble?: (trouble: Error | null) => void
  /** Called after a commit with what a change of it set going. */
  readonly onJudged?: (judged: readonly Judged[]) => void
}

interface Waiting {
  readonly change: Change
  /** Kept and tried again while the store is in trouble: what has happened must not be forgotten. */
  readonly insisted: boolean
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

// Large enough to share the cost of a commit, small enough that the first handlers of a burst start early.
const SLICE = 250
const PAUSE_AFTER_TROUBLE = duration(1_000)

export class GroupCommit {
  readonly #store: Store
  readonly #judge: Judge
  readonly #clock: Clock
  readonly #onTrouble: (trouble: Error | null) => void
  readonly #onJudged: (judged: readonly Judged[]) => void
  #starts: Waiting[] = []
  #others: Waiting[] = []
  #busy = false
  #trouble: Error | null = null

  constructor(options: GroupCommitOptions) {
    this.#store = options.store
    this.#judge = options.judge
    this.#clock = options.clock
    this.#onTrouble = options.onTrouble ?? (() => {})
    this.#onJudged = options.onJudged ?? (() => {})
  }

  /** Why the last commit failed, or null when it did not. */
  get trouble(): Error | null {
    return this.#trouble
  }

  /** Resolves after the commit. @throws the change's own RotaError, or the store's when nothing could be committed */
  apply<const C extends Change>(change: C): Promise<Granted<C>> {
    return this.#add(change, false)
  }

  /** Like `apply`, but tries again for as long as the store is in trouble. For what already happened. */
  insist<const C extends Change>(change: C): Promise<Granted<C>> {
    return this.#add(change, true)
  }

  /** Resolves when everything handed in so far is committed or has failed. */
  async settled(): Promise<void> {
    const waiting = [...this.#starts, ...this.#others]
    if (waiting.length === 0 && !this.#busy) return
    await new Promise<void>(resolve => this.#clock.callSoon(resolve))
    return this.settled()
  }

  #add<C extends Change>(change: C, insisted: boolean): Promise<Granted<C>> {
    return new Promise((resolve, reject) => {
      const lane = change.kind === 'judge' || change.kind === 'claim' ? this.#starts : this.#others
      lane.push({ change, insisted, resolve, reject })
      this.#flushSoon()
    })
  }

  #flushSoon(): void {
    if (this.#busy || this.#starts.length + this.#others.length === 0) return
    this.#busy = true
    this.#clock.callSoon(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const slice = this.#takeSlice()
    try {
      const { results, judged } = await this.#store.commit(
        slice.map(waiting => waiting.change),
        this.#judge,
      )
      this.#setTrouble(null)
      for (const [i, waiting] of slice.entries()) {
        answer(waiting, results[i] ?? missing)
        const setGoing = judged[i] ?? []
        if (setGoing.length > 0) this.#onJudged(setGoing)
      }
    } catch (thrown) {
      this.#failed(slice, asError(thrown))
      return
    }
    this.#busy = false
    this.#flushSoon()
  }

  #takeSlice(): readonly Waiting[] {
    const starts = this.#starts.splice(0, SLICE)
    return [...starts, ...this.#others.splice(0, SLICE - starts.length)]
  }

  #failed(slice: readonly Waiting[], trouble: Error): void {
    this.#setTrouble(trouble)
    this.#others.unshift(...slice.filter(waiting => waiting.insisted))
    for (const waiting of slice) if (!waiting.insisted) waiting.reject(trouble)
    this.#clock.callAfter(PAUSE_AFTER_TROUBLE, () => {
      this.#busy = false
      this.#flushSoon()
    })
  }

  #setTrouble(trouble: Error | null): void {
    const before = this.#trouble
    this.#trouble = trouble
    if (before?.message !== trouble?.message) this.#onTrouble(trouble)
  }
}

const missing = { error: new RotaError('INTERNAL', 'The store did not answer a change.') }

const answer = (waiting: Waiting, result: { readonly ok: unknown } | { readonly error: RotaError }): void => {
  try {
    waiting.resolve(granted(result) as never)
  } catch (error) {
    waiting.reject(asError(error))
  }
}
