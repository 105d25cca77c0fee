/** A handler that ends its process: inline it takes the worker along, and the next start says what became of the run. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rota } from '../../src/rota.ts'

test('a handler that exits inline ends its worker; the next start ends its run failed(lost), and goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'))
  const store = join(folder, 'rota.db')
  try {
    const program = spawn(process.execPath, [join(import.meta.dirname, 'exit-program.ts'), store], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [code] = await once(program, 'exit')
    assert.equal(code, 7)
    await using app = rota({ store })
    app.task('exits', () => 'not this time')
    await app.start()
    const [lost] = await app.runs.list({ limit: 1 })
    assert.ok(lost)
    const over = await app.runs.finished(lost.id)
    assert.deepEqual([over.state, over.reason], ['failed', 'lost'])
    const again = await app.runs.finished((await app.run('exits')).id)
    assert.equal(again.result, 'not this time')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
