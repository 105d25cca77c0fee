/**
 * What the schedules of an app would do: the real scheduler, engine and store over a virtual clock, with tasks that only
 * pretend. Nothing of it reads the machine's time or draws without the seed: the same question has the same answer.
 */

import { systemClock } from '../base/clock.ts'
import { formatDuration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError, describeValue } from '../base/errors.ts'
import { formatInstant, instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import type { Judge } from '../domain/opportunity.ts'
import type { Schedule } from '../domain/schedule.ts'
import { rota } from '../rota.ts'
import type { App } from '../app.ts'
import { judgeWith } from '../scheduler/due.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import { granted } from '../store/store.ts'
import type { Change, Pruned, Store } from '../store/store.ts'
import { withCalls } from './changed-store.ts'
import type { StoreCall } from './changed-store.ts'
import { bornBefore, carry } from './carried.ts'
import type { CarriedSchedules } from './carried.ts'
import { lotsOf } from './lots.ts'
import { Recorder } from './recorder.ts'
import { silentBecause } from './silence.ts'
import type { SimulatedSchedule, Simulation } from './simulation.ts'
import { StandIns } from './stand-in.ts'
import type { Length } from './stand-in.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface SimulateOptions {
  /** Where the simulated time begins (ISO, with offset): what is due at this very instant runs. */
  readonly from: string
  /** How long it is, at most 400 days. Default `7 days`. */
  readonly for?: DurationInput
  /** A whole number; the same gives the same simulation. Default 1. */
  readonly seed?: number
  /** How long attempts take, by task: a length, or the shortest and the longest. Default 1 s. */
  readonly durations?: Readonly<Record<string, Length>>
  /** How often an attempt fails, by task, from 0 to 1. Default 0. */
  readonly fail?: Readonly<Record<string, number>>
  /** Schedules made at run time, as `app.schedules.list` gives them. */
  readonly schedules?: readonly Schedule[]
  /** How many events the timeline keeps, the first ones. Default 1,000. */
  readonly events?: number
  /** Runs and skips after which it refuses to go on. Default 1,000,000. */
  readonly limit?: number
  /** Ends it early, with the signal's reason. */
  readonly signal?: AbortSignal
}

const LONGEST = '400 days'
const USUAL = { for: '7 days', seed: 1, durations: {}, fail: {}, schedules: [], events: 1_000, limit: 1_000_000 }
const optionNames = [...Object.keys(USUAL), 'from', 'signal']
// Between two looks at the signal and at the limit: as much time as holds about so many runs and skips.
const MANY_A_STEP = 5_000
const FIRST_STEP_MS = 1_000
const LONGEST_STEP_MS = 3_600_000

/**
 * Simulates the schedules that an app declares. The app itself is not started, and none of its handlers is called.
 *
 * @example
 * const week = await simulate(app, { from: '2026-01-05T00:00:00Z', for: '7 days', fail: { news: 0.2 } })
 * week.busiestMinute // { at: '2026-01-05T09:00:00Z', starts: 12 }
 * @throws RotaError OPTION_INVALID, TASK_UNKNOWN, CONDITION_…, INSTANT_UNREADABLE, DURATION_UNREADABLE; the signal's reason
 */
export const simulate = async (app: App, options: SimulateOptions): Promise<Simulation> => {
  const plan = planOf(options)
  const { from, to, seed } = plan
  const carried = carry(app, options.schedules ?? USUAL.schedules, from)
  const clock = new VirtualClock(bornBefore(from), { waitsFor: 'promises' })
  const recorder = new Recorder({ clock, from, to, mostEvents: plan.events })
  const { durations = {}, fail = {} } = options
  const standIns = new StandIns(app, { lots: lotsOf(seed), clock, durations, fail, runOf: id => recorder.live(id) })
  const store = await openSqliteStore({ path: ':memory:' })
  await put(store, carried, from)
  const second = secondOf(app, store, clock, standIns)
  try {
    await pass(second, clock, recorder, plan)
    const schedules = await tell(second, carried, recorder, plan)
    return { from: formatInstant(from), to: formatInstant(to), seed, ...recorder.whole(), schedules }
  } finally {
    await end(second, clock)
  }
}

interface Plan {
  readonly from: Instant
  readonly to: Instant
  readonly seed: number
  readonly events: number
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

const planOf = (options: SimulateOptions): Plan => {
  refuseUnknownOptions('A simulation', options, optionNames)
  const from = parseInstant(options.from)
  return {
    from,
    to: instant(from + lengthOf(options.for ?? USUAL.for)),
    seed: whole('seed', options.seed ?? USUAL.seed, 2 ** 32 - 1),
    events: whole('events', options.events ?? USUAL.events, 1_000_000),
    limit: whole('limit', options.limit ?? USUAL.limit, 100_000_000),
    signal: options.signal,
  }
}

const lengthOf = (given: DurationInput): Duration => {
  const length = parseDuration(given)
  if (length >= 1 && length <= parseDuration(LONGEST)) return length
  throw new RotaError(
    'OPTION_INVALID',
    `A simulation of ${formatDuration(length)} is not possible; it is at least 1 ms and at most ${LONGEST}.`,
    { details: { option: 'for' } },
  )
}

const whole = (option: string, value: unknown, most: number): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value
  throw new RotaError(
    'OPTION_INVALID',
    `${option} is ${describeValue(value).slice(0, 40)}; it is a whole number from 0 to ${most.toLocaleString('en')}.`,
    { details: { option } },
  )
}

