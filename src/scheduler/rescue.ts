/** Takes up what dead workers were executing, by the crash rule of the run machine. */

import type { Clock } from '../base/clock.ts'
import type { Run } from '../domain/run.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, WorkerRow } from '../store/store.ts'

/** The workers found dead, and the runs that were theirs, as they are now. */
export const rescueDead = async (
  store: Store,
  group: GroupCommit,
  clock: Clock,
): Promise<{ readonly workers: readonly WorkerRow[]; readonly runs: readonly Run[] }> => {
  const workers = await store.deadWorkers()
  const runs: Run[] = []
  for (const { worker, host } of workers) {
    const rescued = await group.apply({ kind: 'rescue', worker, at: clock.now() })
    runs.push(...rescued)
    const detail = `worker ${worker} on ${host} died while it executed ${rescued.length} runs`
    await group.apply({ kind: 'event', at: clock.now(), name: 'worker died', detail })
  }
  return { workers, runs }
}
