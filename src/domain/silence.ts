/**
 * When a schedule is overdue or silent, and when that must be looked at next. Pure.
 *
 * Overdue: a moment was not decided, or its run not begun, for twice the grace (a minute at least) after it was due.
 * Silent: two (late) or four (stale) expected moments and the grace passed without a good run. What a condition on facts keeps
 * from running was not expected: of such schedules only the first is asked.
 */

import { duration, formatDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { timetable } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { nothingTold, toldByEndOf, toldByWatch } from './notice.ts'
import type { Alarm, NoticeSubject, Told } from './notice.ts'
import { graceOf, jitterOf } from './schedule.ts'
import type { Schedule } from './schedule.ts'

/** A schedule that is watched, as it stands. */
export interface Watched {
  readonly schedule: Schedule
  /** Since when it is watched: nothing is expected of the time before. */
  readonly since: Instant
  /** When its last good run ended, as far as that is later. */
  readonly goodAt: Instant | null
  /** Since when a run of it waits for its first start; null where none does. */
  readonly waitsSince: Instant | null
  /** When it was first seen overdue without having been told so. */
  readonly suspectedAt: Instant | null
  readonly open: readonly Alarm[]
}

export interface Watch {
  readonly told: readonly Told[]
  /** When to look again; null: not before something happens to it. */
  readonly lookAt: Instant | null
  readonly suspectedAt: Instant | null
}

const SHORTEST_SLACK = duration(60_000)
// After a sleep of the machine everything is overdue for a moment: only what is seen twice is.
const SECOND_LOOK = duration(30_000)
const LATE_MOMENTS = 2
const STALE_MOMENTS = 4

export const watch = (watched: Watched, at: Instant): Watch => {
  const { schedule, open } = watched
  if (schedule.paused !== null || schedule.status !== 'active') {
    return { told: clearAll(open), lookAt: null, suspectedAt: null }
  }
  const times = timetable(schedule.condition, schedule.timezone)
  const grace = graceOf(schedule.policies, times.period(schedule.mark, schedule.anchor))
  const due = overdue(watched, grace, at)
  const quiet = silence(watched, times, grace, at)
  return {
    told: [due.told, quiet.told].filter(told => told !== nothingTold),
    lookAt: sooner(due.lookAt, quiet.lookAt),
    suspectedAt: due.suspectedAt,
  }
}

const clearAll = (open: readonly Alarm[]): readonly Told[] => {
  const cleared = open.map(({ kind }) => kind).filter(kind => kind === 'overdue' || kind === 'silent')
  return cleared.length === 0 ? [] : [{ ...nothingTold, cleared }]
}

const overdue = (watched: Watched, grace: Duration, at: Instant): Omit<Watch, 'told'> & { readonly told: Told } => {
  const { schedule, waitsSince, suspectedAt, open } = watched
  const alarm = open.find(({ kind }) => kind === 'overdue')
  const slack = Math.max(SHORTEST_SLACK, 2 * grace)
  const since = sooner(schedule.nextAt, waitsSince)
  if (since === null || since + slack > at) {
    const lookAt = since === null ? null : instant(since + slack)
    return { told: alarm === undefined ? nothingTold : toldByEndOf(alarm, at), lookAt, suspectedAt: null }
  }
  if (alarm !== undefined) return { told: nothingTold, lookAt: instant(at + slack), suspectedAt: null }
  if (suspectedAt === null || at - suspectedAt < SECOND_LOOK) {
    const from = suspectedAt ?? at
    return { told: nothingTold, lookAt: instant(from + SECOND_LOOK), suspectedAt: from }
  }
  const what = since === waitsSince ? 'its run waits, and no worker starts it' : 'nobody decided what is due'
  const told = toldByWatch('overdue', aboutOf(schedule, ''), since, at, `${what} since ${formatInstant(since)}`)
  return { told, lookAt: instant(at + slack), suspectedAt: null }
}

const silence = (
  watched: Watched,
  times: Timetable,
  grace: Duration,
  at: Instant,
): Pick<Watch, 'lookAt'> & { readonly told: Told } => {
  const { schedule, since, goodAt, open } = watched
  if (schedule.usesFacts) return { told: nothingTold, lookAt: null }
  const from = instant(Math.max(since, goodAt ?? since))
  const alarm = open.find(({ kind }) => kind === 'silent')
  const lateAt = expectedBy(schedule, times, grace, from, LATE_MOMENTS)
  const staleAt = expectedBy(schedule, times, grace, from, STALE_MOMENTS)
  if (lateAt === null || at < lateAt) {
    return { told: alarm === undefined ? nothingTold : { ...nothingTold, cleared: ['silent'] }, lookAt: lateAt }
  }
  const isStale = staleAt !== null && at >= staleAt
  const level = isStale ? 'stale' : 'late'
  const lookAt = isStale ? null : staleAt
  if (alarm?.level === level) return { told: nothingTold, lookAt }
  const good =
    goodAt === null ? `no good run since ${formatInstant(from)}` : `the last good run ended ${formatInstant(goodAt)}`
  const missed = `${isStale ? STALE_MOMENTS : LATE_MOMENTS} expected moments and a grace of ${formatDuration(grace)} passed`
  return { told: toldByWatch('silent', aboutOf(schedule, level), from, at, `${good}, ${missed}`), lookAt }
}

/** By when so many moments after `from` should have brought a good run; null where there are not so many. */
const expectedBy = (
  { name, policies, anchor, mark }: Schedule,
  times: Timetable,
  grace: Duration,
  from: Instant,
  moments: number,
): Instant | null => {
  let moment: Instant | null = instant(Math.max(from, (policies.startAt ?? 1) - 1))
  for (let left = moments; left > 0 && moment !== null; left--) moment = times.next(moment, anchor)
  if (moment === null || (policies.endAt !== null && moment > policies.endAt)) return null
  const offset = policies.jitter === 0 ? 0 : jitterOf(name, policies.jitter, times.period(mark, anchor))
  return instant(moment + offset + grace)
}

const aboutOf = (
  { name, task, tags }: Schedule,
  level: string,
): Pick<Alarm, 'subject' | 'names' | 'tags' | 'level'> => {
  const subject: NoticeSubject = { kind: 'schedule', name }
  return { subject, names: [task], tags, level }
}

const sooner = (a: Instant | null, b: Instant | null): Instant | null => {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
