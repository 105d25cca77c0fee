/** Storing one decision on one schedule: its rows, its mark and its next instant together. */

import { instant } from '../../../base/instant.ts'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Decision, Skip, Wanted } from '../../../domain/opportunity.ts'
import { step } from '../../../domain/run-machine.ts'
import type { RunEvent } from '../../../domain/run-machine.ts'
import type { Run, WorkerId } from '../../../domain/run.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import type { Judged } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { HeldSchedule } from '../tables/schedules.ts'

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
  slots: number
  lastRun: RunId | null
  /** The newest moment of which the decision is known so far; what follows it is its neighbour. */
  decidedTo: Instant
  runsCreated: number
  readonly runs: Run[]
  readonly others: Run[]
  readonly cancelled: Run[]
}

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
    slots: claimer?.slots ?? 0,
    lastRun,
    decidedTo: schedule.mark,
    runsCreated: schedule.runsCreated,
    runs: [],
    others: [],
    cancelled: [],
  }
  if (touchesEarlier(decision)) changeEarlier(draft, decision)
  addRows(draft, decision)
  const after = progress(draft, decision)
  const { runs, others, cancelled } = draft
  return {
    judged: { schedule: after, runs, others, cancelled, clockSetBack: decision.clockSetBack },
    held: { schedule: after, lastRun: draft.lastRun, broken: null },
  }
}

// Most decisions do not.
const touchesEarlier = ({ cancels, dropped, released }: Decision): boolean =>
  cancels.length + dropped.length + released.length > 0

const changeEarlier = (draft: Draft, decision: Decision): void => {
  const { at } = draft
  for (const id of decision.cancels) {
    changeStored(draft, id, { kind: 'cancel', at, by: 'a newer opportunity' }, draft.cancelled)
  }
  for (const { id, reason, detail } of decision.dropped) {
    changeStored(draft, id, { kind: 'skip', at, reason, detail }, draft.others)
  }
  for (const id of decision.released) release(draft, id)
}

const changeStored = (draft: Draft, id: RunId, event: RunEvent, into: Run[]): void => {
  const before = draft.tables.runs.get(id)
  if (before === undefined) return
  const { run, refused } = step(before, event)
  if (refused !== undefined) return
  draft.tables.runs.save(run)
  into.push(run)
}

const release = (draft: Draft, id: RunId): void => {
  const { tables, at } = draft
  const before = tables.runs.get(id)
  if (before === undefined) return
  const { run, refused } = step(before, { kind: 'release', at })
  if (refused !== undefined) return
  const released = claimed(draft, run)
  tables.runs.save(released, { queuedAt: at })
  draft.runsCreated++
  tables.runs.setCreatedNo(id, draft.runsCreated)
  draft.runs.push(released)
}

// New rows are created in the order of their nominal times: the history of a schedule then reads like the day it was.
const addRows = (draft: Draft, { runs, opens, skips, attemptsAllowed }: Decision): void => {
  if (opens.length === 0 && skips.length === 0) {
    for (const run of runs) addRun(draft, run, attemptsAllowed)
    return
  }
  const rows = [
    ...skips.map(skip => ({ nominalAt: skip.from, add: () => addSkip(draft, skip) })),
    ...opens.map(open => ({ nominalAt: open.nominalAt, add: () => addOpen(draft, open, attemptsAllowed) })),
    ...runs.map(run => ({ nominalAt: run.nominalAt, add: () => addRun(draft, run, attemptsAllowed) })),
  ]
  rows.sort((a, b) => a.nominalAt - b.nominalAt)
  for (const { add } of rows) add()
}

const addRun = (draft: Draft, { nominalAt, detail }: Wanted, attemptsAllowed: number): void => {
  const run = claimed(draft, newRow(draft, { nominalAt, state: 'queued', detail, attemptsAllowed }))
  if (!insert(draft, run, draft.runsCreated + 1)) return
  draft.runsCreated++
  draft.runs.push(run)
}

