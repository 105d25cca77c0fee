/** The change `importSchedules`: many schedules at once, each created, edited, paused or resumed as it is written. */

import type { Instant } from '../../../base/instant.ts'
import { isSameJson } from '../../../base/json.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import type { Pause, Schedule } from '../../../domain/schedule.ts'
import type { Changes, ScheduleDefinition } from '../../store.ts'
import type { Tables } from '../tables.ts'
import { applyPauseSchedule, applyResumeSchedule, editSchedule, insertSchedule, isSame } from './schedules.ts'

export const applyImport = (
  tables: Tables,
  { at, entries }: Changes['importSchedules']['change'],
  judge: Judge,
): readonly Schedule[] =>
  entries.flatMap(({ definition, pause }) => {
    const { name } = definition
    const isPut = put(tables, definition, at)
    const isPaused = setPause(tables, name, pause, at, judge)
    const stored = isPut || isPaused ? tables.schedules.named(name) : null
    return stored === null ? [] : [stored]
  })

/** Whether that changed anything. */
const put = (tables: Tables, definition: ScheduleDefinition, at: Instant): boolean => {
  const held = tables.schedules.holdNamed(definition.name)
  if (held === null) {
    insertSchedule(tables, definition, at)
    return true
  }
  const { schedule, broken } = held
  if (broken === null && isSame(schedule, definition)) return false
  editSchedule(tables, schedule.id, definition, at)
  return true
}

/** Whether that changed anything. */
const setPause = (tables: Tables, name: string, pause: Pause | null, at: Instant, judge: Judge): boolean => {
  const stored = tables.schedules.named(name)
  if (stored === null || isSameJson(stored.paused, pause)) return false
  if (pause === null) applyResumeSchedule(tables, { name, at }, judge)
  else if (stored.paused === null) applyPauseSchedule(tables, { name, pause }, judge, at)
  else tables.schedules.pause(stored.id, pause)
  return true
}
