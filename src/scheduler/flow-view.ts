/** A flow as somebody looks at it: its steps, which comes after which, and what one of them waits for. */

import { RotaError } from '../base/errors.ts'
import type { RunId } from '../base/name.ts'
import { START } from '../domain/flow.ts'
import type { EdgeRule } from '../domain/flow.ts'
import { isStep, liveStates, runStates } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { FlowCount, FlowPage, FlowRun, Store } from '../store/store.ts'

/** A flow as it stands. */
export interface FlowView {
  /** The run that stands for the whole. */
  readonly root: Run
  /** One page of its steps. Each leads from one point to another: it comes after those that lead to where it begins. */
  readonly steps: readonly FlowRun[]
  /** Which run comes after which, of those that lead to these steps; null where that are more than 10,000. */
  readonly edges: readonly FlowEdge[] | null
  /** The number after which the next page begins; null on the last one. */
  readonly next: RunId | null
  /** All its steps, counted by task, place and state. */
  readonly counts: readonly FlowCount[]
}

export interface FlowEdge {
  readonly from: RunId
  readonly to: RunId
  readonly rule: EdgeRule
}

// Between two groups every pair is an edge: there may be many more of them than runs.
const MOST_EDGES = 10_000

/** The flow of a run. @throws RotaError FLOW_UNKNOWN */
export const viewFlow = async (run: Run, { limit, after }: FlowPage, store: Store): Promise<FlowView> => {
  if (run.root === null) throw new RotaError('FLOW_UNKNOWN', `Run ${run.id} is a step of no flow.`)
  const root = await store.run(run.root)
  if (root === null)
    throw new RotaError('FLOW_UNKNOWN', `Run ${run.id} is left of a flow that is older than what is kept.`)
  const page = { limit: limit + 1, ...(after === undefined ? {} : { after }) }
  const [more, counts] = await Promise.all([store.flow(root.id, page), store.flowCounts(root.id)])
  const steps = more.slice(0, limit)
  const next = more.length > limit ? (steps.at(-1)?.run.id ?? null) : null
  return { root, steps, edges: await edgesTo(steps, store), next, counts }
}

/** The edges that lead to these steps; null where they are too many to be told one by one. */
const edgesTo = async (steps: readonly FlowRun[], store: Store): Promise<readonly FlowEdge[] | null> => {
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

/** What a step waits for that has not begun, in words; null for any other run. */
export const waitsInFlow = async (run: Run, store: Store): Promise<string | null> => {
  if (run.state !== 'open' || !isStep(run)) return null
  const [first, second] = await store.before(run.id, liveStates, 2)
  if (first === undefined) return null
  return `waits for run ${first.id} of '${first.task}'${second === undefined ? '' : ' and others'} to end`
}
