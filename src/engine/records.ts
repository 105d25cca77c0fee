/** What a running attempt may keep, each write under its fence: once another attempt has taken over, none is accepted. */

import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Records } from '../domain/task.ts'
import type { ItemCounts, NewItem, Unit } from '../domain/unit.ts'
import type { Attempt } from './attempt.ts'
import type { Place } from './place.ts'

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

// A class, because one is made for each attempt and most use none of it.
export class AttemptRecords implements Records {
  readonly #attempt: Attempt
  readonly #place: Pick<Place, 'store' | 'group' | 'clock'>

  constructor(attempt: Attempt, place: Pick<Place, 'store' | 'group' | 'clock'>) {
    this.#attempt = attempt
    this.#place = place
  }

  async finishedUnits(): Promise<readonly Unit[]> {
    const { id, attempt } = this.#attempt.run
    return attempt === 1 ? [] : this.#place.store.units(id)
  }

  async keepItems(source: string, items: readonly NewItem[]): Promise<ItemCounts> {
    stillOurs(this.#attempt)
    if (items.length > MOST_ITEMS_A_CALL) {
      throw new RotaError(
        'OPTION_INVALID',
        `${items.length} items in one call; at most ${MOST_ITEMS_A_CALL} fit into a transaction.`,
      )
    }
    const { id: run, fence } = this.#attempt.run
    const { group, clock } = this.#place
    const counts = await group.apply({ kind: 'keepItems', run, fence, at: clock.now(), source, items })
    return counts ?? takenOver(this.#attempt)
  }

  async finishUnit(unit: Unit): Promise<void> {
    stillOurs(this.#attempt)
    const { id: run, fence } = this.#attempt.run
    if (!(await this.#place.group.apply({ kind: 'finishUnit', run, fence, unit }))) takenOver(this.#attempt)
  }

  hostHeldUntil(host: string): Promise<Instant | null> {
    return this.#place.store.hostHeldUntil(host, this.#place.clock.now())
  }

  async holdHost(host: string, until: Instant, reason: string): Promise<void> {
    const { group, clock } = this.#place
    await group.apply({ kind: 'holdHost', host, until, reason, at: clock.now() })
  }
}
