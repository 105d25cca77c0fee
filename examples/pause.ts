/** Pause and resume: a paused schedule starts nothing, says who paused it and why, and never floods when it goes on. */

import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

const news = app.task('news', () => {})
app.schedule('all-the-time', { task: news, when: 'every 100 ms' })

const next = (wanted: 'succeeded' | 'skipped'): Promise<void> =>
  new Promise(resolve => {
    const stopListening = app.on(event => {
      if (event.kind !== 'run' || event.run.state !== wanted) return
      stopListening()
      resolve()
    })
  })

await app.start()
await next('succeeded')

const { paused } = await app.schedules.pause('all-the-time', 'anna', 'the site is being rebuilt')
console.log(`Paused by ${paused?.by}: ${paused?.why}.`)
await next('skipped')

await app.schedules.resume('all-the-time', 'anna')
await next('succeeded')

const skipped = await app.runs.list({ limit: 100, states: ['skipped'] })
const kept = skipped.filter(run => run.reason === 'paused')
console.log(`Kept of the pause: ${kept.length} row, ${kept[0]?.state}(${kept[0]?.reason}).`)
