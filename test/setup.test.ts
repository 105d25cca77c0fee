/** The way from a fresh clone to a running script, with an npm that needs no network: a stand-in that notes what it is asked. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import test from 'node:test'

const root = resolve(import.meta.dirname, '..')
const ZOD = { version: '4.6.7', integrity: 'sha512-zod' }

interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A checkout with one dependency and one script, `probe`. */
class Clone implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'rota-setup-'))

  constructor() {
    this.write('package.json', { name: 'clone', dependencies: { zod: ZOD.version } })
    this.writeLock({ 'node_modules/zod': ZOD, 'node_modules/other-machine': { version: '1.0.0', optional: true } })
    writeFileSync(join(this.folder, '.npmrc'), '')
    mkdirSync(join(this.folder, 'scripts'))
    copyFileSync(join(root, 'scripts/with-node.mjs'), join(this.folder, 'scripts/with-node.mjs'))
    writeFileSync(join(this.folder, 'scripts/probe.mjs'), probe)
    writeFileSync(join(this.folder, 'npm-cli.js'), standIn)
  }

  /** What npm was asked for, a line a call. */
  get calls(): readonly string[] {
    const file = join(this.folder, 'calls')
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  }

  /** Folders of installations, done or not. */
  get leftovers(): readonly string[] {
    const home = join(this.folder, '.node')
    return existsSync(home) ? readdirSync(home).filter(name => name.startsWith('installing-')) : []
  }

  write(file: string, json: unknown): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), JSON.stringify(json))
  }

  writeLock(packages: object): void {
    this.write('package-lock.json', { packages: { '': {}, ...packages } })
  }

  /** Runs `probe` as `npm run` would. */
  run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    nodeArgs: readonly string[] = [],
  ): {
    readonly pid: number
    kill(signal: NodeJS.Signals): void
    readonly said: Promise<void>
    readonly done: Promise<Outcome>
  } {
    const child = spawn(
      process.execPath,
      [...nodeArgs, join(this.folder, 'scripts/with-node.mjs'), 'scripts/probe.mjs', ...args],
      {
        env: {
          PATH: process.env['PATH'],
          npm_execpath: join(this.folder, 'npm-cli.js'),
          CALLS: join(this.folder, 'calls'),
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let [stdout, stderr] = ['', '']
    child.stderr.on('data', chunk => (stderr += String(chunk)))
    const said = new Promise<void>(resolveSaid => {
      child.stdout.on('data', chunk => {
        stdout += String(chunk)
        resolveSaid()
      })
      child.on('close', () => resolveSaid())
    })
    const done = new Promise<Outcome>(resolveDone => {
      child.on('close', (code, signal) => resolveDone({ code, signal, stdout, stderr }))
    })
    return { pid: child.pid ?? 0, kill: signal => child.kill(signal), said, done }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const probe = `
  const [wish, value] = process.argv.slice(2)
  if (wish === 'wait') {
    process.on(value, () => { console.log('heard', value); process.exit(7) })
    setInterval(() => {}, 1_000)
  }
  console.log(process.version, ...process.argv.slice(2))
  if (wish === 'exit') process.exit(Number(value))
  if (wish === 'die') process.kill(process.pid, value)
`

// Does what npm does as far as the script can see: fills node_modules in its folder, the record last.
const standIn = `
  const fs = require('node:fs')
  const path = require('node:path')
  fs.appendFileSync(process.env.CALLS, process.argv.slice(2).filter(word => !word.startsWith('--')).join(' ') + '\\n')
  console.log('npm speaks')
  if (process.env.NPM === 'fails') process.exit(1)
  fs.mkdirSync('node_modules/zod', { recursive: true })
  if (process.env.NPM === 'hangs') {
    fs.writeFileSync(process.env.CALLS + '.hanging', String(process.pid))
    const parent = process.ppid
    setInterval(() => process.ppid !== parent && process.exit(), 50)
  } else if (process.argv[2] === 'ci') {
    const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'))
    const installed = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.optional)
    fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(installed) }))
  } else {
    const [, name, version] = /^(.+)@(.+)$/.exec(process.argv.find(word => word.startsWith('node-')))
    const bin = path.join('node_modules', name, 'bin')
    fs.mkdirSync(bin, { recursive: true })
    fs.writeFileSync(path.join(bin, 'node'), '#!/bin/sh\\necho ' + (process.env.NPM === 'foreign' ? 'no such binary' : 'v' + version) + '\\n')
    fs.chmodSync(path.join(bin, 'node'), 0o755)
  }
`

// Makes Node say that it is another one, on another machine.
const pretending = (version: string, arch: string = process.arch): readonly string[] => {
  const lies = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })
    Object.defineProperty(process, 'arch', { value: '${arch}' })`
  return ['--import', `data:text/javascript,${encodeURIComponent(lies)}`]
}

test('a fresh clone installs its dependencies once, and says so on standard error only', async () => {
  using clone = new Clone()
  const first = await clone.run(['hello', 'two words']).done
  assert.deepEqual([first.code, first.stdout], [0, `${process.version} hello two words\n`])
  assert.match(first.stderr, /^Installing the dependencies \(once\) \.\.\.\nnpm speaks\n$/)
  const second = await clone.run(['hello']).done
  assert.deepEqual([second.stderr, clone.calls, clone.leftovers], ['', ['ci'], []])
})

test('what npm itself installed is not installed again', async () => {
  using clone = new Clone()
  clone.write('node_modules/.package-lock.json', { packages: { 'node_modules/zod': ZOD } })
  assert.equal((await clone.run(['hello']).done).stderr, '')
})

test('a changed lock, a missing package and a half-written record are installed anew', async () => {
  using clone = new Clone()
  await clone.run(['hello']).done
  clone.writeLock({ 'node_modules/zod': { ...ZOD, version: '4.6.8' } })
  await clone.run(['hello']).done
  clone.write('node_modules/.package-lock.json', { packages: {} })
  await clone.run(['hello']).done
  writeFileSync(join(clone.folder, 'node_modules/.package-lock.json'), '{"packages": {')
  await clone.run(['hello']).done
  assert.deepEqual([clone.calls.length, clone.leftovers], [4, []])
})

test('a failed installation ends with what to read, and leaves what was there', async () => {
  using clone = new Clone()
  clone.write('node_modules/mine.json', {})
  const failed = await clone.run(['hello'], { NPM: 'fails' }).done
  assert.deepEqual([failed.code, failed.stdout, clone.leftovers], [1, '', []])
  assert.match(failed.stderr, /npm ci failed; the lines above say why\. Nothing was changed\.\n$/)
  assert.ok(existsSync(join(clone.folder, 'node_modules/mine.json')))
})

test('an installation that was killed half-way does not count, and its rests are removed', async () => {
  using clone = new Clone()
  const killed = clone.run(['hello'], { NPM: 'hangs' })
  await until(() => existsSync(join(clone.folder, 'calls.hanging')))
  killed.kill('SIGKILL')
  await until(() => !isAlive(Number(readFileSync(join(clone.folder, 'calls.hanging'), 'utf8'))))
  assert.ok(!existsSync(join(clone.folder, 'node_modules')))
  assert.equal((await clone.run(['hello']).done).code, 0)
  assert.deepEqual(clone.leftovers, [])
})

test('two at once do not break each other', async () => {
  using clone = new Clone()
  const outcomes = await Promise.all([clone.run(['a']).done, clone.run(['b']).done])
  assert.deepEqual(
    outcomes.map(({ code }) => code),
    [0, 0],
  )
  assert.equal((await clone.run(['hello']).done).stderr, '')
  assert.deepEqual(clone.leftovers, [])
})

test('the exit code and the signal of the script become its own', async () => {
  using clone = new Clone()
  assert.equal((await clone.run(['exit', '5']).done).code, 5)
  assert.equal((await clone.run(['die', 'SIGTERM']).done).signal, 'SIGTERM')
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} is sent on to the script, which ends in its own way`, async () => {
    using clone = new Clone()
    const running = clone.run(['wait', signal])
    await running.said
    running.kill(signal)
    const { code, stdout } = await running.done
    assert.deepEqual([code, stdout.includes(`heard ${signal}`)], [7, true])
  })
}

test('an old Node gets the right one beside it, once', async () => {
  using clone = new Clone()
  const first = await clone.run(['hello'], {}, pretending('20.20.2')).done
  assert.match(first.stderr, /Node 20\.20\.2 is too old .* installing Node \d+\.\d+\.\d+ into \.node \(once\)/)
  assert.match(first.stdout, /^v\d+\.\d+\.\d+\n$/)
  const second = await clone.run(['hello'], {}, pretending('22.18.0')).done
  assert.equal(second.stderr, '')
  assert.equal(clone.calls.length, 2)
})

test('a machine without such a Node, or on which it does not run, is told what to do', async () => {
  using clone = new Clone()
  const rare = await clone.run(['hello'], {}, pretending('20.20.2', 'riscv64')).done
  assert.equal(rare.code, 1)
  assert.match(rare.stderr, /none to be had from npm for \w+-riscv64\.\nInstall Node 24\.18/)
  const foreign = await clone.run(['hello'], { NPM: 'foreign' }, pretending('20.20.2')).done
  assert.equal(foreign.code, 1)
  assert.match(foreign.stderr, /does not run on this machine\.\nInstall Node 24\.18/)
})

test('what the outer npm says of its own package does not reach the inner one', async () => {
  using clone = new Clone()
  const npm = join(clone.folder, 'npm-cli.js')
  writeFileSync(
    npm,
    `require('node:fs').appendFileSync(process.env.CALLS, JSON.stringify(process.env)); process.exit(1)`,
  )
  const outer = {
    npm_config_global: 'true',
    npm_package_name: 'rota',
    NODE_ENV: 'production',
    npm_config_registry: 'https://npm.test/',
  }
  await clone.run(['hello'], outer).done
  const seen = JSON.parse(clone.calls.join('')) as NodeJS.ProcessEnv
  assert.deepEqual(
    Object.keys(outer).map(name => seen[name]),
    [undefined, undefined, undefined, 'https://npm.test/'],
  )
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Until something outside this process is so. */
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise(setImmediate)
}
