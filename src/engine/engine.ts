/**
 * What carries claimed runs to where they are executed: the seam. An engine holds slots and executes attempts; it never
 * decides that something is due. Every implementation passes the same contract suite.
 */

import type { Duration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { LogFields, LogLevel } from '../base/log.ts'
import type { RunId, TaskName } from '../base/name.ts'
import type { Progress } from '../domain/progress.ts'
import type { Run } from '../domain/run.ts'
import type { Task } from '../domain/task.ts'
import type { Finished, NewLogLine } from '../store/store.ts'

export interface Engine {
  /**
   * Sets a slot aside for a run of this task that is about to be created and claimed in one transaction. False when none
   * is free, when older runs wait for one, when the task is not known here, or when a limit may keep it from starting: then the
   * run is created queued.
   */
  reserve(task: TaskName): boolean

  /** Gives `slots` reserved slots back: no run came of them. */
  release(slots: number): void

  /** Executes a run that was claimed for a reserved slot and is committed. */
  deliver(run: Run): void

  /** Queued or due retrying runs may be there: claims as many as slots are free and limits let start. */
  wake(): void

  /** Claims this run only and executes it; false when somebody else has it or it is not due. */
  take(run: RunId): Promise<boolean>

  /**
   * Compares what is executed here with what the rows say, while no commit is on its way: executes what this worker holds and
   * does not know of, and ends what is to be cancelled and what it holds no longer.
   */
  reconcile(): Promise<void>

  /** The runs that are being executed, as they were claimed. */
  executing(): readonly Run[]

  /** Asks the attempt of this claim to end: its signal aborts with this reason. */
  abort(claim: Pick<Run, 'id' | 'fence'>, reason: AbortCause): void

  /** Takes nothing new from now on, or takes again; what runs goes on. */
  drain(isDrained: boolean): void

  /** Attempts being executed now. */
  readonly running: number

  /** Handlers that ignored their signal and were given up; they still use memory and may still do things. */
  readonly abandoned: number

  /** Takes nothing new, waits `grace` for what runs, aborts the rest, gives it back. Resolves when nothing is executed. */
  stop(grace: Duration): Promise<void>
}

export type AbortCause = 'timeout' | 'deadline' | 'cancelled' | 'stopping' | 'fenced'

/** What an engine tells its owner, each after it is committed. */
export interface EngineListener {
  /** It took a run that waited. (Who delivers one knows of it already.) */
  claimed(run: Run): void
  finished(finished: Finished): void
  /** It is worth waking it then: a rate lets the next of what waits start. */
  mayClaimAt(at: Instant): void
  logged(run: RunId, lines: readonly NewLogLine[]): void
  progressed(run: RunId, progress: Progress): void
  /** Something a person should know of: a lost fence, a handler given up. */
  noticed(level: LogLevel, message: string, fields: LogFields): void
}

/** The tasks an engine can execute, by own name only. */
export interface TaskBook {
  get(name: string): Task | undefined
  names(): readonly TaskName[]
}
