/** The change `judge`: one schedule, looked at while its row is held. */

import { RotaError } from '../../../base/errors.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import type { Changes, Judged } from '../../store.ts'
import type { Tables } from '../tables.ts'
import type { HeldSchedule } from '../tables/schedules.ts'
import { storeForeseen } from './decision.ts'
import { judgeHeld } from './judgement.ts'

export const applyJudge = (tables: Tables, change: Changes['judge']['change'], judge: Judge): Judged | null => {
  const held = hold(tables, change.schedule, change.ahead)
  if (held === null) return null
  const foreseen = applyForeseen(tables, held, change)
  if (foreseen !== null) return foreseen
  const claimer = change.claimFor === null ? null : { worker: change.claimFor, slots: change.slots }
  const judged = judgeHeld(tables, judge, held, change.at, claimer)
  if (judged instanceof RotaError) throw judged
  return judged
}

// Good while its schedule is as it was read, and nothing of it waits or runs.
const applyForeseen = (
  tables: Tables,
  { isAsRead = false, idle = false, lastRun: earlier }: HeldSchedule,
  { foreseen = null, at, claimFor: worker, slots }: Changes['judge']['change'],
): Judged | null => {
  if (foreseen === null || !isAsRead || !idle || worker === null || slots < 1) return null
  return storeForeseen(tables, foreseen, { earlier, worker, at })
}

// A schedule read ahead is good while its version is the stored one. One that cannot be loaded is always read, for why.
const hold = (tables: Tables, id: number, ahead: Schedule | null): HeldSchedule | null => {
  if (ahead === null || ahead.id !== id || ahead.status === 'unloadable') return tables.schedules.hold(id)
  const stored = tables.schedules.glance(id)
  if (stored === null) return null
  if (stored.version !== ahead.version) return tables.schedules.hold(id)
  return { schedule: ahead, lastRun: stored.lastRun, broken: null, idle: stored.live === 0, isAsRead: true }
}
