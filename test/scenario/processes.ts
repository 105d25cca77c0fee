/**
 * Two processes over one file, killed and stopped at random, and what must hold of the file and of their own records then:
 * every opportunity is one run or part of a recorded skip, no attempt begins twice, no run ends twice, none is left.
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { rota } from '../../src/index.ts'
import type { App, Run } from '../../src/index.ts'
import { liveStates } from '../../src/domain/run.ts'
import { readBeat } from '../../src/store/sqlite/beat-file.ts'
import { seeded } from '../../src/testing/random.ts'
import type { Random } from '../../src/testing/random.ts'
import { PERIOD_MS, TICK } from './processes-words.ts'
import type { Said } from './processes-words.ts'

// A bound, not a measure: a process that says no more of what is awaited fails here.
const LONGEST_WAIT_MS = 60_000
// As everything in this checkout is started (scripts/with-node.mjs): the sources are stripped of their types only once.
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/node')

/** A folder with one store, and the records of every process that ever worked on it. */
export class Place implements AsyncDisposable {
  readonly path: string
  readonly file: string
  readonly #processes: RotaProcess[] = []

  private constructor(path: string) {
    this.path = path
    this.file = join(path, 'rota.db')
  }

  static async make(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'rota-processes-')))
  }

  /** `idle`: without the schedule. */
  async start(how: 'ticking' | 'idle' = 'ticking'): Promise<RotaProcess> {
    const own = join(this.path, `${this.#processes.length}.log`)
    const one = new RotaProcess([this.file, own, how])
    this.#processes.push(one)
    await one.started
    return one
  }

  /** Until this worker has counted for a while: it has seen that it is not alone, and done what it had to do about that. */
  async beating(worker: string): Promise<void> {
    const folder = `${this.file}-workers`
    const beat = join(folder, `${worker}.beat`)
    const signal = AbortSignal.timeout(LONGEST_WAIT_MS)
    for await (const _ of watch(folder, { signal })) if (readBeat(beat).count >= 3) return
  }

  /** What each process wrote down, the last line perhaps cut off where it died. */
  async records(): Promise<readonly (readonly Said[])[]> {
    const files = (await readdir(this.path)).filter(name => name.endsWith('.log'))
    const texts = await Promise.all(files.map(name => readFile(join(this.path, name), 'utf8')))
    return texts.map(text =>
      text
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line) as Said),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#processes) await one.kill()
    await rm(this.path, { recursive: true })
  }
}

type Matching<K extends Said['kind']> = Said & { readonly kind: K }

