/** Judging against a second evaluator, written from the rules and not from the code: minute by minute, in UTC, with no index or search. */

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { duration } from '../../src/base/duration.ts'
import { instant } from '../../src/base/instant.ts'
import { WEEKDAYS } from '../../src/when/day-names.ts'
import { and, isEvent, isMoment, isState, isWindow, not, or } from '../../src/when/condition.ts'
import type { Condition, Leaf } from '../../src/when/condition.ts'
import type { Event, State } from '../../src/when/fact.ts'
import type { Moment } from '../../src/when/moment.ts'
import { explain } from '../../src/when/explain.ts'
import type { Facts, RunFact } from '../../src/when/facts.ts'
import { holds, judged, wakes } from '../../src/when/judge.ts'
import { event, state, windows } from './conditions.ts'
import { contains } from './wall.ts'

const MINUTE = 60_000
const now = Date.UTC(2026, 10, 22, 9, 30)

const time = fc.integer({ min: 6 * 60, max: 12 * 60 }).map(clock)
const moment: Arbitrary<Moment> = fc.oneof(
  fc.constant<Moment>({ kind: 'every minute' }),
  fc.integer({ min: 0, max: 59 }).map((minute): Moment => ({ kind: 'hourly', minutes: [minute] })),
  fc.integer({ min: 1, max: 90 }).map((minutes): Moment => ({ kind: 'interval', everyMs: minutes * MINUTE })),
  time.map((at): Moment => ({ kind: 'daily', every: 1, times: [at] })),
  fc
    .tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), time)
    .map(([weekdays, at]): Moment => ({ kind: 'weekly', every: 1, weekdays, times: [at] })),
)

// One interval at most, as the check would have it; whether other parts go together does not matter here.
const clause: Arbitrary<Condition> = fc
  .tuple(
    fc.oneof(
      moment,
      event,
      fc.tuple(moment, event).map(([a, b]) => and(a, b)),
      fc.constant<Condition>({ kind: 'start' }),
    ),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.oneof(state, state.map(not)) }, windows), { maxLength: 2 }),
  )
  .map(([first, rest]) => and(first, ...rest))
const condition = fc.tuple(clause, fc.array(clause, { maxLength: 1 })).map(([first, rest]) => or(first, ...rest))

const past = fc.integer({ min: 0, max: 30 * 60 }).map(minutes => instant(now - minutes * MINUTE))
const run: Arbitrary<RunFact> = fc
  .tuple(
    fc.integer({ min: 1, max: 99 }),
    fc.constantFrom('a', 'b', 'c'),
    past,
    past,
    fc.constantFrom('succeeded', 'partial', 'failed', 'cancelled', 'skipped', null),
  )
  .map(([id, task, x, y, outcome]): RunFact => ({
    id,
    task,
    startedAt: outcome === 'skipped' ? null : instant(Math.min(x, y)),
    endedAt: outcome === null ? null : instant(Math.max(x, y)),
    outcome,
  }))
const facts: Arbitrary<Facts> = fc
  .tuple(
    past,
    fc.option(past),
    fc.oneof(past, fc.constantFrom('unfinished' as const, null)),
    fc.uniqueArray(run, { maxLength: 8, selector: ({ id }) => id }),
    fc.constantFrom('healthy' as const, 'degraded' as const, 'unknown' as const),
    fc.boolean(),
    fc.array(past, { maxLength: 2 }),
  )
  .map(([since, decidedAt, lastEnd, runs, health, answer, starts]) => ({
    anchor: instant(now - 40 * 60 * MINUTE),
    since,
    decidedAt,
    lastEnd,
    runs,
    health: { a: health },
    predicates: { a: answer },
    starts,
  }))
const undecided = fc
  .tuple(past, fc.integer({ min: 0, max: 120 }))
  .map(([mark, minutes]) => ({ mark, grace: duration(minutes * MINUTE) }))

