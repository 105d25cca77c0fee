/**
 * Where work is done that is no function of this process: the seam. What is begun here gets the context of a handler and
 * settles as one; only it can be ended by force. Every implementation passes the same contract suite.
 */

import type { Duration } from '../../base/duration.ts'
import type { Isolated } from '../../domain/isolation.ts'
import type { Context } from '../../domain/task.ts'

export interface Isolation<W extends Isolated = Isolated> {
  /** Begins the work; its cleanups have `grace`. When the context's signal aborts it is asked to end. Never throws. */
  begin(work: W, context: Context, grace: Duration): Execution

  /** Lets go of what is kept for the next run, and ends what is left by force. */
  close(): Promise<void>
}

/** Work that was begun. */
export interface Execution {
  /** Resolves with its result, or rejects with what it threw; also when it was ended. */
  readonly settled: Promise<unknown>

  /** What its thread's or child's process used when it ended, in MiB; null where that is not known. */
  readonly memoryMb?: () => number | null

  /** Ends it by force, with the processes that it started where they are known. Resolves when it is gone. */
  kill(): Promise<void>
}
