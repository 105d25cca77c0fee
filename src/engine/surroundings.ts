/**
 * What an attempt finds around it: where it may keep something besides its result, and what it may ask. Each write names its
 * fence: once another attempt has taken over, none is accepted.
 */

import type { DurationInput } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import type { Progress } from '../domain/progress.ts'
import { pauseFrom } from '../domain/schedule.ts'
import type { NewLogLine } from '../store/store.ts'
import type { Attempt, Surroundings } from './attempt.ts'
import { parentsOf, previousOf } from './earlier.ts'
import { Gauge } from './gauge.ts'
import type { Place } from './place.ts'
import { AttemptRecords, stillOurs, takenOver } from './records.ts'
import { RunLog } from './run-log.ts'
import { AttemptState } from './task-state.ts'

export interface Surrounded {
  readonly around: Surroundings
  /** Hands over what is gathered. */
  readonly flush: () => void
}

export const surround = (attempt: Attempt, place: Place): Surrounded => {
  const runLog = new RunLog(place.clock, place.secrets, lines => keepLines(attempt, place, lines))
  // Most handlers never say how far they are.
  let gauge: Gauge | undefined
  const around: Surroundings = {
    log: runLog.log(),
    records: new AttemptRecords(attempt, place),
    state: new AttemptState(attempt, place),
    progress: (done, total, note) => {
      gauge ??= new Gauge(place.clock, progress => keepProgress(attempt, place, progress))
      gauge.show(done, total, note)
    },
    previous: () => previousOf(attempt.run, place.store),
    parents: () => parentsOf(attempt.run, place.store),
    secret: async name => place.secrets.find(name),
    hold: (length, why) => holdSchedule(attempt, place, length, why),
  }
  return {
    around,
    flush: () => {
      gauge?.flush()
      runLog.flush()
    },
  }
}

const holdSchedule = async (
  attempt: Attempt,
  { group, clock, secrets }: Place,
  length: DurationInput,
  reason?: string,
): Promise<void> => {
  stillOurs(attempt)
  const { id: run, fence } = attempt.run
  const at = clock.now()
  const { until, why } = pauseFrom(at, `run ${run}`, reason === undefined ? undefined : secrets.mask(reason), length)
  if (!(await group.apply({ kind: 'holdSchedule', run, fence, at, until: until ?? at, why }))) takenOver(attempt)
}

const keepLines = (attempt: Attempt, { group, listener }: Place, lines: readonly NewLogLine[]): void => {
  const { id: run, fence } = attempt.run
  group
    .apply({ kind: 'log', run, fence, lines })
    .then(kept => (kept ? listener.logged(run, lines) : attempt.abort('fenced')))
    .catch((error: unknown) => listener.noticed('warn', 'log lines were lost', { run, error: asError(error).message }))
}

const keepProgress = (attempt: Attempt, { group, listener }: Place, progress: Progress): void => {
  const { id: run, fence } = attempt.run
  group
    .apply({ kind: 'progress', run, fence, progress })
    .then(kept => (kept ? listener.progressed(run, progress) : attempt.abort('fenced')))
    .catch((error: unknown) => listener.noticed('warn', 'progress was lost', { run, error: asError(error).message }))
}
