/** Retries: a task that fails twice before it succeeds, and one that knows when trying again is useless. */

import { giveUp, rota } from '../src/index.ts' // in a program of your own: from 'rota'

await using app = rota({ store: ':memory:' })

// Up to five attempts; the wait doubles: 20 ms, 40 ms … A real task would rather wait seconds, which is the default.
const retry = { attempts: 5, first: '20 ms', longest: '1 s', jitter: false }

const flaky = app.task(
  'flaky',
  ({ attempt }) => {
    if (attempt < 3) throw new Error(`no luck in attempt ${attempt}`)
    return 'got it'
  },
  { retry },
)
const hopeless = app.task(
  'hopeless',
  () => {
    throw giveUp('the account is closed')
  },
  { retry },
)

await app.start()
for (const task of [flaky, hopeless]) {
  const wanted = await app.run(task)
  const run = await app.runs.finished(wanted.id)
  const { attempts } = await app.runs.get(run.id)
  for (const { attempt, outcome, error } of attempts) {
    console.log(`${task.name}, attempt ${attempt}: ${outcome}${error === null ? '' : `, ${error.message}`}`)
  }
  console.log(`${task.name} ${run.state} after ${attempts.length} of ${retry.attempts} attempts.`)
}
