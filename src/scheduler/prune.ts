/** Removes what has been kept long enough, in slices so small that no decision waits for long. */

import type { Clock } from '../base/clock.ts'
import { outdatedAt } from '../domain/retention.ts'
import type { Retention } from '../domain/retention.ts'
import type { GroupCommit } from '../store/group-commit.ts'

/** The writer is held for some milliseconds by so many. */
export const SLICE = 200

export const prune = async (
  group: GroupCommit,
  clock: Clock,
  retention: Retention,
  isStopped: () => boolean,
): Promise<void> => {
  const before = outdatedAt(retention, clock.now())
  for (let isDone = false; !isDone && !isStopped();) {
    const pruned = await group.apply({ kind: 'prune', at: clock.now(), before, keep: retention.keep, limit: SLICE })
    isDone = pruned.isDone
  }
}
