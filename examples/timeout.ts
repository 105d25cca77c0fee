/** Timeout: a handler that takes too long is told so through its signal, and the run fails with the reason. */

import { setTimeout as wait } from 'node:timers/promises'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

const slow = app.task(
  'slow',
  async ({ signal, log }) => {
    signal.addEventListener('abort', () => log.warn(`told to stop: ${String(signal.reason)}`))
    // Hand the signal to whatever waits: fetch, timers, child processes, database drivers.
    await wait(60_000, undefined, { signal })
  },
  { timeout: '100 ms' },
)

await app.start()
const wanted = await app.run(slow)
const run = await app.runs.finished(wanted.id)

console.log(`The run ${run.state}, reason: ${run.reason}.`)
for (const line of await app.runs.logs(run.id, 0, 10)) console.log(`It said: ${line.message}`)
