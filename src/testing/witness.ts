/** Tells the ledger what each commit did, whatever its caller is told of it. */

import type { Judge } from '../domain/opportunity.ts'
import type { Run } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Change, Claimed, Finished, Judged, Store } from '../store/store.ts'
import { withCalls } from './changed-store.ts'
import type { StoreCall } from './changed-store.ts'
import type { Ledger } from './ledger.ts'

// A pause or a resume gives only the schedule back; so many of its newest rows may have been touched.
const ROWS_TOUCHED = 50

const never = new Promise<never>(() => {})

export const witnessed = (store: Store, ledger: Ledger): Store => {
  const commit = async (changes: readonly Change[], judge: Judge) => {
    const committed = await store.commit(changes, judge)
    const results: readonly ({ readonly ok: unknown } | { readonly error: unknown })[] = committed.results
    const touched: Schedule[] = []
    for (const [i, change] of changes.entries()) {
      const result = results[i]
      const ok = result !== undefined && 'ok' in result ? result.ok : null
      if (ok !== null) saw(ledger, change, ok)
      for (const run of committed.flows?.[i] ?? []) ledger.saw(run)
      for (const judged of committed.judged[i] ?? []) sawJudged(ledger, judged)
      const isTouched = change.kind === 'pauseSchedule' || change.kind === 'resumeSchedule'
      if (isTouched && ok !== null) touched.push(ok as Schedule)
    }
    for (const schedule of touched) {
      for (const run of await store.runs({ schedule: schedule.name, limit: ROWS_TOUCHED })) ledger.saw(run)
      // A resume judges: after the clock was set back it may move the mark back too.
      if (schedule.paused === null) ledger.sawMark(schedule)
    }
    ledger.checkLimits()
    // What a store that broke a promise leads to may have no end.
    return ledger.broken.length === 0 ? committed : never
  }
  return withCalls(store, (name, call) => (name === 'commit' ? (commit as StoreCall) : call))
}

const saw = (ledger: Ledger, change: Change, ok: unknown): void => {
  switch (change.kind) {
    case 'judge':
      return sawJudged(ledger, ok as Judged)
    case 'finish':
    case 'cancel':
    case 'giveBack':
      return ledger.saw((ok as Pick<Finished, 'run'>).run)
    case 'request':
      return ledger.saw(ok as Run)
    case 'claim':
      return (ok as Claimed).runs.forEach(run => ledger.saw(run))
    case 'rescue':
      return (ok as readonly Run[]).forEach(run => ledger.saw(run))
    case 'putSchedule':
      return ledger.watch(ok as Schedule)
    case 'pauseSchedule':
    case 'resumeSchedule':
      return ledger.sawPause({ schedule: change.name }, change.kind === 'pauseSchedule')
    case 'pause':
    case 'resume':
      return ledger.sawPause({ queue: change.queue }, change.kind === 'pause')
    default:
      return
  }
}

const sawJudged = (ledger: Ledger, { schedule, cancelled, others, runs }: Judged): void =>
  ledger.sawDecision(schedule, [...cancelled, ...others, ...runs])
