/**
 * Makes runs and ends them, one commit after the other, and says each once it is committed, or why it was refused.
 *
 *   node faults-program.ts <file of the store> <durability> <how many>
 */

import { writeSync } from 'node:fs'
import { isRotaError } from '../../src/base/errors.ts'
import { instant } from '../../src/base/instant.ts'
import type { TaskName } from '../../src/base/name.ts'
import type { Judge } from '../../src/domain/opportunity.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { granted } from '../../src/store/store.ts'

const [path = '', durability = 'normal', count = '0'] = process.argv.slice(2)

// Synchronous, so that what was said was said, however the process ends.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const judge: Judge = () => {
  throw new Error('nothing is to be judged here')
}

const step = async (at: number): Promise<void> => {
  const task = 'collect' as TaskName
  const trigger = { kind: 'hand', by: 'ada' } as const
  const request = { task, input: 'x'.repeat(2_000), trigger, at: instant(at), attemptsAllowed: 1, claimFor: 'w1' }
  const {
    results: [made],
  } = await store.commit([{ kind: 'request', ...request }], judge)
  const run = granted(made)
  say(`made ${run.id}`)
  const outcome = { kind: 'succeeded', result: run.id } as const
  const end = { run: run.id, fence: run.fence, at: instant(at), outcome, worker: 'w1' }
  await store.commit([{ kind: 'finish', ...end, attemptStartedAt: instant(at), taskIsSource: false }], judge)
  say(`done ${run.id}`)
}

const told = (error: unknown): string => (isRotaError(error) ? error.code : String(error))

const store = await openSqliteStore({ path, durability: durability === 'full' ? 'full' : 'normal' }).catch(
  (error: unknown) => {
    say(`refused ${told(error)}`)
    process.exit(0)
  },
)
for (let i = 0; i < Number(count); i++) {
  try {
    await step(1_800_000_000_000 + i)
  } catch (error) {
    say(`refused ${told(error)}`)
  }
}
await store.close().catch((error: unknown) => say(`refused ${told(error)}`))
say('closed')
