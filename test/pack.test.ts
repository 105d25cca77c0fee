/** The package as its users get it: built, packed, installed in an empty folder, used from TypeScript and from the shell. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import test, { after } from 'node:test'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { version } from '../src/version.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const place = await mkdtemp(join(tmpdir(), 'rota-pack-'))
after(async () => rm(place, { recursive: true, force: true }))

const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
  readonly files: readonly string[]
}
const env = {
  ...process.env,
  // Programs with `#!/usr/bin/env node` get the Node that runs this test.
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  npm_config_fetch_retries: '0',
}

/** Names in the packed file, as npm lists them. */
const packed = await pack()
const offline = await install()

test('the version that Rota says is that of the package', () => {
  assert.equal(version, manifest.version)
})

test('the package holds what is built and what is read, nothing else', () => {
  const strangers = packed.filter(path => !/^(dist\/|package\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/.test(path))
  assert.deepEqual(strangers, [])
  for (const path of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js']) {
    assert.ok(packed.includes(path), path)
  }
  assert.ok(
    packed.some(path => path.startsWith('dist/dashboard/assets/')),
    'the assets of the dashboard',
  )
})

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: join(place, 'package'), strict: true })
  assert.deepEqual(messages, [])
})

test('TypeScript programs type-check strictly, those in the README too, and run', { skip: offline }, async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const texts = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text ?? '')
  assert.ok(texts.length >= 3)
  await typeCheck({
    'program.ts': program,
    ...Object.fromEntries(texts.map((text, index) => [`readme-${index}.ts`, text])),
  })
  assert.equal(await output('program.ts'), 'run 1 of hello succeeded: 42\n')
  // The one that tests a schedule ends by itself.
  await output(`readme-${texts.findIndex(text => text.includes('rota/testing'))}.ts`)
})

test('work in a thread and in a child process finds its program', { skip: offline }, async () => {
  const folder = join(place, 'user')
  await writeFile(join(folder, 'work.mjs'), `import { log, partial } from 'rota'\n${isolatedWork}`)
  await writeFile(join(folder, 'isolated.mjs'), isolated)
  assert.equal(await output('isolated.mjs'), 'thread: partial {"n":42} seen\nprocess: partial {"n":42} seen\n')
})

test('two apps on one file beat: each in a thread that finds its program', { skip: offline }, async () => {
  const folder = join(place, 'user')
  await writeFile(join(folder, 'beating.mjs'), beating)
  assert.equal(await output('beating.mjs'), 'both beat\n')
})

test('every door opens', { skip: offline }, async () => {
  const doors = ['rota', 'rota/when', 'rota/scrape', 'rota/server', 'rota/testing']
  const text = doors.map((door, index) => `import * as door${index} from '${door}'`).join('\n')
  const names = doors.map((_, index) => `Object.keys(door${index}).length > 0`).join(', ')
  await writeFile(join(place, 'user/doors.mjs'), `${text}\nconsole.log([${names}].join(' '))\n`)
  assert.equal(await output('doors.mjs'), 'true true true true true\n')
})

test('the program is on the path and says when a condition comes true', { skip: offline }, async () => {
  const rota = join(place, 'user/node_modules/.bin', process.platform === 'win32' ? 'rota.cmd' : 'rota')
  const said = await run(rota, ['next', 'daily at 09:00', '--after', '2026-11-22T10:00:00Z', '--json'], { env })
  assert.ok(said.stdout.includes('2026-11-23T09:00:00'), said.stdout)
})

const strict = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
}

const program = `
import { rota } from 'rota'
import type { Run } from 'rota'

await using app = rota({ store: ':memory:' })
const hello = app.task('hello', async ({ input }: { input: number }) => input * 2)
await app.start()
const wanted: Run = await app.run(hello, { input: 21 })
const { id, task, state, result } = await app.runs.finished(wanted.id)
console.log(\`run \${id} of \${task} \${state}: \${JSON.stringify(result)}\`)
`

const isolatedWork = `
export const double = ({ input }) => {
  log.info('seen')
  return partial({ n: input * 2 }, 'in part')
}
`

const isolated = `
import { childProcess, rota, thread } from 'rota'

const app = rota({ store: ':memory:' })
const work = { module: new URL('./work.mjs', import.meta.url), export: 'double' }
app.task('thread', thread(work))
app.task('process', childProcess(work))
await app.start()
for (const task of ['thread', 'process']) {
  const { id } = await app.run(task, { input: 21 })
  const { state, result } = await app.runs.finished(id)
  const lines = await app.runs.logs(id, 0, 10)
  console.log(\`\${task}: \${state} \${JSON.stringify(result)} \${lines.map(line => line.message)}\`)
}
await app.stop()
`

const beating = `
import { globSync, readFileSync } from 'node:fs'
import { rota } from 'rota'

const apps = [1, 2].map(() => rota({ store: 'beating.db', lookEvery: '10 ms' }))
for (const app of apps) await app.start()
const beats = () => globSync('beating.db-workers/*.beat').filter(file => readFileSync(file, 'utf8') !== '')
while (beats().length < 2) await new Promise(setImmediate)
console.log('both beat')
for (const app of apps) await app.stop()
`

/** What a program in the user's folder prints. */
async function output(file: string): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', file]
  const { stdout } = await run(process.execPath, args, { cwd: join(place, 'user'), env })
  return stdout
}

async function typeCheck(files: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(place, 'user')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: Object.keys(files) }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).catch((error: unknown) =>
    assert.fail(String((error as { stdout?: unknown }).stdout)),
  )
}

/** Builds and packs in a folder of its own: others may be using dist/. */
async function pack(): Promise<readonly string[]> {
  const folder = join(place, 'package')
  await mkdir(join(folder, 'src'), { recursive: true })
  await run(process.execPath, [join(root, 'scripts/build.mjs'), join(folder, 'dist')])
  for (const file of ['package.json', ...manifest.files.filter(each => each !== 'dist')]) {
    await cp(join(root, file), join(folder, file))
  }
  await writeFile(join(folder, 'src/left-out.ts'), '')
  await writeFile(join(folder, 'left-out.db'), '')
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', place], {
    cwd: folder,
    env,
  })
  const [report] = JSON.parse(stdout) as readonly { readonly files: readonly { readonly path: string }[] }[]
  return report?.files.map(({ path }) => path) ?? []
}

/** Installs the packed file; or why that cannot be done here. */
async function install(): Promise<string | false> {
  const folder = join(place, 'user')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}')
  const wanted = join(place, `rota-${manifest.version}.tgz`)
  try {
    await run('npm', ['install', wanted, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      env,
    })
    return false
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr)
    const unreachable = /E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH)/.exec(said)
    if (unreachable === null) throw error
    return `the package registry cannot be reached (${unreachable[0]}), and npm does not have all dependencies stored`
  }
}
