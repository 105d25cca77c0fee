/** Child processes keep the contract; what they start ends with them, and they make way for fresh ones. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childProcess } from '../../../src/domain/isolation.ts'
import { rota } from '../../../src/rota.ts'
import { Attempting } from './attempting.ts'
import { isolationContract } from './contract.ts'
import { gone } from './gone.ts'
import { remoteContract } from './remote-contract.ts'

const module = new URL('./handlers.ts', import.meta.url)
const names = { succeeds: 'returns', fails: 'fails', polite: 'polite', deaf: 'deaf', huge: 'huge' }

isolationContract('process', {
  work: behaviour => childProcess({ module, export: names[behaviour] }),
  begun: trial => trial.said('ready'),
  result: { input: null },
  failure: /^no luck$/,
  canBeKilled: true,
  canIgnore: true,
})

remoteContract('process')

test('a child that is killed takes along the processes that it started', async () => {
  await using here = new Attempting()
  const trial = here.begin(childProcess({ module, export: 'parent' }), { timeout: '5 s', timeoutGrace: '1 s' })
  await trial.said('ready')
  const pid = trial.lines[0]?.fields['pid'] as number
  await here.clock.advance('6 s')
  await trial.end()
  await gone(pid)
})

test('a run says how much memory its process used', async () => {
  await using app = rota({ store: ':memory:' })
  app.task('apart', childProcess({ module, export: 'returns' }))
  app.task('here', () => null)
  await app.start()
  const used = async (task: string) => (await app.runs.finished((await app.run(task)).id)).memoryMb
  assert.ok(Number(await used('apart')) > 10)
  assert.equal(await used('here'), null)
})

test('a child makes way for a fresh one after so many runs', async () => {
  await using here = new Attempting()
  const work = childProcess({ module, export: 'countsRuns', runs: 2 })
  const counted: unknown[] = []
  for (let i = 0; i < 4; i++) counted.push(await here.run(work))
  assert.deepEqual(
    counted,
    [1, 2, 1, 2].map(result => ({ kind: 'succeeded', result })),
  )
})

test('a child makes way for a fresh one when it uses more memory than it should', async () => {
  await using here = new Attempting()
  // Any Node uses more than this.
  const work = childProcess({ module, export: 'countsRuns', memoryMb: 20 })
  assert.deepEqual(await here.run(work), { kind: 'succeeded', result: 1 })
  assert.deepEqual(await here.run(work), { kind: 'succeeded', result: 1 })
})
