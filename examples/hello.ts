/** Hello: a task, a schedule for it, and what came of it. */

import { rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

const hello = app.task('hello', ({ run, trigger }) => {
  console.log(`Hello! This is run ${run}, wanted by a ${trigger.kind}.`)
})
app.schedule('greeting', { task: hello, when: 'every 200 ms', maxRuns: 3 })

const threeRuns = new Promise<void>(resolve => {
  let over = 0
  app.on(event => {
    if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === 3) resolve()
  })
})
await app.start()
await threeRuns

const { status, runsCreated } = await app.schedules.get('greeting')
console.log(`The schedule is ${status} after ${runsCreated} runs.`)
