/** How much memory a Rota needs: a program with one schedule, and `rota up` with the demonstration. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, say } from './shared/figure.ts'
import { Program, root, Workshop } from './shared/program.ts'

const ROUNDS = 3
// By then the demonstration has scraped everything at least once.
const DEMONSTRATION_MS = 40_000

using workshop = new Workshop()

const bare = workshop.write('bare.js', `console.log(0); setInterval(() => {}, 1_000)\n`)
const library = workshop.write(
  'library.js',
  `
  import { rota } from '${workshop.door()}'
  const app = rota({ store: process.argv[2] })
  const task = app.task('news', () => 'done')
  app.schedule('often', { task, when: 'every 1 second' })
  let over = 0
  app.on(event => { if (event.kind === 'run' && event.run.state === 'succeeded' && ++over === 5) console.log(over) })
  await app.start()
  `,
)

const residentAfter = async (path: string, ...args: readonly string[]): Promise<number> => {
  await using program = new Program([path, ...args])
  await program.said()
  return program.residentMb()
}

const demonstration = async (): Promise<number> => {
  await using program = new Program(
    [join(root, 'src/cli/main.ts'), 'up', join(root, 'examples/platforms/rota.config.ts'), '--port', '0'],
    {
      ROTA_DEMO_DATA: join(workshop.folder, 'data'),
      ROTA_DEMO_PORT: '0',
      NODE_COMPILE_CACHE: join(workshop.folder, 'cache'),
    },
  )
  await program.line(/http:\/\/127\.0\.0\.1:\d+/)
  await sleep(DEMONSTRATION_MS)
  return program.residentMb()
}

const resident = { bare: [] as number[], library: [] as number[] }
for (let round = 0; round < ROUNDS; round++) {
  resident.bare.push(await residentAfter(bare))
  resident.library.push(await residentAfter(library, join(workshop.folder, `${round}.db`)))
}
say({ name: 'memory: bare Node', value: median(resident.bare), unit: 'MB' })
say({
  name: 'memory: library with one schedule, after 5 runs',
  value: median(resident.library),
  unit: 'MB',
  target: '≤ 65',
})
say({
  name: 'memory: `rota up` of the demonstration, after 40 s',
  value: await demonstration(),
  unit: 'MB',
  target: '≤ 130',
})
