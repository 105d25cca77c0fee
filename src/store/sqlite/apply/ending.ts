/** The changes that end an attempt or a run, and what an end sets going. */

import { RotaError } from '../../../base/errors.ts'
import type { RunId } from '../../../base/name.ts'
import { judgeHealth, verdictsOf } from '../../../domain/health.ts'
import type { HealthChange } from '../../../domain/health.ts'
import { step } from '../../../domain/run-machine.ts'
import { isOver } from '../../../domain/run.ts'
import type { Attempt, Run } from '../../../domain/run.ts'
import type { Changes, Finished } from '../../store.ts'
import type { Tables } from '../tables.ts'

export const applyFinish = (tables: Tables, change: Changes['finish']['change']): Finished => {
  const before = known(tables, change.run)
  const { fence, at, outcome, memoryMb = null } = change
  const stepped = step(before, { kind: 'finish', at, fence, outcome })
  if (stepped.refused !== undefined) return { ...stepped, healthChanges: [] }
  // Most are measured never.
  const isMeasured = memoryMb !== before.memoryMb
  const run = isMeasured ? { ...stepped.run, memoryMb } : stepped.run
  if (isMeasured) tables.runs.measure(run)
  if (run.attempt === 1 && isOver(run)) {
    tables.runs.end(run, change.attemptStartedAt)
  } else {
    tables.runs.save(run)
    tables.attempts.insert(attemptOf(run, change))
  }
  return {
    run,
    refused: null,
    healthChanges: judgeHealths(tables, run, change.taskIsSource),
  }
}

export const applyGiveBack = (tables: Tables, change: Changes['giveBack']['change']): Changes['giveBack']['result'] => {
  const before = known(tables, change.run)
  const { fence, at, attemptStartedAt } = change
  const { run, refused } = step(before, { kind: 'give back', at, fence })
  if (refused !== undefined) return { run, refused }
  tables.runs.save(run)
  insertAttempt(tables, before, { startedAt: attemptStartedAt, endedAt: at, outcome: 'given back', reason: null })
  return { run, refused: null }
}

export const applyCancel = (tables: Tables, change: Changes['cancel']['change']): Finished => {
  const before = known(tables, change.run)
  const { at, by } = change
  const { run, refused } = step(before, { kind: 'cancel', at, by })
  if (refused !== undefined) return { run, refused, healthChanges: [] }
  tables.runs.save(run)
  // It may have held the last place of its schedule.
  if (before.state === 'open' && run.scheduleId !== null) tables.schedules.wake(run.scheduleId, at)
  return { run, refused: null, healthChanges: [] }
}

export const applyRescue = (tables: Tables, { worker, at }: Changes['rescue']['change']): readonly Run[] => {
  const rescued = tables.attempts.running(worker).map(({ run: id, startedAt }) => {
    const before = known(tables, id)
    const { run } = step(before, { kind: 'worker died', at, fence: before.fence })
    tables.runs.save(run)
    insertAttempt(tables, before, { startedAt, endedAt: at, outcome: 'failed', reason: 'lost' })
    return run
  })
  tables.workers.delete(worker)
  return rescued
}

const known = (tables: Tables, id: RunId): Run => {
  const run = tables.runs.get(id)
  if (run !== undefined) return run
  throw new RotaError('RUN_UNKNOWN', `There is no run ${id}.`, { details: { run: id } })
}

const attemptOf = (run: Run, change: Changes['finish']['change']): Attempt => {
  const { outcome, worker } = change
  const failed = outcome.kind === 'failed' ? outcome : null
  return {
    run: run.id,
    attempt: run.attempt,
    worker,
    startedAt: change.attemptStartedAt,
    endedAt: change.at,
    outcome: run.state === 'cancelled' ? 'cancelled' : outcome.kind,
    reason: run.state === 'cancelled' ? null : (failed?.reason ?? null),
    error: failed?.error ?? null,
  }
}

const insertAttempt = (
  tables: Tables,
  before: Run,
  end: Pick<Attempt, 'startedAt' | 'endedAt' | 'outcome' | 'reason'>,
): void => {
  const { id, attempt, worker } = before
  if (worker !== null) tables.attempts.insert({ run: id, attempt, worker, ...end, error: null })
}

const judgeHealths = (tables: Tables, ended: Run, taskIsSource: boolean): readonly HealthChange[] => {
  const units = ended.unitsOk + ended.unitsFailed > 0 ? tables.units.of(ended.id) : []
  const changes: HealthChange[] = []
  for (const verdict of verdictsOf(ended, units, taskIsSource)) {
    const { subject } = verdict
    const before = tables.healths.of(subject, verdict.at)
    const after = judgeHealth(before, verdict)
    tables.healths.put(after)
    if (after.state === before.state) continue
    const { at, run } = verdict
    const change = { subject, from: before.state, to: after.state, at, run, reasons: after.reasons }
    tables.healths.record(change)
    tables.news.tell({ kind: 'health', name: tables.names.number(subject.name) })
    tables.news.note({ kind: 'health', change, run: ended })
    changes.push(change)
  }
  return changes
}
