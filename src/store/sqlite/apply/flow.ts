/** Flows in a transaction: a new one with all its steps, and what an end in one lets begin, skips or brings to its end. */

import type { Instant } from '../../../base/instant.ts'
import type { Json } from '../../../base/json.ts'
import type { RunId, TaskName } from '../../../base/name.ts'
import { START } from '../../../domain/flow.ts'
import type { FlowPlan } from '../../../domain/flow.ts'
import { arrive, count, endOf, fateOf, isDecisive, listOf, weightOf, whyNever } from '../../../domain/flow-progress.ts'
import type { PointTally } from '../../../domain/flow-progress.ts'
import { step } from '../../../domain/run-machine.ts'
import type { RunEvent } from '../../../domain/run-machine.ts'
import { isStep, newRun } from '../../../domain/run.ts'
import type { NewRun, Run } from '../../../domain/run.ts'
import type { Tables } from '../tables.ts'
import type { StepPlace } from '../tables/flows.ts'
import { noPlace } from '../tables/runs.ts'

/** What the limits of a task count a run by; undefined where nobody here knows the task. */
export type KeyOf = (task: TaskName, input: Json) => string | null | undefined

/** The steps of a flow whose own run was just written: those at its beginning are queued, the others open. */
export const insertSteps = (tables: Tables, root: Run, { runs, points }: FlowPlan, at: Instant): void => {
  tables.flows.insert(root.id, runs.length, points)
  for (const { task, input, place, attemptsAllowed, ...lies } of runs) {
    const state = lies.from === START ? 'queued' : 'open'
    insertStep(tables, root.id, { task, input, attemptsAllowed, state, createdAt: at, ...place }, lies)
  }
}

type NewStep = Omit<NewRun, 'id' | 'root' | 'trigger'>

const insertStep = (tables: Tables, root: RunId, part: NewStep, lies: StepPlace): void => {
  const run = newRun({ ...part, id: tables.runs.nextId(), root, trigger: { kind: 'flow', run: root } })
  tables.runs.insert(run, noPlace)
  tables.flows.insertStep(root, run.id, lies)
  tables.news.move(run)
}

/** Everything that follows in flows from what happened to their runs. */
export const goOn = (tables: Tables, at: Instant, keyOf: KeyOf | undefined): void => {
  const going = { tables, at, keyOf }
  for (let news = tables.news.takeFlows(); news.length > 0; news = tables.news.takeFlows()) {
    for (const run of news) {
      if (isStep(run)) arrived(going, run)
      else cancelSteps(going, run)
    }
  }
}

interface Going {
  readonly tables: Tables
  readonly at: Instant
  readonly keyOf: KeyOf | undefined
}

type Step = Run & { readonly root: RunId }

const cancelSteps = (going: Going, root: Run): void => {
  const { tables, at } = going
  tables.news.move(root)
  const by = root.cancelledBy ?? 'somebody'
  for (const id of tables.flows.live(root.id)) change(going, id, { kind: 'cancel', at, by })
}

/** A step is over: what waits at the point to which it leads is decided, and the whole is over with its last step. */
const arrived = (going: Going, run: Step): void => {
  const { flows } = going.tables
  const { root } = run
  const lies = flows.step(root, run.id)
  const before = lies === null ? null : flows.point(root, lies.to)
  const whole = flows.whole(root)
  // In a file that was changed from outside it may lie nowhere.
  if (lies === null || before === null || whole === null) return
  const after = arrive(before, weightOf(run.state, run.state === 'skipped' && mayBegin(going, root, lies)))
  const counted = count(whole, run.state, before.handles)
  flows.putPoint(root, lies.to, after)
  flows.putWhole(root, counted)
  if (isDecisive(before, after)) for (const id of flows.waitingAt(root, lies.to)) decide(going, id, after, run)
  if (counted.left === 0) change(going, root, { kind: 'end flow', at: going.at, ...endOf(counted) })
}

const mayBegin = ({ tables }: Going, root: RunId, { from, rule }: StepPlace): boolean => {
  const point = tables.flows.point(root, from)
  return point !== null && fateOf(rule, point) === 'begins'
}

/** What becomes of a step that waits where `last` just came to its end. */
const decide = (going: Going, id: RunId, tally: PointTally, last: Step): void => {
  const { tables, at } = going
  const lies = tables.flows.step(last.root, id)
  if (lies === null) return
  const fate = fateOf(lies.rule, tally)
  if (fate === 'never') {
    change(going, id, { kind: 'skip', at, reason: 'condition', detail: whyNever(lies.rule, last) })
  } else if (fate === 'begins') {
    if (lies.most === null) change(going, id, { kind: 'release', at, trigger: null, expiresAt: null })
    else unfold(going, id, lies, listOf(last, lies.most))
  }
}

/** The step of a map becomes the first of as many as the list has elements. */
const unfold = (going: Going, id: RunId, lies: StepPlace, read: ReturnType<typeof listOf>): void => {
  const { tables, at, keyOf } = going
  if ('wrong' in read) return change(going, id, { kind: 'refuse', at, detail: read.wrong })
  const [first, ...others] = read.list
  if (first === undefined)
    return change(going, id, {
      kind: 'skip',
      at,
      reason: 'condition',
      detail: 'its list is empty: there is nothing to do',
    })
  const waiting = tables.runs.get(id)
  if (waiting === undefined || !isStep(waiting)) return
  const { task, queue, priority, attemptsAllowed, root } = waiting
  const partOf = (input: Json) => {
    const key = keyOf?.(task, input)
    return { input, queue, priority, key: key === undefined ? waiting.key : key }
  }
  tables.runs.setInput({ ...waiting, ...partOf(first) })
  change(going, id, { kind: 'release', at, trigger: null, expiresAt: null })
  for (const input of others)
    insertStep(tables, root, { task, attemptsAllowed, state: 'queued', createdAt: at, ...partOf(input) }, lies)
  tables.flows.addRuns(root, lies.to, others.length)
}

const change = ({ tables, at }: Going, id: RunId, event: RunEvent): void => {
  const before = tables.runs.get(id)
  if (before === undefined) return
  const { run, refused } = step(before, event)
  if (refused !== undefined) return
  tables.runs.save(run, { queuedAt: at })
  tables.news.move(run)
}
