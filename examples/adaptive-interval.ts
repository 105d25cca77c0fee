/** An interval that adapts: every ten minutes, and every minute while a match is on. A state chooses between alternatives. */

import assert from 'node:assert/strict'
import { instant, rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-01-05T18:00:00Z')
const app = rota({ store: ':memory:', clock })

let looks = 0
const odds = app.task('odds', () => {
  looks++
})
const MATCH_MS = 105 * 60_000
const match = app.task('match', ({ clock, signal }) => clock.sleepUntil(instant(clock.now() + MATCH_MS), signal))

app.schedule('match', { task: match, when: 'daily at 18:30' })
app.schedule('odds', {
  task: odds,
  when: "every 10 minutes or every minute and 'match' is running",
  anchor: '2026-01-01T00:00:00Z',
})

const looksIn = async (time: string): Promise<number> => {
  const before = looks
  await clock.advance(time)
  return looks - before
}

await clock.during(app.start())
const quiet = await looksIn('25 minutes')
await clock.advance('10 minutes')
const busy = await looksIn('60 minutes')
assert.deepEqual([quiet, busy], [2, 60])
console.log(`Before the match: ${quiet} looks in 25 minutes. During it: ${busy} in an hour.`)

const during = await clock.during(app.schedules.explain('odds'))
const running = during.clauses.flatMap(({ parts }) => parts).find(({ text }) => text === "'match' is running")
console.log(`Why so often: ${running?.reason}.`)

await clock.advance('2 h')
const after = await clock.during(app.schedules.explain('odds'))
for (const { holds, text, reason } of after.clauses.flatMap(({ parts }) => parts))
  console.log(`${holds === true ? '✓' : '✗'} ${text}: ${reason}`)

await clock.during(app.stop())
