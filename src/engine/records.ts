/** What a running attempt may keep, each write under its fence: once another attempt has taken over, none is accepted. */

import type { Clock } from '../base/clock.ts'
import { RotaError } from '../base/errors.ts'
import type { Records } from '../domain/task.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'

const MOST_ITEMS_A_CALL = 500

/** @throws RotaError RUN_ALREADY_OVER */
export const stillOurs = ({ isOver, run }: Attempt): void => {
  if (isOver) throw new RotaError('RUN_ALREADY_OVER', `Run ${run.id} is over: nothing more can be kept with it.`)
}

/** Another attempt has taken the run over: this one is told. @throws RotaError RUN_ALREADY_OVER */
export const takenOver = (attempt: Attempt): never => {
  attempt.abort('fenced')
  throw new RotaError('RUN_ALREADY_OVER', `Another worker has taken run ${attempt.run.id} over.`)
}

export const recordsOf = (
  attempt: Attempt,
  { store, group, clock }: { store: Store; group: GroupCommit; clock: Clock },
): Records => {
  const { id: run, fence } = attempt.run

  return {
    finishedUnits: async () => (attempt.run.attempt === 1 ? [] : store.units(run)),

    async keepItems(source, items) {
      stillOurs(attempt)
      if (items.length > MOST_ITEMS_A_CALL) {
        throw new RotaError(
          'OPTION_INVALID',
          `${items.length} items in one call; at most ${MOST_ITEMS_A_CALL} fit into a transaction.`,
        )
      }
      const counts = await group.apply({ kind: 'keepItems', run, fence, at: clock.now(), source, items })
      return counts ?? takenOver(attempt)
    },

    async finishUnit(unit) {
      stillOurs(attempt)
      if (!(await group.apply({ kind: 'finishUnit', run, fence, unit }))) takenOver(attempt)
    },

    hostHeldUntil: host => store.hostHeldUntil(host, clock.now()),

    async holdHost(host, until, reason) {
      await group.apply({ kind: 'holdHost', host, until, reason, at: clock.now() })
    },
  }
}
