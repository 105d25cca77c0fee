/** A flow: pages are listed, each is parsed side by side, and a report joins what came of them; an alarm, if the list fails. */

import assert from 'node:assert/strict'
import { chain, group, join, map, rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-01-05T02:59:00Z')
const app = rota({ store: ':memory:', clock })

let isUp = true
const list = app.task('list', () => {
  if (!isUp) throw new Error('no answer')
  return ['news', 'sport', 'weather']
})
const parse = app.task<string, number>('parse', ({ input }) => input.length)
const report = app.task('report', async ({ parents }) => {
  const words = (await parents()).map(({ id, state, result }) => `run ${id} ${state} with ${JSON.stringify(result)}`)
  console.log(`report: ${words.join(', ')}.`)
})
const alarm = app.task('alarm', () => console.log('alarm: the list could not be had.'))

app.flow('nightly', chain(list, group(join(map(parse), report), { task: alarm, on: 'fails' })))
app.schedule('nightly', { task: 'nightly', when: 'daily at 03:00' })

await clock.during(app.start())
await clock.advance('1 minute')
isUp = false
await clock.advance('24 h')

// One run stands for each night, and its steps lie below it.
for (const root of (await clock.during(app.runs.list({ schedule: 'nightly', limit: 2 }))).toReversed()) {
  const { steps } = await clock.during(app.runs.flow(root.id, { limit: 10 }))
  console.log(`Run ${root.id} ${root.state}: ${steps.map(({ run }) => `${run.task} ${run.state}`).join(', ')}.`)
}

const again = await clock.during(app.runs.again(1 as Parameters<typeof app.runs.again>[0], 'anna'))
await clock.settle()
assert.equal((await clock.during(app.runs.get(again.id))).run.state, 'partial')

await clock.during(app.stop())
