/** Catch-up: Rota was down while its schedule was due. The newest missed moment runs, the others are recorded as merged. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import type { App } from '../src/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'rota-catch-up-'))

// The same program, started twice over one file. With `catchUp: 'all'` every missed moment would run.
const program = (): App => {
  const app = rota({ store: join(folder, 'rota.db') })
  const report = app.task('report', () => {})
  app.schedule('reports', { task: report, when: 'every 100 ms', catchUp: 'latest' })
  return app
}

const firstSuccess = (app: App): Promise<void> =>
  new Promise(resolve => {
    app.on(event => {
      if (event.kind === 'run' && event.run.state === 'succeeded') resolve()
    })
  })

const session = async (which: string): Promise<void> => {
  await using app = program()
  const success = firstSuccess(app)
  await app.start()
  await success
  console.log(`The ${which} start had a run.`)
  for (const { count, reason, detail } of await app.runs.list({ limit: 100, states: ['skipped'] })) {
    if (reason === 'coalesced') console.log(`${count} missed moments became no run: ${detail}.`)
  }
}

await session('first')
await wait(550)
await session('second')
await rm(folder, { recursive: true })
