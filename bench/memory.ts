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

type Memory = ReturnType<Program['memory']>

const memoryAfter = async (path: string, ...args: readonly string[]): Promise<Memory> => {
  await using program = new Program([path, ...args])
  await program.said()
  return program.memory()
}

// The first start of a checkout strips the types of every file; what is measured is each start after that.
const startDemonstrationOnce = async (): Promise<void> => {
  await using first = await demonstration(workshop, 'first')
  await first.line(ADDRESS)
  await sleep(DEMONSTRATION_MS / 4)
  first.stop()
  await first.ended()
}

const memoryOfDemonstration = async (data: string): Promise<Memory> => {
  await using program = await demonstration(workshop, data)
  await program.line(ADDRESS)
  await sleep(DEMONSTRATION_MS)
  return program.memory()
}

const tell = (what: string, measured: readonly Memory[], target?: string): void => {
  const of = (part: keyof Memory): number => median(measured.map(one => one[part]))
  say({ name: `memory: ${what}`, value: of('residentMb'), unit: 'MB', ...(target === undefined ? {} : { target }) })
  say({ name: `memory: ${what}: not mapped from files`, value: of('ownMb'), unit: 'MB' })
}

const bareNode: Memory[] = []
const program: Memory[] = []
for (let round = 0; round < ROUNDS; round++) {
  bareNode.push(await memoryAfter(bare))
  program.push(await memoryAfter(library, join(workshop.folder, `${round}.db`)))
}
await startDemonstrationOnce()
const shown: Memory[] = []
for (let round = 0; round < ROUNDS; round++) shown.push(await memoryOfDemonstration(`data-${round}`))
tell('bare Node', bareNode)
tell('library with one schedule, after 5 runs', program, '≤ 65')
tell('`rota up` of the demonstration, after 40 s', shown, '≤ 130')