export class RotaProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #waiting = new Set<(said: Said) => void>()
  readonly started: Promise<Matching<'started'>>
  worker = ''

  constructor(args: readonly string[]) {
    const program = join(import.meta.dirname, 'processes-program.ts')
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    })
    this.#exited = once(this.#child, 'exit')
    assert.ok(this.#child.stdout)
    createInterface(this.#child.stdout).on('line', line => this.#heard(line))
    this.started = this.says('started').then(said => {
      this.worker = said.worker
      return said
    })
  }

  /** The next thing of one of these kinds that it says from now on, or that fits. */
  async says<K extends Said['kind']>(
    kinds: K | readonly K[],
    fits: (said: Matching<K>) => boolean = () => true,
  ): Promise<Matching<K>> {
    const wanted: readonly string[] = [kinds].flat()
    const heard = Promise.withResolvers<Matching<K>>()
    const listen = (said: Said): void => {
      if (wanted.includes(said.kind) && fits(said as Matching<K>)) heard.resolve(said as Matching<K>)
    }
    this.#waiting.add(listen)
    const late = AbortSignal.timeout(LONGEST_WAIT_MS)
    late.addEventListener('abort', () => heard.reject(new Error(`it never said: ${wanted.join(', ')}`)))
    try {
      return await heard.promise
    } finally {
      this.#waiting.delete(listen)
    }
  }

  #heard(line: string): void {
    const said = JSON.parse(line) as Said
    for (const listen of this.#waiting) listen(said)
  }

  /** As SIGSTOP. */
  standStill(): void {
    this.#child.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** What was done, and what came of it. */
export interface Figures {
  readonly rounds: number
  readonly kills: number
  /** Stopped for longer than the lease. */
  readonly stops: number
  /** Of the stops, those in the midst of a commit: nobody else can write then. */
  readonly stoppedInCommit: number
  readonly opportunities: number
  readonly runs: number
  readonly skipped: number
  readonly succeeded: number
  readonly quarantined: number
  readonly attempts: number
  readonly handlersBegun: number
  /** Handlers that returned after their run was taken over, and were not heard. */
  readonly refused: number
  readonly rejoined: number
  readonly faults: readonly string[]
}

/** Kills and stops two processes `rounds` times, then lets what was begun end, and judges. */
export const disturb = async (seed: number, rounds: number): Promise<Figures> => {
  await using place = await Place.make()
  const world = new World(place, seeded(seed))
  await world.begin()
  for (let round = 0; round < rounds; round++) await world.round()
  return { rounds, ...world.done, ...(await world.end()) }
}

const slots = [0, 1] as const
type Slot = (typeof slots)[number]
const otherThan = (slot: Slot): Slot => (slot === 0 ? 1 : 0)

class World {
  readonly #place: Place
  readonly #random: Random
  readonly #processes: RotaProcess[] = []
  readonly done = { kills: 0, stops: 0, stoppedInCommit: 0 }

  constructor(place: Place, random: Random) {
    this.#place = place
    this.#random = random
  }

  async begin(): Promise<void> {
    for (const slot of slots) this.#processes[slot] = await this.#place.start()
  }

  /** Somebody may stand still for longer than the lease, and come back or not; then somebody dies. */
  async round(): Promise<void> {
    if (this.#random.chance(0.4)) await this.#standStill(this.#random.pick(slots))
    const slot = this.#random.pick(slots)
    await this.#goOnFor(slot)
    await this.#kill(slot)
    if (this.#random.chance(0.1)) await this.#kill(otherThan(slot))
  }

  /** Until some more of its handlers have begun, or ended, or been recorded. */
  async #goOnFor(slot: Slot): Promise<void> {
    for (let left = this.#random.between(1, 8); left > 0; left--) await this.#in(slot).says(['began', 'ended', 'over'])
  }

  async #standStill(slot: Slot): Promise<void> {
    await this.#goOnFor(slot)
    const { worker } = this.#in(slot)
    await this.#place.beating(worker)
    const lost = this.#in(otherThan(slot)).says(
      ['lost', 'trouble'],
      said => said.kind === 'trouble' || said.worker === worker,
    )
    this.#in(slot).standStill()
    this.done.stops++
    if ((await lost).kind === 'trouble') this.done.stoppedInCommit++
    if (this.#random.chance(0.2)) await this.#kill(slot)
    else this.#in(slot).goOn()
  }

  async #kill(slot: Slot): Promise<void> {
    this.done.kills++
    await this.#in(slot).kill()
    this.#processes[slot] = await this.#place.start()
  }

  #in(slot: Slot): RotaProcess {
    const one = this.#processes[slot]
    assert.ok(one)
    return one
  }

  async end() {
    await using app = rota({ store: this.#place.file })
    await app.open()
    await app.schedules.remove(TICK, 'the end')
    for (const run of await app.runs.list({ states: liveStates, limit: 500 })) {
      const { state } = await app.runs.finished(run.id, AbortSignal.timeout(LONGEST_WAIT_MS))
      assert.notEqual(state, 'running')
    }
    return judge(await allRuns(app), await this.#place.records(), app)
  }
}

const allRuns = async (app: App): Promise<readonly Run[]> => {
  const runs: Run[] = []
  for (;;) {
    const last = runs.at(-1)
    const page = await app.runs.list({ limit: 500, ...(last === undefined ? {} : { before: last.id }) })
    runs.push(...page)
    if (page.length < 500) return runs.reverse()
  }
}

const judge = async (rows: readonly Run[], records: readonly (readonly Said[])[], app: App) => {
  const executed = rows.filter(run => run.state !== 'skipped')
  const said = records.flat()
  const begun = said.filter(line => line.kind === 'began')
  const over = said.filter(line => line.kind === 'over')
  const faults = [
    ...(await Promise.all(executed.map(run => faultsOfRun(run, app)))).flat(),
    ...faultsOfOpportunities(rows),
    ...doubled(begun.map(({ run, attempt }) => `attempt ${attempt} of run ${run} began`)),
    ...doubled(over.map(({ run }) => `run ${run} ended`)),
    ...begun.flatMap(({ run, attempt }) => {
      const row = executed.find(({ id }) => id === run)
      return row !== undefined && attempt <= row.attempt ? [] : [`attempt ${attempt} of run ${run} began unrecorded`]
    }),
  ]
  return {
    opportunities: rows.reduce((sum, run) => sum + run.count, 0),
    runs: executed.length,
    skipped: rows.filter(run => run.state === 'skipped').reduce((sum, run) => sum + run.count, 0),
    succeeded: executed.filter(run => run.state === 'succeeded').length,
    quarantined: executed.filter(run => run.reason === 'quarantined').length,
    attempts: executed.reduce((sum, run) => sum + run.attempt, 0),
    handlersBegun: begun.length,
    refused:
      said.filter(line => line.kind === 'ended').length - executed.filter(run => run.state === 'succeeded').length,
    rejoined: said.filter(line => line.kind === 'rejoined').length,
    faults,
  }
}

/** Attempts without gaps, the last of which alone gave the result. A third death in a row is the one other end. */
const faultsOfRun = async (run: Run, app: App): Promise<readonly string[]> => {
  const { attempts } = await app.runs.get(run.id)
  const numbers = attempts.map(({ attempt }) => attempt)
  const results = attempts.filter(({ outcome }) => outcome === 'succeeded').map(({ attempt }) => attempt)
  const isRight =
    run.state === 'succeeded'
      ? results.length === 1 && results[0] === run.attempt && resultOf(run).attempt === run.attempt
      : run.reason === 'quarantined' && results.length === 0 && run.deaths === 3
  const isWhole = numbers.length === run.attempt && numbers.every((number, i) => number === i + 1)
  return [
    ...(isRight ? [] : [`run ${run.id} is ${run.state} (${run.reason}) with results of ${results.join(', ')}`]),
    ...(isWhole ? [] : [`run ${run.id} has ${run.attempt} attempts, recorded are ${numbers.join(', ')}`]),
  ]
}

const resultOf = (run: Run): { readonly attempt?: number } => run.result as { readonly attempt?: number }

/** Each moment is in one row. */
const faultsOfOpportunities = (rows: readonly Run[]): readonly string[] => {
  const sorted = rows.toSorted((a, b) => Number(a.nominalAt) - Number(b.nominalAt))
  return sorted.flatMap((row, i) => {
    const last = row.lastNominalAt ?? Number(row.nominalAt)
    const next = sorted[i + 1]
    const counted = row.count === (last - Number(row.nominalAt)) / PERIOD_MS + 1
    const followed = next === undefined || next.nominalAt === last + PERIOD_MS
    return [
      ...(counted ? [] : [`row ${row.id} stands for ${row.count} moments`]),
      ...(followed ? [] : [`after row ${row.id} follows row ${next.id}`]),
    ]
  })
}

const doubled = (texts: readonly string[]): readonly string[] =>
  [...Map.groupBy(texts, text => text)].flatMap(([text, same]) =>
    same.length > 1 ? [`${text} ${same.length} times`] : [],
  )
