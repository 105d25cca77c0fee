/** Hold: a handler that learns that its quota is used up lets its own schedule rest, and says until when and why. */

import assert from 'node:assert/strict'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-01-05T20:00:00Z')
const app = rota({ store: ':memory:', clock })

let left = 3
const quotes = app.task('quotes', async ({ hold }) => {
  left--
  // The API counts by days: nothing is to be had before the next one begins.
  if (left === 0) await hold('3 h 30 min', 'the quota of today is used up')
})
app.schedule('quotes', { task: quotes, when: 'every 10 minutes' })

await clock.during(app.start())
await clock.advance('1 h')
const { paused } = await clock.during(app.schedules.get('quotes'))
assert.equal(paused?.why, 'the quota of today is used up')
console.log(`It rests, by ${paused?.by}: ${paused?.why}.`)

await clock.advance('3 h')
const rows = await clock.during(app.runs.list({ schedule: 'quotes', limit: 100 }))
for (const { state, reason, count } of rows.toReversed()) console.log(`${count} × ${reason ?? state}`)

await clock.during(app.stop())
