/** How long until something happens: from the start of a process to the first run of a program, and to the address of `rota up`. */

import { join } from 'node:path'
import { median, say } from './shared/figure.ts'
import { ADDRESS, demonstration, Program, Workshop } from './shared/program.ts'

const ROUNDS = 11

using workshop = new Workshop()

const now = 'performance.timeOrigin + performance.now()'
const bare = workshop.write('bare.js', `console.log(${now})\n`)
const library = workshop.write(
  'library.js',
  `
  import { enableCompileCache } from 'node:module'
  enableCompileCache()
  const { rota } = await import('${workshop.door()}')
  const app = rota({ store: process.argv[2] })
  const task = app.task('first', () => console.log(${now}))
  app.schedule('often', { task, when: 'every 5 minutes' })
  await app.start()
  const { id } = await app.run(task)
  await app.runs.finished(id)
  await app.stop()
  `,
)
const env = { NODE_COMPILE_CACHE: join(workshop.folder, 'cache') }

const untilSaid = async (...args: readonly string[]): Promise<number> => {
  await using program = new Program(args, env)
  const at = Number(await program.said())
  await program.ended()
  return at - program.spawnedAt
}

const untilUp = async (round: number): Promise<number> => {
  await using program = await demonstration(workshop, `up-${round}`)
  const { at } = await program.line(ADDRESS)
  return at - program.spawnedAt
}

const times = { bare: [] as number[], library: [] as number[], up: [] as number[] }
// The first round fills the compile cache, as the first start on a machine does; it is not counted.
for (let round = 0; round <= ROUNDS; round++) {
  const measured = {
    bare: await untilSaid(bare),
    library: await untilSaid(library, join(workshop.folder, `${round}.db`)),
    up: await untilUp(round),
  }
  if (round === 0) continue
  times.bare.push(measured.bare)
  times.library.push(measured.library)
  times.up.push(measured.up)
}

say({ name: 'start: bare Node, spawn to first line', value: median(times.bare), unit: 'ms' })
say({ name: 'start: library, spawn to first run on a new file', value: median(times.library), unit: 'ms' })
say({
  name: 'start: library beside bare Node',
  value: median(times.library) / median(times.bare),
  unit: '×',
  target: '≤ 4',
})
say({
  name: 'start: `rota up` of the demonstration, spawn to address',
  value: median(times.up),
  unit: 'ms',
  target: '≤ 900',
})
