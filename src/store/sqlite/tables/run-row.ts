/** A run as a row: the columns in which it is kept, and the run read from them, also after somebody changed the file. */

import type { Instant } from '../../../base/instant.ts'
import type { Json } from '../../../base/json.ts'
import type { RunId, TaskName } from '../../../base/name.ts'
import { usualPlace } from '../../../domain/limits.ts'
import { failReasons, skipReasons } from '../../../domain/run.ts'
import type { Reason, Run, RunError, Trigger } from '../../../domain/run.ts'
import { stateOf } from '../state-code.ts'
import { isRecord, jsonOf } from '../stored-json.ts'
import type { Lanes } from './lanes.ts'
import type { Names } from './names.ts'

/** What `runFrom` reads, of `runs r LEFT JOIN schedules s`. */
export const runColumns = `
  r.id, r.task, r.schedule, s.name, r.state, r.reason, r.detail, r.trigger, r.nominal_at, r.last_nominal_at, r.count,
  r.created_at, r.ready_at, r.started_at, r.ended_at, r.attempt, r.attempts_allowed, r.deaths, r.fence, r.worker,
  r.cancel_requested_at, r.cancelled_by, r.units_ok, r.units_failed, r.expires_at, r.input, r.result, r.error,
  r.lane, r.key, r.root, r.memory_mb`

export type RunRow = readonly [
  id: number,
  task: number,
  scheduleId: number | null,
  schedule: string | null,
  state: number,
  reason: string | null,
  detail: string | null,
  trigger: string | null,
  nominalAt: number | null,
  lastNominalAt: number | null,
  count: number,
  createdAt: number,
  readyAt: number | null,
  startedAt: number | null,
  endedAt: number | null,
  attempt: number,
  attemptsAllowed: number,
  deaths: number,
  fence: number,
  worker: number | null,
  cancelRequestedAt: number | null,
  cancelledBy: string | null,
  unitsOk: number,
  unitsFailed: number,
  expiresAt: number | null,
  input: string | null,
  result: string | null,
  error: string | null,
  lane: number | null,
  key: string | null,
  root: number | null,
  memoryMb: number | null,
]

export const runFrom = (row: RunRow, names: Names, lanes: Lanes): Run => {
  const [
    id,
    task,
    scheduleId,
    schedule,
    code,
    reason,
    detail,
    trigger,
    nominalAt,
    lastNominalAt,
    count,
    createdAt,
    readyAt,
    startedAt,
    endedAt,
    attempt,
    attemptsAllowed,
    deaths,
    fence,
    worker,
    cancelRequestedAt,
    cancelledBy,
    unitsOk,
    unitsFailed,
    expiresAt,
    input,
    result,
    error,
    lane,
    key,
    root,
    memoryMb,
  ] = row
  // What was over before there were lanes has none.
  const { queue, priority } = (lane === null ? undefined : lanes.get(lane)) ?? usualPlace
  const state = stateOf(code)
  return {
    id: id as RunId,
    task: names.name(task) as TaskName,
    scheduleId,
    schedule,
    root: root as RunId | null,
    // A state that nobody knows is one that nothing may leave.
    state: state ?? 'failed',
    reason: isReason(reason) ? reason : null,
    detail: state === undefined ? `the stored state ${code} is unknown` : detail,
    trigger: root === null || root === id ? triggerFrom(trigger, scheduleId) : { kind: 'flow', run: root as RunId },
    nominalAt: nominalAt as Instant | null,
    lastNominalAt: lastNominalAt as Instant | null,
    count,
    createdAt: createdAt as Instant,
    startedAt: startedAt as Instant | null,
    endedAt: endedAt as Instant | null,
    attempt,
    attemptsAllowed,
    deaths,
    fence,
    worker: state === 'running' && worker !== null ? names.name(worker) : null,
    retryAt: state === 'retrying' ? (readyAt as Instant | null) : null,
    expiresAt: expiresAt as Instant | null,
    cancelRequestedAt: cancelRequestedAt as Instant | null,
    cancelledBy,
    queue,
    priority,
    key,
    input: jsonOf(input) ?? null,
    result: jsonOf(result) ?? null,
    error: errorFrom(error),
    unitsOk,
    unitsFailed,
    memoryMb,
  }
}

/** The trigger of a run of a schedule, and that of a step of a flow, is stored as NULL. */
export const triggerText = (trigger: Trigger, scheduleId: number | null): string | null =>
  (trigger.kind === 'schedule' && scheduleId !== null) || trigger.kind === 'flow' ? null : JSON.stringify(trigger)

export const errorText = (error: RunError | null): string | null => (error === null ? null : JSON.stringify(error))

export const errorFrom = (text: string | null): RunError | null => {
  if (text === null) return null
  const value = jsonOf(text)
  return isRecord(value) && typeof value['name'] === 'string' && typeof value['message'] === 'string'
    ? (value as unknown as RunError)
    : { name: 'Unreadable', message: 'the stored error cannot be read' }
}

const triggerFrom = (text: string | null, scheduleId: number | null): Trigger => {
  if (text === null) return scheduleId === null ? unknownHand : bySchedule
  const value = jsonOf(text)
  if (!isRecord(value)) return unknownHand
  if (value['kind'] === 'schedule') return bySchedule
  if (value['kind'] === 'event') return eventFrom(value)
  if (typeof value['by'] !== 'string') return unknownHand
  if (value['kind'] === 'again' && typeof value['of'] === 'number') {
    return { kind: 'again', by: value['by'], of: value['of'] as RunId }
  }
  return { kind: 'hand', by: value['by'] }
}

const eventFrom = (value: { readonly [key: string]: Json }): Trigger => {
  const { run, parents } = value
  return {
    kind: 'event',
    run: typeof run === 'number' ? (run as RunId) : null,
    parents: Array.isArray(parents) ? parents.filter((id): id is RunId => typeof id === 'number') : [],
  }
}

const bySchedule: Trigger = { kind: 'schedule' }
const unknownHand: Trigger = { kind: 'hand', by: 'unknown' }

const isReason = (text: string | null): text is Reason =>
  text !== null &&
  ((skipReasons as readonly string[]).includes(text) || (failReasons as readonly string[]).includes(text))
