/**
 * What an attempt finds around it: where it may keep something besides its result, and what it may ask. Each write names its
 * fence: once another attempt has taken over, none is accepted.
 */

import type { Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import type { Progress } from '../domain/progress.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { NewLogLine, Store } from '../store/store.ts'
import type { Attempt, Surroundings } from './attempt.ts'
import type { EngineListener } from './engine.ts'
import { parentsOf, previousOf } from './earlier.ts'
import { Gauge } from './gauge.ts'
import { recordsOf } from './records.ts'
import { RunLog } from './run-log.ts'
import type { Secrets } from './secrets.ts'
import { stateOf } from './task-state.ts'

export interface Surrounded {
  readonly around: Surroundings
  /** Hands over what is gathered. */
  readonly flush: () => void
}

export interface Place {
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: Clock
  readonly listener: EngineListener
  readonly secrets: Secrets
}

export const surround = (attempt: Attempt, place: Place): Surrounded => {
  const { run } = attempt
  const { clock, secrets, store } = place
  const runLog = new RunLog(clock, secrets, keeperOfLines(attempt, place))
  const gauge = new Gauge(clock, keeperOfProgress(attempt, place))
  const around: Surroundings = {
    log: runLog.log(),
    records: recordsOf(attempt, place),
    progress: gauge.show,
    state: stateOf(attempt, place),
    previous: () => previousOf(run, store),
    parents: () => parentsOf(run, store),
    secret: async name => secrets.find(name),
  }
  return {
    around,
    flush: () => {
      gauge.flush()
      runLog.flush()
    },
  }
}

const keeperOfLines =
  (attempt: Attempt, { group, listener }: Place) =>
  (lines: readonly NewLogLine[]): void => {
    const { id: run, fence } = attempt.run
    group
      .apply({ kind: 'log', run, fence, lines })
      .then(kept => (kept ? listener.logged(run, lines) : attempt.abort('fenced')))
      .catch((error: unknown) =>
        listener.noticed('warn', 'log lines were lost', { run, error: asError(error).message }),
      )
  }

const keeperOfProgress =
  (attempt: Attempt, { group, listener }: Place) =>
  (progress: Progress): void => {
    const { id: run, fence } = attempt.run
    group
      .apply({ kind: 'progress', run, fence, progress })
      .then(kept => (kept ? listener.progressed(run, progress) : attempt.abort('fenced')))
      .catch((error: unknown) => listener.noticed('warn', 'progress was lost', { run, error: asError(error).message }))
  }
