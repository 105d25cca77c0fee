/** The change `request`: a run that somebody wants now. */

import { usualPlace } from '../../../domain/limits.ts'
import { step } from '../../../domain/run-machine.ts'
import type { Run } from '../../../domain/run.ts'
import type { Changes } from '../../store.ts'
import type { Tables } from '../tables.ts'
import { noPlace } from '../tables/runs.ts'

export const applyRequest = (tables: Tables, change: Changes['request']['change']): Run => {
  const { at, claimFor, place = usualPlace } = change
  const wanted: Run = {
    id: tables.runs.nextId(),
    task: change.task,
    scheduleId: null,
    schedule: null,
    state: 'queued',
    reason: null,
    detail: null,
    trigger: change.trigger,
    nominalAt: null,
    lastNominalAt: null,
    count: 1,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    attempt: 0,
    attemptsAllowed: change.attemptsAllowed,
    deaths: 0,
    fence: 0,
    worker: null,
    retryAt: null,
    expiresAt: null,
    cancelRequestedAt: null,
    cancelledBy: null,
    ...place,
    input: change.input,
    result: null,
    error: null,
    unitsOk: 0,
    unitsFailed: 0,
  }
  const mayStart = claimFor !== null && tables.pauses.stopping(place.queue, at).length === 0
  const run = mayStart ? step(wanted, { kind: 'claim', at, worker: claimFor }).run : wanted
  tables.runs.insert(run, noPlace)
  return run
}
