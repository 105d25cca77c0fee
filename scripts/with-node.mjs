/**
 * Runs a script of this checkout with everything it needs: dependencies installed as the lock says, and a Node that runs
 * TypeScript. What is missing is installed once, and said on standard error; standard output belongs to the script.
 */

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The Node that the repository itself runs on; a newer one on the machine is left alone.
const NODE_VERSION = '24.21.0'
const OLDEST = [22, 18]

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [script, ...args] = process.argv.slice(2)

installDependencies()
const child = spawn(nodePath(), ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? code : 1
})

function installDependencies() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
  const stamp = join(root, 'node_modules/.rota-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  say('Installing the dependencies (once) ...')
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, lock)
}

function nodePath() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath
  const prefix = join(root, '.node')
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const binary = join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(binary) && spawnSync(binary, ['--version']).stdout?.toString().trim() === `v${NODE_VERSION}`) return binary
  say(`Node ${process.versions.node} is too old for Rota: installing Node ${NODE_VERSION} into .node (once) ...`)
  mkdirSync(prefix, { recursive: true })
  writeFileSync(join(prefix, 'package.json'), '{"private":true}')
  npm(['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${NODE_VERSION}`])
  return binary
}

function npm(argv) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // npm_config_* of the outer npm must not reach the inner one (a workspace, a prefix).
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_(config_(prefix|global|local)|lifecycle|package)/.test(key)))
  const done = spawnSync(command, argv, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'], env })
  if (done.status === 0) return
  say(`npm ${argv[0]} failed; the lines above say why.`)
  process.exit(1)
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
