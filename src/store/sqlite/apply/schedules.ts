/** The changes of schedules by people and by code: put, undeclared, paused, resumed, removed. */

import { isDeepStrictEqual } from 'node:util'
import { RotaError } from '../../../base/errors.ts'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import { step } from '../../../domain/run-machine.ts'
import type { SkipReason } from '../../../domain/run.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import type { Changes, ScheduleDefinition } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { HeldSchedule } from '../tables/schedules.ts'
import { judgeHeld } from './judgement.ts'

export const applyPutSchedule = (
  tables: Tables,
  { mode, at, definition }: Changes['putSchedule']['change'],
): Schedule => {
  const { name } = definition
  const held = tables.schedules.holdNamed(name)
  if (held === null) {
    tables.schedules.insert(definition, at)
  } else if (mode === 'create') {
    throw new RotaError('SCHEDULE_EXISTS', `A schedule '${name}' exists already.`, { details: { schedule: name } })
  } else {
    declare(tables, held, definition, at)
  }
  return hold(tables, name).schedule
}

export const applyUndeclare = (tables: Tables, { names }: Changes['undeclare']['change']): readonly string[] =>
  tables.schedules.undeclare(names)

export const applyPauseSchedule = (tables: Tables, { name, pause }: Changes['pauseSchedule']['change']): Schedule => {
  const { schedule } = hold(tables, name)
  if (schedule.paused !== null) return schedule
  skipAll(tables, tables.opportunities.open(schedule.id), pause.at, 'paused', `paused by ${pause.by}`)
  tables.schedules.pause(schedule.id, pause)
  return hold(tables, name).schedule
}

/**
 * What passed during the pause is judged while it still stands; then it is lifted, and judged once more for the moment
 * at which the scheduler must look next.
 */
export const applyResumeSchedule = (
  tables: Tables,
  change: Changes['resumeSchedule']['change'],
  judge: Judge,
): Schedule => {
  const { name, at } = change
  const paused = hold(tables, name)
  if (paused.schedule.paused === null) return paused.schedule
  judgeNow(tables, judge, paused, at)
  tables.schedules.pause(paused.schedule.id, null)
  judgeNow(tables, judge, hold(tables, name), at)
  return hold(tables, name).schedule
}

export const applyRemoveSchedule = (tables: Tables, { name, at }: Changes['removeSchedule']['change']): Schedule => {
  const { schedule } = hold(tables, name)
  skipAll(tables, tables.opportunities.openOrQueued(schedule.id), at, 'ended', 'the schedule was removed')
  tables.schedules.remove(schedule.id, at)
  return schedule
}

const hold = (tables: Tables, name: string): HeldSchedule => {
  const held = tables.schedules.holdNamed(name)
  if (held !== null) return held
  throw new RotaError('SCHEDULE_UNKNOWN', `There is no schedule '${name}'.`, { details: { schedule: name } })
}

const declare = (tables: Tables, held: HeldSchedule, definition: ScheduleDefinition, at: Instant): void => {
  const { schedule } = held
  const { declaredHash } = definition
  const isLastDeclared = declaredHash !== null && declaredHash === schedule.declaredHash
  if (isLastDeclared && schedule.declared) return
  if (isLastDeclared || (held.broken === null && isSame(schedule, definition))) {
    tables.schedules.declare(schedule.id, declaredHash)
    return
  }
  skipAll(tables, tables.opportunities.open(schedule.id), at, 'edited', 'the schedule was edited')
  tables.schedules.edit(schedule.id, definition, at)
}

/** Whether an edit to this definition would change nothing. */
export const isSame = (schedule: Schedule, definition: ScheduleDefinition): boolean =>
  definedBy(schedule).every((part, i) => isDeepStrictEqual(part, definedBy(definition)[i]))

const definedBy = (it: Schedule | ScheduleDefinition): readonly unknown[] => [
  it.task,
  it.input,
  it.condition,
  it.timezone,
  it.anchor,
  it.policies,
  it.tags,
  it.origin,
]

export const skipAll = (
  tables: Tables,
  ids: readonly RunId[],
  at: Instant,
  reason: SkipReason,
  detail: string,
): void => {
  for (const id of ids) {
    const before = tables.runs.get(id)
    if (before === undefined) continue
    const { run, refused } = step(before, { kind: 'skip', at, reason, detail })
    if (refused === undefined) tables.runs.save(run)
  }
}

const judgeNow = (tables: Tables, judge: Judge, held: HeldSchedule, at: Instant): void => {
  const judged = judgeHeld(tables, judge, held, at, null)
  if (judged instanceof RotaError) throw judged
}
