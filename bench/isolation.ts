/**
 * What it costs to do a task's work elsewhere: a whole run that does nothing, recorded, one after the other, for each
 * isolation; the first one, for which a thread or process has to be started, and those that find it there; and the memory
 * that a waiting thread or process takes. Where a program is started, a bare `spawn` stands beside it.
 */

import { join } from 'node:path'
import { median, say } from './shared/figure.ts'
import { Program, Workshop } from './shared/program.ts'

const ROUNDS = 5

using workshop = new Workshop()

workshop.write('work.js', 'export const nothing = () => {}\n')

const program = workshop.write(
  'isolation.js',
  `
  import { spawn } from 'node:child_process'
  import { once } from 'node:events'
  import { readFileSync } from 'node:fs'
  import { createServer } from 'node:http'
  import { childProcess, command, httpCall, rota, thread } from '${workshop.door()}'

  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const module = new URL('./work.js', import.meta.url)
  const works = {
    inline: [() => {}, 2_000],
    thread: [thread({ module, export: 'nothing' }), 500],
    process: [childProcess({ module, export: 'nothing', runs: 1_000 }), 500],
    command: [command({ argv: ['true'] }), 100],
    http: [httpCall({ url: 'http://127.0.0.1:' + server.address().port }), 500],
  }
  const app = rota({ store: process.argv[2] })
  for (const [name, [work]] of Object.entries(works)) app.task(name, work)
  await app.start()

  const runOnce = async name => {
    const from = performance.now()
    const { id } = await app.run(name)
    const run = await app.runs.finished(id)
    if (run.state !== 'succeeded') throw new Error(name + ' ' + run.state + ': ' + run.error?.message)
    return performance.now() - from
  }
  const middle = values => values.sort((a, b) => a - b)[values.length >> 1]
  // Of this process and, in Linux, of its children: what is theirs alone.
  const own = pid => Number(/^Private_Dirty:\\s+(\\d+)/m.exec(readFileSync('/proc/' + pid + '/smaps_rollup', 'utf8'))?.[1] ?? NaN) / 1024
  const children = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ').filter(Boolean)
  const memory = () => own('self') + children().reduce((sum, pid) => sum + own(pid), 0)

  const figures = {}
  await runOnce('inline')
  for (const [name, [, times]] of Object.entries(works)) {
    const before = process.platform === 'linux' ? memory() : NaN
    const first = await runOnce(name)
    const waiting = process.platform === 'linux' ? memory() - before : NaN
    const again = []
    for (let i = 0; i < times; i++) again.push(await runOnce(name))
    figures[name] = { first, again: middle(again), waiting }
  }
  const bare = []
  for (let i = 0; i < 100; i++) {
    const from = performance.now()
    await once(spawn('true', { stdio: 'pipe' }), 'close')
    bare.push(performance.now() - from)
  }
  figures.spawn = { again: middle(bare) }
  console.log(JSON.stringify(figures))
  server.close()
  await app.stop()
  `,
)

type Figures = Readonly<Record<string, { readonly first: number; readonly again: number; readonly waiting: number }>>

const rounds: Figures[] = []
for (let round = 0; round < ROUNDS; round++) {
  await using running = new Program([program, join(workshop.folder, `${round}.db`)])
  rounds.push((await running.said()) as Figures)
  await running.ended()
}

const of = (kind: string, figure: 'first' | 'again' | 'waiting'): number =>
  median(rounds.map(round => round[kind]?.[figure] ?? Number.NaN))

for (const kind of ['inline', 'thread', 'process', 'command', 'http']) {
  say({ name: `isolation: ${kind}, a run`, value: of(kind, 'again') * 1_000, unit: 'µs' })
  if (kind === 'thread' || kind === 'process') {
    say({ name: `isolation: ${kind}, the first run`, value: of(kind, 'first'), unit: 'ms' })
    say({ name: `isolation: ${kind}, waiting`, value: of(kind, 'waiting'), unit: 'MB' })
  }
}
say({ name: 'isolation: a bare spawn (records nothing)', value: of('spawn', 'again') * 1_000, unit: 'µs' })
