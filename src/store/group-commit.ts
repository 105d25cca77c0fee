/**
 * One writer for a process: changes of one turn of the event loop share a transaction.
 *
 * What was handed in during a turn is committed in the next, in slices, starts before everything else, so that the first
 * handlers of a burst begin while the rest is still being written. An answer is given only after COMMIT.
 *
 * A commit that failed may stand: only its answer may have been lost. Then this process does not know what was done in its
 * name, and finds it out from the rows before anything else is committed.
 */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { RotaError, asError } from '../base/errors.ts'
import type { Judge } from '../domain/opportunity.ts'
import type { Run } from '../domain/run.ts'
import type { Change, ChangeKind, Changes, Committed, Judged, Store } from './store.ts'

/** What lets runs start. */
type Start = Extract<Change, { readonly kind: 'judge' | 'claim' }>

type Granted<C extends Change> = C extends { readonly kind: infer K extends ChangeKind } ? Changes[K]['result'] : never

/** What became of a change, or why the store kept nothing of it. */
export type Answer<Result = unknown> = { readonly ok: Result } | { readonly error: Error }

export interface GroupCommitOptions {
  readonly store: Pick<Store, 'commit'>
  readonly judge: Judge
  readonly clock: Clock
  /**
   * Finds out from the rows what this process may not know: called between two commits, while no answer is on its way. Called
   * again after a pause when it rejects.
   */
  readonly reconcile?: () => Promise<void>
  /** Called when a commit fails, and (null) when one succeeds again. */
  readonly onTrouble?: (trouble: Error | null) => void
  /** Called after a commit with what a change of it set going. */
  readonly onJudged?: (judged: readonly Judged[]) => void
  /** Called after that with the runs of flows that a change moved. */
  readonly onFlows?: (moved: readonly Run[]) => void
  /** Called after a commit that put notices into the outbox. */
  readonly onNotices?: () => void
}

interface Waiting {
  readonly change: Change
  /** Kept and tried again while the store is in trouble: what has happened must not be forgotten. */
  readonly insisted: boolean
  readonly answer: (answer: Answer) => void
}

/** What waits for a slice. Of many that are handed in at once each is made when a slice takes it. */
class Lane {
  #ready: Waiting[] = []
  #coming: Coming[] = []

  get isEmpty(): boolean {
    return this.#ready.length + this.#coming.length === 0
  }

  add(waiting: Waiting): void {
    this.#ready.push(waiting)
  }

  addMany(coming: Coming): void {
    this.#coming.push(coming)
  }

  /** What was taken before goes first. */
  putBack(taken: readonly Waiting[]): void {
    this.#ready.unshift(...taken)
  }

  take(most: number): readonly Waiting[] {
    const taken = this.#ready.splice(0, most)
    while (taken.length < most) {
      const coming = this.#coming[0]
      if (coming === undefined) break
      taken.push(coming.make())
      if (--coming.left === 0) this.#coming.shift()
    }
    return taken
  }
}

interface Coming {
  left: number
  /** The next of them. */
  readonly make: () => Waiting
}

// Large enough to share the cost of a commit.
const SLICE = 250
// The first slice of a burst of starts is smaller, so that its handlers begin early.
const FIRST_STARTS = 50
const PAUSE_AFTER_TROUBLE = duration(1_000)

export class GroupCommit {
  readonly #store: Pick<Store, 'commit'>
  readonly #judge: Judge
  readonly #clock: Clock
  readonly #reconcile: () => Promise<void>
  readonly #onTrouble: (trouble: Error | null) => void
  readonly #onJudged: (judged: readonly Judged[]) => void
  readonly #onFlows: (moved: readonly Run[]) => void
  readonly #onNotices: () => void
  readonly #starts = new Lane()
  readonly #others = new Lane()
  #isBurst = false
  #busy = false
  #isInDoubt = false
  readonly #atRest: (() => void)[] = []
  #trouble: Error | null = null

  constructor(options: GroupCommitOptions) {
    this.#store = options.store
    this.#judge = options.judge
    this.#clock = options.clock
    this.#reconcile = options.reconcile ?? (async () => {})
    this.#onTrouble = options.onTrouble ?? (() => {})
    this.#onJudged = options.onJudged ?? (() => {})
    this.#onFlows = options.onFlows ?? (() => {})
    this.#onNotices = options.onNotices ?? (() => {})
  }

  /** Why the last commit failed, or null when it did not. */
  get trouble(): Error | null {
    return this.#trouble
  }

  /** Resolves after the commit. @throws the change's own RotaError, or the store's when nothing could be committed */
  apply<const C extends Change>(change: C): Promise<Granted<C>> {
    return new Promise((resolve, reject) =>
      this.#add(change, false, given => ('error' in given ? reject(given.error) : resolve(given.ok))),
    )
  }

