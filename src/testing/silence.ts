/** Why a schedule stayed silent in a simulation, in words. */

import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { App } from '../app.ts'
import type { SimulatedSchedule } from './simulation.ts'

/** Of a schedule of which nothing started before `end`. */
export const silentBecause = (
  app: App,
  schedule: Schedule,
  { runs, skipped }: Pick<SimulatedSchedule, 'runs' | 'skipped'>,
  end: Instant,
): string => {
  const { paused, status, problem, task } = schedule
  if (paused !== null) return `paused by ${paused.by}${paused.why === null ? '' : `: ${paused.why}`}`
  if (status === 'unloadable') return `it cannot be read: ${problem ?? 'no reason is kept'}`
  if (runs > 0) return isKnown(app, task) ? 'its runs found no free slot' : `no task '${task}' is known here`
  const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`)
  if (reasons.length > 0) return `everything was skipped: ${reasons.join(', ')}`
  const next = app.schedules.upcoming({ ...schedule, mark: end }, 1)[0]
  if (next !== undefined) return `nothing was due before ${formatInstant(next)}`
  return status === 'ended' ? 'nothing more is to come' : 'what it waits for did not happen'
}

const isKnown = (app: App, name: string): boolean =>
  app.flows.get(name) !== undefined || app.tasks.list().some(task => task.name === name)
