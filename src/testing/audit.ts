/** What is asked of the rows themselves: while everything drains, and when the day is over. */

import type { Clock } from '../base/clock.ts'
import { instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isRoot, liveStates } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Store } from '../store/store.ts'
import { Ledger } from './ledger.ts'
import { LIMITS } from './world-tasks.ts'

const MOST = 200
const MINUTE = 60_000
// A jitter, a heartbeat and a look for other processes' writes fit into it.
const DECIDED_WITHIN_MS = 5 * MINUTE

/** Rows that could be executed and are not: those found twice in a row were forgotten. Nothing is paused any more. */
export class WaitingInVain {
  readonly #store: Store
  readonly #clock: Clock
  readonly #slots: number
  #before: ReadonlySet<RunId> = new Set()

  constructor(store: Store, clock: Clock, slots: number) {
    this.#store = store
    this.#clock = clock
    this.#slots = slots
  }

  /** To be called now and then, with time enough between for a free slot to be filled. */
  async look(): Promise<readonly string[]> {
    const now = this.#clock.now()
    const live = await this.#store.runs({ states: ['queued', 'running', 'retrying'], limit: MOST })
    const isFull = live.filter(run => run.state === 'running').length >= this.#slots
    const waiting = live.filter(run => !isFull && isDue(run, now) && run.queue !== LIMITS.queue)
    const inVain = waiting.filter(run => this.#before.has(run.id))
    this.#before = new Set(waiting.map(run => run.id))
    return inVain.map(run => `promise 10: run ${run.id} of ${run.task} is ${run.state}, due, and nobody takes it`)
  }
}

const isDue = ({ state, retryAt }: Run, now: number): boolean =>
  state === 'queued' || (state === 'retrying' && retryAt !== null && retryAt <= now)

/** Once everything had time to end: nothing older than `longestLifeMs` lives, what was due is decided, and used. */
export const checkDrained = async (
  store: Store,
  clock: Clock,
  ledger: Ledger,
  longestLifeMs: number,
): Promise<void> => {
  const now = clock.now()
  const long = instant(now - longestLifeMs)
  const schedules = await store.schedules({ limit: MOST })
  ledger.checkEnd(schedules, long)
  ledger.checkDue(schedules, instant(now - DECIDED_WITHIN_MS))
  for (const run of await store.runs({ states: liveStates, limit: MOST })) {
    if (run.createdAt < long)
      ledger.fail(`promise 10: run ${run.id} of ${run.task} is still ${run.state} after four quiet hours`)
  }
}

/** All rows, read anew: they keep the promises, and they are what was told. */
export const checkStored = async (store: Store, told: Ledger, wasSetBack: boolean): Promise<readonly string[]> => {
  const anew = new Ledger()
  const schedules = await store.schedules({ limit: MOST })
  for (const schedule of schedules) anew.watch({ ...schedule, mark: schedule.createdAt }, wasSetBack)
  const stored = await allRuns(store)
  for (const run of stored) anew.saw(run)
  anew.checkFlows()
  for (const schedule of schedules) anew.sawMark(schedule)
  const attempts = await Promise.all(stored.map(async run => brokenAttempts(store, run)))
  return [...anew.broken, ...attempts.flat(), ...untold(stored, told.runs)]
}

/** Oldest first. */
const allRuns = async (store: Store): Promise<readonly Run[]> => {
  const runs: Run[] = []
  for (let page = await store.runs({ limit: MOST }); page.length > 0;) {
    runs.push(...page)
    page = await store.runs({ limit: MOST, before: page.at(-1)!.id })
  }
  return runs.reverse()
}

/** The attempts that are over have rows, from the first to the last. */
const brokenAttempts = async (store: Store, run: Run): Promise<readonly string[]> => {
  const isExecuted = run.state === 'running' && !isRoot(run)
  const count = isExecuted ? run.attempt - 1 : run.attempt
  const numbers = (await store.attempts(run.id)).map(({ attempt }) => attempt)
  const isWhole = numbers.length === count && numbers.every((number, i) => number === i + 1)
  return isWhole
    ? []
    : [`promise 5: run ${run.id} (${run.state}, attempt ${run.attempt}) has the attempts ${numbers.join(', ')}`]
}

const untold = (stored: readonly Run[], told: ReadonlyMap<RunId, Run>): readonly string[] => {
  const kept = new Set(stored.map(run => run.id))
  return [
    ...stored
      .filter(run => !isTold(run, told.get(run.id)))
      .map(run => `run ${run.id} is stored ${asWords(run)}, and told ${asWords(told.get(run.id))}`),
    ...[...told.keys()].filter(id => !kept.has(id)).map(id => `run ${id} was told, and is not stored`),
  ]
}

// Who claims is not told of what had to be started sooner, nor is who waits of what was skipped meanwhile.
const isTold = (run: Run, told: Run | undefined): boolean =>
  run.state === 'skipped' || (told !== undefined && asWords(run) === asWords(told))

const asWords = (run: Run | undefined): string =>
  run === undefined ? 'never' : `${run.state} (attempt ${run.attempt}, fence ${run.fence}, end ${run.endedAt})`