  /**
   * Like `apply`, but tries again for as long as the store is in trouble: for what already happened. `answered` must not throw.
   * No promise: thousands may wait until a burst of starts is over, and what each keeps in memory is collected again and again.
   */
  insist<const C extends Change>(change: C, answered: (answer: Answer<Granted<C>>) => void): void {
    this.#add(change, true, answered)
  }

  /**
   * Applies a start for each of many items, for what makes a promise each too dear. A change is made of an item when its turn
   * has come, so that the first of many need not wait for the last. `answered` is called for one after the other, in their
   * order, as soon as their slice is committed. Resolves when all are answered, and rejects with what `answered` threw first.
   */
  startEach<Item, const C extends Start>(
    items: readonly Item[],
    changeFor: (item: Item) => C,
    answered: (answer: Answer<Granted<C>>, change: C) => void,
  ): Promise<void> {
    if (items.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      let answers = 0
      const answer = (given: Answer, change: C): void => {
        try {
          answered(given as Answer<Granted<C>>, change)
        } catch (error) {
          reject(asError(error))
        }
        if (++answers === items.length) resolve()
      }
      let made = 0
      const make = (): Waiting => {
        const change = changeFor(items[made++] as Item)
        return { change, insisted: false, answer: given => answer(given, change) }
      }
      this.#starts.addMany({ left: items.length, make })
      this.#flushSoon()
    })
  }

  /** The rows may say something else than this process knows: has them compared before the next commit. */
  doubt(): void {
    this.#isInDoubt = true
    this.#flushSoon()
  }

  /** Resolves when everything handed in so far is committed or has failed. */
  async settled(): Promise<void> {
    while (this.#busy || this.#hasWork) await new Promise<void>(resolve => this.#atRest.push(resolve))
  }

  #add<C extends Change>(change: C, insisted: boolean, answered: (answer: Answer<Granted<C>>) => void): void {
    const lane = isStart(change) ? this.#starts : this.#others
    lane.add({ change, insisted, answer: answered as Waiting['answer'] })
    this.#flushSoon()
  }

  get #hasWork(): boolean {
    return this.#isInDoubt || !this.#starts.isEmpty || !this.#others.isEmpty
  }

  #flushSoon(): void {
    if (this.#busy || !this.#hasWork) return
    this.#busy = true
    this.#clock.callSoon(() => void (this.#isInDoubt ? this.#compare() : this.#flush()))
  }

  async #compare(): Promise<void> {
    this.#isInDoubt = false
    try {
      await this.#reconcile()
    } catch {
      this.#isInDoubt = true
      return this.#rest()
    }
    this.#goOn()
  }

  async #flush(): Promise<void> {
    const slice = this.#takeSlice()
    let committed: Committed<readonly Change[]>
    try {
      committed = await this.#store.commit(
        slice.map(waiting => waiting.change),
        this.#judge,
      )
    } catch (thrown) {
      this.#failed(slice, asError(thrown))
      return
    }
    this.#setTrouble(null)
    const answers: readonly Answer[] = committed.results
    for (let i = 0; i < slice.length; i++) {
      slice[i]?.answer(answers[i] ?? missing)
      const setGoing = committed.judged[i] ?? []
      if (setGoing.length > 0) this.#onJudged(setGoing)
      const moved = committed.flows?.[i] ?? []
      if (moved.length > 0) this.#onFlows(moved)
    }
    if (committed.hasNotices === true) this.#onNotices()
    this.#goOn()
  }

  #goOn(): void {
    this.#busy = false
    this.#flushSoon()
    // Who was answered goes on first.
    if (!this.#busy) for (const resolve of this.#atRest.splice(0)) this.#clock.callSoon(resolve)
  }

  #rest(): void {
    this.#clock.callAfter(PAUSE_AFTER_TROUBLE, () => this.#goOn())
  }

  // While a burst of starts goes on, nothing else comes between them.
  #takeSlice(): readonly Waiting[] {
    const most = this.#isBurst ? SLICE : FIRST_STARTS
    const starts = this.#starts.take(most)
    this.#isBurst = starts.length === most
    if (this.#isBurst) return starts
    return [...starts, ...this.#others.take(SLICE - starts.length)]
  }

  #failed(slice: readonly Waiting[], trouble: Error): void {
    this.#setTrouble(trouble)
    this.#others.putBack(slice.filter(waiting => waiting.insisted))
    for (const waiting of slice) if (!waiting.insisted) waiting.answer({ error: trouble })
    this.#isInDoubt = true
    this.#rest()
  }

  #setTrouble(trouble: Error | null): void {
    const before = this.#trouble
    this.#trouble = trouble
    if (before?.message !== trouble?.message) this.#onTrouble(trouble)
  }
}

const isStart = ({ kind }: Change): boolean => kind === 'judge' || kind === 'claim'

const missing = { error: new RotaError('INTERNAL', 'The store did not answer a change.') }
