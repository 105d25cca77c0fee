/**
 * What is due of one schedule, and what becomes of it. Pure: it sees the subject and the time, and answers with a decision.
 *
 * Each moment after the mark and up to now becomes a run, an open row that waits for an earlier run, or a skip with its
 * reason. First catch-up says which of several missed moments are wanted, then overlap says what happens to those.
 */

import { duration, formatDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { TaskName } from '../base/name.ts'
import type { Decision, Judge, Skip, Subject, Wanted } from '../domain/opportunity.ts'
import type { SkipReason } from '../domain/run.ts'
import { graceOf, jitterOf } from '../domain/schedule.ts'
import type { Schedule } from '../domain/schedule.ts'
import { timetable } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'

/** How many attempts runs of a task may have. A task nobody here knows has one. */
export type AttemptsAllowed = (task: TaskName) => number

/** The judge of an app that knows these tasks. */
export const judgeWith =
  (attemptsAllowed: AttemptsAllowed): Judge =>
  (subject, at) => {
    const { schedule } = subject
    const attempts = attemptsAllowed(schedule.task)
    try {
      return decide(subject, at, timetable(schedule.condition, schedule.timezone), attempts)
    } catch (error) {
      return unloadable(schedule, asError(error), attempts)
    }
  }

/** When the scheduler must look at a schedule whose moments up to `mark` are decided; null when nothing is to come. */
export const nextLookAt = (
  schedule: Pick<Schedule, 'name' | 'anchor' | 'policies'>,
  times: Timetable,
  mark: Instant,
): Instant | null => {
  const next = times.next(from(schedule, mark), schedule.anchor)
  if (next === null || isBeyondEnd(schedule, next)) return null
  return instant(next + offsetOf(schedule, times, mark))
}

/** A mark further ahead than this cannot come from slow clocks: the wall clock was set back. */
export const FURTHEST_MARK_AHEAD = duration(3_600_000)
// Counting what was missed walks the moments; far beyond any use of the number it stops.
const MOST_COUNTED = 100_000
const MOST_SINGLE = 1_000

const decide = (subject: Subject, at: Instant, times: Timetable, attemptsAllowed: number): Decision => {
  const { schedule } = subject
  if (schedule.mark > at + FURTHEST_MARK_AHEAD) return clockWasSetBack(schedule, at, times, attemptsAllowed)
  const due = dueMoments(schedule, at, times)
  const decided =
    schedule.paused === null ? decideActive(subject, at, times, due) : pausedInstead(subject, due, schedule.paused.by)
  const mark = due === null ? schedule.mark : due.newest
  const wasLast = runsLeft(subject) - decided.runs.length - decided.opens.length <= 0
  const nextAt = wasLast ? null : nextLookAt(schedule, times, mark)
  return {
    ...decided,
    skips:
      decided.skips.length === 0
        ? decided.skips
        : decided.skips.flatMap(skip => eachMaybeDecided(schedule, skip, times)),
    mark,
    nextAt,
    status: nextAt === null ? 'ended' : 'active',
    problem: null,
    attemptsAllowed,
    clockSetBack: null,
  }
}

type Fates = Pick<Decision, 'runs' | 'opens' | 'skips' | 'released' | 'dropped' | 'cancels'>

const nothing: Fates = { runs: [], opens: [], skips: [], released: [], dropped: [], cancels: [] }

/** The undecided moments up to now: the first, the newest and how many. */
interface Due {
  readonly first: Instant
  readonly newest: Instant
  readonly count: number
}

const dueMoments = (schedule: Schedule, at: Instant, times: Timetable): Due | null => {
  const { anchor } = schedule
  const until = Math.min(at - offsetOf(schedule, times, schedule.mark), schedule.policies.endAt ?? Infinity)
  const first = times.next(from(schedule, schedule.mark), anchor)
  if (first === null || first > until) return null
  const second = times.next(first, anchor)
  if (second === null || second > until) return { first, newest: first, count: 1 }
  const newest = times.previous(instant(until + 1), anchor) ?? second
  return { first, newest, count: countUpTo(newest, second, times, anchor) + 1 }
}

// After the clock was set back, some moments of a range have their row already and some have not: each is named by itself,
// so that the key of a row tells them apart.
const eachMaybeDecided = ({ highestMark, anchor }: Schedule, skip: Skip, times: Timetable): readonly Skip[] => {
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

const countUpTo = (newest: Instant, first: Instant, times: Timetable, anchor: Instant): number => {
  let count = 0
  for (let at: Instant | null = first; at !== null && at <= newest && count < MOST_COUNTED; at = times.next(at, anchor))
    count++
  return count
}

const decideActive = (subject: Subject, at: Instant, times: Timetable, due: Due | null): Fates => {
  if (due === null) return overlap(subject, [])
  const { wanted, skips } = catchUp(subject.schedule, at, times, due)
  const left = Math.max(0, runsLeft(subject))
  if (skips.length === 0 && wanted.length <= left) return overlap(subject, wanted)
  const surplus = wanted.slice(left).map(one => skipOne(one.nominalAt, 'ended', 'the schedule has had all its runs'))
  const fates = overlap(subject, wanted.slice(0, left))
  return { ...fates, skips: [...skips, ...surplus, ...fates.skips] }
}

const pausedInstead = (subject: Subject, due: Due | null, by: string): Fates => ({
  ...nothing,
  skips:
    due === null
      ? []
      : [{ from: due.first, to: due.newest, count: due.count, reason: 'paused', detail: `paused by ${by}` }],
  dropped: subject.open.map(row => ({ id: row.id, reason: 'paused', detail: `paused by ${by}` })),
})

/** Which of the due moments are wanted now, oldest first, and what is said of the others. */
const catchUp = (
  schedule: Schedule,
  at: Instant,
  times: Timetable,
  due: Due,
): { wanted: readonly Wanted[]; skips: readonly Skip[] } => {
  const policy = schedule.policies.catchUp
  if (policy.kind === 'all') return catchUpAll(schedule, at, times, due, policy)
  const late = duration(at - due.newest - offsetOf(schedule, times, schedule.mark))
  // Beyond grace `none` drops it, and `latest` keeps it only where its windows hold now: business hours stay business hours.
  const mayBeLate = policy.kind === 'latest' && times.open(at)
  const grace = mayBeLate ? null : graceOf(schedule.policies, times.period(schedule.mark, schedule.anchor))
  if (grace !== null && late > grace) {
    const detail = `late by ${formatDuration(late)}, grace is ${formatDuration(grace)}`
    return { wanted: [], skips: [{ from: due.first, to: due.newest, count: due.count, reason: 'missed', detail }] }
  }
  const older = olderThan(due.newest, due, times, schedule.anchor)
  if (older === null) return { wanted: [wantedAt(due.newest, 0)], skips: [] }
  const reason = policy.kind === 'none' ? 'missed' : 'coalesced'
  const detail = policy.kind === 'none' ? 'newer moments had passed' : `into the run for ${formatInstant(due.newest)}`
  return { wanted: [wantedAt(due.newest, due.count - 1)], skips: [{ ...older, reason, detail }] }
}

const catchUpAll = (
  schedule: Schedule,
  at: Instant,
  times: Timetable,
  due: Due,
  policy: { readonly limit: number; readonly window: Duration },
): { wanted: readonly Wanted[]; skips: readonly Skip[] } => {
  const wanted: Wanted[] = []
  const offset = offsetOf(schedule, times, schedule.mark)
  const isOpen = times.open(at)
  const grace = isOpen ? null : graceOf(schedule.policies, times.period(schedule.mark, schedule.anchor))
  let oldest: Instant | null = due.newest
  while (oldest !== null && oldest >= due.first && wanted.length < policy.limit && at - oldest <= policy.window) {
    if (grace !== null && at - oldest - offset > grace) break
    wanted.unshift(wantedAt(oldest, 0))
    oldest = times.previous(oldest, schedule.anchor)
  }
  if (oldest === null || oldest < due.first) return { wanted, skips: [] }
  const detail = `beyond the catch-up of ${policy.limit} runs and ${formatDuration(policy.window)}`
  return {
    wanted,
    skips: [{ from: due.first, to: oldest, count: due.count - wanted.length, reason: 'missed', detail }],
  }
}

const olderThan = (
  newest: Instant,
  due: Due,
  times: Timetable,
  anchor: Instant,
): Pick<Skip, 'from' | 'to' | 'count'> | null => {
  if (due.count === 1) return null
  return { from: due.first, to: times.previous(newest, anchor) ?? due.first, count: due.count - 1 }
}

/** What becomes of the wanted ones while earlier runs of the schedule are unfinished. */
const overlap = (subject: Subject, wanted: readonly Wanted[]): Fates => {
  const { unfinished, open } = subject
  const policy = subject.schedule.policies
  // Catching all up implies that they queue.
  const kind = policy.catchUp.kind === 'all' && policy.overlap.kind === 'skip' ? 'queueAll' : policy.overlap.kind
  switch (kind) {
    case 'skip':
      return skipWhileBusy(subject, wanted, 1)
    case 'allow':
      return skipWhileBusy(subject, wanted, limitOf(subject.schedule))
    case 'queue':
      return keepNewest(subject, wanted, unfinished.length > 0)
    case 'cancelPrevious': {
      // With nothing new to start there is nothing to cancel for.
      if (wanted.length === 0 && open.length === 0) return nothing
      const isRunning = unfinished.some(run => run.state === 'running')
      const cancels = wanted.length === 0 ? [] : unfinished.map(run => run.id)
      return { ...keepNewest(subject, wanted, isRunning || (wanted.length === 0 && unfinished.length > 0)), cancels }
    }
    case 'queueAll':
      return queueAll(subject, wanted)
    default:
      return kind satisfies never
  }
}

const limitOf = (schedule: Schedule): number => {
  const { overlap, catchUp } = schedule.policies
  if ('limit' in overlap) return overlap.limit
  return catchUp.kind === 'all' ? catchUp.limit : 1
}

const skipWhileBusy = (subject: Subject, wanted: readonly Wanted[], limit: number): Fates => {
  const free = Math.max(0, limit - subject.unfinished.length)
  return { ...nothing, runs: wanted.slice(0, free), skips: wanted.slice(free).map(one => overlapSkip(subject, one)) }
}

/** At most one waits: the newest. */
const keepNewest = (subject: Subject, wanted: readonly Wanted[], isBusy: boolean): Fates => {
  const newest = wanted.at(-1)
  if (newest === undefined) {
    const oldest = subject.open[0]
    return oldest === undefined || isBusy ? nothing : { ...nothing, released: [oldest.id] }
  }
  const detail = `into the one for ${formatInstant(newest.nominalAt)}`
  return {
    ...nothing,
    runs: isBusy ? [] : [newest],
    opens: isBusy ? [newest] : [],
    skips: wanted.slice(0, -1).map(one => skipOne(one.nominalAt, 'coalesced', detail)),
    dropped: subject.open.map(row => ({ id: row.id, reason: 'coalesced', detail })),
  }
}

/** As many wait as the limit allows, and come in their order. */
const queueAll = (subject: Subject, wanted: readonly Wanted[]): Fates => {
  const isBusy = subject.unfinished.length > 0
  const released = isBusy ? [] : subject.open.slice(0, 1).map(row => row.id)
  const startsNow = !isBusy && released.length === 0 ? wanted.slice(0, 1) : []
  const rest = wanted.slice(startsNow.length)
  const room = Math.max(0, limitOf(subject.schedule) - (subject.open.length - released.length))
  return {
    ...nothing,
    released,
    runs: startsNow,
    opens: rest.slice(0, room),
    skips: rest.slice(room).map(one => overlapSkip(subject, one)),
  }
}

const overlapSkip = (subject: Subject, one: Wanted): Skip => {
  const earlier = subject.unfinished[0]
  const detail = earlier === undefined ? 'too many wait already' : `run ${earlier.id} was still ${earlier.state}`
  return skipOne(one.nominalAt, 'overlap', detail)
}

const skipOne = (at: Instant, reason: SkipReason, detail: string): Skip => ({
  from: at,
  to: at,
  count: 1,
  reason,
  detail,
})

const wantedAt = (nominalAt: Instant, coalesced: number): Wanted => ({
  nominalAt,
  detail: coalesced === 0 ? null : `stands for ${coalesced} missed before it too`,
})

const runsLeft = ({ schedule, open }: Subject): number =>
  (schedule.policies.maxRuns ?? Infinity) - schedule.runsCreated - open.length

const from = ({ policies }: Pick<Schedule, 'policies'>, mark: Instant): Instant =>
  policies.startAt === null ? mark : instant(Math.max(mark, policies.startAt - 1))

const isBeyondEnd = ({ policies }: Pick<Schedule, 'policies'>, next: Instant): boolean =>
  policies.endAt !== null && next > policies.endAt

const offsetOf = (
  { name, policies, anchor }: Pick<Schedule, 'name' | 'anchor' | 'policies'>,
  times: Timetable,
  mark: Instant,
): Duration => (policies.jitter === 0 ? policies.jitter : jitterOf(name, policies.jitter, times.period(mark, anchor)))

const clockWasSetBack = (schedule: Schedule, at: Instant, times: Timetable, attemptsAllowed: number): Decision => ({
  ...nothing,
  mark: at,
  nextAt: nextLookAt(schedule, times, at),
  status: 'active',
  problem: null,
  attemptsAllowed,
  clockSetBack: duration(schedule.mark - at),
})

// Kept and shown, never deleted; it comes back to life by an edit.
const unloadable = (schedule: Schedule, error: Error, attemptsAllowed: number): Decision => ({
  ...nothing,
  mark: schedule.mark,
  nextAt: null,
  status: 'unloadable',
  problem: error.message,
  attemptsAllowed,
  clockSetBack: null,
})
