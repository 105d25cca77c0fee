/** Everything at once, at random, over one or two connections: whatever happens, what was answered is what is stored. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { duration } from '../../../src/base/duration.ts'
import { instant } from '../../../src/base/instant.ts'
import type { RunId } from '../../../src/base/name.ts'
import type { Limits } from '../../../src/domain/limits.ts'
import type { Decision, Judge } from '../../../src/domain/opportunity.ts'
import { finalStates, isOver, runStates } from '../../../src/domain/run.ts'
import type { Run } from '../../../src/domain/run.ts'
import type { Schedule } from '../../../src/domain/schedule.ts'
import { granted } from '../../../src/store/store.ts'
import type { Change, Claimed, Finished, Judged } from '../../../src/store/store.ts'
import { seeded } from '../../../src/testing/random.ts'
import {
  definition,
  endedBefore,
  failure,
  given,
  idsOf,
  item,
  nothingToJudge,
  opening,
  quiet,
  releasing,
  start,
  unit,
} from '../given.ts'
import type { Given, OpenStore } from '../given.ts'

const STEPS = 400
const limits: Limits = {
  total: null,
  queues: new Map([['slow', 1]]),
  tasks: new Map([
    ['collect', { concurrency: 4, perKey: 1, rate: { count: 1, per: duration(1_000) }, key: () => null }],
  ]),
}
const names = ['a', 'b', 'c'] as const
const workers = ['w1', 'w2'] as const

class World {
  readonly #random: ReturnType<typeof seeded>
  readonly #doors: readonly Given[]
  /** Every run as it was last answered. */
  readonly #known = new Map<RunId, Run>()
  /** Every schedule as it was last answered, perhaps long ago. */
  readonly #read = new Map<number, Schedule>()
  #now: number = start

  constructor(seed: number, doors: readonly Given[]) {
    this.#random = seeded(seed)
    this.#doors = doors
  }

  async step(): Promise<void> {
    this.#now += this.#random.between(0, 5) * 1_000
    const changes = Array.from({ length: this.#random.between(1, 3) }, () => this.#change())
    const door = this.#random.pick(this.#doors)
    const { results, judged } = await door.store.commit(changes, this.#judge)
    for (const [i, result] of (results as readonly ({ ok: unknown } | { error: Error })[]).entries()) {
      if ('ok' in result) this.#learn(changes[i], result.ok)
      for (const one of judged[i] ?? []) this.#learnJudged(one)
    }
    if (this.#random.chance(0.1)) await this.check()
  }

  /** Compares all that was answered with what another look finds. */
  async check(): Promise<void> {
    const { store } = this.#random.pick(this.#doors)
    const all = await store.runs({ limit: 100_000 })
    for (const run of all) {
      const known = this.#known.get(run.id)
      // Schedules that are edited, paused, resumed or removed answer with themselves, and not with the rows they ended.
      if (known !== undefined && isOver(known) && known.state !== 'skipped') assert.deepEqual(run, known)
      this.#known.set(run.id, run)
    }
    assert.deepEqual(
      idsOf(all),
      idsOf(all).toSorted((a, b) => b - a),
    )
    const keys = all.filter(run => run.nominalAt !== null).map(run => `${run.scheduleId} ${run.nominalAt}`)
    assert.equal(new Set(keys).size, keys.length)
    for (const name of names) {
      const own = all.filter(run => run.schedule === name)
      assert.deepEqual(await store.runs({ schedule: name, limit: 100_000 }), own)
      await this.#checkShown(store, name, own)
    }
    for (const state of runStates) {
      const own = all.filter(run => run.state === state)
      assert.deepEqual(await store.runs({ states: [state], limit: 100_000 }), own)
    }
    const counts = await store.countRuns(start)
    for (const run of all.slice(0, 20)) await this.#checkRecords(store, run)
    for (const state of runStates) {
      const own = all.filter(run => run.state === state).length
      // What retention deleted has ended all the same.
      if ((finalStates as readonly string[]).includes(state)) assert.ok(counts[state] >= own)
      else assert.equal(counts[state], own)
    }
  }

  /** What the judge is shown is what the list says, also of a schedule read ahead. */
  async #checkShown(store: Given['store'], name: string, runs: readonly Run[]): Promise<void> {
    const ahead = await store.schedule(name)
    if (ahead === null) return
    const look: Judge = ({ schedule, unfinished, open }, at) => {
      const own = runs.filter(run => run.scheduleId === schedule.id && !isOver(run)).toReversed()
      const waiting = own.filter(run => run.state === 'open')
      const others = own.filter(run => run.state !== 'open')
      assert.deepEqual(schedule, ahead)
      assert.deepEqual(
        idsOf(waiting),
        open.map(row => row.id),
      )
      assert.deepEqual(
        unfinished,
        others.map(({ id, state, expiresAt }) => ({ id, state, expiresAt })),
      )
      const { mark, nextAt, status, problem } = schedule
      return { ...quiet(at), mark, nextAt, status, problem }
    }
    const change = {
      kind: 'judge',
      schedule: ahead.id,
      ahead,
      at: instant(this.#now),
      claimFor: null,
      slots: 0,
    } as const
    const {
      results: [judged],
    } = await store.commit([change], look)
    assert.deepEqual(granted(judged)?.schedule, ahead)
  }

  async #checkRecords(store: Given['store'], run: Run): Promise<void> {
    const attempts = await store.attempts(run.id)
    const executed = run.state === 'running' ? run.attempt - 1 : run.attempt
    assert.deepEqual(
      attempts.map(one => one.attempt),
      Array.from({ length: executed }, (_, i) => i + 1),
    )
    const units = await store.units(run.id)
    assert.deepEqual(
      [run.unitsOk, run.unitsFailed],
      [units.filter(one => one.state !== 'failed').length, units.filter(one => one.state === 'failed').length],
    )
  }

  #change(): Change {
    const at = instant(this.#now)
    const run = this.#anyRun()
    const { id, fence } = run ?? { id: 1 as RunId, fence: 1 }
    const worker = this.#random.pick(workers)
    const name = this.#random.pick(names)
    const kinds: readonly (() => Change)[] = [
      () => this.#judgement(worker, 2),
      () => this.#judgement(null, 0),
      () => this.#judgement(worker, 1),
      () => this.#judgement(worker, 1),
      () => ({
        kind: 'request',
        task: 'collect' as never,
        input: { n: this.#now },
        trigger: { kind: 'hand', by: 'ada' },
        at,
        attemptsAllowed: this.#random.between(1, 3),
        claimFor: this.#random.chance(0.5) ? worker : null,
        place: {
          queue: this.#random.pick(['default', 'slow']),
          priority: this.#random.between(0, 9),
          key: this.#random.pick(['a', 'b', null]),
        },
      }),
      () => ({ kind: 'claim', worker, at, limit: 3, tasks: ['collect' as never], only: null }),
      () => ({ kind: 'claim', worker, at, limit: 3, tasks: ['collect' as never], only: null, limits }),
      () => this.#finish(id, fence, worker),
      () => this.#finish(id, fence, worker),
      () => this.#finish(id, fence, worker),
      () => ({ kind: 'giveBack', run: id, fence, at, attemptStartedAt: at }),
      () => ({ kind: 'cancel', run: id, at, by: 'bob' }),
      () => ({ kind: 'finishUnit', run: id, fence, unit: this.#unit() }),
      () => ({ kind: 'keepItems', run: id, fence, at, source: 'news', items: [item(`${this.#random.between(1, 9)}`)] }),
      () => ({ kind: 'putSchedule', mode: 'create', at, definition: definition(name) }),
      () => ({
        kind: 'putSchedule',
        mode: 'declare',
        at,
        definition: definition(name, { origin: 'code', declaredHash: `${this.#random.between(1, 3)}`, anchor: at }),
      }),
      () => ({ kind: 'pauseSchedule', name, pause: { at, by: 'ada', why: null, until: null } }),
      () => ({ kind: 'resumeSchedule', name, at }),
      ...(this.#random.chance(0.3)
        ? [
            (): Change => ({ kind: 'rescue', worker, at }),
            (): Change => ({
              kind: 'pause',
              queue: this.#random.pick(['slow', null]),
              pause: { at, by: 'ada', why: null, until: null },
            }),
            (): Change => ({ kind: 'resume', queue: this.#random.pick(['slow', null]), at, by: 'ada' }),
            (): Change => ({ kind: 'removeSchedule', name, at }),
            (): Change => ({
              kind: 'prune',
              at: instant(this.#now),
              before: endedBefore(instant(this.#now - 60_000)),
              keep: 3,
              limit: 5,
            }),
          ]
        : []),
    ]
    return this.#random.pick(kinds)()
  }

  // Mostly of one read ahead, which may be stale by now.
  #judgement(claimFor: string | null, slots: number): Change {
    const schedule = this.#random.between(1, 6)
    const ahead = this.#random.chance(0.8) ? (this.#read.get(schedule) ?? null) : null
    return { kind: 'judge', schedule, ahead, at: instant(this.#now), claimFor, slots }
  }

  #finish(run: RunId, fence: number, worker: string): Change {
    const at = instant(this.#now)
    const retryAt = this.#random.chance(0.5) ? instant(this.#now + 2_000) : null
    const outcome = this.#random.pick([{ kind: 'succeeded', result: { at } } as const, failure(retryAt)])
    return { kind: 'finish', run, fence, at, outcome, worker, attemptStartedAt: at, taskIsSource: true }
  }

  #unit() {
    const state = this.#random.pick(['succeeded', 'partial', 'failed'] as const)
    return unit(`${this.#random.between(1, 3)}`, { state })
  }

  // Mostly one that runs, so that something happens to it.
  #anyRun(): Run | undefined {
    const all = [...this.#known.values()]
    const running = all.filter(run => run.state === 'running')
    const from = running.length > 0 && this.#random.chance(0.8) ? running : all
    return from.length === 0 ? undefined : this.#random.pick(from)
  }

  /** Decides anything that may be decided; now and then it throws. */
  readonly #judge: Judge = (subject, at): Decision => {
    if (this.#random.chance(0.05)) throw new Error('a judge that fails')
    const ids = subject.unfinished.map(run => run.id)
    const wanted = [{ nominalAt: at, detail: this.#random.chance(0.5) ? 'late' : null }]
    const opens = opening(at)
    const rest = subject.open.map(row => row.id)
    const choice = this.#random.pick(['run', 'run', 'open', 'skip', 'skip', 'cancel', 'release', 'drop'] as const)
    return {
      ...quiet(at),
      attemptsAllowed: this.#random.between(1, 3),
      nextAt: instant(at + 1_000),
      ...(choice === 'run' && { runs: wanted }),
      ...(choice === 'open' && { opens }),
      ...(choice === 'skip' && { skips: [{ from: at, to: at, count: 1, reason: 'missed', detail: 'busy' }] }),
      ...(choice === 'cancel' && { cancels: ids, opens }),
      ...(choice === 'release' && { released: releasing(rest.slice(0, 1)) }),
      ...(choice === 'drop' && { dropped: rest.map(id => ({ id, reason: 'coalesced', detail: '' }) as const) }),
    }
  }

  #learn(change: Change | undefined, ok: unknown): void {
    switch (change?.kind) {
      case 'putSchedule':
      case 'pauseSchedule':
      case 'resumeSchedule':
        this.#read.set((ok as Schedule).id, ok as Schedule)
        return
      case 'judge':
        return this.#learnJudged(ok as Judged | null)
      case 'request':
        return this.#learnRun(ok as Run)
      case 'claim':
        return (ok as Claimed).runs.forEach(run => this.#learnRun(run))
      case 'rescue':
        return (ok as readonly Run[]).forEach(run => this.#learnRun(run))
      case 'finish':
      case 'cancel':
        return this.#learnRun((ok as Finished).run)
      case 'giveBack':
        return this.#learnRun((ok as { run: Run }).run)
      default:
    }
  }

  #learnJudged(judged: Judged | null): void {
    if (judged === null) return
    this.#read.set(judged.schedule.id, judged.schedule)
    for (const run of [...judged.runs, ...judged.others, ...judged.cancelled]) this.#learnRun(run)
  }

  #learnRun(run: Run): void {
    const before = this.#known.get(run.id)
    if (before !== undefined && isOver(before)) {
      assert.equal(run.state, before.state, `run ${run.id} was over`)
      assert.ok(run.fence >= before.fence)
    }
    this.#known.set(run.id, run)
  }
}

export const mixedContract = (open: OpenStore, shared: boolean): void => {
  describe('whatever happens', () => {
    for (let seed = 1; seed <= 8; seed++) {
      test(`what was answered is what is stored (seed ${seed})`, async () => {
        await using here = await given(open)
        await using there = shared ? await here.another() : here
        const {
          results: [put],
        } = await here.store.commit(
          [{ kind: 'putSchedule', mode: 'create', at: start, definition: definition('a') }],
          nothingToJudge,
        )
        granted(put)
        const world = new World(seed, [here, there])
        for (let i = 0; i < STEPS; i++) await world.step()
        await world.check()
      })
    }
  })
}
