/** The engine of one process: claimed runs are executed here, in as many slots as the app has. */

import type { Clock } from '../base/clock.ts'
import type { Instant } from '../base/instant.ts'
import type { Duration } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { RunId, TaskName } from '../base/name.ts'
import { isGated, noLimits } from '../domain/limits.ts'
import type { Limits } from '../domain/limits.ts'
import type { Run, WorkerId } from '../domain/run.ts'
import { placingOf } from '../domain/task.ts'
import type { Answer, GroupCommit } from '../store/group-commit.ts'
import type { Claimed, Finished, Store } from '../store/store.ts'
import { Attempt } from './attempt.ts'
import type { AttemptEnd } from './attempt.ts'
import type { AbortCause, Engine, EngineListener, TaskBook } from './engine.ts'
import { Isolations } from './isolation/isolations.ts'
import type { Place } from './place.ts'
import { Secrets } from './secrets.ts'
import { AttemptSurroundings } from './surroundings.ts'

export interface EmbeddedOptions {
  readonly worker: WorkerId
  readonly slots: number
  readonly store: Store
  readonly group: GroupCommit
  readonly tasks: TaskBook
  /** As they are now: tasks may be added. Default: none. */
  readonly limits?: () => Limits
  readonly clock: Clock
  readonly random: () => number
  readonly listener: EngineListener
  /** A file of secrets besides those of the environment. */
  readonly secretsFile?: string | null
}

/** What became of an end that was recorded. */
type Recorded = Pick<Finished, 'run' | 'refused'> & Partial<Finished>

