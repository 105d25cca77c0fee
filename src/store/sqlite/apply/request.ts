/** The change `request`: a run, or a flow, that somebody wants now. */

import { usualPlace } from '../../../domain/limits.ts'
import { step } from '../../../domain/run-machine.ts'
import { newRun } from '../../../domain/run.ts'
import type { Run } from '../../../domain/run.ts'
import type { Changes } from '../../store.ts'
import type { Tables } from '../tables.ts'
import { noPlace } from '../tables/runs.ts'
import { insertSteps } from './flow.ts'

type Request = Changes['request']['change']

export const applyRequest = (tables: Tables, change: Request): Run => {
  const { task, input, trigger, at, attemptsAllowed, place = usualPlace, plan } = change
  const id = tables.runs.nextId()
  const wanted = newRun({
    id,
    task,
    root: null,
    state: 'queued',
    trigger,
    createdAt: at,
    attemptsAllowed,
    input,
    ...place,
  })
  const run = plan === undefined ? claimed(tables, wanted, change) : step(wanted, { kind: 'begin flow', at }).run
  tables.runs.insert(run, noPlace)
  if (plan !== undefined) insertSteps(tables, run, plan, at)
  return run
}

const claimed = (tables: Tables, run: Run, { at, claimFor }: Request): Run =>
  claimFor === null || tables.pauses.stopping(run.queue, at).length > 0
    ? run
    : step(run, { kind: 'claim', at, worker: claimFor }).run
