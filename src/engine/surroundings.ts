/**
 * What an attempt finds around it: where it may keep something besides its result, and what it may ask. Each write names its
 * fence: once another attempt has taken over, none is accepted.
 */

import type { DurationInput } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Progress } from '../domain/progress.ts'
import { pauseFrom } from '../domain/schedule.ts'
import type { Context } from '../domain/task.ts'
import type { NewLogLine } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { parentsOf, previousOf } from './earlier.ts'
import { Gauge } from './gauge.ts'
import type { Surroundings } from './handler-context.ts'
import type { Place } from './place.ts'
import { AttemptRecords, stillOurs, takenOver } from './records.ts'
import { RunLog } from './run-log.ts'
import { AttemptState } from './task-state.ts'

/** Most handlers use little of it: that is made when it is asked for. */
export class AttemptSurroundings implements Surroundings {
  readonly #attempt: Attempt
  readonly #place: Place
  #log: RunLog | undefined
  #gauge: Gauge | undefined

  constructor(attempt: Attempt, place: Place) {
    this.#attempt = attempt
    this.#place = place
  }

  get log(): Log {
    const { clock, secrets } = this.#place
    this.#log ??= new RunLog(clock, secrets, lines => keepLines(this.#attempt, this.#place, lines))
    return this.#log.log
  }

  get records(): Context['records'] {
    return new AttemptRecords(this.#attempt, this.#place)
  }

  get state(): Context['state'] {
    return new AttemptState(this.#attempt, this.#place)
  }

  get progress(): Context['progress'] {
    this.#gauge ??= new Gauge(this.#place.clock, progress => keepProgress(this.#attempt, this.#place, progress))
    return this.#gauge.show
  }

  get previous(): Context['previous'] {
    return () => previousOf(this.#attempt.run, this.#place.store)
  }

  get parents(): Context['parents'] {
    return () => parentsOf(this.#attempt.run, this.#place.store)
  }

  get secret(): Context['secret'] {
    return async name => this.#place.secrets.find(name)
  }

  get hold(): Context['hold'] {
    return (length, why) => holdSchedule(this.#attempt, this.#place, length, why)
  }

  /** Hands over what is gathered. */
  flush(): void {
    this.#gauge?.flush()
    this.#log?.flush()
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
