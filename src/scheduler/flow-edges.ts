/** Which run of a flow comes after which: what the points between which they lie say of each pair. */

import type { RunId } from '../base/name.ts'
import type { EdgeRule } from '../domain/flow.ts'
import { START } from '../domain/flow.ts'
import { runStates } from '../domain/run.ts'
import type { FlowRun, Store } from '../store/store.ts'

export interface FlowEdge {
  readonly from: RunId
  readonly to: RunId
  readonly rule: EdgeRule
}

// Between two groups every pair is an edge: there may be many more of them than runs.
const MOST_EDGES = 10_000

/** The edges that lead to these steps; null where they are too many to be told one by one. */
export const edgesTo = async (steps: readonly FlowRun[], store: Store): Promise<readonly FlowEdge[] | null> => {
  const edges: FlowEdge[] = []
  for (const [point, beginning] of Map.groupBy(steps, ({ from }) => from)) {
    const [first] = beginning
    if (point === START || first === undefined) continue
    const before = await store.before(first.run.id, runStates, MOST_EDGES + 1)
    if (edges.length + before.length * beginning.length > MOST_EDGES) return null
    for (const { run, rule } of beginning) edges.push(...before.map(({ id }) => ({ from: id, to: run.id, rule })))
  }
  return edges
}
