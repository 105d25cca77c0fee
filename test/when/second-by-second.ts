/**
 * Judging against a walk: an evaluator written from the rules that asks at every second anew, by Temporal and nothing else.
 * It knows no index, no search and no wake-up; whatever changes between two of its seconds was missed by `wakes`.
 */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { duration } from '../../src/base/duration.ts'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'
import { and, isEvent, isMoment, isState, isWindow, not, or } from '../../src/when/condition.ts'
import type { Condition, Leaf } from '../../src/when/condition.ts'
import { COMPARISONS, COUNTED_RUNS, OUTCOMES } from '../../src/when/fact.ts'
import type { Event, Period, State } from '../../src/when/fact.ts'
import type { Facts, RunFact } from '../../src/when/facts.ts'
import { holds, judged, wakes } from '../../src/when/judge.ts'
import type { Moment } from '../../src/when/moment.ts'
import { print } from '../../src/when/print.ts'
import type { Window } from '../../src/when/window.ts'
import { contains } from './wall.ts'

// A walk is this long, in seconds, and begins so long before something happens to the clocks.
const WALK = 1_200
const SECOND = 1_000

/** When something happens to the clocks, and once when nothing does. */
export const occasions: readonly (readonly [zone: string, change: string])[] = [
  ['UTC', '2026-11-22T00:00:00Z'],
  // A gap from 02:00 to 03:00, and a fold from 03:00 to 02:00.
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  // At midnight: the day begins at 01:00, and the last hour of a day comes twice.
  ['America/Santiago', '2026-09-06T04:00:00Z'],
  ['America/Santiago', '2026-04-05T03:00:00Z'],
  // Half an hour.
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  // Over midnight and back: a minute into the day it is the day before again.
  ['America/St_Johns', '2010-11-07T02:31:00Z'],
  // A date that does not exist.
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
]

const task = fc.constantFrom('a', 'b')
const length = fc.integer({ min: 1, max: 900 }).map(seconds => seconds * SECOND)

const eventOfTask: Arbitrary<Event> = fc.oneof(
  fc
    .tuple(task, fc.constantFrom(...OUTCOMES), fc.oneof(fc.constant(0), length))
    .map(([each, outcome, delayMs]): Event => ({ kind: 'after', task: each, outcome, delayMs })),
  length.map((delayMs): Event => ({ kind: 'after itself', delayMs })),
)

const period = fc.oneof(
  fc.constantFrom<Period>('ever', 'today', 'this hour', 'this week', 'this month'),
  length.map(lastMs => ({ lastMs })),
)

const stateOfTask: Arbitrary<State> = fc.oneof(
  fc
    .tuple(
      task,
      fc.constantFrom(...COUNTED_RUNS),
      period,
      fc.constantFrom(...COMPARISONS),
      fc.integer({ min: 0, max: 2 }),
    )
    .map(([each, what, during, compare, times]): State => ({
      kind: 'counted',
      task: each,
      what,
      during,
      compare,
      times,
    })),
  task.map((each): State => ({ kind: 'running', task: each })),
  task.map((each): State => ({ kind: 'predicate', name: each })),
)

const MATCHING: Readonly<Record<Event['kind'] | (typeof OUTCOMES)[number], readonly (string | null)[]>> = {
  succeeds: ['succeeded'],
  fails: ['failed'],
  'is partial': ['partial'],
  finishes: ['succeeded', 'partial', 'failed'],
  after: [],
  'after itself': [],
}

// Times that were asked for: the same few thousand seconds come again and again.
const resolved = new Map<string, number>()
const hours = new Map<string, number>()
const walls = new Map<string, Temporal.PlainDateTime>()

/**
 * Walks random conditions and histories through a change of the clocks: `holds` agrees with the rules at every second, and
 * changes by time alone only where `wakes` says so.
 */
export function checkAround(zone: string, change: string, numRuns: number, seed: number): Walked {
  const middle = parseInstant(change)
  const start = middle - (WALK / 2) * SECOND
  let held = 0
  let changes = 0
  fc.assert(
    fc.property(casesAround(zone, middle), ({ data, facts, span }) => {
      const walked = walk(data, zone, start, facts, span)
      const each = judged(data, zone)
      let wakesAt = start
      for (let second = 0; second < WALK; second++) {
        const at = instant(start + second * SECOND)
        const found = holds(each, at, facts, span) !== null
        if (found !== walked[second]) assert.fail(`${print(data)} at ${formatInstant(at)} in ${zone}`)
        if (found) held++
        // Nothing is known of what ends later: a fact of the future is an event of its own.
        if (happened(facts, at)) wakesAt = at
        if (second > 0 && found !== walked[second - 1]) {
          changes++
          if (wakesAt > at)
            assert.fail(`${print(data)} in ${zone} changed at ${formatInstant(at)}, and was to wake at ${wakesAt}`)
        }
        if (wakesAt <= at) wakesAt = wakes(each, at, facts, span).at ?? Infinity
      }
    }),
    { numRuns, seed },
  )
  return { held, changes }
}

