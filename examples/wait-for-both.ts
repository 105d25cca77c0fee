/** Waiting for both: a join that runs once two tasks have succeeded, each since the last time, and sees the newest of each. */

import assert from 'node:assert/strict'
import { rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-01-05T08:00:00Z')
const app = rota({ store: ':memory:', clock })

const orders = app.task('orders', () => null)
const prices = app.task('prices', () => null)
const join = app.task('join', ({ trigger }) => {
  assert.equal(trigger.kind, 'event')
  console.log(`join: after runs ${trigger.parents.join(' and ')}.`)
})
app.schedule('join', { task: join, when: "after 'orders' and 'prices' succeed and on weekdays" })

const why = async (): Promise<void> => {
  const { sentences, clauses } = await clock.during(app.schedules.explain('join'))
  console.log(sentences[0])
  for (const { holds, text } of clauses.flatMap(({ parts }) => parts))
    console.log(`  ${holds === true ? '✓' : '✗'} ${text}`)
}

await clock.during(app.start())
await clock.during(app.run(orders))
// Two of the same are as good as one: the newest counts.
await clock.during(app.run(orders))
await clock.advance('1 minute')
await why()

await clock.during(app.run(prices))
await clock.advance('1 minute')
await why()

await clock.during(app.run(prices))
await clock.advance('1 minute')
const ran = await clock.during(app.runs.list({ schedule: 'join', states: ['succeeded'], limit: 9 }))
assert.equal(ran.length, 1)
console.log(`${ran.length} run: the prices alone are not enough.`)

await clock.during(app.stop())
