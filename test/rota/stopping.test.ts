import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { rota } from '../../src/rota.ts'
import { temporaryFolder } from '../store/folder.ts'

test('a stop that follows the start at once leaves no run in the hands of a worker that is gone', async () => {
  using folder = temporaryFolder()
  const store = join(folder.path, 'rota.db')
  for (let round = 1; round <= 10; round++) {
    await using app = rota({ store })
    app.task('quick', () => null)
    await app.run('quick')
    await app.start()
    await app.stop()
  }
  await using app = rota({ store })
  const runs = await app.runs.list({ limit: 100 })
  assert.deepEqual(
    runs.map(run => run.state),
    runs.map(() => 'succeeded'),
  )
  assert.deepEqual((await app.status()).workers, [])
})
