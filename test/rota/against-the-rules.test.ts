/**
 * The real scheduler, store and engine under the virtual clock against the rules told once more (`rules.ts`): random
 * conditions and policies, through stops, deployments, pauses, steps of the clock and runs by hand.
 *
 * `ROTA_CASES=20000 ROTA_SEED=7 npm test -- against-the-rules` looks at more of them.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { formatInstant, instant } from '../../src/base/instant.ts'
import { duration } from '../../src/base/duration.ts'
import type { Run } from '../../src/domain/run.ts'
import { rota } from '../../src/rota.ts'
import type { App, ScheduleOptions } from '../../src/app.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { BEGINNING, isMomentOf, MINUTE, predict, SECOND, Undecidable } from './rules.ts'
import type { Case, Clause, Event, Fate, Happening, Moment, Plan, State, Window, Work } from './rules.ts'

const CASES = Number(process.env['ROTA_CASES'] ?? 100)
const SEED = Number(process.env['ROTA_SEED'] ?? 1)
const LENGTH = 8 * 60

// ---- cases

const minuteOfDay = fc.integer({ min: 0, max: LENGTH / 15 }).map(quarter => quarter * 15)
const moment: Arbitrary<Moment> = fc.oneof(
  fc.constantFrom(5, 7, 20, 45, 90).map(every => ({ every })),
  fc.constantFrom(0, 10, 35).map(hourlyAt => ({ hourlyAt })),
  minuteOfDay.map(dailyAt => ({ dailyAt })),
)
const window: Arbitrary<Window> = fc
  .tuple(minuteOfDay, fc.integer({ min: 1, max: 12 }))
  .map(([from, quarters]) => ({ from, to: (from + quarters * 15) % 1_440 }))
const task = fc.constantFrom('a', 'b')
const event: Arbitrary<Event> = fc.record({
  task,
  outcome: fc.constantFrom('succeeds' as const, 'fails' as const, 'finishes' as const),
  delayMinutes: fc.constantFrom(0, 0, 10, 25),
})
const ownEnd: Arbitrary<Event> = fc
  .constantFrom(5, 30)
  .map(delayMinutes => ({ task: null, outcome: 'finishes' as const, delayMinutes }))
const state: Arbitrary<State> = fc.oneof(
  fc.record({ kind: fc.constant('running' as const), task, negated: fc.boolean() }),
  fc.record({
    kind: fc.constant('count' as const),
    task: fc.constantFrom('a', 'b', 'work'),
    what: fc.constantFrom(
      'succeeded' as const,
      'failed' as const,
      'finished' as const,
      'started' as const,
      'been skipped' as const,
    ),
    lastMinutes: fc.constantFrom(null, 30, 120),
    compare: fc.constantFrom('at least' as const, 'fewer than' as const, 'exactly' as const),
    times: fc.integer({ min: 1, max: 3 }),
  }),
)
const optional = <T>(one: Arbitrary<T>, weight: number): Arbitrary<T | null> =>
  fc.oneof({ weight: 10, arbitrary: fc.constant(null) }, { weight, arbitrary: one })

const nothing: Clause = { moment: null, onStart: false, window: null, events: [], states: [] }
const byTime: Arbitrary<Clause> = fc
  .record({ moment, window: optional(window, 6) })
  .map(parts => ({ ...nothing, ...parts }))
  // What no window ever contains is refused when it is written.
  .filter(clause => Array.from({ length: 1_440 }, (_, i) => BEGINNING + i * MINUTE).some(at => isMomentOf(clause, at)))
const byTimeAndFacts: Arbitrary<Clause> = fc
  .tuple(byTime, fc.array(state, { maxLength: 2 }), fc.array(event, { maxLength: 1 }))
  .map(([clause, states, events]) => ({ ...clause, states, events }))
const waiting = { window: optional(window, 6), states: fc.array(state, { maxLength: 1 }) }
const byEvents: Arbitrary<Clause> = fc
  .record({ events: fc.array(event, { minLength: 1, maxLength: 2 }), ...waiting })
  .map(parts => ({ ...nothing, ...parts }))
const byItself: Arbitrary<Clause> = fc
  .record({ events: ownEnd.map(one => [one]), ...waiting })
  .map(parts => ({ ...nothing, ...parts }))
const byStart: Arbitrary<Clause> = fc
  .record({ window: optional(window, 3), states: fc.array(state, { maxLength: 1 }) })
  .map(parts => ({ ...nothing, onStart: true, ...parts }))

const plan = (clause: Arbitrary<Clause>, mostClauses: number): Arbitrary<Plan> =>
  fc
    .record({
      clauses: fc.array(clause, { minLength: 1, maxLength: mostClauses }),
      graceMinutes: fc.constantFrom(2, 13, 60),
      catchUp: fc.constantFrom('latest' as const, 'latest' as const, 'none' as const, { limit: 3, windowMinutes: 90 }),
      overlap: fc.constantFrom(
        'skip' as const,
        'queue' as const,
        'cancelPrevious' as const,
        { queueAll: 2 },
        { allow: 2 },
      ),
      maxRuns: optional(fc.integer({ min: 1, max: 6 }), 2),
      startAt: optional(fc.integer({ min: 0, max: 120 }), 2),
      endAt: optional(fc.integer({ min: 240, max: LENGTH }), 2),
      stopWhen: optional(window, 2),
    })
    .map(({ startAt, endAt, ...rest }) => ({
      ...rest,
      startAt: startAt === null ? null : BEGINNING + startAt * MINUTE,
      endAt: endAt === null ? null : BEGINNING + endAt * MINUTE,
    }))

// A clock that is set back lets what is asked of the time of day be otherwise again: when that is noticed no rule says.
const happening = (steps: readonly number[]): Arbitrary<Happening> =>
  fc.record({
    at: fc.integer({ min: 1, max: LENGTH }),
    what: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('hand' as const),
          task,
          minutes: fc.integer({ min: 0, max: 40 }),
          fails: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('down' as const),
          minutes: fc.integer({ min: 1, max: 150 }),
          plan: fc.integer({ min: 0, max: 1 }),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'pause' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'resume' as const }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...steps).map(minutes => ({ kind: 'step' as const, minutes })),
      },
    ),
  })

const work: Arbitrary<Work> = fc.record({ minutes: fc.constantFrom(0, 0, 1, 4, 12, 30), fails: fc.boolean() })

interface Kind {
  readonly clause: Arbitrary<Clause>
  readonly mostClauses?: number
  /** By how many minutes the clock may be set. */
  readonly steps?: readonly number[]
}

