/** Overlap: what happens when a run is due while the one before it is unfinished. Skipped is the default, and is recorded. */

import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

// Each run lasts until the schedule has been due three more times.
const long = app.task('long', async ({ run }) => {
  console.log(`Run ${run} begins.`)
  await dueAgain(3)
})
app.schedule('often', { task: long, when: 'every 100 ms', overlap: 'skip' })

const twoRuns = new Promise<void>(resolve => {
  let over = 0
  app.on(event => {
    if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === 2) resolve()
  })
})
await app.start()
await twoRuns

// Equal skips in a row are one row with a count. Where the machine was busy there are others, with another reason.
const rows = (await app.runs.list({ limit: 100 })).toReversed()
for (const run of rows.filter(({ state, reason }) => state === 'succeeded' || reason === 'overlap').slice(0, 2)) {
  const times = run.count === 1 ? 'once' : `${run.count} times`
  console.log(run.state === 'skipped' ? `Skipped ${times}: ${run.detail}.` : `Run ${run.id} ${run.state}.`)
}

function dueAgain(times: number): Promise<void> {
  return new Promise(resolve => {
    let seen = 0
    const stopListening = app.on(event => {
      if (event.kind !== 'run' || event.run.state !== 'skipped' || ++seen < times) return
      stopListening()
      resolve()
    })
  })
}
