import assert from 'node:assert/strict'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { instant } from '../../src/base/instant.ts'
import type { Finding } from '../../src/cli/doctor.ts'
import { backupFinding, contentsOf, heldFinding, nodeFinding } from '../../src/cli/doctor.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import type { Schedule } from '../../src/domain/schedule.ts'
import { rota } from '../../src/rota.ts'
import { IMPORT_ROTA, folderWith } from './folders.ts'
import { call as callAt, start } from './terminals.ts'
import type { TerminalOptions } from './terminals.ts'

// The doctor holds what the stores say against the clock by which they were written.
const call = (args: readonly string[], options: TerminalOptions = {}) =>
  callAt(args, { clock: systemClock(), ...options })

const NOW = instant(Date.UTC(2026, 10, 22, 9))

const madeStore = async (folder: string): Promise<string> => {
  const store = join(folder, 'rota.db')
  // The terminals of the tests look at it at nine: what was made later would be from the future.
  await using app = rota({ store, clock: { ...systemClock(), now: () => NOW } })
  app.task('news', () => null)
  await app.schedules.create('nightly', { task: 'news', when: 'daily at 03:00' })
  return store
}

test('a store in order exits with 0, and each check is a line', async () => {
  await using folder = await folderWith()
  await madeStore(folder.path)
  const { exit, out, err } = await call(['doctor'], { folder: folder.path })
  assert.deepEqual({ exit, err }, { exit: 0, err: '' }, out)
  for (const check of [
    'Node',
    'SQLite',
    'time zones',
    'store',
    'integrity',
    'writable',
    'disk',
    'backup',
    'held',
    'notices',
    'schedules',
    'overdue',
  ]) {
    assert.match(out, new RegExp(`^[✓–] ${check} +\\S`, 'm'))
  }
})

test('--json is one document', async () => {
  await using folder = await folderWith()
  const store = await madeStore(folder.path)
  const { out } = await call(['doctor', '--store', store, '--json'])
  const { healthy, checks } = JSON.parse(out) as { healthy: boolean; checks: readonly Finding[] }
  assert.equal(healthy, true)
  assert.deepEqual(checks.slice(0, 2), [
    { check: 'Node', state: 'ok', says: process.versions.node },
    { check: 'SQLite', state: 'ok', says: process.versions['sqlite'] },
  ])
})

test('a store that is not there, is no store, or is damaged exits with 5', async () => {
  await using folder = await folderWith({ 'text.db': 'this is no database, and long enough to be looked at twice' })
  const store = await madeStore(folder.path)
  for (const args of [
    ['--store', 'gone.db'],
    ['--store', 'text.db'],
    ['--config', 'gone.ts'],
  ]) {
    const { exit, out } = await call(['doctor', ...args], { folder: folder.path })
    assert.equal(exit, 5, out)
    assert.match(out, /^✗ store /m)
  }
  await damage(store)
  const { exit, out } = await call(['doctor'], { folder: folder.path })
  assert.equal(exit, 5, out)
  assert.match(out, /^✗ (integrity|store) /m)
})

/** Overwrites every page but the first. */
const damage = async (store: string): Promise<void> => {
  const database = new DatabaseSync(store)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  await using file = await open(store, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096)
}

test('a worker that was killed is told, and exits with 5', async () => {
  const config = `${IMPORT_ROTA}
export const app = rota({ store: new URL('./rota.db', import.meta.url).pathname })
export const server = { port: 0 }
`
  await using folder = await folderWith({ 'rota.config.ts': config })
  const child = start(['up'], { folder: folder.path })
  for await (const piece of child.stdout.setEncoding('utf8')) if (String(piece).includes('Ctrl-C')) break
  const living = await call(['doctor'], { folder: folder.path })
  assert.equal(living.exit, 0, living.out)
  assert.match(living.out, /^✓ workers +1: /m)
  const dead = once(child, 'exit')
  child.kill('SIGKILL')
  await dead
  const { exit, out } = await call(['doctor'], { folder: folder.path })
  assert.equal(exit, 5, out)
  assert.match(out, /^✗ workers +1 died without a goodbye/m)
})

const schedule = (changes: Partial<Schedule>): Schedule => ({
  id: 1,
  name: 'news',
  task: 'news' as Schedule['task'],
  input: null,
  condition: 'hourly',
  timezone: 'UTC',
  anchor: NOW,
  policies: defaultPolicies,
  tags: [],
  origin: 'code',
  declaredHash: null,
  declared: true,
  since: NOW,
  createdAt: NOW,
  revision: 1,
  version: 1,
  mark: NOW,
  highestMark: NOW,
  nextAt: instant(NOW + 3_600_000),
  paused: null,
  status: 'active',
  problem: null,
  runsCreated: 0,
  lastNominalAt: null,
  usesFacts: false,
  ...changes,
})

const WORKER = { worker: 'host-1', host: 'host', version: '1', startedAt: NOW, isListed: true, runs: 0 }

/** What is found in a store with these schedules, and a worker that lives. */
const found = async (schedules: readonly Schedule[], isWorked = true): Promise<Readonly<Record<string, string>>> => {
  const findings = await contentsOf(
    {
      workers: async () => (isWorked ? [WORKER] : []),
      deadWorkers: async () => [],
      schedules: async ({ after }) => (after === undefined ? schedules : []),
    },
    NOW,
  )
  return Object.fromEntries(findings.map(({ check, state, says }) => [check, `${state}: ${says}`]))
}

test('a schedule that cannot be read is told by name, whether or not it was judged since', async () => {
  const { schedules = '' } = await found([
    schedule({}),
    schedule({ name: 'old', status: 'unloadable', problem: 'no such zone' }),
    schedule({ name: 'new', condition: 'every 5 bananas' }),
  ])
  assert.match(schedules, /^wrong: 2 of 3 cannot be read: old \(no such zone\), new \(.*bananas/)
})

test('a mark beyond the clock is told', async () => {
  const { clock = '' } = await found([schedule({ mark: instant(NOW + 3_600_001) })])
  assert.match(clock, /^wrong: .*set back.*news/)
})

test('an overdue schedule is wrong while a Rota runs, and only noted while none does', async () => {
  const late = [
    schedule({ nextAt: instant(NOW - 300_000) }),
    schedule({ name: 'paused', nextAt: instant(0), paused: { at: NOW, by: 'me', why: null, until: null } }),
  ]
  assert.equal((await found(late))['overdue'], 'wrong: 1: news (due 5 min ago)')
  assert.match((await found(late, false))['overdue'] ?? '', /^note: 1: /)
})

test('a store that was never backed up, or long ago, is noted; one that was not long ago is in order', () => {
  assert.equal(backupFinding(null, NOW).state, 'note')
  assert.equal(backupFinding(instant(NOW - 8 * 86_400_000), NOW).state, 'note')
  assert.deepEqual(backupFinding(instant(NOW - 3_600_000), NOW), {
    check: 'backup',
    state: 'ok',
    says: 'the last one 1 h ago',
  })
})

test('runs that a restore held are told, with the way to let them go', () => {
  assert.match(heldFinding(2).says, /2 runs .* rota runs release/)
  assert.equal(heldFinding(2).state, 'wrong')
  assert.equal(heldFinding(0).state, 'ok')
})

test('a Node too old is told', () => {
  assert.equal(nodeFinding('20.20.2').state, 'wrong')
  assert.equal(nodeFinding('22.17.9').state, 'wrong')
  assert.equal(nodeFinding('22.18.0').state, 'ok')
  assert.equal(nodeFinding('24.0.0').state, 'ok')
})