const cases = ({ clause, mostClauses = 2, steps = [3, 70] }: Kind): Arbitrary<Case> =>
  fc.record({
    plans: fc.array(plan(clause, mostClauses), { minLength: 1, maxLength: 2 }),
    happenings: fc
      .uniqueArray(happening(steps), { maxLength: 10, selector: ({ at }) => at })
      .map(list => list.toSorted((a, b) => a.at - b.at)),
    works: fc.array(work, { minLength: 1, maxLength: 5 }),
    minutes: fc.constant(LENGTH),
  })

// ---- as it is written

const two = (n: number): string => String(n).padStart(2, '0')
const clockText = (minute: number): string => `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`
const windowText = ({ from, to }: Window): string => `between ${clockText(from)} and ${clockText(to)}`
const momentText = (one: Moment): string =>
  'every' in one
    ? `every ${one.every} minutes`
    : 'hourlyAt' in one
      ? `hourly at :${two(one.hourlyAt)}`
      : `daily at ${clockText(one.dailyAt)}`
const eventText = ({ task, outcome, delayMinutes }: Event): string =>
  task === null
    ? `${delayMinutes} minutes after it finishes`
    : `${delayMinutes === 0 ? '' : `${delayMinutes} minutes `}after '${task}' ${outcome}`
const stateText = (one: State): string =>
  one.kind === 'running'
    ? `'${one.task}' is ${one.negated ? 'not ' : ''}running`
    : `'${one.task}' has ${one.what}${one.lastMinutes === null ? '' : ` in the last ${one.lastMinutes} minutes`} ${one.compare} ${one.times} times`
const clauseText = ({ moment, onStart, window, events, states }: Clause): string =>
  [
    ...(moment === null ? [] : [momentText(moment)]),
    ...(onStart ? ['on start'] : []),
    ...(window === null ? [] : [windowText(window)]),
    ...events.map(eventText),
    ...states.map(stateText),
  ].join(' and ')

const optionsOf = (plan: Plan): ScheduleOptions => ({
  task: 'work',
  when: plan.clauses.map(clauseText).join(' or '),
  anchor: formatInstant(instant(BEGINNING)),
  grace: plan.graceMinutes * MINUTE,
  overlap: plan.overlap,
  ...(typeof plan.catchUp === 'string'
    ? { catchUp: plan.catchUp }
    : { catchUp: 'all', catchUpLimit: plan.catchUp.limit, catchUpWindow: plan.catchUp.windowMinutes * MINUTE }),
  ...(plan.maxRuns === null ? {} : { maxRuns: plan.maxRuns }),
  ...(plan.startAt === null ? {} : { startAt: formatInstant(instant(plan.startAt)) }),
  ...(plan.endAt === null ? {} : { endAt: formatInstant(instant(plan.endAt)) }),
  ...(plan.stopWhen === null ? {} : { stopWhen: windowText(plan.stopWhen) }),
})

