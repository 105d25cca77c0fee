/** What every store promises, whatever keeps it: each sentence of src/store/store.ts. */

import { describe } from 'node:test'
import { attemptsContract } from './contract/attempts.ts'
import { claimContract } from './contract/claim.ts'
import { commitContract } from './contract/commit.ts'
import { connectionsContract } from './contract/connections.ts'
import { factsContract, sharedFactsContract } from './contract/facts.ts'
import { flowsContract } from './contract/flows.ts'
import { healthContract } from './contract/health.ts'
import { heldContract } from './contract/held.ts'
import { judgeContract } from './contract/judge.ts'
import { listContract } from './contract/lists.ts'
import { limitsContract } from './contract/limits.ts'
import { mixedContract } from './contract/mixed.ts'
import { noticesContract } from './contract/notices.ts'
import { recordsContract } from './contract/records.ts'
import { retentionContract } from './contract/retention.ts'
import { scheduleContract } from './contract/schedules.ts'
import { skipContract } from './contract/skips.ts'
import { workerContract } from './contract/workers.ts'
import type { OpenStore } from './given.ts'

/** `shared`: whether what it keeps can be opened by several connections at once. */
export const storeContract = (name: string, open: OpenStore, { shared }: { readonly shared: boolean }): void => {
  describe(name, () => {
    commitContract(open)
    scheduleContract(open)
    judgeContract(open)
    skipContract(open)
    claimContract(open)
    attemptsContract(open)
    recordsContract(open)
    healthContract(open)
    flowsContract(open)
    limitsContract(open)
    listContract(open)
    workerContract(open)
    retentionContract(open)
    factsContract(open)
    heldContract(open)
    noticesContract(open)
    mixedContract(open, shared)
    if (shared) connectionsContract(open)
    if (shared) sharedFactsContract(open)
  })
}
