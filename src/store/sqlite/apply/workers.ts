/** The change `drainWorker`: a worker takes nothing new, or takes again. */

import { RotaError } from '../../../base/errors.ts'
import type { Changes, KnownWorker } from '../../store.ts'
import type { Tables } from '../tables.ts'

export const applyDrainWorker = (
  tables: Tables,
  { worker, drain, at, by }: Changes['drainWorker']['change'],
): KnownWorker => {
  const before = tables.workers.list().find(one => one.worker === worker && one.isListed)
  if (before === undefined) throw new RotaError('WORKER_UNKNOWN', `There is no worker '${worker.slice(0, 100)}'.`)
  // Who drained it first stands.
  if (drain === (before.drained !== null)) return before
  const drained = drain ? { at, by } : null
  tables.workers.drain(worker, drained)
  tables.events.record(at, drain ? 'drained' : 'undrained', `worker ${worker} by ${by}`)
  return { ...before, drained }
}
