/** A file from before conditions about facts: everything in it is there afterwards, and goes on. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { judgeWith } from '../../src/scheduler/due.ts'
import { migrate, migrations } from '../../src/store/sqlite/migrations.ts'
import { codeOf } from '../../src/store/sqlite/state-code.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import { temporaryFolder } from './folder.ts'
import { after, start } from './given.ts'

/** Schema 1, with a schedule that ran once, has a run that is executed, and one row that waits for it. */
const writeSchema1 = (path: string): void => {
  const database = new DatabaseSync(path)
  migrate(database, path, () => {}, migrations.slice(0, 1))
  const set = (table: string, row: Readonly<Record<string, string | number | null>>): void => {
    const keys = Object.keys(row)
    const marks = keys.map(() => '?').join(', ')
    database.prepare(`INSERT INTO ${table} (${keys.join(', ')}) VALUES (${marks})`).run(...Object.values(row))
  }
  set('names', { id: 1, name: 'work' })
  set('schedules', {
    id: 1,
    version: 4,
    mark: after(120),
    highest_mark: after(120),
    next_at: after(180),
    runs_created: 2,
    last_run: 3,
    status: 'active',
    name: 'it',
    task: 1,
    revision: 1,
    created_at: start,
    anchor: start,
    timezone: 'UTC',
    origin: 'run time',
    declared: 0,
    condition: 'every 1 minute',
    // Written before there was `startWithin` and `stopWhen`.
    policies: JSON.stringify({
      ...defaultPolicies,
      overlap: { kind: 'queue' },
      startWithin: undefined,
      stopWhen: undefined,
    }),
    tags: '[]',
  })
  const run = { task: 1, schedule: 1, attempts_allowed: 1 }
  const states = [codeOf('succeeded'), codeOf('running'), codeOf('open')]
  for (const [i, state] of states.entries()) {
    const [isOver, isOpen] = [i === 0, i === 2]
    set('runs', {
      ...run,
      id: i + 1,
      state,
      reason: isOpen ? 'overlap' : null,
      nominal_at: after(i * 60),
      created_at: after(i * 60),
      started_at: isOpen ? null : after(i * 60),
      ended_at: isOver ? after(1) : null,
      attempt: isOpen ? 0 : 1,
      fence: isOpen ? 0 : 1,
      created_no: isOpen ? null : i + 1,
      earlier: i === 0 ? null : i,
    })
  }
  database.close()
}

test('a file of schema 1 keeps its schedules, its runs and what waits, and they go on', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  writeSchema1(path)
  const store = await openSqliteStore({ path })
  try {
    const schedule = await store.schedule('it')
    assert.deepEqual([schedule?.since, schedule?.lastNominalAt, schedule?.usesFacts], [start, null, false])
    assert.deepEqual(
      [schedule?.version, schedule?.mark, schedule?.nextAt, schedule?.runsCreated, schedule?.status],
      [4, after(120), after(180), 2, 'active'],
    )
    assert.deepEqual(
      (await store.schedulesDue(after(180), 10)).map(({ name }) => name),
      ['it'],
    )
    assert.equal(schedule?.policies.startWithin ?? null, null)
    assert.equal(schedule?.policies.stopWhen ?? null, null)
    const before = await store.runs({ limit: 10 })
    assert.deepEqual(
      before.map(({ state, nominalAt }) => [state, nominalAt]),
      [
        ['open', after(120)],
        ['running', after(60)],
        ['succeeded', start],
      ],
    )
    const judge = judgeWith({ attemptsAllowed: () => 1 })
    const running = before[1]
    assert.ok(running)
    const { id, fence } = running
    const outcome = { kind: 'succeeded', result: null } as const
    const end = {
      kind: 'finish',
      run: id,
      fence,
      at: after(130),
      outcome,
      worker: 'w1',
      attemptStartedAt: after(60),
    } as const
    const { judged } = await store.commit([{ ...end, taskIsSource: false }], judge)
    assert.deepEqual(
      judged.flat().flatMap(({ runs }) => runs.map(({ nominalAt }) => nominalAt)),
      [after(120)],
    )
    assert.equal((await store.schedule('it'))?.lastNominalAt, after(120))
  } finally {
    await store.close()
  }
})
