/** What happens to a copy of an earlier store when it takes over, and how what it held is let go. */

import { RotaError } from '../../../base/errors.ts'
import { formatInstant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Judge } from '../../../domain/opportunity.ts'
import { isOver } from '../../../domain/run.ts'
import type { Run } from '../../../domain/run.ts'
import type { Changes, TakenOver } from '../../store.ts'
import type { Tables } from '../tables.ts'
import { applyRescue } from './ending.ts'
import { follow } from './follow.ts'

export const applyTakeOver = (
  tables: Tables,
  { at, from, catchUp }: Changes['takeOver']['change'],
  judge: Judge,
): TakenOver => {
  const oldest = tables.held.oldestMark()
  const taken = catchUp ? nothing : holdAll(tables, at, judge)
  const since = oldest !== null && oldest < at ? oldest : null
  tables.events.record(at, 'restored', detailOf(from, since, catchUp, taken))
  return { ...taken, since }
}

const nothing = { schedules: 0, held: 0, lost: 0 }

// The marks first: an end that has a schedule judged would else make up for the gap.
const holdAll = (tables: Tables, at: Changes['takeOver']['change']['at'], judge: Judge) => {
  const schedules = tables.held.moveMarks(at)
  tables.unusedEnds.useDelayed(at)
  tables.schedules.forget()
  const ended = tables.workers.list().flatMap(({ worker }) => applyRescue(tables, { worker, at }))
  // What their ends set going is held too.
  follow(tables, judge, at)
  return { schedules, held: tables.held.hold(), lost: ended.filter(isOver).length }
}

const detailOf = (
  from: string,
  since: TakenOver['since'],
  catchUp: boolean,
  { schedules, held, lost }: typeof nothing,
): string => {
  const gap = since === null ? '' : `; what happened since ${formatInstant(since)} is not known`
  if (catchUp) return `from ${from}${gap}; it is caught up with`
  return `from ${from}${gap}; ${schedules} schedules go on from now, ${held} runs are held, ${lost} are lost`
}

export const applyRelease = (tables: Tables, { run, at }: Changes['release']['change']): readonly Run[] => {
  const wanted = run === null ? tables.held.list() : [known(tables, run).id]
  return wanted.filter(id => tables.held.release(id, at)).map(id => known(tables, id))
}

const known = (tables: Tables, id: RunId): Run => {
  const run = tables.runs.get(id)
  if (run !== undefined) return run
  throw new RotaError('RUN_UNKNOWN', `There is no run ${id}.`, { details: { run: id } })
}
