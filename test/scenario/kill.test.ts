/** A process killed in the middle of a run, thirty times, over one file: nothing is lost, nothing is done twice. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { rota } from '../../src/index.ts'
import type { App, Attempt, Run, RunId } from '../../src/index.ts'
import { LONG, SHORT } from './kill-program-words.ts'
import type { Begun, Said } from './kill-program-words.ts'

const ROUNDS = 30
// A bound, not a measure: a program that does not come back fails here.
const LONGEST_ROUND_MS = 30_000
const RUNNING_AGAIN_WITHIN_MS = 1_000
// As everything in this checkout is started (scripts/with-node.mjs): the sources are stripped of their types only once.
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/node')

describe('a process killed in the middle of a run, thirty times over one file', () => {
  let folder = ''
  let app: App
  const rounds: Round[] = []
  let long: Story
  let short: Story

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rota-kill-'))
    const file = join(folder, 'rota.db')
    const ledger = join(folder, 'ledger')
    while (rounds.length < ROUNDS) rounds.push(await oneRound(file, ledger, rounds.at(-1)?.killed ?? null))
    const begun = linesOf<Begun>(await readFile(ledger, 'utf8'))
    app = rota({ store: file })
    await app.open()
    long = await storyOf(app, LONG, begun)
    short = await storyOf(app, SHORT, begun)
  })

  after(async () => {
    await app?.stop()
    await rm(folder, { recursive: true })
  })

  it('is running the interrupted run again within a second of each restart', async t => {
    const sinceBirth: number[] = []
    const sinceStart: number[] = []
    for (const { born, starts, resumed } of rounds) {
      if (resumed === null) continue
      const second = (await app.runs.get(resumed as RunId)).attempts[1]
      assert.ok(second, `run ${resumed} has a second attempt`)
      sinceBirth.push(second.startedAt - born)
      sinceStart.push(second.startedAt - starts)
    }
    assert.equal(sinceBirth.length, ROUNDS - 1)
    t.diagnostic(`since the process began: ${spread(sinceBirth)}; since app.start(): ${spread(sinceStart)}`)
    // Other programs on a busy machine delay the loading of one process or another, not that of most.
    assert.ok(median(sinceBirth) <= RUNNING_AGAIN_WITHIN_MS, `since the process began: ${spread(sinceBirth)}`)
    assert.ok(Math.max(...sinceStart) <= RUNNING_AGAIN_WITHIN_MS, `since app.start(): ${spread(sinceStart)}`)
  })

  it('ends every interrupted run, with one result: its own', () => {
    const interrupted = long.runs.filter(run => run.attempt > 0)
    // The last one killed is still to be taken up.
    assert.equal(interrupted.length, ROUNDS)
    for (const run of interrupted.slice(0, -1)) {
      assert.deepEqual([run.state, run.attempt, run.result], ['succeeded', 2, { run: run.id }])
    }
  })

  it('counts attempts without gaps, as often as a handler began', () => {
    for (const { runs, attempts, begun } of [long, short]) {
      for (const run of runs) {
        const kept = attempts.get(run.id) ?? []
        const unfinished = run.state === 'running' ? 1 : 0
        const expected = Array.from({ length: run.attempt }, (_, index) => index + 1)
        assert.deepEqual(
          kept.map(({ attempt }) => attempt),
          expected.slice(0, expected.length - unfinished),
        )
        // An attempt that was claimed may have died before its handler began; none began twice.
        const began = begun.filter(line => line.run === run.id).map(line => line.attempt)
        assert.equal(new Set(began).size, began.length, `run ${run.id} began ${began.join(', ')}`)
        assert.ok(began.every(attempt => expected.includes(attempt)))
      }
    }
  })

  it('starts what has a single attempt at most once, and says of each one whether it was lost', () => {
    for (const run of short.runs.filter(({ state }) => state !== 'skipped' && state !== 'running')) {
      assert.ok(run.attempt <= 1)
      if (run.state === 'failed') assert.equal(run.reason, 'lost')
      else if (run.state === 'succeeded') assert.deepEqual(run.result, { run: run.id })
    }
    assert.ok(short.runs.some(run => run.state === 'succeeded'))
  })

  it('decides every opportunity once: a run or a recorded skip, none missing, none twice', () => {
    for (const [story, period] of [
      [long, 50],
      [short, 10],
    ] as const) {
      const rows = story.runs.toSorted((a, b) => Number(a.nominalAt) - Number(b.nominalAt))
      for (const [index, row] of rows.entries()) {
        const first = Number(row.nominalAt)
        const last = row.lastNominalAt ?? first
        assert.equal(row.count, (last - first) / period + 1, `run ${row.id} stands for ${row.count}`)
        const next = rows[index + 1]
        if (next !== undefined)
          assert.equal(next.nominalAt, last + period, `after run ${row.id} follows run ${next.id}`)
        else assert.equal(last, story.mark)
      }
      assert.equal(rows[0]?.nominalAt, story.anchor + period)
    }
  })
})

interface Round {
  /** When the process began. */
  readonly born: number
  /** When it had loaded Rota and called `app.start()`. */
  readonly starts: number
  /** The run that the round before left in the middle. */
  readonly resumed: number | null
  /** The run that this round was killed in. */
  readonly killed: number
}

/** Starts the program, waits until it is in the middle of a first attempt, kills it. */
const oneRound = async (file: string, ledger: string, interrupted: number | null): Promise<Round> => {
  const program = join(import.meta.dirname, 'kill-program.ts')
  const child = spawn(process.execPath, [program, file, ledger], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  })
  const giveUp = AbortSignal.timeout(LONGEST_ROUND_MS)
  giveUp.addEventListener('abort', () => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  let born = Number.NaN
  let starts = Number.NaN
  let resumed: number | null = null
  try {
    for await (const said of saidBy(child)) {
      if (said.kind === 'starting') ({ born, at: starts } = said)
      if (said.kind !== 'running') continue
      if (said.attempt === 1) return { born, starts, resumed, killed: said.run }
      assert.equal(said.run, interrupted, 'only what was interrupted has a second attempt')
      resumed = said.run
    }
  } finally {
    child.kill('SIGKILL')
    await exited
  }
  throw new Error('the program ended before it was killed')
}

async function* saidBy(child: ChildProcess): AsyncGenerator<Said> {
  assert.ok(child.stdout)
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as Said
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const spread = (values: readonly number[]): string =>
  `median ${Math.round(median(values))} ms, at most ${Math.round(Math.max(...values))} ms`

/** Everything that is known of one schedule's opportunities. */
interface Story {
  /** Newest first. */
  readonly runs: readonly Run[]
  readonly attempts: ReadonlyMap<RunId, readonly Attempt[]>
  readonly begun: readonly Begun[]
  readonly anchor: number
  readonly mark: number
}

const storyOf = async (app: App, name: string, begun: readonly Begun[]): Promise<Story> => {
  const runs: Run[] = []
  for (;;) {
    const last = runs.at(-1)
    const page = await app.runs.list({ schedule: name, limit: 500, ...(last === undefined ? {} : { before: last.id }) })
    runs.push(...page)
    if (page.length < 500) break
  }
  runs.reverse()
  const executed = runs.filter(run => run.attempt > 0)
  const attempts = new Map(
    await Promise.all(executed.map(async ({ id }) => [id, (await app.runs.get(id)).attempts] as const)),
  )
  const own = new Set<number>(runs.map(run => run.id))
  const { anchor, mark } = await app.schedules.get(name)
  return { runs, attempts, begun: begun.filter(line => own.has(line.run)), anchor, mark }
}

// The last line may be cut off where the process died.
const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as T)