/** How many seconds held, and how often that changed. */
export interface Walked {
  readonly held: number
  readonly changes: number
}

/** The same for conditions of 64 clauses, through a minute. */
export function checkWide(numRuns: number, seed: number): void {
  const [zone, change] = ['Europe/Berlin', parseInstant('2026-10-25T01:00:00Z')]
  const leaf = fc.oneof(momentAround(zone, change), eventOfTask)
  const pair = fc.tuple(leaf, stateOfTask).map(([a, b]) => or(a, and(a, b)))
  const wide = fc
    .array(pair, { minLength: 32, maxLength: 32 })
    .map(([first, ...rest]) => or(first ?? assert.fail('there are 32'), ...rest))
  fc.assert(
    fc.property(wide, factsAround(change), spanAround(change), (data, facts, span) => {
      const each = judged(data, zone)
      assert.equal(each.clauses.length, 64)
      const start = change - 30 * SECOND
      const walked = walk(data, zone, start, facts, span, 60)
      const found = walked.map((_, second) => holds(each, instant(start + second * SECOND), facts, span) !== null)
      assert.deepEqual(found, walked, print(data))
    }),
    { numRuns, seed },
  )
}

interface Span {
  readonly mark: ReturnType<typeof instant>
  readonly grace: ReturnType<typeof duration>
}

function casesAround(zone: string, middle: number): Arbitrary<{ data: Condition; facts: Facts; span: Span }> {
  const moment = momentAround(zone, middle)
  const first = fc.oneof(
    { weight: 3, arbitrary: moment },
    { weight: 3, arbitrary: eventOfTask },
    { weight: 1, arbitrary: fc.tuple(moment, eventOfTask).map(([a, b]) => and(a, b)) },
    { weight: 1, arbitrary: fc.tuple(eventOfTask, eventOfTask).map(([a, b]) => and(a, b)) },
    { weight: 1, arbitrary: fc.constant<Condition>({ kind: 'start' }) },
  )
  const others = fc.oneof(
    { weight: 2, arbitrary: fc.oneof(stateOfTask, stateOfTask.map(not)) },
    { weight: 1, arbitrary: windowAround(zone, middle) },
    { weight: 1, arbitrary: windowAround(zone, middle).map(not) },
  )
  const clause = fc.tuple(first, fc.array(others, { maxLength: 2 })).map(([a, rest]) => and(a, ...rest))
  const data = fc.tuple(clause, fc.array(clause, { maxLength: 2 })).map(([a, rest]) => or(a, ...rest))
  return fc.record({ data, facts: factsAround(middle), span: spanAround(middle) })
}

// What the wall shows around the change, so that times fall into it and not past it.
function clockAround(zone: string, middle: number): Arbitrary<string> {
  return fc.integer({ min: -90, max: 90 }).map(minutes =>
    wall(middle + minutes * 60_000, zone)
      .toPlainTime()
      .toString({ smallestUnit: 'minute' }),
  )
}

function momentAround(zone: string, middle: number): Arbitrary<Moment> {
  return fc.oneof(
    fc.constantFrom<Moment>({ kind: 'every second' }, { kind: 'every minute' }),
    fc.integer({ min: 1, max: 600 }).map((seconds): Moment => ({ kind: 'interval', everyMs: seconds * SECOND })),
    fc.integer({ min: 0, max: 59 }).map((minute): Moment => ({ kind: 'hourly', minutes: [minute] })),
    clockAround(zone, middle).map((time): Moment => ({ kind: 'daily', every: 1, times: [time] })),
  )
}

function windowAround(zone: string, middle: number): Arbitrary<Window> {
  const clock = clockAround(zone, middle)
  const date = fc.integer({ min: -1, max: 1 }).map(days => wall(middle, zone).add({ days }).toPlainDate().toString())
  return fc.oneof(
    fc
      .uniqueArray(clock, { minLength: 2, maxLength: 2 })
      .map(([from = '', to = '']): Window => ({ kind: 'between', from, to: to === '00:00' ? '24:00' : to })),
    fc.tuple(date, clock).map(([day, time]): Window => ({ kind: 'dates', until: `${day}T${time}` })),
    fc
      .subarray(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const, {
        minLength: 1,
      })
      .map((weekdays): Window => ({ kind: 'weekdays', weekdays })),
  )
}

function around(middle: number): Arbitrary<ReturnType<typeof instant>> {
  return fc.integer({ min: -WALK, max: WALK / 2 }).map(seconds => instant(middle + seconds * SECOND))
}

