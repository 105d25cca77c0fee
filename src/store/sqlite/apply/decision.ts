/** Storing one decision on one schedule: its rows, its mark and its next instant together. */

import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { FlowPlanner } from '../../../domain/flow.ts'
import { expiryOf, inputOf, newRow, scheduleAfter, startedNow } from '../../../domain/decision-rows.ts'
import type { RowPart } from '../../../domain/decision-rows.ts'
import { placeOf, usualPlacing } from '../../../domain/limits.ts'
import type { Placing } from '../../../domain/limits.ts'
import type { Cause, Decision, Foreseen, Opening, Skip, Wanted } from '../../../domain/opportunity.ts'
import { step } from '../../../domain/run-machine.ts'
import type { RunEvent } from '../../../domain/run-machine.ts'
import type { Run, Trigger, WorkerId } from '../../../domain/run.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import { factLeavesOf } from '../../../when/fact-leaves.ts'
import type { Judged } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { LastSkip } from '../tables/opportunities.ts'
import type { HeldSchedule } from '../tables/schedules.ts'
import type { UnusedEnd } from '../tables/unused-ends.ts'
import { insertSteps } from './flow.ts'

/** Who may have runs at once, and how many. */
export interface Claimer {
  readonly worker: WorkerId
  readonly slots: number
}

/** The decision as it is stored so far. */
interface Draft {
  readonly tables: Tables
  readonly schedule: Schedule
  readonly at: Instant
  readonly claimer: Claimer | null
  readonly placing: Placing
  readonly flow: FlowPlanner | null
  slots: number
  lastRun: RunId | null
  /** The newest moment of which the decision is known so far; what follows it is its neighbour. */
  decidedTo: Instant
  runsCreated: number
  lastNominalAt: Instant | null
  readonly runs: Run[]
  readonly others: Run[]
  readonly cancelled: Run[]
}

/** What is ready is only written. Null where it is not to be: its run has to wait, or its opportunity has a row already. */
export const storeForeseen = (
  tables: Tables,
  foreseen: Foreseen,
  { earlier, worker, at }: { readonly earlier: RunId | null; readonly worker: WorkerId; readonly at: Instant },
): Judged | null => {
  const { schedule } = foreseen
  if (tables.pauses.stopping(foreseen.run.queue, at).length > 0) return null
  const run = startedNow(foreseen, tables.runs.nextId(), worker, at)
  if (!tables.runs.insert(run, { createdNo: schedule.runsCreated, earlier })) return null
  tables.schedules.progress(schedule, run.id)
  return { schedule, runs: [run], others: none, cancelled: none, asks: none, clockSetBack: null }
}

const none: readonly never[] = []

export const storeDecision = (
  tables: Tables,
  { schedule, lastRun }: HeldSchedule,
  decision: Decision,
  at: Instant,
  claimer: Claimer | null,
): { readonly judged: Judged; readonly held: HeldSchedule } => {
  const draft: Draft = {
    tables,
    schedule,
    at,
    claimer,
    placing: decision.placing ?? usualPlacing,
    flow: decision.flow ?? null,
    slots: claimer?.slots ?? 0,
    lastRun,
    decidedTo: schedule.mark,
    runsCreated: schedule.runsCreated,
    lastNominalAt: schedule.lastNominalAt,
    runs: [],
    others: [],
    cancelled: [],
  }
  if (touchesEarlier(decision)) changeEarlier(draft, decision)
  addRows(draft, decision)
  if (decision.usesEventsTo !== null && schedule.usesFacts) useEvents(tables, schedule, decision.usesEventsTo)
  const after = progress(draft, decision)
  const { runs, others, cancelled } = draft
  return {
    judged: { schedule: after, runs, others, cancelled, asks: decision.asks, clockSetBack: decision.clockSetBack },
    held: { schedule: after, lastRun: draft.lastRun, broken: null },
  }
}

// Most decisions do not.
const touchesEarlier = ({ cancels, dropped, held, released }: Decision): boolean =>
  cancels.length + dropped.length + held.length + released.length > 0

const changeEarlier = (draft: Draft, decision: Decision): void => {
  const { at } = draft
  for (const id of decision.cancels) {
    changeStored(draft, id, { kind: 'cancel', at, by: decision.cancelledBy }, draft.cancelled)
  }
  for (const { id, reason, detail } of decision.dropped) {
    const run = changeStored(draft, id, { kind: 'skip', at, reason, detail }, draft.others)
    if (run?.nominalAt != null && run.trigger.kind === 'event') useCoalesced(draft, run.trigger.run, run.nominalAt)
  }
  for (const { id, detail, cause } of decision.held) hold(draft, id, detail, cause)
  for (const { id, cause } of decision.released) release(draft, id, cause)
}