const addOpen = (draft: Draft, { nominalAt, detail }: Wanted, attemptsAllowed: number): void => {
  const run = newRow(draft, { nominalAt, state: 'open', reason: 'overlap', detail, attemptsAllowed })
  if (insert(draft, run, null)) draft.others.push(run)
}

const addSkip = (draft: Draft, skip: Skip): void => {
  const merged = mergedWithLast(draft, skip)
  if (merged !== null) {
    draft.decidedTo = skip.to
    draft.others.push(merged)
    return
  }
  const { from, to, count, reason, detail } = skip
  const lastNominalAt = count > 1 || to > from ? to : null
  const part = { nominalAt: from, state: 'skipped', reason, detail, lastNominalAt, count, endedAt: draft.at } as const
  const run = newRow(draft, part)
  if (insert(draft, run, null)) draft.others.push(run)
}

const mergedWithLast = ({ tables, schedule, lastRun, decidedTo, at }: Draft, skip: Skip): Run | null => {
  const last = lastRun === null ? null : tables.opportunities.lastSkip(lastRun)
  if (lastRun === null || last === null || last.reason !== skip.reason || last.detail !== skip.detail) return null
  // Anything else between the two (an edit, a pause, a row from before a clock was set back) and they are no neighbours.
  if (last.to !== decidedTo || decidedTo < schedule.highestMark) return null
  tables.opportunities.merge(lastRun, last, skip.to, skip.count, at)
  return tables.runs.read(lastRun) ?? null
}

// The unique key refuses what has a row already.
const insert = (draft: Draft, run: Run, createdNo: number | null): boolean => {
  draft.decidedTo = run.lastNominalAt ?? run.nominalAt ?? draft.decidedTo
  if (!draft.tables.runs.insert(run, { createdNo, earlier: draft.lastRun })) return false
  draft.lastRun = run.id
  return true
}

const claimed = (draft: Draft, run: Run): Run => {
  if (draft.claimer === null || draft.slots <= 0) return run
  const { run: claimed, refused } = step(run, { kind: 'claim', at: draft.at, worker: draft.claimer.worker })
  if (refused !== undefined) return run
  draft.slots--
  return claimed
}

type RowPart = Pick<Run, 'nominalAt' | 'state' | 'detail'> &
  Partial<Pick<Run, 'reason' | 'attemptsAllowed' | 'lastNominalAt' | 'count' | 'endedAt'>>

const newRow = ({ tables, schedule, at }: Draft, part: RowPart): Run => ({
  id: tables.runs.nextId(),
  task: schedule.task,
  scheduleId: schedule.id,
  schedule: schedule.name,
  state: part.state,
  reason: part.reason ?? null,
  detail: part.detail,
  trigger: bySchedule,
  nominalAt: part.nominalAt,
  lastNominalAt: part.lastNominalAt ?? null,
  count: part.count ?? 1,
  createdAt: at,
  startedAt: null,
  endedAt: part.endedAt ?? null,
  attempt: 0,
  attemptsAllowed: part.attemptsAllowed ?? 1,
  deaths: 0,
  fence: 0,
  worker: null,
  retryAt: null,
  cancelRequestedAt: null,
  cancelledBy: null,
  input: schedule.input,
  result: null,
  error: null,
  unitsOk: 0,
  unitsFailed: 0,
})

const bySchedule = { kind: 'schedule' } as const

const progress = (draft: Draft, decision: Decision): Schedule => {
  const { tables, schedule, lastRun, runsCreated } = draft
  const { mark, nextAt, status, problem } = decision
  const after: Schedule = {
    ...schedule,
    version: schedule.version + 1,
    mark,
    highestMark: instant(Math.max(schedule.highestMark, mark)),
    nextAt,
    status,
    problem,
    runsCreated,
  }
  const changed =
    draft.runs.length > 0 ||
    draft.others.length > 0 ||
    mark !== schedule.mark ||
    nextAt !== schedule.nextAt ||
    status !== schedule.status ||
    problem !== schedule.problem
  if (!changed) return schedule
  tables.schedules.progress(after, lastRun)
  return after
}
