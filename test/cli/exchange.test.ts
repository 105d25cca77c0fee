import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { rota } from '../../src/rota.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { call } from './terminals.ts'

const file = (...schedules: readonly object[]): string => JSON.stringify({ version: 1, schedules })
const news = { name: 'news', task: 'fetch', when: 'hourly', anchor: '2026-11-01T00:00:00Z' }

const withStore = async (files: Readonly<Record<string, string>> = {}) => {
  const folder = await folderWith(files)
  await using app = rota({ store: join(folder.path, 'rota.db') })
  await app.open()
  return folder
}

test('an import says what it did, and an export gives it back', async () => {
  await using folder = await withStore({ 'in.json': file(news) })
  const at = { folder: folder.path }
  const dry = await call(['import', 'in.json', '--dry-run'], at)
  assert.deepEqual([dry.exit, dry.err], [0, ''])
  assert.match(dry.out, /^created {2}news\n1 created, 0 changed, 0 unchanged; nothing was changed/)
  assert.equal((await call(['import', 'in.json'], at)).out, 'created  news\n1 created, 0 changed, 0 unchanged\n')
  const { out } = await call(['export'], at)
  assert.deepEqual(JSON.parse(out), { version: 1, schedules: [{ ...news, timezone: 'UTC' }] })
  const again = await call(['import', '-', '--json'], { ...at, input: [out.slice(0, 20), out.slice(20)] })
  assert.deepEqual(JSON.parse(again.out), {
    dryRun: false,
    schedules: [{ name: 'news', change: 'unchanged', differences: [] }],
  })
  assert.equal((await call(['export', 'out.json'], at)).err, 'out.json holds 1 schedules.\n')
  assert.equal(await readFile(join(folder.path, 'out.json'), 'utf8'), out)
  assert.equal((await stat(join(folder.path, 'out.json'))).mode & 0o777, 0o600)
  assert.equal((await call(['export', 'out.json'], at)).exit, 4)
  assert.equal((await call(['export', 'out.json', '--force'], at)).exit, 0)
})

test('an import with problems exits with 2, shows each on a line, and changes nothing', async () => {
  await using folder = await withStore({
    'bad.json': file(news, { ...news, name: 'x', when: 'hourli' }, { ...news, name: 'y', timezon: '\u001B[2J' }),
    'text.json': 'no json',
  })
  const at = { folder: folder.path }
  const { exit, out, err } = await call(['import', 'bad.json'], at)
  assert.deepEqual([exit, out], [2, ''])
  assert.match(
    err,
    /for 2 problems:\n +schedules\[1\] 'x': .*hourli.*\n +schedules\[2\] 'y': .*Did you mean 'timezone'/,
  )
  assert.equal((await call(['import', 'text.json'], at)).exit, 2)
  assert.equal((await call(['import', 'gone.json'], at)).exit, 2)
  assert.deepEqual(JSON.parse((await call(['export'], at)).out), { version: 1, schedules: [] })
})

test('a task that the config does not know is imported, and told', async () => {
  await using folder = await folderWith({
    'rota.config.ts': `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
app.task('known', () => null)
`,
    'in.json': file(news, { ...news, name: 'other', task: 'known' }),
  })
  const { exit, err } = await call(['import', 'in.json'], { folder: folder.path })
  assert.equal(exit, 0)
  assert.equal(err, "No task 'fetch' is known here: its runs wait for a Rota that has one.\n")
})
