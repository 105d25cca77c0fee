import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { main } from '../../src/cli/program.ts'
import type { Signal } from '../../src/cli/terminal.ts'
import { rota } from '../../src/rota.ts'
import type { Simulation } from '../../src/testing/simulation.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { StringTerminal, call, shell } from './terminals.ts'

const CONFIG = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
const never = () => { throw new Error('a real handler was called') }
app.task('news', never, { retry: { attempts: 2 } })
app.task('slow', never)
app.schedule('news', { task: 'news', when: 'every 10 minutes' })
app.schedule('slow', { task: 'slow', when: 'hourly', timezone: 'Europe/Berlin' })
app.schedule('rare', { task: 'slow', when: 'monthly on the 1st at 03:00' })
export const setup = () => { throw new Error('nothing is set up for a simulation') }
`

const MONDAY = ['--from', '2026-01-05T00:00:00Z']

const simulated = (out: string): Simulation => JSON.parse(out) as Simulation

test('a person reads counts, starts by hour, what comes together, what stays silent and what comes first', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const args = ['simulate', ...MONDAY, '--for', '2d', '--takes', 'slow=90m']
  const { exit, out, err } = await call(args, { folder: folder.path })
  assert.deepEqual({ exit, err }, { exit: 0, err: '' })
  assert.equal(
    out,
    `2 d from 2026-01-05T00:00:00Z, seed 1: 312 runs of 3 schedules

SCHEDULE  RUNS  SUCCEEDED  FAILED  RETRIES  SKIPPED     LATEST        BUSY
news       288        288       0        0                0 ms  4 min 48 s
rare         0          0       0        0                            0 ms
slow        24         24       0        0  24 overlap    0 ms    1 d 12 h

Starts by hour (UTC), at most 7
                0     6     12    18
  Mon 2026-01-05  █▇█▇█▇█▇█▇█▇█▇█▇█▇█▇█▇█▇
  Tue 2026-01-06  █▇█▇█▇█▇█▇█▇█▇█▇█▇█▇█▇█▇

Busiest minute: 2026-01-05T00:00:00Z, 2 starts. Most at once: 2, first at 2026-01-05T00:00:00Z.

Start in the same second:
TIMES  FIRST                 SCHEDULES  TOGETHER
   24  2026-01-05T00:00:00Z          2  news, slow

Never started:
SCHEDULE  WHY
rare      nothing was due before 2026-02-01T03:00:00Z

