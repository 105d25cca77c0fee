import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { instant } from '../../src/base/instant.ts'
import { rota } from '../../src/rota.ts'
import { api } from '../../src/server/api.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import type { Folder } from './folders.ts'
import { call } from './terminals.ts'

const CONFIG = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
app.task('good', () => 'fine')
app.task('bad', ({ log }) => {
  log.warn('about to \\u001B[31mfail')
  throw new Error('no \\u001B]8;;http://evil.test\\u0007money\\n\\u202Egnp.exe')
})
`

/** A store with a schedule of each kind and some runs, made through the library and the program. */
const filled = async (): Promise<Folder> => {
  const folder = await folderWith({ 'rota.config.ts': CONFIG })
  await using app = rota({ store: join(folder.path, 'rota.db') })
  app.task('good', () => null)
  await app.schedules.create('nightly', {
    task: 'good',
    when: 'daily at 03:00',
    timezone: 'Europe/Berlin',
    tags: ['slow'],
  })
  await app.schedules.create('often', { task: 'good', when: 'every 5 minutes' })
  for (const task of ['good', 'bad', 'good']) await call(['run', task], { folder: folder.path })
  return folder
}

test('--json gives what the API answers', async () => {
  await using folder = await filled()
  for (const [args, path] of [
    [['runs', 'list'], '/api/v1/runs'],
    [['runs', 'list', '--state', 'failed,partial', '--task', 'bad'], '/api/v1/runs?state=failed,partial&task=bad'],
    [['runs', 'list', '--limit', '2'], '/api/v1/runs?limit=2'],
    [['runs', 'show', '2'], '/api/v1/runs/2'],
    [['schedules', 'list', '--tag', 'slow'], '/api/v1/schedules?tag=slow'],
    [['sources', 'list'], '/api/v1/sources'],
    [['workers', 'list'], '/api/v1/workers'],
  ] as const) {
    const { exit, out, err } = await call([...args, '--json'], { folder: folder.path })
    await using app = rota({ store: join(folder.path, 'rota.db') })
    const answer = await api(app).request(path)
    assert.deepEqual({ exit, err }, { exit: 0, err: '' }, args.join(' '))
    assert.deepEqual(JSON.parse(out), await answer.json(), args.join(' '))
  }
})

test('a page goes on where the one before ended', async () => {
  await using folder = await filled()
  const list = async (...args: readonly string[]) => {
    const { out } = await call(['runs', 'list', '--json', '--limit', '2', ...args], { folder: folder.path })
    return JSON.parse(out) as { runs: { id: number }[]; next: string | null }
  }
  const first = await list()
  const second = await list('--cursor', first.next ?? '')
  assert.deepEqual(
    [...first.runs, ...second.runs].map(run => run.id),
    [3, 2, 1],
  )
  assert.equal(second.next, null)
})

test('a table is aligned, and foreign text in it is shown, not obeyed', async () => {
  await using folder = await filled()
  const { out } = await call(['runs', 'list', '--state', 'failed'], { folder: folder.path })
  const [title, row, ...rest] = out.split('\n')
  assert.deepEqual(rest, [''])
  assert.equal(title?.indexOf('WHY'), row?.indexOf('error: no ␛]8;;http://evil.test␇money␊�gnp.exe'))
})

test('colours are given where they are wanted, and only there', async () => {
  await using folder = await filled()
  const args = ['runs', 'list', '--state', 'failed']
  const painted = await call(args, { folder: folder.path, colored: true, columns: 120 })
  const plain = await call(args, { folder: folder.path, columns: 120 })
  assert.ok(painted.out.includes('\u001B[31mfailed\u001B[39m'))
  assert.ok(!plain.out.includes('\u001B'))
})

test('one run is shown with its error, its cause and its log', async () => {
  await using folder = await filled()
  const { out } = await call(['runs', 'show', '2'], { folder: folder.path })
  assert.match(out, /^Run 2 of bad: failed \(error\)\n/)
  assert.match(out, /\n {2}error +Error: no ␛/)
  assert.match(out, /warn +about to ␛\[31mfail/)
})

test('schedules are shown with their next times in their own zone', async () => {
  await using folder = await filled()
  const list = await call(['schedules', 'list'], { folder: folder.path, clock: systemClock() })
  assert.match(list.out, /nightly +good +daily at 03:00 +Europe\/Berlin +active +in /)
  const one = await call(['schedules', 'show', 'nightly'], { folder: folder.path })
  assert.match(one.out, /^Schedule nightly: active\n/)
  assert.match(one.out, /\d\d\d\d-\d\d-\d\d 03:00:00 \+0[12]:00 +\d/)
})

test('a queue and everything are paused and resumed through the store, and a run says what it waits for', async () => {
  await using folder = await filled()
  const rota = async (...args: readonly string[]) => call(args, { folder: folder.path })
  const paused = await rota('pause', '--queue', 'default', '--why', 'the site moves')
  assert.equal(
    paused.err,
    'The queue default is paused: nothing of it starts until it is resumed. What runs goes on.\n',
  )
  assert.match((await rota('queues')).out, /\ndefault +0 +0 +by cli since \S+: the site moves\n$/)
  const again = await rota('runs', 'again', '1')
  assert.equal(again.out, '4\n')
  assert.match(
    (await rota('runs', 'show', '4')).out,
    /now +waits: queue 'default' is paused by cli since \S+: the site moves\n/,
  )
  assert.equal((await rota('resume', '--queue', 'default')).err, 'The queue default goes on: what waited starts.\n')
  await rota('pause')
  assert.match((await rota('queues')).err, /^Everything is paused by cli\.\n$/)
  assert.equal((await rota('resume')).err, 'Everything goes on: what waited starts.\n')
  assert.equal((await rota('resume')).err, 'Everything was not paused.\n')
  const unknown = await rota('pause', '--queue', 'defalt')
  assert.deepEqual([unknown.exit, /Did you mean 'default'/.test(unknown.err)], [3, true])
})

test('workers are listed with what they do, and a dead one as such', async () => {
  await using folder = await filled()
  const worker = { worker: 'w1', host: 'lab', version: '1', startedAt: instant(Date.parse('2026-11-22T06:00:00Z')) }
  const store = await openSqliteStore({ path: join(folder.path, 'rota.db') })
  await store.commit([{ kind: 'joinWorker', ...worker }], () => assert.fail('nothing is judged'))
  await store.close()
  const { out } = await call(['workers', 'list'], { folder: folder.path })
  assert.match(out, /\nw1 +lab +1 +.* +dead +0\n$/)
})

test('a schedule is paused, resumed and removed through the store', async () => {
  await using folder = await filled()
  const state = async (): Promise<unknown> => {
    const { out } = await call(['schedules', 'show', 'often', '--json'], { folder: folder.path })
    const { state, pause } = JSON.parse(out) as { state: string; pause: { by: string; why: string } | null }
    return [state, pause?.by, pause?.why]
  }
  await call(['schedules', 'pause', 'often', '--why', 'the site moves'], { folder: folder.path })
  assert.deepEqual(await state(), ['paused', 'cli', 'the site moves'])
  await call(['schedules', 'resume', 'often'], { folder: folder.path })
  assert.deepEqual(await state(), ['active', undefined, undefined])
  await call(['schedules', 'remove', 'often'], { folder: folder.path })
  assert.equal((await call(['schedules', 'show', 'often'], { folder: folder.path })).exit, 3)
})

test('a run is wanted again, and cancelled while it waits', async () => {
  await using folder = await filled()
  const again = await call(['runs', 'again', '2'], { folder: folder.path })
  assert.deepEqual([again.exit, again.out], [0, '4\n'])
  assert.equal((await call(['runs', 'cancel', '4'], { folder: folder.path })).exit, 0)
  const over = await call(['runs', 'cancel', '4'], { folder: folder.path })
  assert.equal(over.exit, 4)
})

test('what is not there exits with 3, a wrong filter with 2 and the nearest right word', async () => {
  await using folder = await filled()
  assert.equal((await call(['runs', 'show', '99'], { folder: folder.path })).exit, 3)
  assert.equal((await call(['runs', 'show', '../x'], { folder: folder.path })).exit, 3)
  assert.equal((await call(['sources', 'show', 'nowhere'], { folder: folder.path })).exit, 3)
  const wrong = await call(['runs', 'list', '--state', 'faild'], { folder: folder.path })
  assert.equal(wrong.exit, 2)
  assert.match(wrong.err, /Did you mean 'failed'\?/)
})

test('a store that is not there is refused, not made', async () => {
  await using folder = await folderWith()
  const named = await call(['runs', 'list', '--store', 'gone.db'], { folder: folder.path })
  assert.equal(named.exit, 5)
  const none = await call(['runs', 'list'], { folder: folder.path })
  assert.equal(none.exit, 2)
  assert.match(none.err, /neither a rota\.config\.ts nor a rota\.db/)
  assert.equal((await call(['runs', 'list', '--store', 'gone.db'], { folder: folder.path })).exit, 5)
})

test('an empty list says so on standard error', async () => {
  await using folder = await filled()
  const { exit, out, err } = await call(['sources', 'list'], { folder: folder.path })
  assert.deepEqual({ exit, out, err }, { exit: 0, out: '', err: 'There are none.\n' })
})

test('--store beside --config asks that store, with the tasks of the config', async () => {
  await using folder = await filled()
  await call(['run', 'good', '--config', 'rota.config.ts'], { folder: folder.path })
  {
    await using other = rota({ store: join(folder.path, 'other.db') })
    other.task('good', () => null)
    await other.run('good')
  }
  const listed = ['runs', 'list', '--json', '--config', 'rota.config.ts', '--store', 'other.db']
  const { out } = await call(listed, { folder: folder.path })
  assert.equal((JSON.parse(out) as { runs: unknown[] }).runs.length, 1)
})
