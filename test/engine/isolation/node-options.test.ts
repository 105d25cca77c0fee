/** What a thread or child process takes over of the options of its Node: never the program itself, which would start anew. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { inheritedOptions } from '../../../src/engine/isolation/node-options.ts'

test('options that say how modules are loaded are taken over, the program is not', () => {
  const kept = ['--import', './setup.mjs', '--conditions=dev', '--disable-warning=ExperimentalWarning']
  for (const program of [
    ['-e', 'run()'],
    ['--eval', 'run()'],
    ['-p', '1'],
    ['--eval=run()'],
    ['--input-type=module', '-e', 'run()'],
    ['--input-type', 'module', '--eval', '--import'],
    ['--inspect-brk=127.0.0.1:9229'],
    ['--watch-path=src', '--watch'],
    ['--test', '--test-concurrency=2'],
  ]) {
    assert.deepEqual(inheritedOptions([...kept, ...program]), kept)
    assert.deepEqual(inheritedOptions([...program, ...kept]), kept)
  }
})

test('a program given on the command line works with threads and child processes', async () => {
  const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
  const program = `
    import { childProcess, rota, thread } from ${at('../../../src/index.ts')}
    const app = rota({ store: ':memory:' })
    const work = { module: ${at('./handlers.ts')}, export: 'returns' }
    const tasks = { thread: thread(work), process: childProcess(work), limited: childProcess({ ...work, memoryMb: 200 }) }
    for (const [name, task] of Object.entries(tasks)) app.task(name, task)
    await app.start()
    for (const name of Object.keys(tasks)) {
      const run = await app.runs.finished((await app.run(name)).id)
      console.log(name, run.state)
    }
    await app.stop()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  assert.equal(stdout, 'thread succeeded\nprocess succeeded\nlimited succeeded\n')
})
