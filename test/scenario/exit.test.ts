/** A handler that ends its process: inline it takes the worker along, and the next start says what became of the runs. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { rota } from '../../src/rota.ts'
import { gone } from '../engine/isolation/gone.ts'

/** Lets the program run to its end. Gives the numbers of the processes that worked for it: a child's, a command's. */
const endOf = async (store: string, end: 'exit' | 'kill') => {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'exit-program.ts'), store, end], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, [code, signal]] = await Promise.all([text(program.stdout), once(program, 'exit')])
  const pids = JSON.parse(said.split('\n')[0] ?? '') as { readonly child: number; readonly command: number }
  return { code: code as number | null, signal: signal as string | null, pids }
}

const inFolder = async (work: (store: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'))
  try {
    await work(join(folder, 'rota.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a handler that exits inline ends its worker and all that works for it; the next start ends its runs failed(lost)', () =>
  inFolder(async store => {
    const { code, pids } = await endOf(store, 'exit')
    assert.equal(code, 7)
    for (const pid of [pids.child, pids.command]) await gone(pid)
    await using app = rota({ store })
    app.task('exits', () => 'not this time')
    await app.start()
    const runs = await app.runs.list({ limit: 10 })
    assert.equal(runs.length, 3)
    for (const { id } of runs) {
      const over = await app.runs.finished(id)
      assert.deepEqual([over.state, over.reason], ['failed', 'lost'])
    }
    const again = await app.runs.finished((await app.run('exits')).id)
    assert.equal(again.result, 'not this time')
  }))

test('a child process ends by itself when its worker is killed', () =>
  inFolder(async store => {
    const { signal, pids } = await endOf(store, 'kill')
    assert.equal(signal, 'SIGKILL')
    await gone(pids.child)
    // A command knows of no worker: nothing tells it.
    process.kill(pids.command, 'SIGKILL')
    await gone(pids.command)
  }))
