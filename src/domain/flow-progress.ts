/**
 * How a flow goes on: what an end in it lets begin, what it keeps from ever beginning, and how the whole ends. Pure.
 *
 * A step begins when all runs before it are over, and what became of them is what it is for:
 *
 *   succeeds   every one of them succeeded, if only in part
 *   fails      one of them at least failed
 *   finishes   they are over, however they ended: also cancelled or skipped
 *
 * One that can no longer begin is skipped at once, and so are those that follow it, unless they are for `finishes`. A
 * cancelled or skipped run has not succeeded and has not failed. A map whose list is empty has done all there was to do.
 *
 * The whole is over when every run of it is: cancelled, when somebody wanted that; failed, when a run failed and no step
 * right after it was for that (`fails` or `finishes`); partial, when one failed and was handled, was cancelled by itself, or
 * succeeded in part; else succeeded.
 */

import type { Json } from '../base/json.ts'
import type { EdgeRule } from './flow.ts'
import type { FinalState, Run } from './run.ts'

/** What of the runs that lead to a point is known. */
export interface PointTally {
  /** Not over yet. */
  readonly left: number
  readonly failed: number
  /** Cancelled or skipped. */
  readonly void: number
}

export type Fate = 'begins' | 'waits' | 'never'

/** How a run counts that is over. */
export type Weight = 'good' | 'failed' | 'void'

export const arrive = ({ left, failed, void: empty }: PointTally, weight: Weight): PointTally => ({
  left: left - 1,
  failed: failed + (weight === 'failed' ? 1 : 0),
  void: empty + (weight === 'void' ? 1 : 0),
})

/** What becomes of a step whose runs before it stand like this. */
export const fateOf = (rule: EdgeRule, tally: PointTally): Fate => {
  switch (rule) {
    case 'succeeds':
      if (isSpoilt(tally)) return 'never'
      return tally.left === 0 ? 'begins' : 'waits'
    case 'fails':
      if (tally.left > 0) return 'waits'
      return tally.failed > 0 ? 'begins' : 'never'
    case 'finishes':
      return tally.left > 0 ? 'waits' : 'begins'
    default:
      return rule satisfies never
  }
}

/** Whether an end may have changed the fate of a step: most do not. */
export const isDecisive = (before: PointTally, after: PointTally): boolean =>
  after.left === 0 || (isSpoilt(after) && !isSpoilt(before))

const isSpoilt = (tally: PointTally): boolean => tally.failed + tally.void > 0

/** How a run that is over counts at the point it leads to. `wasIdle`: it was let begin, and had nothing to do. */
export const weightOf = (state: Run['state'], wasIdle: boolean): Weight => {
  if (state === 'failed') return 'failed'
  return state === 'cancelled' || (state === 'skipped' && !wasIdle) ? 'void' : 'good'
}

/** Why a step never begins, by the run that decided it. */
export const whyNever = (rule: EdgeRule, { id, task, state }: Pick<Run, 'id' | 'task' | 'state'>): string => {
  const was =
    state === 'cancelled' || state === 'skipped' ? `was ${state}` : state === 'partial' ? 'succeeded in part' : state
  const told = `run ${id} of '${task}' ${was}`
  return rule === 'fails' ? `nothing before it failed: ${told}` : told
}

/** The list that a map goes through: what the run before it gave back; or why that is none. */
export const listOf = (
  { id, task, result }: Pick<Run, 'id' | 'task' | 'result'>,
  most: number,
): { readonly list: readonly Json[] } | { readonly wrong: string } => {
  if (!isList(result)) return { wrong: `the result of run ${id} of '${task}' is no list` }
  if (result.length <= most) return { list: result }
  return {
    wrong: `the list of run ${id} of '${task}' has ${result.length} elements, and the map takes ${most} at most`,
  }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** What of all runs of a flow is known. */
export interface FlowTally {
  readonly left: number
  readonly total: number
  readonly failed: number
  /** Of the failed: those that no step right after them was for. */
  readonly unhandled: number
  readonly partial: number
  readonly cancelled: number
}

/** The whole after one more run of it is over. `handled`: a step right after it is for a failure. */
export const count = (whole: FlowTally, state: Run['state'], handled: boolean): FlowTally => ({
  ...whole,
  left: whole.left - 1,
  failed: whole.failed + (state === 'failed' ? 1 : 0),
  unhandled: whole.unhandled + (state === 'failed' && !handled ? 1 : 0),
  partial: whole.partial + (state === 'partial' ? 1 : 0),
  cancelled: whole.cancelled + (state === 'cancelled' ? 1 : 0),
})

/** How a flow ends that nobody cancelled, and why in words. */
export const endOf = (whole: FlowTally): { readonly state: FinalState; readonly detail: string | null } => {
  const { total, failed, unhandled, partial, cancelled } = whole
  if (failed + partial + cancelled === 0) return { state: 'succeeded', detail: null }
  const parts = [
    failed > 0 ? `${failed} failed` : null,
    partial > 0 ? `${partial} succeeded in part` : null,
    cancelled > 0 ? `${cancelled} ${cancelled === 1 ? 'was' : 'were'} cancelled` : null,
  ].filter(part => part !== null)
  return { state: unhandled > 0 ? 'failed' : 'partial', detail: `of ${total} runs ${parts.join(', ')}` }
}
