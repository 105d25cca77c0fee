/**
 * What the store costs: full lives of runs (judged, claimed, finished) through `commit`, beside the barest loop over
 * node:sqlite that could keep as much; the size of a run; and how long opening takes.
 */

import { statSync } from 'node:fs'
import { instant } from '../src/base/instant.ts'
import type { Instant } from '../src/base/instant.ts'
import type { TaskName } from '../src/base/name.ts'
import type { Judge } from '../src/domain/opportunity.ts'
import type { Run } from '../src/domain/run.ts'
import { defaultPolicies } from '../src/domain/schedule.ts'
import type { Schedule } from '../src/domain/schedule.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { granted } from '../src/store/store.ts'
import type { Store } from '../src/store/store.ts'
import { barestLives } from './shared/barest.ts'
import type { Durability } from './shared/barest.ts'
import { median, say } from './shared/figure.ts'
import { Folder } from './shared/folder.ts'

const ROUNDS = 5
const SLICE = 250
const START = instant(Date.parse('2026-11-22T09:00:00Z'))

using folder = new Folder()

const perSecond = async (runs: number, work: () => Promise<void> | void): Promise<number> => {
  const began = performance.now()
  await work()
  return runs / ((performance.now() - began) / 1_000)
}

const slicesOf = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / SLICE) }, (_, i) => all.slice(i * SLICE, (i + 1) * SLICE))

// ---- through the store

/** Every judgement wants one run, now. */
const oneRun: Judge = (_, at) => ({
  runs: [{ nominalAt: at, detail: null }],
  opens: [],
  skips: [],
  released: [],
  held: [],
  dropped: [],
  cancels: [],
  cancelledBy: '',
  mark: at,
  usesEventsTo: null,
  asks: [],
  nextAt: instant(at + 60_000),
  status: 'active',
  problem: null,
  attemptsAllowed: 1,
  clockSetBack: null,
})

const createSchedules = async (store: Store, count: number): Promise<readonly Schedule[]> => {
  const all: Schedule[] = []
  for (const slice of slicesOf(Array.from({ length: count }, (_, i) => i))) {
    const { results } = await store.commit(
      slice.map(i => ({
        kind: 'putSchedule' as const,
        mode: 'create' as const,
        at: START,
        definition: {
          name: `schedule-${i}`,
          task: `task-${i % 20}` as TaskName,
          input: null,
          condition: 'every 1 minute',
          timezone: 'UTC',
          anchor: START,
          policies: defaultPolicies,
          tags: [],
          origin: 'code' as const,
          declaredHash: 'h',
          waits: [],
          nextAt: START,
        },
      })),
      oneRun,
    )
    all.push(...results.map(granted))
  }
  return all
}

const judgeAll = async (store: Store, schedules: readonly Schedule[], at: Instant) => {
  const runs: Run[] = []
  const after: Schedule[] = []
  for (const slice of slicesOf(schedules)) {
    const { results } = await store.commit(
      slice.map(ahead => ({ kind: 'judge' as const, schedule: ahead.id, ahead, at, claimFor: 'worker', slots: 1 })),
      oneRun,
    )
    for (const judged of results.map(granted)) {
      runs.push(...(judged?.runs ?? []))
      if (judged !== null) after.push(judged.schedule)
    }
  }
  return { runs, after }
}

const finishAll = async (store: Store, runs: readonly Run[], at: Instant): Promise<void> => {
  const common = {
    at,
    outcome: { kind: 'succeeded', result: { ok: true } },
    worker: 'worker',
    taskIsSource: false,
  } as const
  for (const slice of slicesOf(runs)) {
    const { results } = await store.commit(
      slice.map(({ id, fence }) => ({ kind: 'finish' as const, run: id, fence, attemptStartedAt: at, ...common })),
      oneRun,
    )
    results.forEach(granted)
  }
}

/** Full lives a second: so many schedules at once, again and again. */
const lives = async (inFlight: number, total: number, durability: Durability): Promise<number> => {
  const store = await openSqliteStore({ path: folder.newFile(), durability })
  let schedules = await createSchedules(store, inFlight)
  let at: number = START
  const speed = await perSecond(total, async () => {
    for (let i = 0; i < total / inFlight; i++) {
      at += 1_000
      const { runs, after } = await judgeAll(store, schedules, instant(at))
      await finishAll(store, runs, instant(at + 500))
      schedules = after
    }
  })
  const counted = await store.countRuns(START)
  if (counted.succeeded !== total) throw new Error(`${counted.succeeded} of ${total} runs were recorded`)
  await store.close()
  return speed
}

// ---- what is said

const totals: readonly (readonly [inFlight: number, total: number])[] = [
  [1_000, 60_000],
  [100, 30_000],
  [1, 3_000],
]
// The first lives are compiled while they are lived.
await lives(1_000, 20_000, 'normal')
for (const durability of ['normal', 'full'] as const) {
  for (const [inFlight, total] of totals) {
    const own: number[] = []
    const bare: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await lives(inFlight, total, durability))
      bare.push(barestLives(folder.newFile(), { inFlight, total, durability }))
    }
    const name = `store: full lives of runs, ${inFlight.toLocaleString('en')} in flight, ${durability}`
    const target = inFlight === 1_000 && durability === 'normal' ? { target: '≥ 50,000' } : {}
    say({ name, value: median(own), unit: 'a second', ...target })
    say({ name: `${name}: the barest loop`, value: median(bare), unit: 'a second' })
  }
}

const size = async (): Promise<number> => {
  const path = folder.newFile()
  const store = await openSqliteStore({ path })
  const runs = 50_000
  let schedules = await createSchedules(store, 1_000)
  for (let at = START + 1_000; at < START + 1_000 * (runs / 1_000 + 1); at += 1_000) {
    const judged = await judgeAll(store, schedules, instant(at))
    await finishAll(store, judged.runs, instant(at + 500))
    schedules = judged.after
  }
  await store.close()
  return statSync(path).size / runs
}
say({ name: 'store: size of a run', value: await size(), unit: 'bytes', target: '≤ 204' })

const opening = async (path: string): Promise<number> => {
  const began = performance.now()
  const store = await openSqliteStore({ path })
  const took = performance.now() - began
  await store.close()
  return took
}
const fresh: number[] = []
const again: number[] = []
for (let round = 0; round < 20; round++) {
  const path = folder.newFile()
  fresh.push(await opening(path))
  again.push(await opening(path))
}
say({ name: 'store: opening a new file', value: median(fresh), unit: 'ms' })
say({ name: 'store: opening an existing file', value: median(again), unit: 'ms' })
