/** What a Linux machine does to a store: its disk fails, stops, is read-only; its clock is set. The programs are real ones. */

import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { describe, test } from 'node:test'
import { isRotaError } from '../../src/base/errors.ts'
import type { Run } from '../../src/domain/run.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { temporaryFolder } from '../store/folder.ts'

const ENDS_WITHIN_MS = 20_000

const runNode = (program: string, args: readonly string[]): readonly string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, program),
  ...args,
]

/** All lines of a program that ends by itself. */
const linesOf = (command: readonly string[], environment: Readonly<Record<string, string>> = {}): readonly string[] => {
  const [file = '', ...args] = command
  const { stdout, stderr, status } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: ENDS_WITHIN_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, ...environment },
  })
  assert.equal(status, 0, stderr)
  return stdout.split('\n').filter(line => line !== '')
}

const allRuns = async (path: string): Promise<readonly Run[]> => {
  const store = await openSqliteStore({ path })
  try {
    return (await store.runs({ limit: 100_000 })).toReversed()
  } finally {
    await store.close()
  }
}

// ---- disks

const works = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0

const noStrace = works('strace', '-o', '/dev/null', 'true') ? false : 'needs strace, and the right to trace a program'

/** Runs the program while some of its calls on the files of its store fail. */
const failing = (path: string, fault: string, durability: string, count: number): readonly string[] =>
  linesOf(
    ['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-P', path, '-P', `${path}-wal`].concat(
      ['-e', `trace=${CALLS}`, '-e', `inject=${fault}`],
      runNode('faults-program.ts', [path, durability, String(count)]),
    ),
  )

const CALLS = 'pwrite64,fsync,fdatasync,ftruncate,unlink'

/** The file is whole, and holds what was said to be kept: of what was refused only the last try may have reached it. */
const checkKept = async (path: string, said: readonly string[]): Promise<void> => {
  const numbers = (word: string): readonly number[] =>
    said.filter(line => line.startsWith(word)).map(line => Number(line.slice(word.length)))
  const runs = await allRuns(path)
  const stored = new Map<number, Run>(runs.map(run => [run.id, run]))
  for (const id of numbers('made ')) assert.ok(stored.has(id), `run ${id} was said to be kept`)
  for (const id of numbers('done ')) assert.equal(stored.get(id)?.state, 'succeeded')
  assert.ok(stored.size <= numbers('made ').length + 1, `${stored.size} runs are there`)
  using database = new DatabaseSync(path, { readOnly: true })
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok')
}

const refusals = (said: readonly string[]): readonly string[] => said.filter(line => line.startsWith('refused'))

describe('a disk', { skip: noStrace }, () => {
  // The first writes make the file, the others are commits; each commit of the program is some five writes.
  const nth = [1, 2, 3, 4, 6, 9, 13, 18, 40, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92]

  test('that takes no more from the Nth write on leaves what was kept until then, and no half of anything', async () => {
    for (const n of nth) {
      using folder = temporaryFolder()
      const path = join(folder.path, 'rota.db')
      const said = failing(path, `pwrite64,ftruncate,unlink:error=EIO:when=${n}+`, 'normal', 6)
      assert.ok(refusals(said).length > 0, `write ${n} failed: ${said.join()}`)
      assert.ok(refusals(said).every(line => line === 'refused STORE_UNUSABLE'))
      await checkKept(path, said)
    }
  })

  test('that cannot be synced refuses those commits, and the work goes on once it can', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await allRuns(path)
    const said = failing(path, 'fsync,fdatasync:error=EIO:when=9..12', 'full', 10)
    assert.ok(refusals(said).length > 0, said.join())
    assert.ok(refusals(said).every(line => line === 'refused STORE_UNUSABLE'))
    assert.match(said.at(-2) ?? '', /^done /)
    await checkKept(path, said)
  })

  test('that turns read-only under an open store refuses, and the work goes on once it can be written', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    await allRuns(path)
    const said = failing(path, 'pwrite64:error=EROFS:when=30..45', 'normal', 20)
    assert.ok(refusals(said).length > 0, said.join())
    assert.match(said.at(-2) ?? '', /^done /)
    await checkKept(path, said)
  })
})

