/** Holidays: a set of dates under a name, used as a window. It is stored, so that a new list moves what is to come. */

import assert from 'node:assert/strict'
import { formatInstant, parseInstant, rota } from '../src/index.ts' // in a program of your own: from 'rota'
import { VirtualClock } from '../src/testing/index.ts' // and from 'rota/testing'

const clock = new VirtualClock('2026-12-23T12:00:00Z')
const app = rota({ store: ':memory:', clock })

const ranOn: string[] = []
const report = app.task('report', ({ clock }) => {
  ranOn.push(formatInstant(clock.now()).slice(0, 10))
})

// From wherever you have it: a file, a table, an address book.
app.calendar('holidays', ['2026-12-25', '2026-12-26', '2027-01-01'])
app.schedule('reports', {
  task: report,
  when: "every weekday at 09:00 and not on 'holidays'",
  timezone: 'Europe/Berlin',
})
// And the other way around: only then.
const greet = app.task('greet', () => console.log('Happy holidays!'))
app.schedule('greetings', {
  task: greet,
  when: "daily at 10:00 and on 'holidays'",
  timezone: 'Europe/Berlin',
  maxRuns: 1,
})

await clock.during(app.start())
await clock.advanceTo(parseInstant('2026-12-29T12:00:00Z'))

assert.deepEqual(ranOn, ['2026-12-24', '2026-12-28', '2026-12-29'])
console.log(`Reports on ${ranOn.join(', ')}.`)

const christmas = await clock.during(app.schedules.explain('reports', parseInstant('2026-12-25T08:00:00Z')))
console.log(`25 December: ${christmas.sentences[0]}`)

const [next] = app.schedules.upcoming(await clock.during(app.schedules.get('reports')), 3).slice(2)
assert.ok(next !== undefined)
console.log(`After the 31st comes ${formatInstant(next)}.`)

await clock.during(app.stop())
