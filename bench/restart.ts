/**
 * How soon work goes on after a crash: a process with 100,000 runs queued and 50 running is killed, and another is started
 * on its file. Each round is a new file and two real processes.
 */

import { join } from 'node:path'
import { median, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const ROUNDS = 5
const QUEUED = 100_000
const RUNNING = 50

using workshop = new Workshop()

const common = `
  import { rota } from '${workshop.door()}'
  const app = rota({ store: process.argv[2], concurrency: ${RUNNING} })
`

const killed = workshop.write(
  'killed.js',
  `
  ${common}
  let begun = 0
  const all = Promise.withResolvers()
  const forever = app.task('interrupted', () => (++begun === ${RUNNING} ? all.resolve() : undefined, new Promise(() => {})), { retry: { attempts: 2 } })
  const nothing = app.task('nothing', () => {})
  await app.start()
  for (let i = 0; i < ${RUNNING}; i++) await app.run(forever)
  await all.promise
  for (let i = 0; i < ${QUEUED}; i += 1_000) await Promise.all(Array.from({ length: 1_000 }, () => app.run(nothing)))
  const { runs } = await app.status()
  console.log(JSON.stringify([runs.running, runs.queued]))
  setInterval(() => {}, 1_000)
  `,
)

const next = workshop.write(
  'next.js',
  `
  ${common}
  const since = () => performance.now() - opened
  const times = { first: null, again: null }
  let again = 0
  const begins = () => (times.first ??= since())
  app.task('interrupted', () => {
    begins()
    if (++again === ${RUNNING}) times.again = since()
  }, { retry: { attempts: 2 } })
  app.task('nothing', begins)
  let over = 0
  const all = new Promise(resolve => app.on(event => {
    if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === ${QUEUED + RUNNING}) resolve()
  }))
  await app.open()
  const opened = performance.now()
  await app.start()
  await all
  console.log(JSON.stringify({ ...times, all: since() }))
  await app.stop()
  `,
)

interface Times {
  readonly first: number
  readonly again: number
  readonly all: number
}

const restarted = async (store: string): Promise<Times> => {
  {
    // Leaving this block is SIGKILL.
    await using first = new Program([killed, store])
    const [running, queued] = (await first.said()) as readonly number[]
    if (running !== RUNNING || queued !== QUEUED) throw new Error(`there were ${running} running and ${queued} queued`)
  }
  await using second = new Program([next, store])
  const times = (await second.said()) as Times
  await second.ended()
  return times
}

const rounds: Times[] = []
for (let round = 0; round < ROUNDS; round++) rounds.push(await restarted(join(workshop.folder, `${round}.db`)))

const name = `restart after kill -9, ${QUEUED.toLocaleString('en')} queued and ${RUNNING} running`
const middle = (one: keyof Times): number => median(rounds.map(times => times[one]))
say({ name: `${name}: first run after the store is open`, value: middle('first'), unit: 'ms', target: '≤ 300' })
say({ name: `${name}: all interrupted run again`, value: middle('again'), unit: 'ms', target: '≤ 500' })
say({ name: `${name}: all are over`, value: middle('all'), unit: 'ms' })