function factsAround(middle: number): Arbitrary<Facts> {
  const past = around(middle)
  const run = fc
    .tuple(task, past, past, fc.constantFrom('succeeded', 'partial', 'failed', 'cancelled', 'skipped', null))
    .map(([each, x, y, outcome]) => ({
      task: each,
      startedAt: outcome === 'skipped' ? null : instant(Math.min(x, y)),
      endedAt: outcome === null ? null : instant(Math.max(x, y)),
      outcome,
    }))
  return fc.record({
    anchor: fc.integer({ min: -7_200, max: 600 }).map(seconds => instant(middle + seconds * SECOND)),
    since: past,
    decidedAt: fc.option(past),
    lastEnd: fc.oneof(past, fc.constantFrom('unfinished' as const, null)),
    runs: fc.array(run, { maxLength: 6 }).map(all => all.map((each, index): RunFact => ({ id: index + 1, ...each }))),
    health: fc.constant({}),
    predicates: fc.record({ a: fc.boolean() }),
    starts: fc.array(past, { maxLength: 2 }),
  })
}

function spanAround(middle: number): Arbitrary<Span> {
  return fc.record({
    mark: around(middle),
    grace: fc
      .oneof(
        fc.integer({ min: 0, max: 900 }).map(seconds => seconds * SECOND),
        fc.constant(Infinity),
      )
      .map(duration),
  })
}

function happened({ runs, starts, lastEnd, since }: Facts, at: number): boolean {
  const times = [...runs.flatMap(run => [run.startedAt, run.endedAt]), ...starts, lastEnd, since]
  return times.includes(instant(at))
}

/** Whether the condition holds, at each second of the walk. */
function walk(data: Condition, zone: string, start: number, facts: Facts, span: Span, seconds = WALK): boolean[] {
  const clauses = clausesByHand(data)
  // The newest moment of a clause as of the last second: moments are looked for second by second, from far enough back.
  const before = Math.ceil((start - Math.min(start, span.mark, ...facts.starts)) / SECOND)
  const newest = clauses.map(() => -Infinity)
  const result: boolean[] = []
  for (let second = -before; second < seconds; second++) {
    const at = start + second * SECOND
    for (const [index, literals] of clauses.entries()) if (isMomentAt(literals, at, zone, facts)) newest[index] = at
    if (second < 0) continue
    result.push(clauses.some((literals, index) => clauseHolds(literals, at, newest[index] ?? 0, zone, facts, span)))
  }
  return result
}

interface Literal {
  readonly leaf: Leaf
  readonly negated: boolean
}

function clausesByHand(data: Condition, negated = false): readonly (readonly Literal[])[] {
  if (data.kind === 'not') return clausesByHand(data.of, !negated)
  if (data.kind !== 'and' && data.kind !== 'or') return [[{ leaf: data, negated }]]
  const parts = data.of.map(part => clausesByHand(part, negated))
  if ((data.kind === 'or') !== negated) return parts.flat()
  return parts.reduce((all, part) => all.flatMap(left => part.map(right => [...left, ...right])))
}

function hasMoments(literals: readonly Literal[]): boolean {
  return literals.some(({ leaf }) => isMoment(leaf) || leaf.kind === 'start')
}

/** Windows contain the time that a moment names: for fixed times that is the time written, else what the wall shows. */
function isMomentAt(literals: readonly Literal[], at: number, zone: string, facts: Facts): boolean {
  if (!hasMoments(literals)) return false
  const leaves = literals.map(({ leaf }) => leaf)
  const fixed = leaves.find(leaf => leaf.kind === 'daily')
  const names = fixed === undefined ? [wall(at, zone)] : namedAt(fixed.times[0] ?? '', at, zone)
  return names.some(
    name =>
      literals.every(({ leaf, negated }) => !isWindow(leaf) || contains(leaf, name) !== negated) &&
      leaves.every(leaf => {
        if (leaf.kind === 'start') return facts.starts.includes(instant(at))
        return !isMoment(leaf) || shows(leaf, at, name, facts)
      }),
  )
}

function shows(moment: Moment, at: number, name: Temporal.PlainDateTime, { anchor }: Facts): boolean {
  switch (moment.kind) {
    case 'every second':
    case 'daily':
      return true
    case 'every minute':
      return name.second === 0
    case 'hourly':
      return name.second === 0 && moment.minutes.includes(name.minute)
    case 'interval':
      return at >= anchor && (at - anchor) % moment.everyMs === 0
    default:
      return assert.fail(moment.kind)
  }
}

/** The dates of this time of day that fall on the instant: in a fold the first pass, in a gap the first instant after it. */
function namedAt(time: string, at: number, zone: string): readonly Temporal.PlainDateTime[] {
  const here = wall(at, zone)
  return [-1, 0]
    .map(days => here.toPlainDate().add({ days }).toPlainDateTime(time))
    .filter(name => instantsOf(name, zone) === at)
}