/** They come to be right before the simulated time, so that its first instant belongs to it. */
const put = async (store: Store, { carried }: CarriedSchedules, from: Instant): Promise<void> => {
  const at = bornBefore(from)
  const judge = judgeWith({ attemptsAllowed: () => 1 })
  for (const { definition, pause } of carried) {
    const { results } = await store.commit([{ kind: 'putSchedule', mode: 'create', at, definition }], judge)
    const { name } = granted(results[0])
    if (pause !== null) await store.commit([{ kind: 'pauseSchedule', name, pause }], judge)
  }
}

/** An app like the first, in a world of its own. */
const secondOf = (app: App, store: Store, clock: VirtualClock, standIns: StandIns): App => {
  const { concurrency, totalConcurrency, queues, calendars, predicates } = app.declared()
  const second = rota({
    store: unpruned(store),
    clock,
    concurrency,
    ...(totalConcurrency === null ? {} : { totalConcurrency }),
    queues,
    random: standIns.random,
    // Nobody else writes into a store in memory.
    lookEvery: LONGEST,
  })
  for (const one of [...standIns.tasks, ...app.flows.list()]) second.add(one)
  for (const [name, dates] of calendars) second.calendar(name, dates)
  // Whatever the world is like then: what may be asked of it says yes.
  for (const name of predicates) second.predicate(name, () => true)
  return second
}

const pruned: Pruned = { gone: 0, isDone: true }

// No simulation lasts long enough for its runs to grow old; looking for such costs a quarter of its time.
const unpruned = (store: Store): Store => {
  const commit = async (changes: readonly Change[], judge: Judge): Promise<unknown> =>
    changes.every(({ kind }) => kind === 'prune')
      ? { results: changes.map(() => ({ ok: pruned })), judged: [] }
      : store.commit(changes, judge)
  return withCalls(store, (name, call) => (name === 'commit' ? (commit as StoreCall) : call))
}

const pass = async (second: App, clock: VirtualClock, recorder: Recorder, plan: Plan): Promise<void> => {
  const { from, to, limit, signal } = plan
  const troubles: string[] = []
  const ignore = second.on(event => {
    if (event.kind === 'run') recorder.saw(event.run)
    if (event.kind === 'notice' && event.level === 'error') troubles.push(event.message)
  })
  await clock.advanceTo(from)
  await clock.during(second.start())
  let step = FIRST_STEP_MS
  for (let at: number = from; at < to;) {
    const before = recorder.decided
    at = Math.min(at + step, to)
    // What is due at the end itself is beyond it.
    await clock.advanceTo(instant(Math.min(at, to - 1)))
    // Whoever aborts needs a turn of the real loop to do it in.
    await new Promise<void>(resolve => systemClock().callSoon(resolve))
    signal?.throwIfAborted()
    if (troubles.length > 0) throw new RotaError('INTERNAL', `The simulation failed: ${troubles[0]}.`)
    if (recorder.decided > limit) throw tooMuch(plan, at)
    const isMuch = recorder.decided - before > MANY_A_STEP
    step = isMuch ? Math.ceil(step / 2) : Math.min(step * 2, LONGEST_STEP_MS)
  }
  // What becomes of the rest when the app stops is no part of it.
  ignore()
}

const tooMuch = ({ limit, from }: Plan, at: number): RotaError => {
  const passed = formatDuration(parseDuration(at - from))
  return new RotaError(
    'OPTION_INVALID',
    `There are more than ${limit.toLocaleString('en')} runs and skips in the first ${passed}; simulate less time than that.`,
    { details: { option: 'for' } },
  )
}

const tell = async (
  second: App,
  { ended }: CarriedSchedules,
  recorder: Recorder,
  { to }: Plan,
): Promise<readonly SimulatedSchedule[]> => {
  const told: SimulatedSchedule[] = []
  for (let page = await second.schedules.list({ limit: 200 }); page.length > 0;) {
    for (const schedule of page) told.push(toldOf(second, schedule, recorder, to))
    page = await second.schedules.list({ limit: 200, after: page.at(-1)?.name ?? '' })
  }
  for (const schedule of ended) {
    const { name, task, condition, timezone } = schedule
    told.push({ name, task, condition, timezone, ...recorder.counts(name), silent: 'it had ended before' })
  }
  return told.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const toldOf = (second: App, schedule: Schedule, recorder: Recorder, to: Instant): SimulatedSchedule => {
  const { name, task, condition, timezone } = schedule
  const counts = recorder.counts(name)
  const silent = counts.latestMs === null ? silentBecause(second, schedule, counts, to) : null
  return { name, task, condition, timezone, ...counts, silent }
}

const end = async (second: App, clock: VirtualClock): Promise<void> => {
  const stopping = second.stop({ grace: 0 })
  await clock.advance(0)
  await clock.during(stopping)
}
