import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { main } from '../../src/cli/program.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { StringTerminal, call, start } from './terminals.ts'

const CONFIG = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
app.task('news', () => {})
app.task('forever', () => new Promise(() => {}))
app.task('stray', () => { setTimeout(() => { throw new Error('nobody caught me') }) })
app.schedule('often', { task: 'news', when: 'every 20 ms' })
app.schedule('\\u540d', { task: 'news', when: 'daily at 09:00', timezone: 'Europe/Berlin' })
export const server = { port: 0 }
`

const urlIn = (text: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? ''

test('up prints where its dashboard is and what is scheduled, serves both, and stops at a signal with 0', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const child = start(['up'], { folder: folder.path })
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', piece => (err += piece))
  for await (const piece of child.stdout.setEncoding('utf8')) {
    out += piece
    if (!out.includes('Ctrl-C')) continue
    const answers = await Promise.all(['/', '/api/v1/schedules', '/readyz'].map(path => fetch(urlIn(out) + path)))
    assert.deepEqual(
      answers.map(answer => answer.status),
      [200, 200, 200],
    )
    child.kill('SIGTERM')
  }
  const [exit] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode]
  assert.equal(exit, 0, err)
  assert.match(out, /^Rota \S+ runs rota\.config\.ts\n/)
  assert.match(out, /often +news +every 20 ms +UTC +active/)
  assert.match(out, /名 +news +daily at 09:00 +Europe\/Berlin +active +in /)
})

test('each run that ends is a line on standard error', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const terminal = new StringTerminal({ folder: folder.path, clock: systemClock() })
  const exit = main(['up'], terminal)
  await terminal.shows(/info +run \d+ of news succeeded/)
  terminal.send('SIGINT')
  assert.equal(await exit, 0)
  assert.doesNotMatch(terminal.out, /succeeded/)
})

test('a port that is taken is said, exits with 5, and nothing was executed', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  await using other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { exit, out, err } = await call(['up', '--port', String(port)], { folder: folder.path })
  assert.deepEqual({ exit, out }, { exit: 5, out: '' })
  assert.match(err, new RegExp(`rota: Port ${port} .* is taken`))
  const { out: runs } = await call(['runs', 'list', '--json'], { folder: folder.path })
  assert.deepEqual(JSON.parse(runs), { runs: [], next: null })
})

test('one Ctrl-C that arrives twice is one; a later one stops at once with what a shell expects', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  let nowMs = 0
  const terminal = new StringTerminal({ folder: folder.path, clock: { ...systemClock(), monotonicMs: () => nowMs } })
  const exit = main(['up'], terminal)
  await terminal.shows('Ctrl-C')
  terminal.send('SIGINT')
  nowMs += 20
  terminal.send('SIGINT')
  assert.deepEqual(terminal.exits, [])
  nowMs += 1_000
  terminal.send('SIGINT')
  terminal.send('SIGTERM')
  assert.deepEqual(terminal.exits, [130, 143])
  await exit
})

test('an error that a handler leaves uncaught ends nothing', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const child = start(['up'], { folder: folder.path })
  let err = ''
  const caught = new Promise<void>(resolve => {
    child.stderr.setEncoding('utf8').on('data', piece => {
      err += piece
      if (err.includes('nobody caught me')) resolve()
    })
  })
  let out = ''
  for await (const piece of child.stdout.setEncoding('utf8')) {
    out += piece
    if (!out.includes('Ctrl-C')) continue
    const wanted = await fetch(`${urlIn(out)}/api/v1/tasks/stray/runs`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    })
    assert.equal(wanted.status, 201)
    await caught
    assert.equal((await fetch(`${urlIn(out)}/healthz`)).status, 200)
    child.kill('SIGTERM')
  }
  assert.match(err, /error +an error that nobody caught/)
})

test('what the config sets up is closed last, also when the app does not start', async () => {
  const config = `${IMPORT_ROTA}
export const app = rota({ store: ':memory:' })
app.schedule('a', { task: 'unknown', when: 'hourly' })
export const server = { port: 0 }
export const setup = () => { globalThis.setups = 1; return { [Symbol.asyncDispose]: async () => { globalThis.setups = 0 } } }
`
  await using folder = await folderWith({ 'rota.config.ts': config })
  const { exit, err } = await call(['up'], { folder: folder.path })
  assert.equal(exit, 3)
  assert.match(err, /no task 'unknown'/)
  assert.equal((globalThis as { setups?: number }).setups, 0)
})
