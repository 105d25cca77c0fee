/**
 * Every transition of a run, in one function.
 *
 *   open      → open (its facts hold, an earlier run is unfinished) · queued (released) · skipped · cancelled · failed(input)
 *   queued    → running (claimed; a flow begins) · skipped(expired) · cancelled · failed(input)
 *   running   → succeeded · partial · failed · cancelled · retrying · queued (given back)
 *   retrying  → running (claimed) · cancelled · failed(deadline)
 *
 * The run that stands for a flow is executed by nobody: it is running until its steps are over, and ends with them.
 *
 * succeeded, partial, failed, cancelled and skipped are final: nothing leaves them.
 */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Outcome } from './outcome.ts'
import { backoff, noRetry } from './retry.ts'
import { isOver, isRoot } from './run.ts'
import type { FinalState, Run, SkipReason, Trigger, WorkerId } from './run.ts'

export type RunEvent =
  | {
      readonly kind: 'release'
      readonly at: Instant
      readonly trigger: Trigger | null
      readonly expiresAt: Instant | null
    }
  | { readonly kind: 'hold'; readonly at: Instant; readonly trigger: Trigger | null; readonly detail: string | null }
  | { readonly kind: 'skip'; readonly at: Instant; readonly reason: SkipReason; readonly detail: string }
  /** What it should work on is not what it needs. */
  | { readonly kind: 'refuse'; readonly at: Instant; readonly detail: string }
  /** It stands for a flow, whose steps begin. */
  | { readonly kind: 'begin flow'; readonly at: Instant }
  | { readonly kind: 'end flow'; readonly at: Instant; readonly state: FinalState; readonly detail: string | null }
  | { readonly kind: 'claim'; readonly at: Instant; readonly worker: WorkerId }
  | { readonly kind: 'finish'; readonly at: Instant; readonly fence: number; readonly outcome: Outcome }
  | { readonly kind: 'cancel'; readonly at: Instant; readonly by: string }
  | { readonly kind: 'give back'; readonly at: Instant; readonly fence: number }
  | { readonly kind: 'worker died'; readonly at: Instant; readonly fence: number }

/** Why an event changed nothing. */
export type Refusal = 'over' | 'fenced' | 'not now' | 'expired'

export type Step =
  | { readonly run: Run; readonly refused?: undefined }
  | { readonly run: Run; readonly refused: Refusal }

/** The run after the event, or the same run and why the event does not apply. */
export const step = (run: Run, event: RunEvent): Step => {
  if (isOver(run)) return { run, refused: 'over' }
  if ('fence' in event && !isExecutedUnder(run, event.fence)) return { run, refused: 'fenced' }
  switch (event.kind) {
    case 'release': {
      const { expiresAt } = event
      const trigger = event.trigger ?? run.trigger
      return run.state === 'open'
        ? { run: { ...run, state: 'queued', reason: null, detail: null, trigger, expiresAt } }
        : notNow(run)
    }
    case 'hold': {
      const { detail } = event
      const trigger = event.trigger ?? run.trigger
      return run.state === 'open' ? { run: { ...run, reason: 'overlap', detail, trigger } } : notNow(run)
    }
    case 'skip':
      return run.state === 'open' || run.state === 'queued' ? { run: skipped(run, event) } : notNow(run)
    case 'refuse':
      return run.state === 'open' ? { run: refused(run, event) } : notNow(run)
    case 'begin flow':
      return run.state === 'queued' ? { run: beginFlow(run, event.at) } : notNow(run)
    case 'end flow':
      return isRoot(run) ? { run: endFlow(run, event) } : notNow(run)
    case 'claim':
      return claim(run, event)
    case 'finish':
      return { run: finish(run, event.outcome, event.at) }
    case 'cancel':
      return { run: cancel(run, event) }
    case 'give back':
      return { run: giveBack(run, event.at) }
    case 'worker died':
      return { run: workerDied(run, event.at) }
    default:
      return event satisfies never
  }
}

const isExecutedUnder = (run: Run, fence: number): boolean =>
  run.state === 'running' && run.fence === fence && !isRoot(run)

const notNow = (run: Run): Step => ({ run, refused: 'not now' })

const skipped = (run: Run, event: { at: Instant; reason: SkipReason; detail: string }): Run => ({
  ...run,
  state: 'skipped',
  reason: event.reason,
  detail: event.detail,
  endedAt: event.at,
})

const refused = (run: Run, { at, detail }: { at: Instant; detail: string }): Run => ({
  ...run,
  state: 'failed',
  reason: 'input',
  detail,
  endedAt: at,
})

const beginFlow = (run: Run, at: Instant): Run => ({
  ...run,
  state: 'running',
  root: run.id,
  reason: null,
  detail: null,
  startedAt: at,
  expiresAt: null,
})

