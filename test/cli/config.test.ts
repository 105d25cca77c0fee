import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RotaError } from '../../src/base/errors.ts'
import { closerOf, loadConfig } from '../../src/cli/config.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'

const refusal = async (files: Readonly<Record<string, string>>, named?: string): Promise<RotaError> => {
  await using folder = await folderWith(files)
  try {
    await loadConfig(named, folder.path)
  } catch (error) {
    return error as RotaError
  }
  throw new Error('the config was taken')
}

test('rota.config.ts of the current folder is taken when none is named', async () => {
  await using folder = await folderWith({
    'rota.config.ts': `${IMPORT_ROTA}export const app = rota()\nexport const server = { port: 5000 }\nexport const setup = async (): Promise<void> => {}\n`,
  })
  const { file, server, setup } = await loadConfig(undefined, folder.path)
  assert.deepEqual(
    { file, server, setup: typeof setup },
    { file: 'rota.config.ts', server: { port: 5000 }, setup: 'function' },
  )
})

test('a config may be JavaScript and lie anywhere', async () => {
  await using folder = await folderWith({ 'mine.mjs': `${IMPORT_ROTA}export const app = rota()\n` })
  const { file, setup } = await loadConfig(join(folder.path, 'mine.mjs'), '/')
  assert.deepEqual({ file: file.endsWith('mine.mjs'), setup }, { file: true, setup: null })
})

test('a config that is not there is refused with what to do', async () => {
  const none = await refusal({})
  assert.deepEqual([none.code, none.exit], ['CONFIG_INVALID', 2])
  assert.match(none.message, /no rota\.config\.ts in .*name a file/)
  const named = await refusal({}, 'mine.ts')
  assert.equal(named.code, 'CONFIG_INVALID')
  assert.match(named.message, /no file .*mine\.ts/)
})

test('a syntax error is shown with its place, in TypeScript and in JavaScript', async () => {
  const text = 'export const a = 1\nexport const app = {\n  b: )\n}\n'
  for (const file of ['rota.config.ts', 'rota.config.mjs', 'rota.config.js']) {
    const { code, message } = await refusal({ [file]: text, 'package.json': '{"type":"module"}' })
    assert.equal(code, 'CONFIG_INVALID')
    assert.match(message, new RegExp(`^${file} cannot be read: .*\nat .*${file}:3\n.*b: \\)\n\\s+\\^`, 's'), message)
  }
})

test('a syntax error in a file that the config imports names that file', async () => {
  const { message } = await refusal({ 'rota.config.ts': "import './other.ts'\n", 'other.ts': '\nlet = = 1\n' })
  assert.match(message, /other\.ts:2/)
})

test('TypeScript that cannot be erased is refused with its place', async () => {
  const { message } = await refusal({ 'rota.config.ts': 'enum Place { a }\nexport const app = 1\n' })
  assert.match(message, /enum is not supported.*rota\.config\.ts:1/s)
})

test('an error thrown while the config loads is told with the line that threw', async () => {
  const { code, message } = await refusal({ 'rota.config.ts': "\nthrow new Error('no disk')\n" })
  assert.equal(code, 'CONFIG_INVALID')
  assert.equal(message, 'rota.config.ts:2 cannot be loaded: no disk')
  const missing = await refusal({ 'rota.config.ts': "import 'no-such-package'\n" })
  assert.match(missing.message, /Cannot find package 'no-such-package'/)
})

test('what Rota refuses in a config keeps its own code', async () => {
  const { code, message } = await refusal({
    'rota.config.ts': `${IMPORT_ROTA}export const app = rota()\napp.task('news', () => {})\napp.schedule('a', { task: 'news', when: 'every 5 bananas' })\n`,
  })
  assert.equal(code, 'CONDITION_UNREADABLE')
  assert.match(message, /^rota\.config\.ts:4: .*bananas/)
})

test('a config without an app is refused with the line to write', async () => {
  const none = await refusal({ 'rota.config.ts': 'export const ap = 1\n' })
  assert.match(none.message, /exports no `app`\. Write: export const app = rota\(/)
  const other = await refusal({ 'rota.config.ts': 'export const app = { start: 1 }\n' })
  assert.match(other.message, /not made by rota\(\)/)
  const unnamed = await refusal({ 'rota.config.ts': `${IMPORT_ROTA}export default rota()\n` })
  assert.match(unnamed.message, /default export: name it/)
})

test('a wrong port and a wrong setup are refused when the config loads', async () => {
  const app = `${IMPORT_ROTA}export const app = rota()\n`
  assert.match(
    (await refusal({ 'rota.config.ts': `${app}export const server = { port: '80' }\n` })).message,
    /server\.port.*"80"/,
  )
  assert.match((await refusal({ 'rota.config.ts': `${app}export const server = 80\n` })).message, /server .*number/)
  assert.match((await refusal({ 'rota.config.ts': `${app}export const setup = 1\n` })).message, /setup .*number/)
})

test('what setup gives is closed whatever its kind', async () => {
  const closed: string[] = []
  await closerOf(() => closed.push('function'), { file: 'f' })()
  await closerOf({ [Symbol.asyncDispose]: async () => void closed.push('async') }, { file: 'f' })()
  await closerOf({ [Symbol.dispose]: () => void closed.push('sync') }, { file: 'f' })()
  await closerOf(undefined, { file: 'f' })()
  assert.deepEqual(closed, ['function', 'async', 'sync'])
  assert.throws(() => closerOf(7, { file: 'f' }), { code: 'CONFIG_INVALID' })
})
