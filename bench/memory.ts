/** How much memory a Rota needs: a program with one schedule, and `rota up` with the demonstration. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, say } from './shared/figure.ts'
import { ADDRESS, demonstration, Program, Workshop } from './shared/program.ts'

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

const residentOfDemonstration = async (): Promise<number> => {
  // The first start of a checkout strips the types of every file; what is measured is each start after that.
  {
    await using first = await demonstration(workshop, 'first')
    await first.line(ADDRESS)
    await sleep(DEMONSTRATION_MS / 4)
    first.stop()
    await first.ended()
  }
  await using program = await demonstration(workshop, 'data')
  await program.line(ADDRESS)
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
  value: await residentOfDemonstration(),
  unit: 'MB',
  target: '≤ 130',
})
