/** Removes what has been kept long enough, in slices so small that no decision waits for long. */

import type { Clock } from '../base/clock.ts'
import { outdatedAt } from '../domain/retention.ts'
import type { Retention } from '../domain/retention.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'

export interface PruneOptions {
  readonly store: Pick<Store, 'checkpoint'>
  readonly group: Pick<GroupCommit, 'apply'>
  readonly clock: Clock
  readonly retention: Retention
}

// The writer is held for about so long, however fast the machine is and whatever a run left behind.
const SLICE_MS = 5
const FIRST_SLICE = 20
const SMALLEST_SLICE = 10
const LARGEST_SLICE = 500
// The disk is synced for each: then retention waits, and nobody else.
const SLICES_A_CHECKPOINT = 16

export const prune = async (
  { store, group, clock, retention }: PruneOptions,
  isStopped: () => boolean,
): Promise<void> => {
  const before = outdatedAt(retention, clock.now())
  let limit = FIRST_SLICE
  for (let slices = 1, isDone = false; !isDone && !isStopped(); slices++) {
    const began = clock.monotonicMs()
    const pruned = await group.apply({ kind: 'prune', at: clock.now(), before, keep: retention.keep, limit })
    isDone = pruned.isDone
    limit = nextSlice(limit, clock.monotonicMs() - began)
    if (slices % SLICES_A_CHECKPOINT === 0) await store.checkpoint()
  }
}

/** How many runs go next, where so many took so long: what took too long is halved, what did not grows little by little. */
export const nextSlice = (limit: number, tookMs: number): number => {
  const factor = Math.min(1.25, Math.max(0.5, SLICE_MS / tookMs))
  return Math.min(LARGEST_SLICE, Math.max(SMALLEST_SLICE, Math.round(limit * factor)))
}
