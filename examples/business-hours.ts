/** Business hours: a moment, kept in windows. Nothing runs at night or on Sunday, and whoever asks why is told. */

import assert from 'node:assert/strict'
import { formatInstant, parseInstant, rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

// A Friday afternoon in Berlin.
const clock = new VirtualClock('2026-01-09T15:50:00Z')
const app = rota({ store: ':memory:', clock })

const ranAt: string[] = []
const prices = app.task('prices', ({ clock }) => {
  ranAt.push(formatInstant(clock.now()))
})
app.schedule('office', {
  task: prices,
  when: 'every 15 minutes and between 09:00 and 17:00 and on weekdays',
  timezone: 'Europe/Berlin',
  anchor: '2026-01-01T00:00:00Z',
  // What is still running at closing time is stopped.
  stopWhen: 'after 18:00',
})

await clock.during(app.start())
await clock.advanceTo(parseInstant('2026-01-12T08:20:00Z'))

// 17:00 does not belong to the window any more; Monday 09:00 does again.
assert.deepEqual(ranAt, ['2026-01-12T08:00:00Z', '2026-01-12T08:15:00Z'])
console.log(`Ran at ${ranAt.join(' and ')}.`)

const sunday = await clock.during(app.schedules.explain('office', parseInstant('2026-01-11T08:00:00Z')))
console.log(`Sunday: ${sunday.sentences[0]}`)

await clock.advanceTo(parseInstant('2026-01-12T19:00:00Z'))
for (const sentence of (await clock.during(app.schedules.explain('office'))).sentences) console.log(sentence)

await clock.during(app.stop())
