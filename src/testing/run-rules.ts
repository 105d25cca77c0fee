/** What the promises say of one run: of its row alone, and of what may change between two looks at it. Pure. */

import { isOver, isRoot } from '../domain/run.ts'
import type { Run, RunState } from '../domain/run.ts'

/** From each live state, the states that may be seen next. One commit may hold several steps, so queued may be over at once. */
const allowed: Readonly<Record<RunState, readonly RunState[]>> = {
  open: ['open', 'queued', 'running', 'skipped', 'cancelled', 'failed'],
  queued: ['queued', 'running', 'skipped', 'cancelled', 'failed'],
  running: ['running', 'queued', 'retrying', 'succeeded', 'partial', 'failed', 'cancelled'],
  retrying: ['retrying', 'running', 'cancelled', 'failed'],
  succeeded: ['succeeded'],
  partial: ['partial'],
  failed: ['failed'],
  cancelled: ['cancelled'],
  skipped: ['skipped'],
}

/** A new attempt of it was claimed. */
export const isStarted = (before: Run | undefined, run: Run): boolean =>
  run.state === 'running' && (before === undefined || before.fence < run.fence)

/** What a row breaks by itself. */
export const brokenIn = (run: Run): readonly string[] => [
  ...(run.attempt > run.attemptsAllowed
    ? [`promise 5: run ${run.id} has attempt ${run.attempt} of ${run.attemptsAllowed}`]
    : []),
  ...attemptsIn(run)
    .filter(attempt => attempt !== run.attempt)
    .map(
      attempt =>
        `promise 5: run ${run.id} kept the result of attempt ${attempt} while attempt ${run.attempt} had taken over`,
    ),
]

/** The handlers of the world give back which attempt they are, be it in a list. */
const attemptsIn = (run: Run): readonly (number | undefined)[] => {
  if (run.state !== 'succeeded' || isRoot(run)) return []
  return ([run.result].flat() as readonly ({ readonly attempt?: number } | null)[]).map(result => result?.attempt)
}

/** What is broken by the step from one row to the next. */
export const brokenBetween = (before: Run, run: Run): readonly string[] => [
  ...brokenOrder(before, run).map(what => `promise 5: run ${run.id} ${what}`),
  ...brokenCancel(before, run).map(what => `promise 7: run ${run.id} ${what}`),
]

const brokenOrder = (before: Run, run: Run): readonly string[] => {
  const said: string[] = []
  if (isOver(before) && !isSameEnd(before, run))
    said.push(`was ${before.state} and is ${run.state} (attempt ${before.attempt}, then ${run.attempt})`)
  if (!allowed[before.state].includes(run.state)) said.push(`went from ${before.state} to ${run.state}`)
  if (run.attempt < before.attempt || run.attempt > before.attempt + 1)
    said.push(`went from attempt ${before.attempt} to ${run.attempt}`)
  if (run.fence < before.fence) said.push(`went from fence ${before.fence} back to ${run.fence}`)
  // Whoever is rescued lives on somewhere, too late.
  if (before.state === 'running' && run.state === 'retrying' && run.deaths > 0 && run.fence === before.fence)
    said.push(`lost its worker, which may still write: its fence is ${run.fence} as before`)
  if (run.attemptsAllowed !== before.attemptsAllowed && !isGivenBack(before, run))
    said.push(`may have ${run.attemptsAllowed} attempts, and might have ${before.attemptsAllowed}`)
  return said
}

const isGivenBack = (before: Run, run: Run): boolean =>
  before.state === 'running' && run.state === 'queued' && run.attemptsAllowed === before.attemptsAllowed + 1

const brokenCancel = (before: Run, run: Run): readonly string[] => {
  if (before.cancelRequestedAt === null) return []
  const said: string[] = []
  if (run.cancelRequestedAt === null) said.push('was to be cancelled, and nobody knows any more')
  if (isStarted(before, run)) said.push('was started although it was to be cancelled')
  if (isOver(run) && run.state !== 'cancelled') said.push(`was to be cancelled, and ${run.state}`)
  return said
}

// A skip may come to stand for more neighbours; the end of anything else is fixed.
const isSameEnd = (a: Run, b: Run): boolean =>
  a.state === b.state &&
  (a.state === 'skipped' ||
    (a.attempt === b.attempt && a.endedAt === b.endedAt && JSON.stringify(a.result) === JSON.stringify(b.result)))
