/** What 10,000 stored schedules cost while none is due: processor time, and memory beyond that of none. */

import { join } from 'node:path'
import { median, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const SCHEDULES = 10_000
const ROUNDS = 3
const REST_SECONDS = 20

using workshop = new Workshop()

const fill = workshop.write(
  'fill.js',
  `
  import { rota } from '${workshop.door()}'
  const app = rota({ store: process.argv[2] })
  app.task('nothing', () => {})
  await app.open()
  const at = hour => String((new Date().getUTCHours() + 2 + hour) % 24).padStart(2, '0') + ':30'
  for (let i = 0; i < Number(process.argv[3]); i += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, j) =>
      app.schedules.create('schedule-' + (i + j), { task: 'nothing', when: 'daily at ' + at((i + j) % 20) })))
  }
  await app.stop()
  console.log(0)
  `,
)

// Memory is measured after the start has been cleaned up; then the process is left alone.
const rest = workshop.write(
  'rest.js',
  `
  import { rota } from '${workshop.door()}'
  const app = rota({ store: process.argv[2] })
  app.task('nothing', () => {})
  await app.start()
  setTimeout(() => {
    globalThis.gc()
    const { rss, heapUsed } = process.memoryUsage()
    const before = process.cpuUsage()
    setTimeout(() => {
      const { user, system } = process.cpuUsage(before)
      console.log(JSON.stringify({ rss: rss / 1e6, heap: heapUsed / 1e6, cpu: (user + system) / 1e6 / ${REST_SECONDS} * 100 }))
      process.exit()
    }, ${REST_SECONDS} * 1000)
  }, 2000)
  `,
)

interface Rest {
  readonly rss: number
  readonly heap: number
  readonly cpu: number
}

const filled = async (count: number): Promise<string> => {
  const file = join(workshop.folder, `${count}.db`)
  await using program = new Program([fill, file, String(count)])
  await program.said()
  await program.ended()
  return file
}

const restOf = async (file: string): Promise<Rest> => {
  await using program = new Program(['--expose-gc', rest, file])
  return (await program.said()) as Rest
}

const files = { none: await filled(0), many: await filled(SCHEDULES) }
const rests = { none: [] as Rest[], many: [] as Rest[] }
for (let round = 0; round < ROUNDS; round++) {
  // Beside one another: both rest most of the time.
  const [none, many] = await Promise.all([restOf(files.none), restOf(files.many)])
  rests.none.push(none)
  rests.many.push(many)
}

const middle = (of: readonly Rest[], what: keyof Rest): number => median(of.map(each => each[what]))
say({ name: 'idle: processor with no schedule', value: middle(rests.none, 'cpu'), unit: '% of one core' })
say({
  name: 'idle: processor with 10,000 schedules',
  value: middle(rests.many, 'cpu'),
  unit: '% of one core',
  target: '≤ 0.5',
})
say({
  name: 'idle: memory of 10,000 schedules',
  value: Math.max(middle(rests.many, 'rss') - middle(rests.none, 'rss'), 0),
  unit: 'MB',
  target: '≤ 5',
})
say({
  name: 'idle: heap of 10,000 schedules',
  value: Math.max(middle(rests.many, 'heap') - middle(rests.none, 'heap'), 0),
  unit: 'MB',
})
