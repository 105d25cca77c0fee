/** Runs by hand: with an input that is checked, with a result, cancelled in the middle, and run again. */

import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod' // any validator that speaks Standard Schema
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

const count = app.task('count', ({ input }) => ({ letters: input.word.length }), {
  input: z.object({ word: z.string() }),
})
const endless = app.task('endless', ({ signal }) => wait(60_000, undefined, { signal }))

await app.start()

const counted = await app.runs.finished((await app.run(count, { input: { word: 'schedule' }, by: 'anna' })).id)
console.log(`Run ${counted.id} ${counted.state}: ${JSON.stringify(counted.result)}`)

try {
  await app.run(count, { input: { word: 8 }, by: 'anna' })
} catch (error) {
  console.log(`Refused: ${(error as Error).message}`)
}

const started = new Promise<void>(resolve => {
  app.on(event => {
    if (event.kind === 'run' && event.run.task === endless.name && event.run.state === 'running') resolve()
  })
})
const running = await app.run(endless)
await started
await app.runs.cancel(running.id, 'anna')
const cancelled = await app.runs.finished(running.id)
console.log(`Run ${cancelled.id} ${cancelled.state}: ${cancelled.detail}`)

const again = await app.runs.finished((await app.runs.again(counted.id, 'anna')).id)
console.log(`Run ${again.id} is run ${counted.id} again: ${JSON.stringify(again.result)}`)
