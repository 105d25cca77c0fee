/** Judges states at an instant: counts of runs, what is running, health, predicates. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Zone } from './calendar.ts'
import { firstDayOf, firstDayOfWeek, monthOf, weekOf } from './civil.ts'
import type { Counted, CountedRun, Period, State } from './fact.ts'
import type { Facts, RunFact, Verdict } from './facts.ts'
import { spoken } from './spoken.ts'
import { DAY_MS } from './time-of-day.ts'

/** Whether a state holds at `at`, as far as was known then: what began or ended later is not looked at. */
export const judgeState = (state: State, at: Instant, facts: Facts, zone: Zone): Verdict => {
  switch (state.kind) {
    case 'counted':
      return judgeCount(state, at, facts, zone)
    case 'running': {
      const run = facts.runs.find(each => each.task === state.task && isRunning(each, at))
      return byEvent(
        run !== undefined,
        run === undefined || run.startedAt === null
          ? `'${state.task}' is not running`
          : `run ${run.id} of '${state.task}' is running since ${spoken(run.startedAt, at, zone)}`,
      )
    }
    case 'health': {
      const health = ownOr(facts.health, state.subject, 'unknown')
      return byEvent(health === state.state, `'${state.subject}' is ${health}`)
    }
    case 'predicate': {
      const answer = ownOr(facts.predicates, state.name, undefined)
      const said = answer === undefined ? 'has not answered here yet' : `says ${answer ? 'yes' : 'no'}`
      return byEvent(answer === true, `'${state.name}' ${said}`)
    }
    default:
      return state satisfies never
  }
}

const byEvent = (holds: boolean, reason: string): Verdict => ({ holds, reason, changesAt: null })

// Names come from outside: `constructor` is a name like any other.
const ownOr = <Value, Other>(table: Readonly<Record<string, Value>>, name: string, other: Other): Value | Other =>
  Object.hasOwn(table, name) ? (table[name] ?? other) : other

const isRunning = (run: RunFact, at: Instant): boolean =>
  run.startedAt !== null && run.startedAt <= at && (run.endedAt === null || run.endedAt > at)

const judgeCount = (state: Counted, at: Instant, facts: Facts, zone: Zone): Verdict => {
  const start = startOf(state.during, at, zone)
  const counted = facts.runs.flatMap(run => {
    const when = run.task === state.task ? countedAt(run, state.what) : null
    return when !== null && when > start && when <= at ? [{ when, count: run.count ?? 1 }] : []
  })
  const count = totalOf(state, facts) ?? counted.reduce((sum, each) => sum + each.count, 0)
  return {
    holds: compares(state, count),
    reason: `'${state.task}' has ${state.what} ${count} ${count === 1 ? 'time' : 'times'}${told(state.during, start, at, zone)}`,
    changesAt: endOf(
      state.during,
      at,
      zone,
      counted.map(({ when }) => when),
    ),
  }
}

const totalOf = ({ during, task, what }: Counted, { totals }: Facts): number | undefined =>
  during === 'ever' && totals !== undefined ? ownOr(totals, task, undefined)?.[what] : undefined

/** The instant at which a run counts as this, or null where it does not. */
const countedAt = (run: RunFact, what: CountedRun): Instant | null => {
  switch (what) {
    case 'succeeded':
      return run.outcome === 'succeeded' ? run.endedAt : null
    case 'failed':
      return run.outcome === 'failed' ? run.endedAt : null
    case 'finished':
      return isFinished(run) ? run.endedAt : null
    case 'started':
      return run.startedAt
    case 'been skipped':
      return run.outcome === 'skipped' ? run.endedAt : null
    default:
      return what satisfies never
  }
}

/** Cancelled and skipped runs did not finish. */
export const isFinished = ({ outcome }: Pick<RunFact, 'outcome'>): boolean =>
  outcome === 'succeeded' || outcome === 'partial' || outcome === 'failed'

const compares = ({ compare, times }: Counted, count: number): boolean => {
  switch (compare) {
    case 'at least':
      return count >= times
    case 'more than':
      return count > times
    case 'fewer than':
      return count < times
    case 'exactly':
      return count === times
    default:
      return compare satisfies never
  }
}

const HOUR_MS = 3_600_000

/** The instant behind which a period lies: what happened at it, or before, does not count. */
export const startOf = (period: Period, at: Instant, zone: Zone): number => {
  if (period === 'ever') return -Infinity
  if (typeof period === 'object') return at - period.lastMs
  if (period === 'this hour') {
    // Where the clocks change within an hour, as on Lord Howe Island, the hour begins anew.
    const start = at - hourPassed(zone.local(at))
    return Math.max(start, zone.start) - 1
  }
  return zone.startOf(firstDay(period, dayAt(at, zone)) * DAY_MS) - 1
}

/** When a count may change by time alone: the period begins anew, or the oldest run leaves it. */
const endOf = (period: Period, at: Instant, zone: Zone, counted: readonly number[]): Instant | null => {
  if (period === 'ever') return null
  if (typeof period === 'object') {
    return counted.length === 0 ? null : instant(Math.min(...counted) + period.lastMs)
  }
  if (period === 'this hour') {
    const end = at - hourPassed(zone.local(at)) + HOUR_MS
    return instant(Math.min(end, zone.end))
  }
  return instant(nextDayOf(period, at, zone))
}

const hourPassed = (local: number): number => ((local % HOUR_MS) + HOUR_MS) % HOUR_MS

const dayAt = (at: number, zone: Zone): number => Math.floor(zone.local(at) / DAY_MS)

/** When the wall first shows a day outside of the period. Clocks that change at midnight may lead there early, or back. */
const nextDayOf = (period: CalendarPeriod, at: Instant, zone: Zone): number => {
  const day = dayAt(at, zone)
  const next = nextFirstDay(period, day)
  const here = next * DAY_MS - zone.offset
  if (here < zone.end) return here
  const change = zone.end
  return firstDay(period, dayAt(change, zone)) === firstDay(period, day) ? zone.startOf(next * DAY_MS) : change
}

type CalendarPeriod = 'today' | 'this week' | 'this month'

const firstDay = (period: CalendarPeriod, day: number): number => {
  if (period === 'today') return day
  return period === 'this week' ? firstDayOfWeek(weekOf(day)) : firstDayOf(monthOf(day))
}

const nextFirstDay = (period: CalendarPeriod, day: number): number => {
  if (period === 'today') return day + 1
  return period === 'this week' ? firstDayOfWeek(weekOf(day) + 1) : firstDayOf(monthOf(day) + 1)
}

const told = (period: Period, start: number, at: Instant, zone: Zone): string => {
  if (period === 'ever') return ''
  return typeof period === 'string' ? ` ${period}` : ` since ${spoken(instant(start), at, zone)}`
}
