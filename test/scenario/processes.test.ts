/** Several processes over one file: one is stopped, one is killed, and the other goes on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rota } from '../../src/index.ts'
import { BLOCKED, LONG } from './processes-words.ts'
import { Place, disturb } from './processes.ts'

test('a process that is stopped for longer than the lease loses its runs, comes back, and works on', async () => {
  await using place = await Place.make()
  const stopped = await place.start('idle')
  await using app = rota({ store: place.file })
  app.task(LONG, () => null, { retry: { attempts: 2 } })
  await app.open()
  const { id } = await app.run(LONG)
  await stopped.says('began')
  const other = await place.start('idle')
  await place.beating(stopped.worker)
  const taken = other.says('over', ({ run }) => run === id)
  const lost = other.says('lost')
  stopped.standStill()
  assert.equal((await lost).worker, stopped.worker)
  await taken

  const [aborted, rejoined] = [stopped.says('aborted'), stopped.says('rejoined')]
  stopped.goOn()
  assert.deepEqual(await aborted, {
    kind: 'aborted',
    run: id,
    attempt: 1,
    why: 'another worker has taken the run over',
  })
  await rejoined
  await other.kill()
  const again = stopped.says('began')
  const next = await app.run(LONG)
  assert.equal((await again).run, next.id)

  const { run, attempts } = await app.runs.get(id)
  assert.deepEqual([run.state, run.attempt], ['succeeded', 2])
  assert.deepEqual(
    attempts.map(({ worker, outcome, reason }) => ({ worker, outcome, reason })),
    [
      { worker: stopped.worker, outcome: 'failed', reason: 'lost' },
      { worker: other.worker, outcome: 'succeeded', reason: null },
    ],
  )
  const events = (await app.events(10)).map(({ name }) => name)
  assert.deepEqual(events, ['worker died', 'worker lost'])
})

test('a process whose loop is blocked for longer than the lease keeps its runs', async () => {
  await using place = await Place.make()
  await using app = rota({ store: place.file })
  app.task(BLOCKED, () => null, { retry: { attempts: 2 } })
  const processes = [await place.start('idle'), await place.start('idle')]
  await app.open()
  const { id } = await app.run(BLOCKED)
  await Promise.race(processes.map(one => one.says('over')))
  const { run, attempts } = await app.runs.get(id)
  assert.deepEqual([run.state, run.attempt, attempts.length], ['succeeded', 1, 1])
  assert.deepEqual(await app.events(10), [])
})

test('two processes killed and stopped at random do everything, and nothing twice', async t => {
  const { faults, ...figures } = await disturb(20_261_126, 15)
  t.diagnostic(JSON.stringify(figures))
  assert.deepEqual(faults, [])
  assert.ok(figures.kills > 0 && figures.stops > 0 && figures.rejoined > 0)
})
