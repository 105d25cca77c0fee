/**
 * How late handlers start when many schedules are due at the same instant: Rota with every run recorded on a real file,
 * beside a bare timer each, and croner, which record nothing. Each round is a new process on a new file, whose first burst
 * finds code that was never executed (cold) and whose third does not (warm).
 */

import { join } from 'node:path'
import { median, quantile, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const BURSTS = 3

using workshop = new Workshop()

// Each program collects for every burst how late its handlers started, in milliseconds after the instant, and prints them.
const common = `
  // The wall clock ticks in whole milliseconds: found at a tick, the steady one tells the parts.
  const tick = () => { const from = Date.now(); while (Date.now() === from); return Date.now() - performance.now() }
  const offset = tick()
  const [most, everySeconds] = process.argv.slice(2, 4).map(Number)
  const every = everySeconds * 1_000
  // Far enough that everything is made by then.
  const first = Math.ceil((Date.now() + 2_000 + most) / every) * every
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
  const app = rota({ store: process.argv[4], concurrency: most })
  const task = app.task('nothing', started)
  for (let i = 0; i < most; i++) {
    app.schedule('schedule-' + i, {
      task,
      when: 'every ' + everySeconds + ' seconds and from ' + new Date(first).toISOString().slice(0, 19),
      endAt: new Date(first + ${BURSTS - 1} * every).toISOString(),
      anchor: new Date(first).toISOString(),
    })
  }
  let over = 0
  const all = new Promise((resolve, reject) => app.on(event => {
    if (event.kind !== 'run') return
    const { state, reason } = event.run
    if (state === 'skipped') reject(new Error('the machine is too slow for this: a run was skipped: ' + reason))
    if (state === 'succeeded' && ++over === most * bursts.length) resolve()
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
  for (let i = 0; i < most; i++) new Cron('*/' + everySeconds + ' * * * * *', { startAt, stopAt }, started)
  setTimeout(() => console.log(JSON.stringify(bursts)), first + bursts.length * every - Date.now())
  `,
)

interface Burst {
  readonly schedules: number
  /** So far apart that one burst is over before the next. */
  readonly everySeconds: number
  readonly rounds: number
  readonly target: Partial<Record<keyof Lateness, string>>
}

const all: readonly Burst[] = [
  { schedules: 1_000, everySeconds: 2, rounds: 9, target: { p99: '≤ 25' } },
  { schedules: 10_000, everySeconds: 5, rounds: 3, target: { first: '≤ 20', p99: '≤ 150' } },
]

interface Lateness {
  readonly first: number
  readonly p50: number
  readonly p99: number
}

/** Of each burst. */
const measure = async (
  { schedules, everySeconds }: Burst,
  path: string,
  store: string,
): Promise<readonly Lateness[]> => {
  await using program = new Program([path, String(schedules), String(everySeconds), store])
  const bursts = (await program.said()) as readonly (readonly number[])[]
  await program.ended()
  return bursts.map(lateness => {
    if (lateness.length !== schedules) throw new Error(`${lateness.length} of ${schedules} handlers started`)
    return { first: Math.min(...lateness), p50: quantile(lateness, 0.5), p99: quantile(lateness, 0.99) }
  })
}

const middle = (rounds: readonly (readonly Lateness[])[], burst: number, part: keyof Lateness): number =>
  median(rounds.map(bursts => bursts[burst]?.[part] ?? Number.NaN))

for (const burst of all) {
  const { schedules, rounds, target } = burst
  const measured: Readonly<Record<'rota' | 'timers' | 'croner', (readonly Lateness[])[]>> = {
    rota: [],
    timers: [],
    croner: [],
  }
  for (let round = 0; round < rounds; round++) {
    const store = join(workshop.folder, `${schedules}-${round}.db`)
    measured.rota.push(await measure(burst, rota, store))
    measured.timers.push(await measure(burst, timers, store))
    measured.croner.push(await measure(burst, croner, store))
  }
  for (const [which, state] of [
    [0, 'cold'],
    [BURSTS - 1, 'warm'],
  ] as const) {
    const name = `lateness: ${schedules.toLocaleString('en')} due at once, ${state}`
    for (const part of ['first', 'p50', 'p99'] as const) {
      const limit = target[part]
      const value = middle(measured.rota, which, part)
      const what = part === 'first' ? 'first start' : part
      say({ name: `${name}, Rota, ${what}`, value, unit: 'ms', ...(limit === undefined ? {} : { target: limit }) })
    }
    say({
      name: `${name}, setTimeout (records nothing), p99`,
      value: middle(measured.timers, which, 'p99'),
      unit: 'ms',
    })
    say({ name: `${name}, croner (records nothing), p99`, value: middle(measured.croner, which, 'p99'), unit: 'ms' })
  }
}
