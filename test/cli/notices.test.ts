import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { instant } from '../../src/base/instant.ts'
import { noticesFinding } from '../../src/cli/doctor.ts'
import { rota } from '../../src/rota.ts'
import { api } from '../../src/server/api.ts'
import type { StoredNotice } from '../../src/store/store.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import type { Folder } from './folders.ts'
import { call } from './terminals.ts'

const CONFIG = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
app.task('bad', () => {
  throw new Error('no \\u001B[31manswer')
})
const send = kind => async () => ({ kind, why: 'HTTP 410', retryAt: null })
app.notify({ to: { name: 'good', timeout: 1_000, send: send('delivered') }, on: ['failed'] })
app.notify({ to: { name: 'deaf', timeout: 1_000, send: send('refused') }, on: ['failed'] })
`

/** A store in which a failure was told. */
const filled = async (): Promise<Folder> => {
  const folder = await folderWith({ 'rota.config.ts': CONFIG })
  await using app = rota({ store: join(folder.path, 'rota.db') })
  app.task('bad', () => {
    throw new Error('no \u001B[31manswer')
  })
  const arrived = Promise.withResolvers<void>()
  const send = async (): Promise<{ readonly kind: 'delivered' }> => {
    arrived.resolve()
    return { kind: 'delivered' }
  }
  app.notify({ to: { name: 'good', timeout: 1_000 as never, send }, on: ['failed'] })
  await app.start()
  await app.run('bad')
  await arrived.promise
  return folder
}

test('the list shows what was told, and gives what the API answers', async () => {
  await using folder = await filled()
  const { exit, out, err } = await call(['notices', 'list'], { folder: folder.path })
  assert.deepEqual({ exit, err }, { exit: 0, err: '' })
  assert.match(out, /^WHEN +TO +STATE +TRIES +WHAT/)
  assert.match(out, /good +delivered +1 +task 'bad' failed: Error: no ␛\[31manswer/)
  const json = await call(['notices', 'list', '--json'], { folder: folder.path })
  await using app = rota({ store: join(folder.path, 'rota.db') })
  assert.deepEqual(JSON.parse(json.out), await (await api(app).request('/api/v1/notices')).json())
})

test('a test goes to a destination of the config, and says what came of it', async () => {
  await using folder = await folderWith({ 'rota.config.ts': CONFIG })
  const test = (name: string) => call(['notices', 'test', name], { folder: folder.path })
  assert.deepEqual(await test('good'), { exit: 0, out: '', err: 'good took the test notice.\n' })
  const deaf = await test('deaf')
  assert.equal(deaf.exit, 1)
  assert.match(deaf.err, /deaf did not take the test notice: HTTP 410/)
  const unknown = await test('goood')
  assert.equal(unknown.exit, 3)
  assert.match(unknown.err, /Did you mean 'good'\?/)
})

test('the doctor complains of what was given up in a day, and of what waits for long', () => {
  const NOW = instant(Date.UTC(2026, 10, 22, 9))
  const row = (state: StoredNotice['state'], minutes: number, problem: string | null): StoredNotice => {
    const at = instant(NOW - minutes * 60_000)
    const endedAt = state === 'waiting' ? null : at
    const notice = { number: 1, id: '1-a', kind: 'failed', run: null, at, text: '', dueAt: at, tries: 1 } as const
    return { ...notice, subject: { kind: 'task', name: 'a' }, destination: 'ops', state, problem, endedAt }
  }
  const findingOf = (...rows: readonly StoredNotice[]) => noticesFinding(rows, NOW)
  assert.deepEqual(findingOf(), { check: 'notices', state: 'ok', says: 'none is undelivered' })
  assert.equal(findingOf(row('delivered', 9, null), row('waiting', 1, null), row('given up', 1_500, 'x')).state, 'ok')
  assert.deepEqual(findingOf(row('waiting', 6, 'HTTP 500'), row('given up', 60, 'HTTP 410')), {
    check: 'notices',
    state: 'wrong',
    says: '2 undelivered, such as to ops: HTTP 410',
  })
  assert.match(findingOf(row('waiting', 6, null)).says, /no Rota runs that knows it/)
})
