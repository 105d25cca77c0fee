/** After another task: a digest after each success of the news, an alarm after a failure. Both see what they came after. */

import assert from 'node:assert/strict'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-01-05T08:00:00Z')
const app = rota({ store: ':memory:', clock })

let isUp = true
const news = app.task('news', () => {
  if (!isUp) throw new Error('no answer')
  return { items: 3 }
})
const digest = app.task('digest', async ({ parents }) => {
  for (const { id, result } of await parents()) console.log(`digest: run ${id} gave ${JSON.stringify(result)}.`)
})
const alarm = app.task('alarm', ({ trigger }) => {
  assert.equal(trigger.kind, 'event')
  console.log(`alarm: run ${trigger.run} failed.`)
})

app.schedule('news', { task: news, when: 'hourly' })
app.schedule('digest', { task: digest, when: "after 'news' succeeds" })
app.schedule('alarm', { task: alarm, when: "after 'news' fails" })

await clock.during(app.start())
await clock.advance('1 h')
isUp = false
await clock.advance('1 h')

// An event is used up by the decision it led to.
const { sentences } = await clock.during(app.schedules.explain('digest'))
console.log(sentences[0])

const [row] = await clock.during(app.runs.list({ schedule: 'alarm', limit: 1 }))
assert.ok(row !== undefined)
for (const sentence of (await clock.during(app.runs.explain(row.id))).sentences) console.log(sentence)

await clock.during(app.stop())
