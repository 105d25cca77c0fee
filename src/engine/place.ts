/** Where the attempts of an engine are made: what all of them share. */

import type { Clock } from '../base/clock.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import type { EngineListener } from './engine.ts'
import type { Secrets } from './secrets.ts'

export interface Place {
  readonly store: Store
  readonly group: GroupCommit
  readonly clock: Clock
  readonly listener: EngineListener
  readonly secrets: Secrets
}
