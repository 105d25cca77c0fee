/**
 * How late handlers start when many schedules are due at the same instant: Rota with every run recorded on a real file,
 * beside a bare timer each, and croner, which record nothing. Each round is a new process on a new file, whose first burst
 * finds code that was never executed (cold) and whose third does not (warm).
 */

import { join } from 'node:path'
import { median, quantile, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const ROUNDS = 5
const BURSTS = 3
const EVERY_S = 2

using workshop = new Workshop()

// Each program collects for every burst how late its handlers started, in milliseconds after the instant, and prints them.
const common = `
  // The wall clock ticks in whole milliseconds: found at a tick, the steady one tells the parts.
  const tick = () => { const from = Date.now(); while (Date.now() === from); return Date.now() - performance.now() }
  const offset = tick()
  const [schedules, ...args] = process.argv.slice(2)
  const every = ${EVERY_S * 1_000}
  const most = Number(schedules)
  // Far enough that everything is made by then.
  const first = Math.ceil((Date.now() + 1_500 + most / 2) / every) * every
  const bursts = Array.from({ length: ${BURSTS} }, () => [])
  const started = () => {
    const now = performance.now() + offset
    const burst = Math.round((now - first) / every)
    bursts[burst].push(now - first - burst * every)
  }
`

const rota = workshop.write(
  'rota.js',
  `
  import { rota } from '${workshop.door()}'
  ${common}
  const app = rota({ store: args[0], concurrency: most })
  const task = app.task('nothing', started)
  for (let i = 0; i < most; i++) {
    app.schedule('schedule-' + i, {
      task,
      when: 'every ${EVERY_S} seconds and from ' + new Date(first).toISOString().slice(0, 19),
      endAt: new Date(first + ${BURSTS - 1} * every).toISOString(),
      anchor: new Date(first).toISOString(),
    })
  }
  let over = 0
  const all = new Promise(resolve => app.on(event => {
    if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === most * bursts.length) resolve()
  }))
  await app.start()
  if (Date.now() > first - 1000) throw new Error('the start took too long to measure this')
  await all
  const recorded = await app.status()
  if (recorded.runs.succeeded !== most * bursts.length) throw new Error('recorded are ' + recorded.runs.succeeded)
  console.log(JSON.stringify(bursts))
  await app.stop()
  `,
)

const timers = workshop.write(
  'timers.js',
  `
  ${common}
  for (const at of bursts.keys()) {
    for (let i = 0; i < most; i++) setTimeout(started, first + at * every - Date.now())
  }
  setTimeout(() => console.log(JSON.stringify(bursts)), first + bursts.length * every - Date.now())
  `,
)

const croner = workshop.write(
  'croner.js',
  `
  import { Cron } from '${workshop.package('croner')}'
  ${common}
  const stopAt = new Date(first + (bursts.length - 1) * every + 1_000)
  const startAt = new Date(first - 1_000)
  for (let i = 0; i < most; i++) new Cron('*/${EVERY_S} * * * * *', { startAt, stopAt }, started)
  setTimeout(() => console.log(JSON.stringify(bursts)), first + bursts.length * every - Date.now())
  `,
)

interface Lateness {
  readonly first: number
  readonly p50: number
  readonly p99: number
}

/** Of each burst. */
const measure = async (schedules: number, path: string, ...args: readonly string[]): Promise<readonly Lateness[]> => {
  await using program = new Program([path, String(schedules), ...args])
  const bursts = (await program.said()) as readonly (readonly number[])[]
  await program.ended()
  return bursts.map(lateness => {
    if (lateness.length !== schedules) throw new Error(`${lateness.length} of ${schedules} handlers started`)
    return { first: Math.min(...lateness), p50: quantile(lateness, 0.5), p99: quantile(lateness, 0.99) }
  })
}

const middle = (rounds: readonly (readonly Lateness[])[], burst: number, part: keyof Lateness): number =>
  median(rounds.map(bursts => bursts[burst]?.[part] ?? Number.NaN))

const targets: ReadonlyMap<number, Partial<Record<keyof Lateness, string>>> = new Map([
  [1_000, { p99: '≤ 25' }],
  [10_000, { first: '≤ 20', p99: '≤ 150' }],
])
for (const [schedules, target] of targets) {
  const rounds: Readonly<Record<'rota' | 'timers' | 'croner', (readonly Lateness[])[]>> = {
    rota: [],
    timers: [],
    croner: [],
  }
  for (let round = 0; round < ROUNDS; round++) {
    rounds.rota.push(await measure(schedules, rota, join(workshop.folder, `${schedules}-${round}.db`)))
    rounds.timers.push(await measure(schedules, timers))
    rounds.croner.push(await measure(schedules, croner))
  }
  for (const [burst, state] of [
    [0, 'cold'],
    [BURSTS - 1, 'warm'],
  ] as const) {
    const name = `lateness: ${schedules.toLocaleString('en')} due at once, ${state}`
    for (const part of ['first', 'p50', 'p99'] as const) {
      const limit = target[part]
      const value = middle(rounds.rota, burst, part)
      const what = part === 'first' ? 'first start' : part
      say({ name: `${name}, Rota, ${what}`, value, unit: 'ms', ...(limit === undefined ? {} : { target: limit }) })
    }
    say({ name: `${name}, setTimeout (records nothing), p99`, value: middle(rounds.timers, burst, 'p99'), unit: 'ms' })
    say({ name: `${name}, croner (records nothing), p99`, value: middle(rounds.croner, burst, 'p99'), unit: 'ms' })
  }
}
