/**
 * Everything that must hold, one after the other: types, lint, format, the lock, then every test file under test/.
 * With words, as in `npm test -- lint when`, only the steps of those names, and the test files whose path holds one of them.
 * The last line is the sum: `N passed, N failed, N skipped`.
 */

import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect, stripVTControlCharacters } from 'node:util'
import { lockFaults } from './lock.ts'

// A test that takes longer than this hangs; a loop that never lets go is stopped with all the rest.
const TEST_TIMEOUT_MS = 180_000
const TOTAL_TIMEOUT_MS = 900_000
const SLOWEST_SHOWN = 5

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const lightTests = new URL('light-tests.mjs', import.meta.url).href
const words = process.argv.slice(2).map(word => word.replace(/^\.\//, ''))
const total = { passed: 0, failed: 0 }
const skips = []

const steps = {
  types: () => program('node_modules/typescript/bin/tsc', '--noEmit'),
  lint: () => program('node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'),
  format: () => program('node_modules/oxfmt/bin/oxfmt', '--check', '.'),
  lock: async () => lockFaults(readJson('package.json'), readJson('package-lock.json')).join('\n'),
}

const parts = words.filter(word => !Object.hasOwn(steps, word))
const files = globSync('test/**/*.test.ts', { cwd: root })
  .filter(file => words.length === 0 || parts.some(part => file.includes(part)))
  .sort()
const started = performance.now()

// Types alone take longer than all the others together.
await Promise.all([
  step('types'),
  (async () => {
    for (const name of Object.keys(steps)) if (name !== 'types') await step(name)
  })(),
])
if (files.length > 0) await tests()
if (total.passed + total.failed === 0)
  fail(words.length > 0 ? `nothing is named like '${words.join(' ')}'` : 'no test was found')

for (const { name, file, reason } of skips) console.log(`skipped: ${name} (${file}): ${reason}`)
console.log(`in ${seconds(performance.now() - started)}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${skips.length} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1

async function step(name) {
  if (words.length > 0 && !words.includes(name)) return
  const from = performance.now()
  const fault = await steps[name]()
  const took = seconds(performance.now() - from)
  if (fault !== '') return fail(`${name} (${took})`, fault)
  total.passed++
  console.log(`ok ${name} (${took})`)
}

/** Runs one of the installed programs: '' when it is content, else what it says. */
function program(path, ...args) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [join(root, path), ...args], { cwd: root })
    let said = ''
    child.stdout.on('data', chunk => (said += chunk))
    child.stderr.on('data', chunk => (said += chunk))
    child.on('error', error => resolve(error.message))
    child.on('close', code =>
      resolve(code === 0 ? '' : stripVTControlCharacters(said).trim() || `it ended with ${code}`),
    )
  })
}

async function tests() {
  const from = performance.now()
  const found = new Map(files.map(file => [file, { file, tests: 0, said: '', ms: 0, failed: false, names: [] }]))
  const of = data => found.get(fileOf(data)) ?? { file: '', tests: 0, said: '', ms: 0, names: [] }
  const events = run({
    files: files.map(file => join(root, file)),
    // Some only wait, for a disk or a process: one more fills the gaps.
    concurrency: availableParallelism() + 1,
    timeout: TEST_TIMEOUT_MS,
    signal: AbortSignal.timeout(TOTAL_TIMEOUT_MS),
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', lightTests],
  })
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') of(data).said += data.message
    // An error that nobody caught, and that belongs to no test.
    if (type === 'test:diagnostic' && data.message.startsWith('Error: ')) of(data).said += `${data.message}\n`
    if (type === 'test:summary' && data.file !== undefined) {
      const file = of(data)
      file.ms = data.duration_ms
      // Some versions of Node do not say of the tests of a contract which file called it.
      file.tests = Math.max(file.tests, data.counts.tests)
    }
    if (type === 'test:start') of(data).names.splice(data.nesting, Infinity, data.name)
    if (type === 'test:pass') passed(data, of(data))
    if (type === 'test:fail') failed(data, of(data))
  }
  for (const [file, { tests, said, failed }] of found) {
    if (failed && said.trim() !== '') console.log(`${file} said:\n${indented(said)}`)
    if (tests === 0) fail(file, 'no test was executed in it')
  }
  const slowest = [...found].sort(([, a], [, b]) => b.ms - a.ms).slice(0, SLOWEST_SHOWN)
  console.log(`${files.length} test files (${seconds(performance.now() - from)})`)
  console.log(`slowest: ${slowest.map(([file, { ms }]) => `${file} ${seconds(ms)}`).join(', ')}`)
}

function passed(data, file) {
  // A suite is not a test; a file without tests is reported as one.
  if (data.details.type === 'suite' || isFile(data)) return
  file.tests++
  const given = data.skip ?? data.todo
  if (given === undefined) total.passed++
  else if (typeof given !== 'string' || given === '')
    fail(`${file.file}: ${named(data, file)}`, 'skipped without a reason')
  else skips.push({ name: named(data, file), file: file.file, reason: given })
}

function failed(data, file) {
  file.failed = true
  const { error } = data.details
  // Its own failing tests are reported already.
  if (error?.failureType === 'subtestsFailed') return
  file.tests++
  fail(isFile(data) ? file.file : `${file.file}: ${named(data, file)}`, described(error))
}

/** The test file that was asked for: tests of a contract are written in another one. */
function fileOf(data) {
  return relative(root, data.entryFile ?? data.file ?? data.name)
}

function isFile(data) {
  return data.nesting === 0 && relative(root, data.name) === fileOf(data)
}

/** The suites around a test, and its own name. */
function named(data, file) {
  return [...file.names.slice(0, data.nesting), data.name].join(': ')
}

function described(error) {
  const cause = error?.cause ?? error
  if (!(cause instanceof Error)) return String(cause)
  // An assertion's message holds both sides already.
  return stripVTControlCharacters(
    cause.code === 'ERR_ASSERTION' ? (cause.stack ?? cause.message) : inspect(cause, { depth: 4 }),
  )
}

function fail(what, why = '') {
  total.failed++
  console.log(`FAILED ${what}`)
  if (why !== '') console.log(indented(why))
}

function indented(text) {
  return text.trimEnd().replaceAll(/^/gm, '    ')
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