function instantsOf(name: Temporal.PlainDateTime, zone: string): number {
  const key = `${zone} ${name.toString()}`
  const known = resolved.get(key)
  if (known !== undefined) return known
  const exact = name.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const isThere = exact.toPlainDateTime().equals(name)
  // In a gap `earlier` lands as long before the change as the time lies in it, and `later` as long after.
  const change = exact.getTimeZoneTransition('next')?.epochMilliseconds ?? 0
  const gap = name.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds - exact.epochMilliseconds
  const found = isThere ? exact.epochMilliseconds : gap > 3 * 3_600_000 ? Number.NaN : change
  resolved.set(key, found)
  return found
}

function clauseHolds(
  literals: readonly Literal[],
  at: number,
  newest: number,
  zone: string,
  facts: Facts,
  { mark, grace }: Span,
): boolean {
  const isOpen = hasMoments(literals)
    ? newest > mark && at - newest <= grace
    : literals.every(({ leaf, negated }) => !isWindow(leaf) || contains(leaf, wall(at, zone)) !== negated)
  return (
    isOpen &&
    literals.every(({ leaf, negated }) => {
      if (isEvent(leaf)) return eventHolds(leaf, at, facts)
      return !isState(leaf) || stateHolds(leaf, at, zone, facts) !== negated
    })
  )
}

function eventHolds(each: Event, at: number, { runs, lastEnd, since, decidedAt }: Facts): boolean {
  const isUnused = (due: number): boolean => due <= at && due > (decidedAt ?? -Infinity)
  if (each.kind === 'after itself') {
    const end = lastEnd ?? since
    return end !== 'unfinished' && end <= at && isUnused(end + each.delayMs)
  }
  return runs.some(
    ({ task: of, outcome, endedAt }) =>
      of === each.task &&
      MATCHING[each.outcome].includes(outcome) &&
      endedAt !== null &&
      endedAt <= at &&
      endedAt > since &&
      isUnused(endedAt + each.delayMs),
  )
}

function stateHolds(each: State, at: number, zone: string, facts: Facts): boolean {
  const known = facts.runs.filter(run => 'task' in each && run.task === each.task)
  switch (each.kind) {
    case 'running':
      return known.some(
        ({ startedAt, endedAt }) => startedAt !== null && startedAt <= at && (endedAt === null || endedAt > at),
      )
    case 'predicate':
      return facts.predicates[each.name] === true
    case 'counted': {
      const times = known.flatMap(run => timeOf(run, each.what) ?? [])
      const count = times.filter(time => time <= at && isDuring(each.during, time, at, zone)).length
      return {
        'at least': count >= each.times,
        'more than': count > each.times,
        'fewer than': count < each.times,
        exactly: count === each.times,
      }[each.compare]
    }
    default:
      return assert.fail(each.kind)
  }
}

function timeOf(run: RunFact, what: (typeof COUNTED_RUNS)[number]): number | null {
  if (what === 'started') return run.startedAt
  const outcomes: Readonly<Record<string, readonly (string | null)[]>> = {
    succeeded: ['succeeded'],
    failed: ['failed'],
    finished: ['succeeded', 'partial', 'failed'],
    'been skipped': ['skipped'],
  }
  return outcomes[what]?.includes(run.outcome) === true ? run.endedAt : null
}

function isDuring(during: Period, time: number, at: number, zone: string): boolean {
  if (during === 'ever') return true
  if (typeof during === 'object') return time > at - during.lastMs
  const [then, now] = [wall(time, zone), wall(at, zone)]
  switch (during) {
    case 'today':
      return then.toPlainDate().equals(now.toPlainDate())
    case 'this week': {
      const monday = (each: Temporal.PlainDateTime): string =>
        each
          .toPlainDate()
          .subtract({ days: each.dayOfWeek - 1 })
          .toString()
      return monday(then) === monday(now)
    }
    case 'this month':
      return then.year === now.year && then.month === now.month
    case 'this hour':
      return time >= hourBegan(at, zone)
    default:
      return during satisfies never
  }
}

/** Back, second by second, to where the wall last began an hour or jumped. */
function hourBegan(at: number, zone: string): number {
  const key = `${zone} ${at}`
  const known = hours.get(key)
  if (known !== undefined) return known
  const now = wall(at, zone)
  const jumped = !wall(at - SECOND, zone)
    .add({ seconds: 1 })
    .equals(now)
  const began = jumped || (now.minute === 0 && now.second === 0) ? at : hourBegan(at - SECOND, zone)
  hours.set(key, began)
  return began
}

/** What the wall shows. */
function wall(at: number, zone: string): Temporal.PlainDateTime {
  const key = `${zone} ${at}`
  const known = walls.get(key)
  if (known !== undefined) return known
  const shown = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime()
  walls.set(key, shown)
  return shown
}
