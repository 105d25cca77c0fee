/** The moments of one schedule that are not decided yet, under its bounds and its jitter. Pure. */

import type { Duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Skip } from '../domain/opportunity.ts'
import type { SkipReason } from '../domain/run.ts'
import { graceOf, jitterOf } from '../domain/schedule.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { Timetable } from '../when/timetable.ts'

/** The undecided moments up to now: the first, the newest and how many. */
export interface Due {
  readonly first: Instant
  readonly newest: Instant
  readonly count: number
}

// Counting what was missed walks the moments; far beyond any use of the number it stops.
const MOST_COUNTED = 100_000
const MOST_SINGLE = 1_000

export const dueMoments = (schedule: Schedule, at: Instant, times: Timetable): Due | null => {
  const { anchor } = schedule
  const until = dueUntil(schedule, at, times)
  const first = times.next(fromMark(schedule, schedule.mark), anchor)
  if (first === null || first > until) return null
  const second = times.next(first, anchor)
  if (second === null || second > until) return { first, newest: first, count: 1 }
  const newest = times.previous(instant(until + 1), anchor) ?? second
  return { first, newest, count: countUpTo(newest, second, times, anchor) + 1 }
}

/** The newest instant whose moments are due at `at`. */
export const dueUntil = (schedule: Schedule, at: Instant, times: Timetable): Instant =>
  instant(Math.min(at - offsetOf(schedule, times, schedule.mark), schedule.policies.endAt ?? Infinity))

/** How many moments there are from the first up to the newest. */
export const countUpTo = (newest: Instant, first: Instant, times: Timetable, anchor: Instant): number => {
  let count = 0
  for (let at: Instant | null = first; at !== null && at <= newest && count < MOST_COUNTED; at = times.next(at, anchor))
    count++
  return count
}

/** Every moment up to here is decided, or before the schedule begins. */
export const fromMark = ({ policies }: Pick<Schedule, 'policies'>, mark: Instant): Instant =>
  policies.startAt === null ? mark : instant(Math.max(mark, policies.startAt - 1))

/** When the scheduler must look at a schedule whose moments up to `mark` are decided; null when none is to come. */
export const nextLookAt = (
  schedule: Pick<Schedule, 'name' | 'anchor' | 'policies'>,
  times: Timetable,
  mark: Instant,
): Instant | null => {
  const next = times.next(fromMark(schedule, mark), schedule.anchor)
  if (next === null || isBeyondEnd(schedule, next)) return null
  return instant(next + offsetOf(schedule, times, mark))
}

const isBeyondEnd = ({ policies }: Pick<Schedule, 'policies'>, next: Instant): boolean =>
  policies.endAt !== null && next > policies.endAt

/** By how much the schedule's moments are looked at later than they lie. */
export const offsetOf = (
  { name, policies, anchor }: Pick<Schedule, 'name' | 'anchor' | 'policies'>,
  times: Timetable,
  mark: Instant,
): Duration => (policies.jitter === 0 ? policies.jitter : jitterOf(name, policies.jitter, times.period(mark, anchor)))

/** How late its opportunities may be decided. */
export const graceAt = ({ policies, mark, anchor }: Schedule, times: Timetable): Duration =>
  graceOf(policies, times.period(mark, anchor))

/** The moments before the newest as one skip; null where there are none. */
export const olderThan = (
  newest: Instant,
  due: Due,
  times: Timetable,
  anchor: Instant,
): Pick<Skip, 'from' | 'to' | 'count'> | null => {
  if (due.count === 1) return null
  return { from: due.first, to: times.previous(newest, anchor) ?? due.first, count: due.count - 1 }
}

/** All due moments as one skip. */
export const allOf = (due: Due, reason: SkipReason, detail: string): Skip => ({
  from: due.first,
  to: due.newest,
  count: due.count,
  reason,
  detail,
})

export const skipOne = (at: Instant, reason: SkipReason, detail: string): Skip => ({
  from: at,
  to: at,
  count: 1,
  reason,
  detail,
})

/** What became of a due moment that stands out: a skip of its own, or (null) something better. */
export interface Standout {
  readonly at: Instant
  readonly skip: { readonly reason: SkipReason; readonly detail: string } | null
}

/** Every due moment that is none of the standouts shares the fate of the next newer one: skipped as it is, or as `before` says. */
export const skipsBetween = (
  due: Due,
  standouts: readonly Standout[],
  times: Timetable,
  anchor: Instant,
  before: (newer: Instant) => Pick<Skip, 'reason' | 'detail'>,
): readonly Skip[] => {
  // null: one that became something better, and parts its neighbours.
  const skips: (Skip | null)[] = []
  let next: Instant | null = due.first
  for (const { at, skip } of [...standouts].sort((a, b) => a.at - b.at)) {
    if (next !== null && next < at) {
      const to = times.previous(at, anchor) ?? next
      skips.push({ from: next, to, count: countUpTo(to, next, times, anchor), ...(skip ?? before(at)) })
    }
    skips.push(skip === null ? null : skipOne(at, skip.reason, skip.detail))
    next = times.next(at, anchor)
  }
  return joinedNeighbours(skips)
}

const joinedNeighbours = (skips: readonly (Skip | null)[]): readonly Skip[] => {
  const joined: (Skip | null)[] = []
  for (const skip of skips) {
    const last = joined.at(-1) ?? null
    if (skip === null || last?.reason !== skip.reason || last.detail !== skip.detail) joined.push(skip)
    else joined.splice(-1, 1, { ...last, to: skip.to, count: last.count + skip.count })
  }
  return joined.filter(skip => skip !== null)
}

/**
 * After the clock was set back, some moments of a range have their row already and some have not: each is named by itself,
 * so that the key of a row tells them apart.
 */
export const eachMaybeDecided = ({ highestMark, anchor }: Schedule, skip: Skip, times: Timetable): readonly Skip[] => {
  if (skip.from > highestMark || skip.count === 1) return [skip]
  const singles: Skip[] = []
  let at: Instant | null = skip.from
  for (
    ;
    at !== null && at <= highestMark && at <= skip.to && singles.length < MOST_SINGLE;
    at = times.next(at, anchor)
  ) {
    singles.push(skipOne(at, skip.reason, skip.detail))
  }
  if (at === null || at > skip.to) return singles
  return [...singles, { ...skip, from: at, count: skip.count - singles.length }]
}
