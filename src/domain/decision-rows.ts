/** The rows that a decision comes to: new ones of its schedule, and the schedule itself. Storing them is the store's part. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { placeOf, usualPlacing } from './limits.ts'
import { inputFor } from './occasion.ts'
import type { Cause, Decision, Foreseen } from './opportunity.ts'
import { step } from './run-machine.ts'
import { newRun } from './run.ts'
import type { Run, Trigger, WorkerId } from './run.ts'
import type { Schedule } from './schedule.ts'

/** What is particular to a new row of a schedule. */
export type RowPart = Pick<Run, 'nominalAt' | 'state' | 'detail'> &
  Partial<Pick<Run, 'attemptsAllowed' | 'lastNominalAt' | 'count' | 'endedAt' | 'expiresAt' | 'reason'>> & {
    readonly cause?: Cause | undefined
  }

/** Where and when it is made; `previous` is the nominal time of the run before it. */
export interface RowOrigin {
  readonly schedule: Schedule
  readonly placing: Decision['placing'] | undefined
  readonly previous: Instant | null
  readonly id: RunId
  readonly at: Instant
}

/** A new row of a schedule, before it is claimed. */
export const newRow = ({ schedule, placing = usualPlacing, previous, id, at }: RowOrigin, part: RowPart): Run => {
  const { task, id: scheduleId, name } = schedule
  const { state, attemptsAllowed = 1, cause } = part
  const input = inputOf(schedule, previous, part.nominalAt)
  const trigger = cause === undefined ? bySchedule : causedBy(cause)
  return {
    ...newRun({
      id,
      task,
      root: null,
      state,
      trigger,
      createdAt: at,
      attemptsAllowed,
      input,
      ...placeOf(placing, input),
    }),
    scheduleId,
    schedule: name,
    reason: part.reason ?? null,
    detail: part.detail,
    nominalAt: part.nominalAt,
    lastNominalAt: part.lastNominalAt ?? null,
    count: part.count ?? 1,
    endedAt: part.endedAt ?? null,
    expiresAt: part.expiresAt ?? null,
  }
}

const bySchedule = { kind: 'schedule' } as const

const causedBy = ({ run, parents }: Cause): Trigger => ({ kind: 'event', run, parents })

/** What a run of this moment works on. */
export const inputOf = (schedule: Schedule, previous: Instant | null, nominal: Instant | null): Run['input'] =>
  nominal === null ? schedule.input : inputFor(schedule.input, { nominal, previous })

/** Until when a run that is queued now has to be started. */
export const expiryOf = ({ policies }: Schedule, at: Instant): Instant | null =>
  policies.startWithin === null ? null : instant(at + policies.startWithin)

/** The schedule after a decision, with the runs of it counted. */
export const scheduleAfter = (
  schedule: Schedule,
  { mark, nextAt, status, problem, clockSetBack }: Decision,
  { runsCreated, lastNominalAt }: Pick<Schedule, 'runsCreated' | 'lastNominalAt'>,
  at: Instant,
): Schedule => ({
  ...schedule,
  version: schedule.version + 1,
  mark,
  highestMark: instant(Math.max(schedule.highestMark, mark)),
  nextAt,
  status,
  problem,
  runsCreated,
  lastNominalAt,
  // The clock was set back: what ends from now on is an event again.
  since: clockSetBack === null ? schedule.since : instant(Math.min(schedule.since, at)),
})

/**
 * What a decision of one run, and of nothing else, comes to if that run starts at once. Null where nobody executes it: it
 * stands for a flow.
 */
export const foresee = (schedule: Schedule, decision: Decision): Foreseen | null => {
  const [wanted] = decision.runs
  if (wanted === undefined || decision.flow !== undefined) return null
  const { attemptsAllowed, placing } = decision
  const { nominalAt, detail, cause } = wanted
  // Number, worker and time are those of `startedNow`.
  const origin = { schedule, placing, previous: schedule.lastNominalAt, id: 0 as RunId, at: nominalAt }
  const queued = newRow(origin, { nominalAt, state: 'queued', detail, cause, attemptsAllowed })
  const { run, refused } = step(queued, { kind: 'claim', at: nominalAt, worker: '' })
  if (refused !== undefined) return null
  const counted = { runsCreated: schedule.runsCreated + 1, lastNominalAt: nominalAt }
  return { run, schedule: scheduleAfter(schedule, decision, counted, nominalAt) }
}

/** The run that was foreseen, as it starts. */
export const startedNow = ({ run }: Foreseen, id: RunId, worker: WorkerId, at: Instant): Run => ({
  ...run,
  id,
  worker,
  createdAt: at,
  startedAt: at,
})