// ---- what really becomes of a case

class Real {
  readonly #case: Case
  readonly #clock = new VirtualClock(instant(BEGINNING + 10 * SECOND), { waitsFor: 'promises' })
  readonly #store: Store
  #app: App | null = null
  #plan: Plan

  constructor(it: Case, store: Store) {
    this.#case = it
    this.#plan = it.plans[0]!
    this.#store = store
  }

  async live(): Promise<readonly Run[]> {
    await this.#begin(0)
    let restart: { at: number; plan: number } | null = null
    for (const { at, what } of this.#case.happenings) {
      const then = at * MINUTE + 30 * SECOND
      if (restart !== null && restart.at < then) restart = await this.#restart(restart)
      await this.#until(then)
      if (what.kind === 'step') this.#clock.step(what.minutes * MINUTE)
      else if (what.kind === 'down' && this.#app !== null) restart = await this.#stop(then, what)
      else if (this.#app !== null) await this.#happen(this.#app, what)
      await this.#clock.advance(0)
    }
    if (restart !== null && restart.at <= this.#case.minutes * MINUTE + 55 * SECOND) await this.#restart(restart)
    await this.#until(this.#case.minutes * MINUTE + 55 * SECOND)
    const rows = await this.#rows()
    await this.#stopped()
    return rows
  }

  async #happen(app: App, what: Happening['what']): Promise<void> {
    if (what.kind === 'hand') {
      const { minutes, fails } = what
      await this.#clock.during(app.run(what.task, { input: { minutes, fails } }))
    } else if (what.kind === 'pause') await this.#clock.during(app.schedules.pause('it', 'ada'))
    else await this.#clock.during(app.schedules.resume('it', 'ada'))
  }

  async #stop(then: number, { minutes, plan }: { minutes: number; plan: number }) {
    await this.#stopped()
    return { at: then + minutes * MINUTE + 3 * SECOND, plan }
  }

  // What runs is aborted when the time it was given is over, be it none.
  async #stopped(): Promise<void> {
    const stopped = this.#app?.stop({ grace: 0 })
    this.#app = null
    await this.#clock.settle()
    await this.#clock.advance(0)
    await stopped
  }

  async #restart({ at, plan }: { at: number; plan: number }): Promise<null> {
    await this.#until(at)
    await this.#begin(plan)
    return null
  }

  async #until(at: number): Promise<void> {
    await this.#clock.advance(duration(Math.max(0, at - 10 * SECOND - this.#clock.monotonicMs())))
  }

  async #begin(plan: number): Promise<void> {
    const app = rota({
      store: this.#store,
      clock: this.#clock,
      concurrency: 1_000,
      retention: '365 days',
      lookEvery: '9 h',
    })
    const { works, plans } = this.#case
    app.task('work', async ({ clock, signal }) => {
      const minute = Math.floor((clock.now() - BEGINNING) / MINUTE)
      const { minutes, fails } = works[((minute % works.length) + works.length) % works.length]!
      await this.#lasting(minutes * MINUTE + SECOND, signal)
      if (fails) throw new Error('no luck')
    })
    for (const name of ['a', 'b']) {
      app.task(name, async ({ input, signal }) => {
        const { minutes, fails } = input as Work
        await this.#lasting(minutes * MINUTE + 2 * SECOND, signal)
        if (fails) throw new Error('no luck')
      })
    }
    app.schedule('it', optionsOf(plans[plan] ?? this.#plan))
    this.#plan = plans[plan] ?? this.#plan
    this.#app = app
    await this.#clock.during(app.start())
  }

  #lasting(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#clock.callAfter(duration(ms), resolve)
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  }

  async #rows(): Promise<readonly Run[]> {
    const rows: Run[] = []
    for (let page = await this.#store.runs({ schedule: 'it', limit: 200 }); page.length > 0;) {
      rows.push(...page)
      page = await this.#store.runs({ schedule: 'it', limit: 200, before: page.at(-1)!.id })
    }
    return rows.reverse()
  }
}

const really = async (it: Case): Promise<readonly Run[]> => {
  await using store = await disposable()
  return await new Real(it, store.kept).live()
}

// Stopped apps close their store; the next one opens it again.
const disposable = async (): Promise<AsyncDisposable & { readonly kept: Store }> => {
  const store = await openSqliteStore({ path: ':memory:' })
  const close = async (): Promise<void> => {}
  const kept = new Proxy(store, {
    get: (target, key: keyof Store) => (key === 'close' ? close : (target[key].bind(target) as unknown)),
  })
  return { kept, [Symbol.asyncDispose]: () => store.close() }
}

// ---- compared

const shown = (at: number): string => new Date(at).toISOString().slice(5, 19)