test('a condition holds when the rules say so, and by the same opportunity', () => {
  let held = 0
  fc.assert(
    fc.property(condition, facts, undecided, (data, known, span) => {
      const found = holds(judged(data, 'UTC'), instant(now), known, span)
      const expected = byTheRules(data, known, span)
      assert.deepEqual(found, expected)
      if (found !== null) held++
    }),
    { numRuns: 2_000, seed: 1 },
  )
  assert.ok(held > 200, `${held} held`)
})

test('what does not hold does not come to hold by time alone before it wakes', () => {
  let woke = 0
  fc.assert(
    fc.property(condition, facts, undecided, fc.double({ min: 0, max: 1, noNaN: true }), (data, known, span, part) => {
      const each = judged(data, 'UTC')
      if (holds(each, instant(now), known, span) !== null) return
      const { at } = wakes(each, instant(now), known, span)
      const until = at ?? now + 40 * 24 * 60 * MINUTE
      const between = instant(now + Math.floor((until - now - 1) * part))
      assert.equal(holds(each, between, known, span), null)
      assert.equal(holds(each, instant(until - 1), known, span), null)
      if (at !== null && holds(each, at, known, span) !== null) woke++
    }),
    { numRuns: 2_000, seed: 2 },
  )
  assert.ok(woke > 200, `${woke} woke and held`)
})

test('an explanation agrees with itself: a clause holds where all its parts do', () => {
  fc.assert(
    fc.property(condition, facts, undecided, (data, known, span) => {
      const { clauses, holds: whole } = explain(judged(data, 'UTC'), instant(now), known, span)
      assert.equal(
        clauses.some(each => each.holds),
        whole !== null,
      )
      for (const each of clauses) {
        assert.equal(
          each.holds,
          each.parts.every(part => part.holds),
          JSON.stringify(each),
        )
      }
    }),
    { numRuns: 1_000, seed: 3 },
  )
})

interface Literal {
  readonly leaf: Leaf
  readonly negated: boolean
}

function byTheRules(data: Condition, known: Facts, span: { mark: number; grace: number }): unknown {
  for (const [index, literals] of clausesByHand(data).entries()) {
    const opportunity = clauseByTheRules(literals, known, span)
    if (opportunity !== null) return { clause: index, ...opportunity }
  }
  return null
}

function clausesByHand(data: Condition, negated = false): readonly (readonly Literal[])[] {
  if (data.kind === 'not') return clausesByHand(data.of, !negated)
  if (data.kind !== 'and' && data.kind !== 'or') return [[{ leaf: data, negated }]]
  const parts = data.of.map(part => clausesByHand(part, negated))
  if ((data.kind === 'or') !== negated) return parts.flat()
  return parts.reduce((all, part) => all.flatMap(left => part.map(right => [...left, ...right])))
}

function clauseByTheRules(
  literals: readonly Literal[],
  known: Facts,
  { mark, grace }: { mark: number; grace: number },
): unknown {
  const leaves = literals.map(({ leaf }) => leaf)
  const insideAt = (at: number): boolean =>
    literals.every(({ leaf, negated }) => !isWindow(leaf) || contains(leaf, local(at)) !== negated)
  const statesHold = literals.every(({ leaf, negated }) => !isState(leaf) || stateByTheRules(leaf, known) !== negated)
  const occurrences = leaves.filter(isEvent).map(each => newestByTheRules(each, known))
  if (!statesHold || occurrences.some(each => each === undefined)) return null
  const due = occurrences.filter(each => each !== undefined)
  const parents = [...new Set(due.flatMap(({ run: id }) => (id === null ? [] : [id])))]
  const moments = leaves.filter(isMoment)
  if (moments.length > 0 || leaves.some(leaf => leaf.kind === 'start')) {
    const isOne = (at: number): boolean =>
      insideAt(at) &&
      moments.every(each => momentByTheRules(each, at, known)) &&
      leaves.every(leaf => leaf.kind !== 'start' || known.starts.some(start => start === at))
    for (let at = now; at > mark && now - at <= grace; at -= MINUTE) {
      if (isOne(at)) return { nominal: at, run: null, parents }
    }
    return null
  }
  if (!insideAt(now)) return null
  const last = due.toSorted((a, b) => a.due - b.due || (a.run ?? 0) - (b.run ?? 0)).at(-1)
  return last === undefined ? null : { nominal: last.due, run: last.run, parents }
}

