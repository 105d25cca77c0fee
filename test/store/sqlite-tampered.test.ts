/** Rows that somebody changed from outside harm nothing but themselves: lists are read, nothing of them is executed. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from './folder.ts'
import { Given, after, deciding, definition, done, endedBefore, idsOf, nothingToJudge, start, wanted } from './given.ts'

const opened = async () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'rota.db')
  const store = await openSqliteStore({ path })
  return {
    here: new Given({ store, another: null, [Symbol.asyncDispose]: () => store.close() }),
    tamper(sql: string) {
      const database = new DatabaseSync(path)
      database.exec(sql)
      database.close()
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

test('a schedule whose policies or input cannot be read is shown as unloadable, beside sound ones', async () => {
  await using place = await opened()
  const { here } = place
  for (const name of ['a', 'b', 'c', 'd', 'e']) await here.schedule(name, { nextAt: after(1), tags: ['x'] })
  place.tamper(`
    UPDATE schedules SET policies = '{"overlap":' WHERE name = 'a';
    UPDATE schedules SET input = 'nothing' WHERE name = 'b';
    UPDATE schedules SET policies = '{"overlap":{"kind":"explode"}}', tags = '[' WHERE name = 'c';
    UPDATE marks SET status = 'strange' WHERE schedule = (SELECT id FROM schedules WHERE name = 'd');
  `)
  const statuses = async () =>
    (await here.store.schedules({ limit: 10 })).map(({ name, status, problem }) => [name, status, problem !== null])
  assert.deepEqual(await statuses(), [
    ['a', 'unloadable', true],
    ['b', 'unloadable', true],
    ['c', 'unloadable', true],
    ['d', 'unloadable', true],
    ['e', 'active', false],
  ])
  assert.equal((await here.store.schedulesDue(after(1), 10)).length, 5)
  assert.deepEqual(
    (await here.store.schedules({ limit: 10, tag: 'x' })).map(schedule => schedule.name),
    ['a', 'b', 'd', 'e'],
  )
})

test('a schedule that cannot be read is never judged by what it may have meant, and is not due any more', async () => {
  await using place = await opened()
  const { here } = place
  await here.schedule('a', { nextAt: after(1) })
  place.tamper(`UPDATE schedules SET policies = 'x'`)
  const [ahead] = await here.store.schedulesDue(after(1), 10)
  assert.ok(ahead)
  const judged = await here.judge(ahead, nothingToJudge, { ahead, at: after(2) })
  assert.deepEqual([judged.runs, judged.schedule.status], [[], 'unloadable'])
  assert.deepEqual(await here.store.schedulesDue(after(1), 10), [])
  const edited = definition('a', { condition: 'daily', origin: 'code', declaredHash: 'h' })
  const mended = await here.one({ kind: 'putSchedule', mode: 'declare', at: after(3), definition: edited })
  assert.deepEqual([mended.status, mended.problem], ['active', null])
})

test('a run is read as far as it can be', async () => {
  await using place = await opened()
  const { here } = place
  const over = (await here.finish(await here.running({ input: { a: 1 } }))).run
  const strange = (await here.finish(await here.running())).run
  const sound = await here.request()
  place.tamper(`
    UPDATE runs SET input = '{', result = '[', error = '7', trigger = '{"kind":"schedule"', reason = 'because' WHERE id = ${over.id};
    UPDATE runs SET state = 77, task = 999 WHERE id = ${strange.id};
  `)
  const runs = await here.store.runs({ limit: 10 })
  assert.deepEqual(idsOf(runs), [sound.id, strange.id, over.id])
  const [, unknown, broken] = runs
  assert.deepEqual(
    [broken?.input, broken?.result, broken?.reason, broken?.trigger, broken?.error?.name],
    [null, null, null, { kind: 'hand', by: 'unknown' }, 'Unreadable'],
  )
  assert.deepEqual([unknown?.state, unknown?.task], ['failed', 'unknown-999'])
  assert.match(unknown?.detail ?? '', /77/)
  assert.equal((await here.cancel(strange.id)).refused, 'over')
  const before = endedBefore(after(1_000))
  const { gone } = await here.one({ kind: 'prune', at: after(1_000), before, keep: 0, limit: 10 })
  assert.equal(gone, 1)
  assert.ok(await here.store.run(strange.id))
})

test('a waiting run whose input cannot be read fails instead of working on something else', async () => {
  await using place = await opened()
  const { here } = place
  const broken = await here.request({ input: { a: 1 } })
  const sound = await here.request({ at: after(1) })
  place.tamper(`UPDATE runs SET input = '{"a":' WHERE id = ${broken.id}`)
  assert.deepEqual(idsOf(await here.claim(['collect'])), [sound.id])
  const failed = await here.run(broken.id)
  assert.deepEqual([failed.state, failed.reason], ['failed', 'input'])
  assert.equal((await here.store.attempts(broken.id)).length, 1)
})

test('a text that looks like more than data stays data', async () => {
  await using place = await opened()
  const { here } = place
  const input = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
  const run = await here.request({ input })
  assert.deepEqual(Object.keys((await here.run(run.id)).input as object), ['__proto__', 'constructor'])
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('a chain of runs that was tied into a ring is read to an end', async () => {
  await using place = await opened()
  const { here } = place
  const schedule = await here.schedule('a')
  const { runs } = await here.judge(schedule, { runs: wanted(after(1), after(2), after(3)) })
  place.tamper(`UPDATE runs SET earlier = ${runs.at(-1)?.id} WHERE id = ${runs[0]?.id}`)
  assert.deepEqual(await here.store.runs({ schedule: 'a', limit: 100 }), runs.toReversed())
})

test('health that cannot be read begins again with what can', async () => {
  await using place = await opened()
  const { here } = place
  await here.finish(await here.running(), done, { at: start })
  place.tamper(`UPDATE healths SET reasons = '{', failures = 'x', state = 'excellent'`)
  const [health] = await here.store.healths()
  assert.deepEqual([health?.state, health?.reasons, health?.failures, health?.judged], ['unknown', [], [], 1])
  await here.finish(await here.running(), done, { judge: deciding({}) })
  assert.equal((await here.store.healths())[0]?.judged, 2)
})