What happens first:
AT                    SCHEDULE  RUN  EVENT      WHY
2026-01-05T00:00:00Z  news        1  started
2026-01-05T00:00:00Z  slow        2  started
2026-01-05T00:00:01Z  news        1  succeeded
2026-01-05T00:10:00Z  news        3  started
2026-01-05T00:10:01Z  news        3  succeeded
2026-01-05T00:20:00Z  news        4  started
2026-01-05T00:20:01Z  news        4  succeeded
2026-01-05T00:30:00Z  news        5  started
2026-01-05T00:30:01Z  news        5  succeeded
2026-01-05T00:40:00Z  news        6  started
… and 638 more events: --events
`,
  )
  assert.equal(existsSync(join(folder.path, 'rota.db')), false)
})

test('the same seed gives the same bytes in two processes, another seed gives others', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const ask = (seed: string, ...args: readonly string[]) => {
    const failing = ['--fail', "'news'=0.3", '--takes', 'news=1s..20m', '--seed', seed]
    return shell(['simulate', ...MONDAY, ...failing, ...args], { folder: folder.path })
  }
  const [table, again, other, json, jsonAgain] = await Promise.all([
    ask('7'),
    ask('7'),
    ask('8'),
    ask('7', '--json'),
    ask('7', '--json'),
  ])
  assert.deepEqual([table.exit, table.err, json.exit, json.err], [0, '', 0, ''])
  assert.equal(again.out, table.out)
  assert.equal(jsonAgain.out, json.out)
  assert.notEqual(other.out.replace('seed 8', 'seed 7'), table.out)
  assert.ok(simulated(json.out).schedules.some(one => one.failed > 0 && one.retries > 0))
})

test('months are shown day by day, and hours before the first stay empty', async () => {
  const config = `${IMPORT_ROTA}
    export const app = rota()
    app.schedule('often', { task: app.task('work', () => {}), when: 'every 2 hours' })
  `
  await using folder = await folderWith({ 'rota.config.ts': config })
  const ask = async (...args: readonly string[]) =>
    (await call(['simulate', '--events', '0', ...args], { folder: folder.path })).out
  assert.match(
    await ask(...MONDAY, '--for', '40d'),
    /Starts by day \(UTC\), at most 12\n {2}Mon 2026-01-05 {2}█{28}\n {2}Mon 2026-02-02 {2}█{12}\n/,
  )
  const part = await ask('--from', '2026-01-05T20:30:00Z', '--for', '5h')
  assert.match(part, /\n {2}Mon 2026-01-05 {22}█·█·\n {2}Tue 2026-01-06 {2}█·\n/)
  assert.doesNotMatch(part, /What happens first/)
})

test('it begins with the minute that it is when nothing else is said', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { out } = await call(['simulate', '--for', '1h', '--json'], { folder: folder.path })
  assert.equal(simulated(out).from, '2026-11-22T09:00:00Z')
})

test('a store gives its schedules, alone or beside those of a config', async () => {
  await using folder = await folderWith({ 'other.config.ts': CONFIG })
  {
    await using app = rota({ store: join(folder.path, 'made.db') })
    app.task('report', () => null)
    await app.schedules.create('reports', { task: 'report', when: 'daily at 09:00' })
  }
  const names = async (...args: readonly string[]) => {
    const { exit, out, err } = await call(['simulate', ...args, ...MONDAY, '--json'], { folder: folder.path })
    assert.deepEqual({ exit, err }, { exit: 0, err: '' })
    return simulated(out).schedules.map(({ name, runs }) => `${name} ${runs}`)
  }
  assert.deepEqual(await names('--store', 'made.db'), ['reports 7'])
  assert.deepEqual(await names('other.config.ts', '--store', 'made.db', '--for', '1d'), [
    'news 144',
    'rare 0',
    'reports 1',
    'slow 24',
  ])
  const { exit, err } = await call(['simulate', '--store', 'none.db'], { folder: folder.path })
  assert.equal(exit, 5)
  assert.match(err, /There is no store .*none\.db/)
})

test('what cannot be asked is refused, with the right spelling', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  for (const [args, exit, text] of [
    [['--fail', 'nwes=0.2'], 3, /no task 'nwes'\. Did you mean 'news'\?/],
    [['--fail', 'news'], 2, /write it like --fail news=0\.2/],
    [['--fail', 'news=20%'], 2, /a number from 0 to 1/],
    [['--fail', 'news=1.5'], 2, /a number from 0 to 1/],
    [['--takes', 'news=long'], 2, /'long' is not a duration/],
    [['--takes', 'news=5s..2s'], 2, /the shortest and the longest/],
    [['--for', '2 years'], 2, /not a duration/],
    [['--for', '500d'], 2, /at most 400 days/],
    [['--from', 'tomorrow'], 2, /not an instant/],
    [['--seed', 'x'], 2, /whole number/],
    [['none.config.ts'], 2, /There is no file/],
  ] as const) {
    const said = await call(['simulate', ...args], { folder: folder.path })
    assert.deepEqual({ exit: said.exit, out: said.out }, { exit, out: '' }, args.join(' '))
    assert.match(said.err, text)
  }
})

test('Ctrl-C stops it', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  class Impatient extends StringTerminal {
    override onSignal(listener: (signal: Signal) => void): () => void {
      const ignore = super.onSignal(listener)
      this.send('SIGINT')
      return ignore
    }
  }
  const terminal = new Impatient({ folder: folder.path })
  assert.equal(await main(['simulate', '--for', '400d'], terminal), 4)
  assert.deepEqual([terminal.out, terminal.err], ['', 'rota: The simulation was stopped before its end.\n'])
})
