/** Takes up what dead and lost workers were executing, by the crash rule of the run machine. */

import type { Clock } from '../base/clock.ts'
import type { Run } from '../domain/run.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { WorkerRow } from '../store/store.ts'

/** A worker that is no more: its process ended, or it stood still for the lease and may come back. */
export interface Gone {
  readonly worker: WorkerRow
  readonly why: 'died' | 'lost'
}

const became = { died: 'died', lost: 'stood still for longer than the lease' } as const

/** Gives the runs that were theirs, as they are now. */
export const rescue = async (
  gone: readonly Gone[],
  { group, clock }: { readonly group: GroupCommit; readonly clock: Clock },
): Promise<readonly Run[]> => {
  const runs: Run[] = []
  for (const { worker, why } of gone) {
    const rescued = await group.apply({ kind: 'rescue', worker: worker.worker, at: clock.now() })
    runs.push(...rescued)
    const detail = `worker ${worker.worker} on ${worker.host} ${became[why]} while it executed ${rescued.length} runs`
    await group.apply({ kind: 'event', at: clock.now(), name: `worker ${why}`, detail })
  }
  return runs
}
