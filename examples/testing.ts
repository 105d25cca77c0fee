/** Testing: a weekend of a daily schedule in a moment, on a virtual clock. Time passes when the test says so. */

import assert from 'node:assert/strict'
import { formatInstant, parseInstant, rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-03-28T00:00:00Z')
const app = rota({ store: ':memory:', clock })

const ranAt: string[] = []
const report = app.task('report', ({ clock }) => {
  ranAt.push(formatInstant(clock.now()))
})
app.schedule('reports', { task: report, when: 'daily at 09:00', timezone: 'Europe/Berlin' })

await clock.during(app.start())
await clock.advanceTo(parseInstant('2026-03-30T00:00:00Z'))

assert.equal(ranAt.length, 2)
console.log(`${ranAt.length} runs in two days.`)

// Berlin moves its clocks on 29 March: nine o'clock there stays nine o'clock.
for (const day of ['2026-03-28', '2026-03-29']) console.log(`Ran at ${ranAt.find(at => at.startsWith(day))}.`)

await clock.during(app.stop())
