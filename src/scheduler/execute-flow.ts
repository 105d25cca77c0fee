/** Executes the steps of one flow in this process, and nothing else that waits: for an app that is not started. */

import type { Clock } from '../base/clock.ts'
import { RotaError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isOver, isStep } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Engine } from '../engine/engine.ts'
import type { Store } from '../store/store.ts'

export interface FlowExecution {
  readonly store: Store
  readonly engine: Engine
  /** How many steps are executed at once. */
  readonly slots: number
  readonly clock: Clock
  /** Calls the listener with each run that changed, until the returned function is called. */
  readonly onRun: (heard: (run: Run) => void) => () => void
  readonly isStopped: () => boolean
}

// Another process may cancel it, and a limit may open, without a word to this one.
const LOOK_AGAIN_MS = 1_000
const PAGE = 500

/** Resolves with the run that stands for the flow once it is over. @throws RotaError STOPPED */
export const executeFlow = async (root: RunId, execution: FlowExecution): Promise<Run> => {
  const { store, clock, onRun, isStopped } = execution
  const over = new AbortController()
  const steps = new ReadySteps(root, clock, over.signal)
  const ignore = onRun(run => steps.saw(run))
  try {
    for await (const run of stepsOf(root, store)) steps.saw(run)
    for (;;) {
      const changed = steps.changed()
      const run = await store.run(root)
      if (run === null || isOver(run)) return run ?? gone(root)
      if (isStopped()) throw new RotaError('STOPPED')
      await take(steps, execution)
      await firstOf(changed, instant(clock.now() + LOOK_AGAIN_MS), clock)
    }
  } finally {
    ignore()
    over.abort()
  }
}

/** The steps that may be taken. */
class ReadySteps {
  readonly #root: RunId
  readonly #clock: Clock
  readonly #over: AbortSignal
  readonly ready = new Set<RunId>()
  #tell: () => void = () => {}

  constructor(root: RunId, clock: Clock, over: AbortSignal) {
    this.#root = root
    this.#clock = clock
    this.#over = over
  }

  saw(run: Run): void {
    if (run.root !== this.#root) return
    if (!isStep(run) || (run.state !== 'queued' && run.state !== 'retrying')) this.ready.delete(run.id)
    else if (run.retryAt === null) this.ready.add(run.id)
    else this.#addAt(run.id, run.retryAt)
    this.#tell()
  }

  /** Resolves when something happens to a step after this call. */
  changed(): Promise<void> {
    return new Promise(resolve => {
      this.#tell = resolve
    })
  }

  #addAt(id: RunId, at: Instant): void {
    this.#clock.sleepUntil(at, this.#over).then(
      () => {
        this.ready.add(id)
        this.#tell()
      },
      // The whole is over before.
      () => {},
    )
  }
}

async function* stepsOf(root: RunId, store: Store): AsyncIterable<Run> {
  for (let after = root; ;) {
    const page = await store.flow(root, { after, limit: PAGE })
    for (const { run } of page) yield run
    after = page.at(-1)?.run.id ?? after
    if (page.length < PAGE) return
  }
}

// What a limit keeps from starting stays, and is tried again.
const take = async ({ ready }: ReadySteps, { engine, slots }: FlowExecution): Promise<void> => {
  for (const id of ready) {
    if (engine.running >= slots) return
    if (await engine.take(id)) ready.delete(id)
  }
}

const firstOf = async (changed: Promise<void>, at: Instant, clock: Clock): Promise<void> => {
  const rest = new AbortController()
  try {
    await Promise.race([changed, clock.sleepUntil(at, rest.signal)])
  } finally {
    rest.abort()
  }
}

const gone = (root: RunId): never => {
  throw new RotaError('RUN_UNKNOWN', `There is no run ${root} any more.`)
}
