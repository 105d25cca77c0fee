/** Removes what has been kept long enough, in slices so small that no decision waits for long. */

import type { Clock } from '../base/clock.ts'
import type { Duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { GroupCommit } from '../store/group-commit.ts'

/** The writer is held for some milliseconds by so many. */
export const SLICE = 200
/** The last executed runs of a schedule are always kept. */
export const ALWAYS_KEPT = 100

export const prune = async (
  group: GroupCommit,
  clock: Clock,
  retention: Duration,
  isStopped: () => boolean,
): Promise<void> => {
  const before = instant(clock.now() - retention)
  while (!isStopped()) {
    const gone = await group.apply({ kind: 'prune', at: clock.now(), before, keep: ALWAYS_KEPT, limit: SLICE })
    if (gone === 0) return
  }
}
