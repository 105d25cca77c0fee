/**
 * What a flow of 10,000 runs costs: made at once as a group, made of a list as a map, in one transaction each, beside the
 * barest loop over node:sqlite that could keep as much; and how fast such a flow comes to its end in an app.
 */

import { DatabaseSync } from 'node:sqlite'
import { instant } from '../src/base/instant.ts'
import type { TaskName } from '../src/base/name.ts'
import { chain, defineFlow, group, join as joined, map, planOf } from '../src/domain/flow.ts'
import type { FlowPlan } from '../src/domain/flow.ts'
import { usualPlacing } from '../src/domain/limits.ts'
import type { Judge } from '../src/domain/opportunity.ts'
import { rota } from '../src/rota.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { granted } from '../src/store/store.ts'
import type { Store } from '../src/store/store.ts'
import { median, say } from './shared/figure.ts'
import { Folder } from './shared/folder.ts'

const ROUNDS = 5
const RUNS = 10_000
const START = instant(Date.parse('2026-11-22T09:00:00Z'))

using folder = new Folder()

const msOf = async (work: () => Promise<void> | void): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const nothingToJudge: Judge = () => {
  throw new Error('nothing is judged here')
}
const tasks = { attemptsAllowed: () => 1, placing: () => usualPlacing }
const elements = Array.from({ length: RUNS }, (_, i) => i)
const aGroup = defineFlow('group', group(...elements.map(input => ({ task: 'work', input }))))
const aMap = defineFlow('map', chain('list', map('work'), 'report'))

// ---- through the store

const request = async (store: Store, name: string, plan: FlowPlan): Promise<void> => {
  const change = {
    kind: 'request',
    task: name as TaskName,
    input: null,
    trigger: { kind: 'hand', by: 'bench' },
    at: START,
    attemptsAllowed: 1,
    claimFor: null,
    plan,
  } as const
  granted((await store.commit([change], nothingToJudge)).results[0])
}

const makeGroup = async (): Promise<number> => {
  await using closing = new AsyncDisposableStack()
  const store = closing.adopt(await openSqliteStore({ path: folder.newFile() }), one => one.close())
  return msOf(() => request(store, 'group', planOf(aGroup, null, tasks)))
}

/** From the end of the run that gives the list to the commit that holds all that was made of it. */
const makeMap = async (): Promise<number> => {
  await using closing = new AsyncDisposableStack()
  const store = closing.adopt(await openSqliteStore({ path: folder.newFile() }), one => one.close())
  await request(store, 'map', planOf(aMap, null, tasks))
  const claim = { kind: 'claim', worker: 'w', at: START, limit: 1, tasks: ['list' as TaskName], only: null } as const
  const [list] = granted((await store.commit([claim], nothingToJudge)).results[0]).runs
  if (list === undefined) throw new Error('the first step was not claimed')
  const finish = {
    kind: 'finish',
    run: list.id,
    fence: list.fence,
    at: START,
    outcome: { kind: 'succeeded', result: elements },
    worker: 'w',
    attemptStartedAt: START,
    taskIsSource: false,
  } as const
  const took = await msOf(async () => void granted((await store.commit([finish], nothingToJudge)).results[0]))
  const { queued } = await store.countRuns(START)
  if (queued !== RUNS) throw new Error(`${queued} of ${RUNS} runs were made`)
  return took
}

// ---- the barest loop

const bare = (): number => {
  using database = new DatabaseSync(folder.newFile())
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE runs (id INTEGER PRIMARY KEY, task INTEGER, root INTEGER, state INTEGER, created_at INTEGER,
      ready_at INTEGER, input TEXT, lane INTEGER);
    CREATE INDEX live ON runs (root, state) WHERE state < 5;
    CREATE INDEX ready ON runs (lane, ready_at) WHERE ready_at IS NOT NULL;
    CREATE TABLE steps (root INTEGER, run INTEGER, from_point INTEGER, to_point INTEGER, PRIMARY KEY (root, run)) WITHOUT ROWID;
  `)
  const insert = database.prepare(
    'INSERT INTO runs (id, task, root, state, created_at, ready_at, input, lane) VALUES (?, 1, 1, 2, ?, ?, ?, 1)',
  )
  const insertStep = database.prepare('INSERT INTO steps VALUES (1, ?, 0, 1)')
  const began = performance.now()
  database.exec('BEGIN IMMEDIATE')
  for (const i of elements) {
    insert.run(i + 2, START, START, JSON.stringify(i))
    insertStep.run(i + 2)
  }
  database.exec('COMMIT')
  return performance.now() - began
}

// ---- to the end

/** A map and a join of it in a whole app, with handlers that do nothing. */
const toTheEnd = async (): Promise<number> => {
  const app = rota({ store: folder.newFile(), concurrency: 100 })
  app.task('list', () => elements)
  app.task<number, number>('work', ({ input }) => input)
  app.task('report', async ({ parents }) => (await parents()).length)
  app.flow('all', joined(chain('list', map('work')), 'report'))
  await using _ = app
  await app.start()
  const root = await app.run('all')
  const took = await msOf(async () => {
    const over = await app.runs.finished(root.id)
    if (over.state !== 'succeeded') throw new Error(`the flow ${over.state}: ${over.detail}`)
  })
  return RUNS / (took / 1_000)
}

// ---- what is said

const rounds = async (work: () => Promise<number> | number): Promise<number> => {
  const taken: number[] = []
  // The first is compiled while it is measured.
  await work()
  for (let round = 0; round < ROUNDS; round++) taken.push(await work())
  return median(taken)
}

const size = RUNS.toLocaleString('en')
say({ name: `flows: a group of ${size} runs is made`, value: await rounds(makeGroup), unit: 'ms', target: '≤ 1,000' })
say({ name: `flows: a map of ${size} runs is made`, value: await rounds(makeMap), unit: 'ms', target: '≤ 1,000' })
say({ name: `flows: ${size} runs: the barest loop`, value: await rounds(bare), unit: 'ms' })
say({
  name: `flows: a map and a join of ${size} runs, to the end`,
  value: await rounds(toTheEnd),
  unit: 'runs a second',
})
