/**
 * Simulated days with faults, many more than the tests take: ROTA_SEEDS of them (10,000), as many at once as there are cores.
 * ROTA_SEED=7 takes that one alone, and prints its runs.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { simulateFaults } from '../../src/testing/simulator.ts'
import type { SimulationReport } from '../../src/testing/simulator.ts'
import { failureOf } from '../testing/seeds.ts'

interface Share {
  readonly first: number
  readonly last: number
  /** Every so-manyth seed is its. */
  readonly every: number
}

const counted = ['calls', 'commits', 'runs', 'kills', 'stops', 'clockSteps', 'faults'] as const
const MANY = 100

const sum: Record<(typeof counted)[number] | 'seeds', number> = {
  seeds: 0,
  calls: 0,
  commits: 0,
  runs: 0,
  kills: 0,
  stops: 0,
  clockSteps: 0,
  faults: 0,
}
const failures: string[] = []

const add = (report: SimulationReport): void => {
  for (const name of counted) sum[name] += report[name]
  const failure = failureOf(report)
  if (failure !== null) {
    failures.push(failure)
    console.log(failure)
  }
  if (++sum.seeds % MANY === 0) console.log(JSON.stringify(sum))
}

const work = async ({ first, last, every }: Share): Promise<void> => {
  for (let seed = first; seed <= last; seed += every) {
    const message: SimulationReport = { ...(await simulateFaults({ seed })), trace: [] }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    parentPort?.postMessage(message)
  }
}

const share = async (workerData: Share): Promise<void> => {
  const worker = new Worker(new URL(import.meta.url), { workerData })
  worker.on('message', add)
  await once(worker, 'exit')
}

if (!isMainThread) await work(workerData as Share)
else {
  const one = process.env['ROTA_SEED']
  const last = Number(process.env['ROTA_SEEDS'] ?? 10_000)
  test(one === undefined ? `${last} days with faults break no promise` : `seed ${one}`, async () => {
    if (one === undefined) {
      const every = availableParallelism()
      await Promise.all(Array.from({ length: every }, (_, i) => share({ first: i + 1, last, every })))
      assert.equal(sum.seeds, last)
    } else {
      const report = await simulateFaults({ seed: Number(one) })
      console.log([...report.trace, ...report.broken].join('\n'))
      add(report)
    }
    console.log(JSON.stringify(sum))
    assert.deepEqual(failures, [])
  })
}
