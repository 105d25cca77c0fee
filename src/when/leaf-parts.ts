/** What each leaf says about days, times of day and the line of local time, so that the leaves of a clause can be laid together. */

import type { Literal } from './clauses.ts'
import { isMoment, isWindow } from './condition.ts'
import type { Moment } from './moment.ts'
import type { Window } from './window.ts'
import { readCron, splitCron } from './cron.ts'
import { allBut, inMonths, onDates, onDays, onWeekdays } from './days.ts'
import type { DayRule } from './days.ts'
import type { Count } from './local-rule.ts'
import { readLocal } from './local-time.ts'
import { outside, spanBetween, WHOLE_DAY } from './spans.ts'
import type { Spans } from './spans.ts'
import { DAY_MS, readTime } from './time-of-day.ts'
import { bits60, EVERY_BIT60, EVERY_HOUR, EVERY_SECOND } from './clock-fields.ts'
import type { ClockFields } from './clock-fields.ts'
import type { TimeSet } from './time-sets.ts'

/** One leaf's say. Whatever it leaves open is as in `ANY`. */
export interface Part {
  readonly days: readonly DayRule[]
  readonly times: readonly TimeSet[]
  readonly spans: Spans
  readonly within: Spans | null
  readonly counts: readonly Count[]
  readonly isFixed: boolean
}

const ANY: Part = { days: [], times: [], spans: WHOLE_DAY, within: null, counts: [], isFixed: false }

/** The sets of dates that conditions name, each date as `2026-12-25`. */
export type NamedDateSets = Readonly<Record<string, readonly string[]>>

/** `sets` is null where nobody knows the dates: then `on 'holidays'` leaves everything open. */
export const partOf = ({ leaf, negated }: Literal, sets: NamedDateSets | null): Part => {
  if (isMoment(leaf)) return momentPart(leaf)
  return isWindow(leaf) ? windowPart(leaf, negated, sets) : ANY
}

const windowPart = (leaf: Window, negated: boolean, sets: NamedDateSets | null): Part => {
  switch (leaf.kind) {
    case 'between': {
      const spans = spanBetween(readTime(leaf.from), readTime(leaf.to))
      return { ...ANY, spans: negated ? outside(spans, 0, DAY_MS) : spans }
    }
    case 'weekdays':
      return onlyDays(onWeekdays(leaf.weekdays), negated)
    case 'days':
      return onlyDays(onDays(leaf.days, false), negated)
    case 'months':
      return onlyDays(inMonths(leaf.months), negated)
    case 'dates': {
      const from = leaf.from === undefined ? -Infinity : readLocal(leaf.from)
      const until = leaf.until === undefined ? Infinity : readLocal(leaf.until)
      return { ...ANY, within: negated ? outside([from, until], -Infinity, Infinity) : [from, until] }
    }
    case 'named dates': {
      if (sets === null) return ANY
      const within = spansOf(Object.hasOwn(sets, leaf.name) ? (sets[leaf.name] ?? []) : [])
      return { ...ANY, within: negated ? outside(within, -Infinity, Infinity) : within }
    }
    default:
      return leaf satisfies never
  }
}

/** Each date as the stretch of its day; neighbours become one. */
const spansOf = (dates: readonly string[]): Spans => {
  const days = [...new Set(dates.map(readLocal))].filter(day => !Number.isNaN(day)).toSorted((a, b) => a - b)
  const edges = days.flatMap(day => [day, day + DAY_MS])
  return edges.filter((edge, index) => edge !== edges[index % 2 === 0 ? index - 1 : index + 1])
}

const onlyDays = (rule: DayRule, negated: boolean): Part => ({ ...ANY, days: [negated ? allBut(rule) : rule] })

const ZERO = bits60([0])

const momentPart = (leaf: Moment): Part => {
  switch (leaf.kind) {
    case 'every second':
      return onClock(EVERY_SECOND)
    case 'every minute':
      return onClock({ hours: EVERY_HOUR, minutes: EVERY_BIT60, seconds: ZERO })
    case 'hourly':
      return onClock({ hours: EVERY_HOUR, minutes: bits60(leaf.minutes), seconds: ZERO })
    case 'daily':
      return fixed(leaf.times, [], countOf('day', leaf.every))
    case 'weekly':
      return fixed(leaf.times, [onWeekdays(leaf.weekdays)], countOf('week', leaf.every))
    case 'monthly':
      return fixed(leaf.times, [onDays(leaf.days, leaf.clamp === true)], countOf('month', leaf.every))
    case 'yearly':
      return fixed(leaf.times, [onDates(leaf.dates, leaf.clamp === true)], countOf('year', leaf.every))
    case 'cron': {
      const { clock, days, isFixed } = readCron(splitCron(leaf.text))
      return { ...onClock(clock), days, isFixed }
    }
    case 'once':
      return leaf.at.endsWith('Z') ? ANY : onceAt(readLocal(leaf.at))
    case 'interval':
    case 'soon':
      return ANY
    default:
      return leaf satisfies never
  }
}

const onClock = (clock: ClockFields): Part => ({ ...ANY, times: [{ clock }] })

const fixed = (times: readonly string[], days: readonly DayRule[], counts: readonly Count[]): Part => ({
  ...ANY,
  days,
  times: [{ list: times.map(readTime) }],
  counts,
  isFixed: true,
})

const onceAt = (local: number): Part => ({
  ...ANY,
  times: [{ list: [local - Math.floor(local / DAY_MS) * DAY_MS] }],
  within: [local, local + 1],
  isFixed: true,
})

const countOf = (unit: Count['unit'], every: number): readonly Count[] => (every === 1 ? [] : [{ unit, every }])
