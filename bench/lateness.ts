/**
 * How late handlers start when 1,000 schedules are due at the same instant: Rota with every run recorded on a real file,
 * beside a bare timer each, and croner, which record nothing. Each round is a new process on a new file.
 */

import { join } from 'node:path'
import { median, quantile, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const SCHEDULES = 1_000
const ROUNDS = 5

using workshop = new Workshop()

// Each program collects how late every handler started, in milliseconds after the instant, and prints them as one array.
const common = `
  // The wall clock ticks in whole milliseconds: found at a tick, the steady one tells the parts.
  const tick = () => { const from = Date.now(); while (Date.now() === from); return Date.now() - performance.now() }
  const offset = tick()
  const lateness = []
  const started = () => { lateness.push(performance.now() + offset - due) }
`

const rota = workshop.write(
  'rota.js',
  `
  import { rota } from '${workshop.door()}'
  ${common}
  const due = Math.ceil(Date.now() / 1000) * 1000 + 3000
  const app = rota({ store: process.argv[2], concurrency: ${SCHEDULES} })
  const task = app.task('nothing', () => started())
  for (let i = 0; i < ${SCHEDULES}; i++) {
    app.schedule('schedule-' + i, { task, when: 'every 1 hour', anchor: new Date(due).toISOString() })
  }
  let over = 0
  const all = new Promise(resolve => app.on(event => {
    if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === ${SCHEDULES}) resolve()
  }))
  await app.start()
  if (Date.now() > due - 1000) throw new Error('the start took too long to measure this')
  await all
  const recorded = await app.status()
  if (recorded.runs.succeeded !== ${SCHEDULES}) throw new Error('recorded are ' + recorded.runs.succeeded)
  console.log(JSON.stringify(lateness))
  await app.stop()
  `,
)

const timers = workshop.write(
  'timers.js',
  `
  ${common}
  const due = Math.ceil(Date.now() / 1000) * 1000 + 1000
  for (let i = 0; i < ${SCHEDULES}; i++) setTimeout(() => {
    started()
    if (lateness.length === ${SCHEDULES}) console.log(JSON.stringify(lateness))
  }, due - Date.now())
  `,
)

const croner = workshop.write(
  'croner.js',
  `
  import { Cron } from '${workshop.package('croner')}'
  ${common}
  const due = Math.ceil(Date.now() / 1000) * 1000 + 3000
  for (let i = 0; i < ${SCHEDULES}; i++) new Cron(new Date(due), () => {
    started()
    if (lateness.length === ${SCHEDULES}) console.log(JSON.stringify(lateness))
  })
  `,
)

interface Lateness {
  readonly first: number[]
  readonly p50: number[]
  readonly p99: number[]
}

const measured: Readonly<Record<'rota' | 'timers' | 'croner', Lateness>> = {
  rota: { first: [], p50: [], p99: [] },
  timers: { first: [], p50: [], p99: [] },
  croner: { first: [], p50: [], p99: [] },
}

const measure = async (into: Lateness, ...args: readonly string[]): Promise<void> => {
  await using program = new Program(args)
  const lateness = (await program.said()) as readonly number[]
  await program.ended()
  into.first.push(Math.min(...lateness))
  into.p50.push(quantile(lateness, 0.5))
  into.p99.push(quantile(lateness, 0.99))
}

for (let round = 0; round < ROUNDS; round++) {
  await measure(measured.rota, rota, join(workshop.folder, `${round}.db`))
  await measure(measured.timers, timers)
  await measure(measured.croner, croner)
}

const at = `lateness: ${SCHEDULES} due at once`
say({ name: `${at}, Rota, first start`, value: median(measured.rota.first), unit: 'ms' })
say({ name: `${at}, Rota, p50`, value: median(measured.rota.p50), unit: 'ms' })
say({ name: `${at}, Rota, p99`, value: median(measured.rota.p99), unit: 'ms', target: '≤ 25' })
say({ name: `${at}, setTimeout (records nothing), p99`, value: median(measured.timers.p99), unit: 'ms' })
say({ name: `${at}, croner (records nothing), p99`, value: median(measured.croner.p99), unit: 'ms' })
