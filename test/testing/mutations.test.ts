/** A simulator that cannot fail proves nothing: each store that was broken on purpose must be noticed. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { simulateFaults } from '../../src/testing/simulator.ts'
import { mutations } from './mutations.ts'
import type { Mutation } from './mutations.ts'

const MOST_SEEDS = 200
// A shorter day shows as much, sooner.
const HOURS = 8

const folder = mkdtempSync(join(tmpdir(), 'rota-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What the first seed says that notices anything. */
const noticed = async ({ schedules = [], options }: Mutation): Promise<readonly string[]> => {
  let broken: readonly string[] = []
  for (let seed = 1; seed <= MOST_SEEDS && broken.length === 0; seed++)
    broken = (await simulateFaults({ seed, hours: HOURS, schedules, ...(await options(folder)) })).broken
  return broken
}

for (const mutation of mutations) {
  test(`without ${mutation.without}, the simulator sees a promise broken`, async () => {
    const broken = await noticed(mutation)
    assert.match(broken.join('\n'), mutation.seen)
  })
}
