/** Handlers and machines that misbehave, in a whole app in real time: the process lives, and nothing recorded is lost. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isOver } from '../../src/domain/run.ts'
import type { Run } from '../../src/domain/run.ts'
import { rota } from '../../src/rota.ts'
import type { App, AppEvent } from '../../src/app.ts'

/** The first event that fits; the bound only ends a test that would hang. */
const happened = async (app: App, fits: (event: AppEvent) => boolean): Promise<AppEvent> => {
  const found = Promise.withResolvers<AppEvent>()
  const ignore = app.on(event => {
    if (fits(event)) found.resolve(event)
  })
  const bound = AbortSignal.timeout(30_000)
  bound.addEventListener('abort', () => found.reject(new Error('nothing that fits happened in 30 s')))
  try {
    return await found.promise
  } finally {
    ignore()
  }
}

const succeeded = (task: string) => (event: AppEvent) =>
  event.kind === 'run' && event.run.task === task && event.run.state === 'succeeded'

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'rota-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a handler that blocks the loop makes others late, and stops none of them', () =>
  inFolder(async folder => {
    await using app = rota({ store: join(folder, 'rota.db') })
    app.task('steady', () => 'done')
    app.task('blocks', () => {
      const until = performance.now() + 5_000
      while (performance.now() < until);
      return 'unblocked'
    })
    app.schedule('steady', { task: 'steady', when: 'every 100 ms' })
    await app.start()
    const told = happened(
      app,
      event => event.kind === 'notice' && event.message.startsWith('the event loop was blocked'),
    )
    const { id } = await app.run('blocks')
    const blocked = await app.runs.finished(id)
    assert.equal(blocked.result, 'unblocked')
    await told
    // The timer that shows it was set up to a second before.
    const lag = (await app.status()).process?.loopLagMs ?? 0
    assert.ok(lag >= 3_900, `the status says that it was blocked: ${lag} ms`)
    const before = await app.runs.list({ task: 'steady', limit: 1 })
    await happened(
      app,
      event => succeeded('steady')(event) && event.kind === 'run' && event.run.id > (before[0]?.id ?? 0),
    )
    const rows = await app.runs.list({ schedule: 'steady', limit: 200 })
    const late = rows.filter(
      run => run.startedAt !== null && run.nominalAt !== null && run.startedAt - run.nominalAt > 100,
    )
    const coalesced = rows.filter(run => run.reason === 'coalesced').reduce((sum, run) => sum + run.count, 0)
    assert.ok(late.length + coalesced > 0, 'five seconds without a loop leave a trace')
    assert.equal(opportunities(rows), distance(rows), 'every moment has its row')
  }))

/** How many opportunities the rows stand for. */
const opportunities = (rows: readonly Run[]): number => rows.reduce((sum, run) => sum + run.count, 0)

/** How many moments of a 100 ms schedule lie between the first and the last row. */
const distance = (rows: readonly Run[]): number => {
  const nominal = rows.flatMap(run => [run.nominalAt ?? 0, run.lastNominalAt ?? run.nominalAt ?? 0])
  return (Math.max(...nominal) - Math.min(...nominal)) / 100 + 1
}

test('a handler that hangs is ended by its timeout, and the next run starts', async () => {
  await using app = rota({ store: ':memory:', concurrency: 1 })
  app.task('hangs', () => new Promise(() => {}), { timeout: '50 ms', timeoutGrace: '50 ms' })
  app.task('next', () => 'ran')
  await app.start()
  const hanging = await app.run('hangs')
  const next = await app.run('next')
  assert.deepEqual(
    [(await app.runs.finished(hanging.id)).reason, (await app.runs.finished(next.id)).result],
    ['timeout', 'ran'],
  )
})

test('a listener that throws harms nothing', async () => {
  await using app = rota({ store: ':memory:' })
  app.task('work', () => 'done')
  app.on(() => {
    throw new Error('a listener with a fault')
  })
  await app.start()
  const { id } = await app.run('work')
  assert.equal((await app.runs.finished(id)).state, 'succeeded')
})

test('a rejection that nobody awaits in a handler does not end the run twice', async () => {
  await using app = rota({ store: ':memory:' })
  const ends: string[] = []
  app.on(event => {
    if (event.kind === 'run' && isOver(event.run)) ends.push(event.run.state)
  })
  app.task('work', ({ signal }) => {
    const ignored = new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('late'))))
    ignored.catch(() => {})
    return 'done'
  })
  await app.start()
  const { id } = await app.run('work')
  await app.runs.finished(id)
  assert.deepEqual(ends, ['succeeded'])
})

const cannotMount = ((): string | false => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a small disk can only be mounted by root on Linux'
  return false
})()

test('a full disk stops the starting of work, loses nothing, and is over by itself', { skip: cannotMount }, () =>
  inFolder(async folder => {
    const disk = join(folder, 'disk')
    execFileSync('mkdir', [disk])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
    try {
      await using app = rota({ store: join(disk, 'rota.db') })
      app.task('steady', () => 'x'.repeat(1_000))
      app.schedule('steady', { task: 'steady', when: 'every 20 ms', overlap: { allow: 10 }, catchUp: 'all' })
      await app.start()
      await happened(app, succeeded('steady'))
      const troubled = happened(app, event => event.kind === 'trouble' && event.problems.length > 0)
      fill(disk)
      await troubled
      assert.match((await app.status()).problems.join(), /disk/)
      const { id: lastBefore } = (await app.runs.list({ limit: 1 }))[0] as Run
      const over = happened(app, event => event.kind === 'trouble' && event.problems.length === 0)
      rmSync(join(disk, 'filler'))
      await over
      await happened(app, event => succeeded('steady')(event) && event.kind === 'run' && event.run.id > lastBefore)
      await app.stop()
      await assertNoGap(join(disk, 'rota.db'))
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  }),
)

/** Leaves not a byte free. */
const fill = (disk: string): void => {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Number(bavail) * Number(bsize)))
}

const assertNoGap = async (store: string): Promise<void> => {
  await using app = rota({ store })
  await app.open()
  const rows: Run[] = []
  for (
    let page = await app.runs.list({ limit: 200 });
    page.length > 0;
    page = await app.runs.list({ limit: 200, before: rows.at(-1)!.id })
  ) {
    rows.push(...page)
  }
  const decided = new Map<number, number>()
  for (const run of rows) {
    for (let at: number = run.nominalAt ?? 0; at <= (run.lastNominalAt ?? run.nominalAt ?? 0); at += 20)
      decided.set(at, run.id)
  }
  const moments = [...decided.keys()].sort((a, b) => a - b)
  const first = moments[0] ?? 0
  const last = moments.at(-1) ?? 0
  assert.equal(moments.length, (last - first) / 20 + 1, 'every moment from the first to the last has its row')
  assert.ok(rows.every(isOver), 'nothing is left unfinished')
}