const changeStored = (draft: Draft, id: RunId, event: RunEvent, into: Run[]): Run | null => {
  const before = draft.tables.runs.get(id)
  if (before === undefined) return null
  const { run, refused } = step(before, event)
  if (refused !== undefined) return null
  draft.tables.runs.save(run)
  if (before.state === 'open') draft.tables.opportunities.setWaiting(id, null)
  into.push(run)
  return run
}

/** The facts of an open row hold: from now on it waits for an earlier run. */
const hold = (draft: Draft, id: RunId, detail: string | null, cause: Cause | undefined): void => {
  const { tables, at } = draft
  const before = tables.runs.get(id)
  if (before === undefined) return
  const { run, refused } = step(before, { kind: 'hold', at, detail, trigger: triggerOf(cause, before) })
  if (refused !== undefined) return
  tables.runs.save(run)
  tables.runs.setTrigger(run)
  tables.opportunities.setWaiting(id, null)
  draft.others.push(run)
}

const release = (draft: Draft, id: RunId, cause: Cause | undefined): void => {
  const { tables, schedule, at } = draft
  const before = tables.runs.get(id)
  if (before === undefined) return
  const trigger = triggerOf(cause, before)
  const { run, refused } = step(before, { kind: 'release', at, trigger, expiresAt: expiryOf(schedule, at) })
  if (refused !== undefined) return
  const input = inputOf(schedule, draft.lastNominalAt, run.nominalAt)
  const released = started(draft, { ...run, input, ...placeOf(draft.placing, input) })
  tables.runs.save(released, { queuedAt: at, ...(released.state === 'running' ? { attemptStartedAt: at } : {}) })
  tables.opportunities.setWaiting(id, null)
  draft.runsCreated++
  draft.lastNominalAt = run.nominalAt
  tables.runs.setReleased(released, draft.runsCreated)
  noteStarted(draft, released)
}

// An open row that came of events was named by the run that completed them: that stays its identity.
const triggerOf = (cause: Cause | undefined, before: Run): Trigger | null => {
  if (cause === undefined) return null
  const run = before.trigger.kind === 'event' ? before.trigger.run : null
  return { kind: 'event', run, parents: cause.parents }
}

// What falls due later is not used: of a delayed event the time has to come first.
const useEvents = (tables: Tables, schedule: Schedule, to: Instant): void => {
  for (const end of tables.unusedEnds.of(schedule.id)) useEnd(tables, schedule, end, to)
}

const useEnd = (tables: Tables, schedule: Schedule, { id, task, endedAt }: UnusedEnd, to: Instant): void => {
  if (endedAt + longestDelay(schedule, task) <= to) tables.unusedEnds.delete(schedule.id, id)
  else tables.unusedEnds.use(schedule.id, id, to)
}

// What became part of a newer end that says the same is no event any more, though nothing else is used.
const useCoalesced = ({ tables, schedule }: Draft, run: RunId | null, nominalAt: Instant): void => {
  if (run === null) return
  const ends = tables.unusedEnds.of(schedule.id)
  const index = ends.findIndex(({ id }) => id === run)
  const end = ends[index]
  const isNewer = ({ task, outcome }: UnusedEnd): boolean => task === end?.task && outcome === end.outcome
  if (end !== undefined && ends.slice(index + 1).some(isNewer)) useEnd(tables, schedule, end, nominalAt)
}

const longestDelay = ({ condition }: Schedule, task: string): number =>
  Math.max(0, ...factLeavesOf(condition).map(leaf => (leaf.kind === 'after' && leaf.task === task ? leaf.delayMs : 0)))

// New rows are created in the order of their nominal times: the history of a schedule then reads like the day it was.
const addRows = (draft: Draft, { runs, opens, skips, attemptsAllowed }: Decision): void => {
  if (opens.length === 0 && skips.length === 0) {
    for (const run of runs) addRun(draft, run, attemptsAllowed)
    return
  }
  const rows = [
    ...opens.map(open => ({ nominalAt: open.nominalAt, add: () => addOpen(draft, open, attemptsAllowed) })),
    ...runs.map(run => ({ nominalAt: run.nominalAt, add: () => addRun(draft, run, attemptsAllowed) })),
    // Of two at one instant that share their row the one that becomes something has it.
    ...skips.map(skip => ({ nominalAt: skip.from, add: () => addSkip(draft, skip) })),
  ]
  rows.sort((a, b) => a.nominalAt - b.nominalAt)
  for (const { add } of rows) add()
}

const addRun = (draft: Draft, { nominalAt, detail, cause }: Wanted, attemptsAllowed: number): void => {
  const expiresAt = expiryOf(draft.schedule, draft.at)
  const run = started(draft, rowOf(draft, { nominalAt, state: 'queued', detail, cause, attemptsAllowed, expiresAt }))
  if (!insert(draft, run, draft.runsCreated + 1)) return
  draft.runsCreated++
  draft.lastNominalAt = nominalAt
  noteStarted(draft, run)
}

