/**
 * What retention costs others: how long the writer is held by one of its slices, at most, while 1,000,000 runs that are old
 * enough are removed, and how many go in a second.
 */

import { systemClock } from '../src/base/clock.ts'
import type { Clock } from '../src/base/clock.ts'
import { instant } from '../src/base/instant.ts'
import { retentionFrom } from '../src/domain/retention.ts'
import { prune } from '../src/scheduler/prune.ts'
import { GroupCommit } from '../src/store/group-commit.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import type { Pruned, Store } from '../src/store/store.ts'
import { quantile, say } from './shared/figure.ts'
import { Folder } from './shared/folder.ts'
import { writeHistory } from './shared/history.ts'

const RUNS = 1_000_000
const NOW = instant(Date.parse('2026-11-26T12:00:00Z'))
const DAY_MS = 86_400_000

using folder = new Folder()
const path = folder.newFile()
await writeHistory(path, { runs: RUNS, from: NOW - 30 * DAY_MS, to: NOW - 8 * DAY_MS })

const store = await openSqliteStore({ path })
const held: number[] = []
// Beside others on a machine, a slice waits for its turn: of that this knows nothing.
const worked: number[] = []
let gone = 0

const commit: Store['commit'] = async (changes, judge) => {
  const from = performance.now()
  const used = process.threadCpuUsage()
  const committed = await store.commit(changes, judge)
  held.push(performance.now() - from)
  const { user, system } = process.threadCpuUsage(used)
  worked.push((user + system) / 1_000)
  const [result] = committed.results as readonly { readonly ok: Pruned }[]
  gone += result?.ok.gone ?? 0
  return committed
}

const clock: Clock = { ...systemClock(), now: () => NOW }
const judge = (): never => {
  throw new Error('nothing is judged')
}
const group = new GroupCommit({ store: { commit }, clock, judge })

const began = performance.now()
await prune({ store, group, clock, retention: retentionFrom() }, () => false)
const took = performance.now() - began
await store.close()

const name = 'retention of 1,000,000 old runs'
say({ name: `${name}: the writer is held, p50`, value: quantile(held, 0.5), unit: 'ms' })
say({ name: `${name}: the writer is held, p99`, value: quantile(held, 0.99), unit: 'ms' })
say({ name: `${name}: the writer is held, at most`, value: Math.max(...held), unit: 'ms', target: '≤ 20' })
say({ name: `${name}: CPU of a slice, at most`, value: Math.max(...worked), unit: 'ms' })
say({ name: `${name}: removed`, value: gone / (took / 1_000), unit: 'a second' })
