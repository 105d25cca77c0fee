/** What happened in a transaction that some schedule waits for, or somebody may want to be told, until it is followed up. */

import type { Instant } from '../../base/instant.ts'
import type { HealthChange } from '../../domain/health.ts'
import { isStep } from '../../domain/run.ts'
import type { Run } from '../../domain/run.ts'
import type { Waits } from './tables/waits.ts'

export type Happening =
  | HappenedToRun
  /** A health, a set of dates or a predicate of that name changed. */
  | { readonly kind: 'health' | 'dates' | 'predicate'; readonly name: number }
  /** An app with a scheduling role started. */
  | { readonly kind: 'start' }
  /** A run of this schedule is over. */
  | { readonly kind: 'own end'; readonly schedule: number }

/** A run of a task started, ended or was skipped. */
export interface HappenedToRun {
  readonly kind: 'started' | 'ended' | 'skipped'
  readonly task: number
  readonly run: number
  /** The number of the run's state now. */
  readonly state: number
  readonly at: Instant
  /** How many opportunities it stands for. */
  readonly count: number
}

/** What somebody may want to be told. */
export type Notable =
  | { readonly kind: 'end'; readonly run: Run }
  /** With the run that ended. */
  | { readonly kind: 'health'; readonly change: HealthChange; readonly run: Run }
  /** A schedule was made, edited, paused, resumed or removed. */
  | { readonly kind: 'schedule'; readonly schedule: number; readonly name: string }

const nothing: readonly never[] = []

export class News {
  readonly #waits: Waits
  #happened: Happening[] = []
  #notable: Notable[] = []
  #flows: Run[] = []
  #moved: Run[] = []

  constructor(waits: Waits) {
    this.#waits = waits
  }

  /** Whether any schedule waits for what happens to runs of a task. Asked for every start and end of a run. */
  isAwaited(task: number): boolean {
    return this.#waits.kindsOn(task) !== 0
  }

  tell(happening: Happening): void {
    this.#happened.push(happening)
  }

  /** A run of a schedule is over that has others which are not: one of them may wait for this. */
  tellOwnEnd(schedule: number): void {
    this.tell({ kind: 'own end', schedule })
  }

  /** The last run of a schedule is over: that matters only where it follows itself. */
  tellFollower(schedule: number): void {
    if (this.#waits.followsItself(schedule)) this.tellOwnEnd(schedule)
  }

  /** Everything told since the last call. */
  take(): readonly Happening[] {
    if (this.#happened.length === 0) return this.#happened
    const happened = this.#happened
    this.#happened = []
    return happened
  }

  /** A run of a flow was written: its end, and the wish to cancel the whole, are news to the flow. */
  tellFlow(run: Run): void {
    if (isStep(run) ? run.endedAt !== null : run.endedAt === null && run.cancelRequestedAt !== null)
      this.#flows.push(run)
  }

  /** Everything that is news to flows since the last call. */
  takeFlows(): readonly Run[] {
    if (this.#flows.length === 0) return this.#flows
    const flows = this.#flows
    this.#flows = []
    return flows
  }

  /** Whether something was told that nobody took yet. */
  get isAny(): boolean {
    return this.#happened.length + this.#flows.length > 0
  }

  /** A flow went on: this run of it was made or changed besides what the change itself says. */
  move(run: Run): void {
    this.#moved.push(run)
  }

  /** The runs that flows moved since the last call. */
  takeMoved(): readonly Run[] {
    // What is given is kept, and must not grow.
    if (this.#moved.length === 0) return nothing
    const moved = this.#moved
    this.#moved = []
    return moved
  }

  note(notable: Notable): void {
    this.#notable.push(notable)
  }

  /** Everything noted since the last call. */
  takeNotable(): readonly Notable[] {
    if (this.#notable.length === 0) return this.#notable
    const notable = this.#notable
    this.#notable = []
    return notable
  }

  /** To be called when the transaction was rolled back. */
  forget(): void {
    this.#happened = []
    this.#notable = []
    this.#flows = []
    this.#moved = []
  }
}
