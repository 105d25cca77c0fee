/** The engine of one process keeps the contract. */

import { duration } from '../../src/base/duration.ts'
import { EmbeddedEngine } from '../../src/engine/embedded.ts'
import { judgeWith } from '../../src/scheduler/due.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { engineContract } from './contract.ts'

engineContract('embedded', async ({ tasks, slots, listener }) => {
  const clock = new VirtualClock()
  const store = await openSqliteStore({ path: ':memory:' })
  const group = new GroupCommit({ store, clock, judge: judgeWith({ attemptsAllowed: () => 1 }) })
  const engine = new EmbeddedEngine({ worker: 'w1', slots, store, group, tasks, clock, random: () => 0.5, listener })
  return {
    engine,
    store,
    group,
    clock,
    async [Symbol.asyncDispose]() {
      const stopped = engine.stop(duration(0))
      await clock.advance('1 minute')
      await stopped
      await store.close()
    },
  }
})