// Log lines of a run that is over are told in one go with its end.
const MOST_CLAIMED_AT_ONCE = 250

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedOptions
  // Two of one run, where it was taken over from this worker and then claimed again while the first attempt still ends.
  readonly #attempts = new Set<Attempt>()
  readonly #isolations: Isolations
  readonly #place: Place
  #free: number
  #abandoned = 0
  // Whether older runs may wait in the store: then no new one overtakes them.
  #hasBacklog = false
  // Whether something waits that only the end of a run lets start.
  #isBlocked = false
  #isClaiming = false
  #isDrained = false
  #isStopping = false
  #whenIdle: (() => void) | undefined

  constructor(options: EmbeddedOptions) {
    this.#options = options
    this.#free = options.slots
    this.#isolations = new Isolations(options.clock)
    const { store, group, clock, listener } = options
    this.#place = { store, group, clock, listener, secrets: new Secrets(options.secretsFile ?? null) }
  }

  get running(): number {
    return this.#attempts.size
  }

  get abandoned(): number {
    return this.#abandoned
  }

  reserve(task: TaskName): boolean {
    const known = this.#options.tasks.get(task)
    if (this.#free <= 0 || this.#hasBacklog || this.#isDrained || this.#isStopping || known === undefined) return false
    // It may have to wait, and others wait before it.
    if (isGated(this.#limits(), task, known.queue)) return false
    this.#free--
    return true
  }

  release(slots: number): void {
    this.#free += slots
    if (slots > 0 && this.#hasBacklog) this.#claim()
  }

  deliver(run: Run): void {
    this.#execute(run)
  }

  wake(): void {
    this.#hasBacklog = true
    this.#claim()
  }

  async take(run: RunId): Promise<boolean> {
    if (this.#isStopping) return false
    this.#free--
    let taken: readonly Run[] = []
    try {
      taken = (await this.#claimRuns(1, run)).runs
    } finally {
      if (taken.length === 0) this.release(1)
    }
    for (const one of taken) this.#begin(one)
    return taken.length > 0
  }

  async reconcile(): Promise<void> {
    const held = new Map((await this.#held()).map(run => [run.id, run]))
    for (const attempt of this.#attempts) {
      const { id, fence } = attempt.run
      const row = held.get(id)
      if (row?.fence !== fence) attempt.abort('fenced')
      else if (row.cancelRequestedAt !== null) attempt.abort('cancelled')
      if (row?.fence === fence) held.delete(id)
    }
    for (const run of held.values()) this.#takeUp(run)
  }

  async #held(): Promise<readonly Run[]> {
    const { store, worker } = this.#options
    try {
      return await store.executedBy(worker)
    } catch (error) {
      // What it held is found by whoever finds this worker gone: a stop does not wait for a store that is lost.
      if (this.#isStopping) return []
      throw error
    }
  }

  // It was claimed in this worker's name, and the answer was lost: no handler was called.
  #takeUp(run: Run): void {
    this.#free--
    if (this.#isStopping) this.#giveBack(run)
    else this.#begin(run)
  }

  executing(): readonly Run[] {
    return [...this.#attempts].map(({ run }) => run)
  }

  abort({ id, fence }: Pick<Run, 'id' | 'fence'>, reason: AbortCause): void {
    for (const attempt of this.#attempts)
      if (attempt.run.id === id && attempt.run.fence === fence) attempt.abort(reason)
  }

  drain(isDrained: boolean): void {
    if (this.#isDrained === isDrained) return
    this.#isDrained = isDrained
    if (!isDrained) this.wake()
  }

  async stop(grace: Duration): Promise<void> {
    this.#isStopping = true
    const takeBack = this.#options.clock.callAfter(grace, () => {
      for (const attempt of this.#attempts) attempt.abort('stopping')
    })
    // A claim on its way is answered with runs that would be executed after the end.
    await this.#options.group.settled()
    if (this.#attempts.size > 0) {
      await new Promise<void>(resolve => {
        this.#whenIdle = resolve
      })
    }
    takeBack()
    await this.#isolations.close()
  }

  #claim(): void {
    if (this.#isClaiming || this.#isDrained || this.#isStopping || this.#free <= 0 || !this.#hasBacklog) return
    this.#isClaiming = true
    void this.#claimFree()
  }

  async #claimFree(): Promise<void> {
    const wanted = Math.min(this.#free, MOST_CLAIMED_AT_ONCE)
    this.#free -= wanted
    // Before asking, not after: what is queued while the store answers sets it again.
    this.#hasBacklog = false
    let runs: readonly Run[] = []
    try {
      const claimed = await this.#claimRuns(wanted, null)
      runs = claimed.runs
      if (runs.length === wanted) this.#hasBacklog = true
      this.#isBlocked = claimed.blocked
      if (claimed.againAt !== null) this.#options.listener.mayClaimAt(claimed.againAt)
    } catch (error) {
      // Tried again when the rows were compared; of a store in trouble the app is told by its group.
      this.#hasBacklog = true
      const { group, listener } = this.#options
      if (group.trouble === null) listener.noticed('warn', 'cannot claim runs now', { error: asError(error).message })
      this.#free += wanted
      this.#isClaiming = false
      return
    }
    this.#isClaiming = false
    for (const run of runs) this.#begin(run)
    this.release(wanted - runs.length)
    this.#claim()
  }

  #claimRuns(limit: number, only: RunId | null): Promise<Claimed> {
    const { group, worker, clock, tasks } = this.#options
    const limits = this.#limits()
    return group.apply({ kind: 'claim', worker, at: clock.now(), limit, tasks: tasks.names(), only, limits })
  }

  #limits(): Limits {
    return this.#options.limits?.() ?? noLimits
  }

  #begin(run: Run): void {
    this.#options.listener.claimed(run)
    this.#execute(run)
  }

  #execute(run: Run): void {
    const task = this.#options.tasks.get(run.task)
    if (task === undefined) return this.#giveBack(run)
    const { clock, random } = this.#options
    const startedAt = clock.now()
    const attempt = new Attempt(run, task, clock, random, this.#isolations)
    this.#attempts.add(attempt)
    // A request to cancel may have been stored between the claim and now.
    if (run.cancelRequestedAt !== null) attempt.abort('cancelled')
    const around = new AttemptSurroundings(attempt, this.#place)
    attempt.execute(around, end => {
      around.flush()
      if (end.abandoned) this.#noteAbandoned(run)
      this.#record(attempt, startedAt, end)
    })
  }

  // Claims name the tasks that are known here, so its task was taken away meanwhile.
  #giveBack({ id: run, fence }: Run): void {
    const { group, clock } = this.#options
    const at = clock.now()
    group.insist({ kind: 'giveBack', run, fence, at, attemptStartedAt: at }, () => this.#slotFreed())
  }

  #record(attempt: Attempt, attemptStartedAt: Instant, end: AttemptEnd): void {
    const { run, task, memoryMb } = attempt
    const { id, fence } = run
    const { group, clock, worker } = this.#options
    const at = clock.now()
    const answered = (answer: Answer<Recorded>): void => this.#recorded(attempt, answer)
    if (end.kind === 'given back')
      return group.insist({ kind: 'giveBack', run: id, fence, at, attemptStartedAt }, answered)
    const outcome = this.#place.secrets.maskOutcome(end.outcome)
    const taskIsSource = task.kind === 'source'
    const keyOf = this.#keyOf
    group.insist(
      { kind: 'finish', run: id, fence, at, attemptStartedAt, outcome, worker, taskIsSource, keyOf, memoryMb },
      answered,
    )
  }

  // Of the runs that a map makes of the result.
  readonly #keyOf = (name: TaskName, input: Json): string | null | undefined => {
    const task = this.#options.tasks.get(name)
    return task === undefined ? undefined : placingOf(task).keyOf(input)
  }

  #recorded(attempt: Attempt, answer: Answer<Recorded>): void {
    const { run } = attempt
    if ('ok' in answer) this.#finished(answer.ok, run.fence)
    else {
      const fields = { run: run.id, error: answer.error.message }
      this.#options.listener.noticed('error', 'the end of a run could not be recorded', fields)
    }
    this.#attempts.delete(attempt)
    if (this.#isBlocked && isGated(this.#limits(), run.task, run.queue)) this.#hasBacklog = true
    this.#slotFreed()
  }

  #finished({ run, refused, healthChanges = [] }: Recorded, fence: number): void {
    const { listener } = this.#options
    // While its fence stands only the attempt itself can have ended it: then its end was kept, and the answer was lost.
    const why = run.fence === fence ? null : refused
    listener.finished({ run, refused: why, healthChanges })
    if (why !== null) listener.noticed('warn', 'a late result was refused', { run: run.id, why })
  }

  #noteAbandoned(run: Run): void {
    this.#abandoned++
    this.#options.listener.noticed('error', 'a handler ignored its signal and was abandoned; it still uses memory', {
      run: run.id,
      task: run.task,
      abandoned: this.#abandoned,
    })
  }

  #slotFreed(): void {
    this.#free++
    if (this.#attempts.size === 0) this.#whenIdle?.()
    this.#claim()
  }
}
