/** What a running attempt may keep, each write under its fence: once another attempt has taken over, none is accepted. */

import type { Clock } from '../base/clock.ts'
import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Run } from '../domain/run.ts'
import type { Records } from '../domain/task.ts'
import type { ItemCounts, NewItem, Unit } from '../domain/unit.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'

const MOST_ITEMS_A_CALL = 500

/** Where they are kept, and by what clock. */
interface Keeping {
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: Clock
}

export class AttemptRecords implements Records {
  readonly #attempt: Attempt
  readonly #keeping: Keeping

  constructor(attempt: Attempt, keeping: Keeping) {
    this.#attempt = attempt
    this.#keeping = keeping
  }

  async finishedUnits(): Promise<readonly Unit[]> {
    const { id, attempt } = this.#attempt.run
    return attempt === 1 ? [] : this.#keeping.store.units(id)
  }

  async keepItems(source: string, items: readonly NewItem[]): Promise<ItemCounts> {
    const { id: run, fence } = this.#stillOurs()
    if (items.length > MOST_ITEMS_A_CALL) {
      throw new RotaError(
        'OPTION_INVALID',
        `${items.length} items in one call; at most ${MOST_ITEMS_A_CALL} fit into a transaction.`,
      )
    }
    const { group, clock } = this.#keeping
    const counts = await group.apply({ kind: 'keepItems', run, fence, at: clock.now(), source, items })
    return counts ?? this.#takenOver()
  }

  async finishUnit(unit: Unit): Promise<void> {
    const { id: run, fence } = this.#stillOurs()
    if (!(await this.#keeping.group.apply({ kind: 'finishUnit', run, fence, unit }))) this.#takenOver()
  }

  async hostHeldUntil(host: string): Promise<Instant | null> {
    const { store, clock } = this.#keeping
    return store.hostHeldUntil(host, clock.now())
  }

  async holdHost(host: string, until: Instant, reason: string): Promise<void> {
    const { group, clock } = this.#keeping
    await group.apply({ kind: 'holdHost', host, until, reason, at: clock.now() })
  }

  #stillOurs(): Run {
    const { run, isOver } = this.#attempt
    if (isOver) throw new RotaError('RUN_ALREADY_OVER', `Run ${run.id} is over: nothing more can be kept with it.`)
    return run
  }

  #takenOver(): never {
    this.#attempt.abort('fenced')
    throw new RotaError('RUN_ALREADY_OVER', `Another worker has taken run ${this.#attempt.run.id} over.`)
  }
}