/** Each opportunity by itself: a merged row stands for several. */
const fatesOf = (row: Run, plans: readonly Plan[]): readonly Fate[] => {
  const became = row.state === 'skipped' ? `skipped ${row.reason}` : row.state
  const one: Fate = { nominal: row.nominalAt!, became, startedAt: row.startedAt, isEvent: row.trigger.kind === 'event' }
  if (row.count === 1) return [one]
  const moments = momentsWithin(row, plans)
  return Array.from({ length: row.count }, (_, i) => ({ ...one, nominal: moments[i] ?? one.nominal }))
}

const momentsWithin = (row: Run, plans: readonly Plan[]): readonly number[] => {
  const found: number[] = []
  for (let at: number = row.nominalAt!; at <= (row.lastNominalAt ?? row.nominalAt!); at += MINUTE)
    if (plans.some(({ clauses }) => clauses.some(clause => isMomentOf(clause, at)))) found.push(at)
  return found
}

/** What of the fates is compared: of merged skips that came of events, and so have no moments of their own, how many. */
const told = (fates: readonly Fate[], isByMoments: boolean): readonly string[] => {
  const isListed = ({ became }: Fate): boolean => isByMoments || !became.startsWith('skipped')
  const lines = fates
    .filter(isListed)
    .map(one => `${shown(one.nominal)} ${one.became}${one.startedAt === null ? '' : ` from ${shown(one.startedAt)}`}`)
  const counts = new Map<string, number>()
  for (const { became } of fates.filter(one => !isListed(one))) counts.set(became, (counts.get(became) ?? 0) + 1)
  return [...lines.toSorted(), ...[...counts].map(([became, count]) => `${count} ${became}`).toSorted()]
}

const compare = async (it: Case): Promise<readonly string[]> => {
  const predicted = predictable(it)
  fc.pre(predicted !== null)
  const clauses = it.plans.flatMap(plan => plan.clauses)
  const isByMoments = it.plans.length === 1 && clauses.every(({ moment }) => moment !== null)
  const rows = await really(it)
  const real = rows.flatMap(row => fatesOf(row, it.plans))
  assert.deepEqual(told(real, isByMoments), told(predicted, isByMoments), described(it))
  return real.map(({ became }) => became)
}

const predictable = (it: Case): readonly Fate[] | null => {
  try {
    return predict(it)
  } catch (error) {
    if (error instanceof Undecidable) return null
    throw error
  }
}

const described = (it: Case): string =>
  [
    ...it.plans.map(plan => JSON.stringify({ ...optionsOf(plan) })),
    ...it.happenings.map(({ at, what }) => `${clockText(at)}:30 ${JSON.stringify(what)}`),
    `works ${JSON.stringify(it.works)}`,
  ].join('\n')

/** How often each fate came about. */
const agree = async (kind: Kind): Promise<ReadonlyMap<string, number>> => {
  const seen = new Map<string, number>()
  const property = fc.asyncProperty(cases(kind), async it => {
    for (const became of await compare(it)) seen.set(became, (seen.get(became) ?? 0) + 1)
  })
  await fc.assert(property, { numRuns: CASES, seed: SEED })
  return seen
}

const assertSeen = (seen: ReadonlyMap<string, number>, ...fates: readonly string[]): void => {
  const missing = fates.filter(fate => !seen.has(fate))
  if (CASES >= 100) assert.deepEqual(missing, [], 'too few cases to say anything')
}

test('schedules of time alone become what the rules say', async () => {
  const seen = await agree({ clause: byTime, steps: [-40, -5, 3, 70] })
  assertSeen(seen, 'succeeded', 'skipped coalesced', 'skipped missed', 'skipped overlap', 'skipped paused', 'cancelled')
})

test('schedules of moments and facts become what the rules say', async () => {
  const seen = await agree({ clause: fc.oneof(byTime, byTimeAndFacts) })
  assertSeen(seen, 'succeeded', 'open', 'skipped condition', 'skipped coalesced', 'skipped missed', 'skipped paused')
})

test('schedules of events become what the rules say', async () => {
  const seen = await agree({ clause: byEvents })
  assertSeen(seen, 'succeeded', 'open', 'skipped condition', 'skipped coalesced', 'skipped paused')
})

test('schedules that follow themselves become what the rules say', async () => {
  const seen = await agree({ clause: byItself, mostClauses: 1 })
  assertSeen(seen, 'succeeded', 'open', 'skipped condition', 'skipped paused')
})

test('schedules of everything else, joined, become what the rules say', async () => {
  const seen = await agree({ clause: fc.oneof(byTimeAndFacts, byEvents, byStart) })
  assertSeen(seen, 'succeeded', 'open', 'skipped condition', 'skipped coalesced', 'skipped paused')
})