const noMount = ((): string | false => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may mount a disk'
  using folder = temporaryFolder()
  if (!works('mount', '-t', 'tmpfs', 'tmpfs', folder.path)) return 'no disk can be mounted here'
  execFileSync('umount', [folder.path])
  return false
})()

test(
  'a disk that is mounted read-only is said to be so, and used again once it is not',
  { skip: noMount },
  async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder.path])
    try {
      linesOf(runNode('faults-program.ts', [path, 'normal', '3']))
      execFileSync('mount', ['-o', 'remount,ro', folder.path])
      await assert.rejects(openSqliteStore({ path }), error => isRotaError(error, 'STORE_READ_ONLY'))
      execFileSync('mount', ['-o', 'remount,rw', folder.path])
      assert.equal((await allRuns(path)).length, 3)
    } finally {
      execFileSync('umount', ['-l', folder.path])
    }
  },
)

// ---- clocks

// Loaded before everything else, it answers for the machine's clock. Timers count real time.
const faketime = ((): string | null => {
  const { stdout, status } = spawnSync('faketime', ['2026-12-01', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
})()
const noFaketime = faketime === null ? 'needs faketime (libfaketime)' : false
const clockOf = (settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  LD_PRELOAD: faketime ?? '',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  FAKETIME_NO_CACHE: '1',
  TZ: 'UTC',
  ...settings,
})

describe('a clock', { skip: noFaketime }, () => {
  test('set forward or back between two starts makes no moment run twice, and leaves none undecided', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    const startAt = (time: string): readonly string[] =>
      linesOf(
        runNode('clock-program.ts', [path, 'every 10 minutes', 'stop']),
        clockOf({ FAKETIME: `@2026-12-01 ${time}` }),
      )
    const times = (lines: readonly string[]): readonly string[] =>
      lines.map(line => {
        const { nominalAt } = JSON.parse(line) as { nominalAt: number }
        return new Date(nominalAt).toISOString().slice(11, 16)
      })
    assert.deepEqual(times(startAt('09:05:00')), [])
    // Forward is as if nobody had run: the newest runs.
    assert.deepEqual(times(startAt('10:05:00')), ['10:00'])
    // Back by less than an hour: nothing that is decided is decided again.
    assert.deepEqual(times(startAt('09:25:00')), [])
    // Further back: the schedule goes on from there.
    assert.deepEqual(times(startAt('07:05:00')), [])
    assert.deepEqual(times(startAt('07:15:00')), ['07:10'])
    assert.deepEqual(times(startAt('10:05:00')), [])
    assert.deepEqual(times(startAt('10:15:00')), ['10:10'])
    const runs = await allRuns(path)
    const executed = runs.filter(run => run.attempt > 0).map(run => run.nominalAt)
    assert.equal(new Set(executed).size, executed.length)
    const store = await openSqliteStore({ path })
    assert.ok((await store.events(100)).some(event => event.name === 'clock set back'))
    await store.close()
  })

  test('set forward by an hour under a Rota at work runs the newest moment, records the others, and none twice', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'rota.db')
    const clock = join(folder.path, 'clock')
    writeFileSync(clock, '+0')
    const [file = '', ...args] = runNode('clock-program.ts', [path, 'every 50 ms', 'go on'])
    const child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...clockOf({ FAKETIME_TIMESTAMP_FILE: clock }) },
      timeout: ENDS_WITHIN_MS,
      killSignal: 'SIGKILL',
    })
    const exited = once(child, 'exit')
    const nominal: number[] = []
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const at = (JSON.parse(line) as { nominalAt: number }).nominalAt
        const first = nominal[0] ?? at
        nominal.push(at)
        if (nominal.length === 3) writeFileSync(clock, '+3600')
        if (at - first > 3_500_000) break
      }
    } finally {
      child.kill('SIGKILL')
      await exited
    }
    const runs = await allRuns(path)
    const executed = runs.filter(run => run.attempt > 0).map(run => run.nominalAt)
    assert.equal(new Set(executed).size, executed.length)
    const skipped = runs.filter(run => run.state === 'skipped').reduce((sum, run) => sum + run.count, 0)
    assert.ok(skipped > 70_000, `${skipped} moments of the hour are recorded`)
    assert.ok(nominal.every((at, i) => i === 0 || at > (nominal[i - 1] ?? 0)))
  })
})
