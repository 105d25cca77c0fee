import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { StringTerminal, call, shell } from './terminals.ts'
import { main } from '../../src/cli/program.ts'

const CONFIG = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })

app.task('double', ({ input, log }) => {
  log.info('doubling', { input })
  return input.n * 2
})
app.task('fail', () => {
  throw new Error('no \\u001B[2Jmoney', { cause: new Error('the bank is closed') })
})
app.task('half', () => partial({ pages: 9 }, 'page 10 did not answer'))
app.task('wait', ({ log, signal }) => new Promise((resolve, reject) => {
  log.info('waiting')
  signal.addEventListener('abort', () => reject(signal.reason))
}))
app.task('flaky', ({ attempt }) => {
  if (attempt === 1) throw new Error('once')
  return attempt
}, { retry: { attempts: 2, first: '1 ms' } })
app.task('list', () => [1, 2])
app.task('each', ({ input }) => {
  if (input === 2) throw new Error('no')
})
app.flow('nightly', chain('list', map('each'), { task: 'half', on: 'finishes' }))
app.schedule('often', { task: 'half', when: 'every 10 ms' })
`

test('the result of a run is JSON on standard output, and its log on standard error', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, out, err } = await shell(['run', 'double', '--input', '{"n": 21}'], { folder: folder.path })
  assert.deepEqual({ exit, out }, { exit: 0, out: '42\n' }, err)
  assert.match(err, /info +doubling +input=\{"n":21\}\n/)
})

test('nothing but the run itself is executed', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  await call(['run', 'double', '--input', '{"n": 1}'], { folder: folder.path })
  const { out } = await call(['runs', 'list', '--json'], { folder: folder.path })
  const { runs } = JSON.parse(out) as { runs: { task: string; state: string; trigger: unknown }[] }
  assert.deepEqual(
    runs.map(({ task, state, trigger }) => ({ task, state, trigger })),
    [{ task: 'double', state: 'succeeded', trigger: { kind: 'hand', by: 'cli' } }],
  )
})

test('a flow is run as a task is, and shown with its steps, each below what it comes after', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, err } = await call(['run', 'nightly'], { folder: folder.path })
  assert.equal(exit, 6)
  assert.match(err, /Run 1 succeeded in part: of 4 runs 1 failed, 1 succeeded in part/)
  const { out } = await call(['runs', 'show', '1'], { folder: folder.path })
  const steps = out.slice(out.indexOf('STEP')).split('\n').slice(1, -1)
  assert.deepEqual(
    steps.map(line =>
      line
        .replace(/ {2}\d+ ms/, '')
        .trimEnd()
        .replaceAll(/ {2,}(?=\S)/g, '|'),
    ),
    ['list|2|succeeded', '|each|3|succeeded', '|each|5|failed|no', '|half|4|partial|finishes|page 10 did not answer'],
  )
})

test('a run that failed exits with 1 and says why, with its cause and without foreign controls', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, out, err } = await call(['run', 'fail'], { folder: folder.path })
  assert.deepEqual({ exit, out }, { exit: 1, out: '' })
  assert.match(err, /^Run 1 failed \(error\): no ␛\[2Jmoney\n/)
  assert.match(err, /because of Error: the bank is closed\n/)
})

test('a run that succeeded in part exits with 6 and prints its result', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, out, err } = await call(['run', 'half'], { folder: folder.path })
  assert.deepEqual({ exit, out }, { exit: 6, out: '{"pages":9}\n' })
  assert.match(err, /page 10 did not answer/)
})

test('retries belong to the run', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, out, err } = await call(['run', 'flaky'], { folder: folder.path })
  assert.deepEqual({ exit, out }, { exit: 0, out: '2\n' })
  assert.match(err, /attempt 1 of 2 failed +why=once/)
})

test('a signal cancels the run, which then exits with 7', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const terminal = new StringTerminal({ folder: folder.path })
  const exit = main(['run', 'wait'], terminal)
  await terminal.shows('waiting')
  terminal.send('SIGINT')
  assert.equal(await exit, 7)
  assert.match(terminal.err, /Run 1 was cancelled by cli\.\n$/)
})

test('an unknown task exits with 3 and names the nearest one', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const { exit, err } = await call(['run', 'duoble'], { folder: folder.path })
  assert.equal(exit, 3)
  assert.match(err, /Did you mean 'double'\?/)
})

test('input that is no JSON, and a config that is not there, exit with 2', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  assert.equal((await call(['run', 'double', '--input', '{n: 1}'], { folder: folder.path })).exit, 2)
  assert.equal((await call(['run', 'double', '--config', join(folder.path, 'gone.ts')])).exit, 2)
})

test('what the config sets up is there during the run and closed after it', async () => {
  const config = `${IMPORT_ROTA}
const happened = []
export const app = rota({ store: ':memory:' })
app.task('look', () => { happened.push('run'); return happened })
export const setup = async () => { happened.push('setup'); return () => console.error(happened.concat('closed').join(' ')) }
`
  await using folder = await folderWith({ 'rota.config.ts': config })
  const { exit, out, err } = await shell(['run', 'look'], { folder: folder.path })
  assert.deepEqual({ exit, out, err }, { exit: 0, out: '["setup","run"]\n', err: 'setup run closed\n' })
})
