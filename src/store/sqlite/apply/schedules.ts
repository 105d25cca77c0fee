/** The changes of schedules by people and by code: put, undeclared, paused, resumed, removed. */

import { RotaError } from '../../../base/errors.ts'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { isSameJson } from '../../../base/json.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import { step } from '../../../domain/run-machine.ts'
import { isStep } from '../../../domain/run.ts'
import type { SkipReason } from '../../../domain/run.ts'
import { longerPause } from '../../../domain/schedule.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import { cycleOf } from '../../../when/cycle.ts'
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
    insertSchedule(tables, definition, at)
  } else if (mode === 'create') {
    throw new RotaError('SCHEDULE_EXISTS', `A schedule '${name}' exists already.`, { details: { schedule: name } })
  } else {
    declare(tables, held, definition, at)
  }
  return hold(tables, name).schedule
}

export const applyUndeclare = (tables: Tables, { names }: Changes['undeclare']['change']): readonly string[] =>
  tables.schedules.undeclare(names)

/**
 * Of two pauses the longer one stands. What waits ends here, and what of its facts is due is judged as paused; a judge that fails keeps nobody from
 * pausing.
 */
export const applyPauseSchedule = (
  tables: Tables,
  { name, pause }: Changes['pauseSchedule']['change'],
  judge: Judge,
  // A pause that is carried over began long ago.
  at: Instant = pause.at,
): Schedule => {
  const { schedule } = hold(tables, name)
  if (schedule.paused !== null && longerPause(schedule.paused, pause) === schedule.paused) return schedule
  tables.schedules.pause(schedule.id, pause)
  // So that it ends by itself.
  if (pause.until !== null) tables.schedules.wake(schedule.id, pause.until)
  if (schedule.usesFacts) judgeHeld(tables, judge, hold(tables, name), at, null)
  const waiting = tables.opportunities.open(schedule.id)
  skipAll(tables, waiting, at, 'paused', `paused by ${pause.by}`)
  // They may have held its last places.
  if (waiting.length > 0) tables.schedules.wake(schedule.id, at)
  tables.news.note({ kind: 'schedule', schedule: schedule.id, name })
  return hold(tables, name).schedule
}

/** A running attempt lets its own schedule rest; as a step that of its flow. */
export const applyHoldSchedule = (
  tables: Tables,
  { run: id, fence, at, until, why }: Changes['holdSchedule']['change'],
  judge: Judge,
): boolean => {
  const run = tables.runs.get(id)
  if (run === undefined || run.fence !== fence || run.state !== 'running') return false
  const { schedule, scheduleId } = (isStep(run) ? tables.runs.get(run.root) : undefined) ?? run
  const known = schedule === null ? null : tables.schedules.named(schedule)
  if (known !== null && known.id === scheduleId)
    applyPauseSchedule(tables, { name: known.name, pause: { at, by: `run ${id}`, why, until } }, judge)
  return true
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
  tables.news.note({ kind: 'schedule', schedule: paused.schedule.id, name })
  return hold(tables, name).schedule
}

export const applyRemoveSchedule = (tables: Tables, { name, at }: Changes['removeSchedule']['change']): Schedule => {
  const { schedule } = hold(tables, name)
  skipAll(tables, tables.opportunities.openOrQueued(schedule.id), at, 'ended', 'the schedule was removed')
  tables.schedules.remove(schedule.id, at)
  tables.news.note({ kind: 'schedule', schedule: schedule.id, name })
  tables.waits.put(schedule.id, [])
  tables.unusedEnds.clear(schedule.id)
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
  editSchedule(tables, schedule.id, definition, at)
}

/** Creates a schedule, with what it waits for. @throws RotaError CONDITION_REFUSED */
export const insertSchedule = (tables: Tables, definition: ScheduleDefinition, at: Instant): void => {
  refuseCycle(tables, definition)
  const schedule = tables.schedules.insert(definition, at)
  setWaits(tables, schedule, definition)
  tables.news.note({ kind: 'schedule', schedule, name: definition.name })
}

/** Edits one: what waits is skipped, and no earlier event counts for it. @throws RotaError CONDITION_REFUSED */
export const editSchedule = (tables: Tables, id: number, definition: ScheduleDefinition, at: Instant): void => {
  refuseCycle(tables, definition)
  skipAll(tables, tables.opportunities.open(id), at, 'edited', 'the schedule was edited')
  tables.schedules.edit(id, definition, at)
  tables.unusedEnds.clear(id)
  setWaits(tables, id, definition)
  tables.news.note({ kind: 'schedule', schedule: id, name: definition.name })
}

const setWaits = (tables: Tables, schedule: number, { waits }: ScheduleDefinition): void => {
  for (const { kind, name, keepMs } of waits) {
    const isCount = kind === 'ended' || kind === 'started' || kind === 'skipped'
    if (isCount && !tables.waits.keeps(name, kind, keepMs)) tables.tally.begin(tables.names.number(name), kind)
  }
  tables.waits.put(schedule, waits)
}

// Those with a delay in them go round for ever too, but at a pace that somebody chose.
const refuseCycle = (tables: Tables, { name, task, waits }: ScheduleDefinition): void => {
  const own = waits.filter(({ triggers }) => triggers).map(wait => [wait.name, task] as const)
  if (own.length === 0) return
  const cycle = cycleOf(task, [...tables.waits.edgesFrom(task, name), ...own])
  if (cycle === null) return
  const told = cycle.map(one => `'${one}'`).join(', then ')
  throw new RotaError(
    'CONDITION_REFUSED',
    `These would start each other without end: ${told}. Put time between two of them, such as \`10 minutes after '${cycle[0]}' finishes\`.`,
    { details: { cycle } },
  )
}

/** Whether an edit to this definition would change nothing. */
export const isSame = (schedule: Schedule, definition: ScheduleDefinition): boolean =>
  definedBy(schedule).every((part, i) => isSameJson(part, definedBy(definition)[i]))

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

const skipAll = (tables: Tables, ids: readonly RunId[], at: Instant, reason: SkipReason, detail: string): void => {
  for (const id of ids) {
    const before = tables.runs.get(id)
    if (before === undefined) continue
    const { run, refused } = step(before, { kind: 'skip', at, reason, detail })
    if (refused !== undefined) continue
    tables.runs.save(run)
    tables.opportunities.setWaiting(id, null)
  }
}

const judgeNow = (tables: Tables, judge: Judge, held: HeldSchedule, at: Instant): void => {
  const judged = judgeHeld(tables, judge, held, at, null)
  if (judged instanceof RotaError) throw judged
}
