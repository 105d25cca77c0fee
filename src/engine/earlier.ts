/** The runs before an attempt's own: the last of its schedule, and those that it came after. */

import { isStep } from '../domain/run.ts'
import type { FinalState, Run } from '../domain/run.ts'
import type { ParentRun, PreviousRun } from '../domain/task.ts'
import type { Store } from '../store/store.ts'

const executed: readonly FinalState[] = ['succeeded', 'partial', 'failed', 'cancelled']

/** The last one that was executed and is over, of the same schedule, or of the same task by hand. */
export const previousOf = async (run: Run, store: Store): Promise<PreviousRun | null> => {
  const { id, task, schedule } = run
  const where = schedule === null ? { task } : { schedule }
  const [before] = await store.runs({ ...where, states: executed, before: id, limit: 1 })
  if (before === undefined) return null
  const { state, endedAt, result } = before
  return { id: before.id, state, endedAt, result }
}

// As many as a flow may have.
const MOST_PARENTS = 100_000

/**
 * Of a run that events set going in the order in which its trigger names them, of a step of a flow those executed right
 * before it, by number; those that retention has deleted are left out.
 */
export const parentsOf = async (run: Run, store: Store): Promise<readonly ParentRun[]> => {
  const parents = isStep(run) ? await store.before(run.id, executed, MOST_PARENTS) : await causesOf(run, store)
  return parents.map(({ id, task, state, result }) => ({ id, task, state, result }))
}

const causesOf = async ({ trigger }: Run, store: Store): Promise<readonly Run[]> => {
  if (trigger.kind !== 'event') return []
  const runs = await Promise.all(trigger.parents.map(id => store.run(id)))
  return runs.filter(run => run !== null)
}