const addOpen = (draft: Draft, { nominalAt, detail, cause, waitsFor }: Opening, attemptsAllowed: number): void => {
  const run = rowOf(draft, { nominalAt, state: 'open', reason: waitsFor.kind, detail, cause, attemptsAllowed })
  if (!insert(draft, run, null)) return
  if (waitsFor.kind === 'condition') draft.tables.opportunities.setWaiting(run.id, waitsFor)
  draft.others.push(run)
}

const addSkip = (draft: Draft, skip: Skip): void => {
  const { tables, schedule } = draft
  // One of several events has its own row: it may be asked for again.
  const isCoalesced = skip.cause !== undefined && skip.reason === 'coalesced'
  if (isCoalesced) useCoalesced(draft, skip.cause?.run ?? null, skip.from)
  // What has a row of its own already, such as one that was cancelled, must not be counted in another too.
  if (skip.cause !== undefined && tables.runs.isDecided(schedule.id, skip.from, skip.cause.run)) return
  const merged = isCoalesced ? null : mergedWithLast(draft, skip)
  if (merged !== null) {
    draft.decidedTo = skip.to
    draft.others.push(merged)
    return
  }
  const { from, to, count, reason, detail, cause } = skip
  const lastNominalAt = count > 1 || to > from ? to : null
  const part = {
    nominalAt: from,
    state: 'skipped',
    reason,
    detail,
    cause,
    lastNominalAt,
    count,
    endedAt: draft.at,
  } as const
  const run = rowOf(draft, part)
  if (insert(draft, run, null)) draft.others.push(run)
}

const mergedWithLast = (draft: Draft, skip: Skip): Run | null => {
  const { tables, lastRun, at } = draft
  const last = lastRun === null ? null : tables.opportunities.lastSkip(lastRun)
  if (lastRun === null || last === null || last.reason !== skip.reason || last.detail !== skip.detail) return null
  if (!areNeighbours(draft, last, skip)) return null
  tables.opportunities.merge(lastRun, last, skip.to, skip.count, at)
  tables.runs.tellMerged(draft.schedule.task, lastRun, skip.count, at)
  return tables.runs.read(lastRun) ?? null
}

// Anything else between the two (an edit, a pause, a row from before a clock was set back) and they are no neighbours. Those
// of events have no moments between them: there the time of the decision tells.
const areNeighbours = ({ schedule, decidedTo }: Draft, last: LastSkip, skip: Skip): boolean =>
  skip.cause === undefined
    ? last.to === decidedTo && decidedTo >= schedule.highestMark
    : last.endedAt >= Math.max(schedule.since, schedule.paused?.at ?? 0) && skip.to >= last.to

// The unique key refuses what has a row already.
const insert = (draft: Draft, run: Run, createdNo: number | null): boolean => {
  if (run.trigger.kind !== 'event') draft.decidedTo = run.lastNominalAt ?? run.nominalAt ?? draft.decidedTo
  if (!draft.tables.runs.insert(run, { createdNo, earlier: draft.lastRun })) return false
  draft.lastRun = run.id
  return true
}

/** A new run as it starts: claimed where that may be, or as the flow that it stands for. */
const started = (draft: Draft, run: Run): Run =>
  draft.flow === null ? claimed(draft, run) : step(run, { kind: 'begin flow', at: draft.at }).run

const noteStarted = (draft: Draft, run: Run): void => {
  if (draft.flow === null) {
    draft.runs.push(run)
    return
  }
  insertSteps(draft.tables, run, draft.flow(run.input), draft.at)
  draft.others.push(run)
}

const claimed = (draft: Draft, run: Run): Run => {
  if (draft.claimer === null || draft.slots <= 0) return run
  if (draft.tables.pauses.stopping(run.queue, draft.at).length > 0) return run
  const { run: claimed, refused } = step(run, { kind: 'claim', at: draft.at, worker: draft.claimer.worker })
  if (refused !== undefined) return run
  draft.slots--
  return claimed
}

const rowOf = (draft: Draft, part: RowPart): Run => {
  const { tables, schedule, placing, lastNominalAt: previous, at } = draft
  return newRow({ schedule, placing, previous, id: tables.runs.nextId(), at }, part)
}

const progress = (draft: Draft, decision: Decision): Schedule => {
  const { tables, schedule, lastRun, at } = draft
  const { mark, nextAt, status, problem } = decision
  const after = scheduleAfter(schedule, decision, draft, at)
  const changed =
    draft.runs.length > 0 ||
    draft.others.length > 0 ||
    mark !== schedule.mark ||
    nextAt !== schedule.nextAt ||
    status !== schedule.status ||
    problem !== schedule.problem
  if (!changed) return schedule
  tables.schedules.progress(after, lastRun)
  // When the last of its opportunities ended is known only now.
  if (schedule.usesFacts && draft.runs.length + draft.others.length > 0) tables.news.tellFollower(schedule.id)
  return after
}