function momentByTheRules(each: Moment, at: number, { anchor }: Facts): boolean {
  const wall = local(at)
  const shown = clock(wall.hour * 60 + wall.minute)
  switch (each.kind) {
    case 'every minute':
      return true
    case 'hourly':
      return each.minutes.includes(wall.minute)
    case 'interval':
      return at >= anchor && (at - anchor) % each.everyMs === 0
    case 'daily':
      return each.times.includes(shown)
    case 'weekly':
      return each.times.includes(shown) && each.weekdays.includes(WEEKDAYS[wall.dayOfWeek - 1] ?? 'monday')
    default:
      return assert.fail(each.kind)
  }
}

function newestByTheRules(each: Event, known: Facts): { due: number; run: number | null } | undefined {
  const used = known.decidedAt ?? -Infinity
  if (each.kind === 'after itself') {
    if (known.lastEnd === 'unfinished') return undefined
    const due = (known.lastEnd ?? known.since) + each.delayMs
    return due <= now && due > used ? { due, run: null } : undefined
  }
  const matching: Readonly<Record<string, readonly string[]>> = {
    succeeds: ['succeeded'],
    fails: ['failed'],
    'is partial': ['partial'],
    finishes: ['succeeded', 'partial', 'failed'],
  }
  return known.runs
    .filter(({ task, outcome }) => task === each.task && matching[each.outcome]?.includes(outcome ?? '') === true)
    .filter(({ endedAt }) => endedAt !== null && endedAt > known.since)
    .map(({ id, endedAt }) => ({ due: (endedAt ?? 0) + each.delayMs, run: id }))
    .filter(({ due }) => due <= now && due > used)
    .toSorted((a, b) => a.due - b.due || a.run - b.run)
    .at(-1)
}

function stateByTheRules(each: State, known: Facts): boolean {
  switch (each.kind) {
    case 'running':
      return known.runs.some(
        ({ task, startedAt, outcome }) => task === each.task && startedAt !== null && outcome === null,
      )
    case 'health':
      return known.health[each.subject] === each.state
    case 'predicate':
      return known.predicates[each.name] === true
    case 'counted': {
      const counted = known.runs
        .filter(({ task }) => task === each.task)
        .filter(one => {
          const at = each.what === 'started' ? one.startedAt : one.endedAt
          if (at === null) return false
          const is = {
            succeeded: one.outcome === 'succeeded',
            failed: one.outcome === 'failed',
            finished: ['succeeded', 'partial', 'failed'].includes(one.outcome ?? ''),
            started: true,
            'been skipped': one.outcome === 'skipped',
          }
          return is[each.what] && isDuring(each.during, at)
        }).length
      return {
        'at least': counted >= each.times,
        'more than': counted > each.times,
        'fewer than': counted < each.times,
        exactly: counted === each.times,
      }[each.compare]
    }
    default:
      return each satisfies never
  }
}

function isDuring(period: (State & { kind: 'counted' })['during'], at: number): boolean {
  if (period === 'ever') return true
  if (typeof period === 'object') return at > now - period.lastMs
  const [then, today] = [local(at), local(now)]
  const sameDay = then.toPlainDate().equals(today.toPlainDate())
  const monday = (day: Temporal.PlainDateTime): string =>
    day
      .subtract({ days: day.dayOfWeek - 1 })
      .toPlainDate()
      .toString()
  return {
    today: sameDay,
    'this hour': sameDay && then.hour === today.hour,
    'this week': monday(then) === monday(today),
    'this month': then.year === today.year && then.month === today.month,
  }[period]
}

function local(at: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDateTime()
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