// Cancel wins here too, whatever became of the steps.
const endFlow = (run: Run, { at, state, detail }: { at: Instant; state: FinalState; detail: string | null }): Run =>
  run.cancelRequestedAt === null
    ? { ...run, state, reason: state === 'failed' ? 'error' : null, detail, endedAt: at }
    : { ...run, state: 'cancelled', detail: cancelledBy(run.cancelledBy), endedAt: at }

const claim = (run: Run, event: { at: Instant; worker: WorkerId }): Step => {
  const due = run.state === 'queued' || (run.state === 'retrying' && run.retryAt !== null && run.retryAt <= event.at)
  if (!due) return notNow(run)
  if (hasExpired(run, event.at)) return { run, refused: 'expired' }
  return {
    run: {
      ...run,
      state: 'running',
      reason: null,
      detail: null,
      attempt: run.attempt + 1,
      fence: run.fence + 1,
      worker: event.worker,
      startedAt: run.startedAt ?? event.at,
      retryAt: null,
      expiresAt: null,
    },
  }
}

// Only the first start has to come in time: what was begun goes on.
const hasExpired = (run: Run, at: Instant): boolean => run.attempt === 0 && run.expiresAt !== null && at > run.expiresAt

const finish = (run: Run, outcome: Outcome, at: Instant): Run => {
  const ended: Run = { ...run, worker: null, endedAt: at, deaths: 0 }
  // Cancel wins: what came out is kept as evidence, and never retried.
  if (run.cancelRequestedAt !== null) {
    const evidence = outcome.kind === 'failed' ? { error: outcome.error } : { result: outcome.result }
    return { ...ended, ...evidence, state: 'cancelled', detail: cancelledBy(run.cancelledBy) }
  }
  switch (outcome.kind) {
    case 'succeeded':
      return { ...ended, state: 'succeeded', result: outcome.result, error: null }
    case 'partial':
      return { ...ended, state: 'partial', result: outcome.result, detail: outcome.detail, error: null }
    case 'failed':
      return outcome.retryAt === null
        ? { ...ended, state: 'failed', reason: outcome.reason, error: outcome.error }
        : {
            ...run,
            state: 'retrying',
            worker: null,
            deaths: 0,
            retryAt: outcome.retryAt,
            error: outcome.error,
            // A wait that the other side asked for is no try of ours: it makes room for one more.
            attemptsAllowed: run.attemptsAllowed + (outcome.free ? 1 : 0),
          }
    default:
      return outcome satisfies never
  }
}

const cancelledBy = (by: string | null): string => `cancelled by ${by ?? 'somebody'}`

// A running one is asked to stop through its signal, a flow through its steps; its end then finds the request.
const cancel = (run: Run, event: { at: Instant; by: string }): Run =>
  run.state === 'running'
    ? { ...run, cancelRequestedAt: run.cancelRequestedAt ?? event.at, cancelledBy: run.cancelledBy ?? event.by }
    : {
        ...run,
        state: 'cancelled',
        cancelRequestedAt: event.at,
        cancelledBy: event.by,
        detail: cancelledBy(event.by),
        endedAt: event.at,
        retryAt: null,
      }

// No attempt is used up: a task that may run again does; one with a single attempt has had it.
const giveBack = (run: Run, at: Instant): Run => {
  const back: Run = { ...run, worker: null }
  if (run.cancelRequestedAt !== null)
    return { ...back, state: 'cancelled', detail: cancelledBy(run.cancelledBy), endedAt: at }
  return run.attemptsAllowed > 1
    ? {
        ...back,
        state: 'queued',
        attemptsAllowed: run.attemptsAllowed + 1,
        detail: 'given back by a worker that stopped',
      }
    : { ...back, state: 'failed', reason: 'stopped', detail: 'its worker stopped, and it has no retry', endedAt: at }
}

// After three deaths in a row the run itself is the likely killer.
const DEATHS_BEFORE_QUARANTINE = 3

// The first death in a row is most likely the worker's: its run is due again at once. From the second on it may be the run's.
const workerDied = (run: Run, at: Instant): Run => {
  const deaths = run.deaths + 1
  // It may live on somewhere, too late: what it still writes under its fence is refused from now on.
  const dead: Run = { ...run, worker: null, fence: run.fence + 1, deaths }
  if (run.cancelRequestedAt !== null)
    return { ...dead, state: 'cancelled', detail: cancelledBy(run.cancelledBy), endedAt: at }
  if (deaths >= DEATHS_BEFORE_QUARANTINE) {
    return {
      ...dead,
      state: 'failed',
      reason: 'quarantined',
      detail: `${deaths} workers in a row died executing it`,
      endedAt: at,
    }
  }
  if (run.attempt >= run.attemptsAllowed) {
    return {
      ...dead,
      state: 'failed',
      reason: 'lost',
      detail: 'its worker died or stood still, and no attempt is left',
      endedAt: at,
    }
  }
  // It was begun before what waits now: it keeps its place in the line.
  const retryAt = deaths === 1 ? run.createdAt : instant(at + backoff(noRetry, deaths - 1, () => 1))
  return { ...dead, state: 'retrying', retryAt, detail: 'its worker died or stood still' }
}
