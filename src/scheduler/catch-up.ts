/** Which of several due moments are wanted now, and what is said of the others. Pure. */

import { duration, formatDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Skip, Wanted } from '../domain/opportunity.ts'
import type { CatchUp, Schedule } from '../domain/schedule.ts'
import type { Timetable } from '../when/timetable.ts'
import { allOf, graceAt, offsetOf, olderThan } from './moments.ts'
import type { Due } from './moments.ts'

/** Oldest first. */
export interface CaughtUp {
  readonly wanted: readonly Wanted[]
  readonly skips: readonly Skip[]
}

export const catchUp = (schedule: Schedule, at: Instant, times: Timetable, due: Due): CaughtUp => {
  const policy = schedule.policies.catchUp
  if (policy.kind === 'all') return catchUpAll(schedule, at, times, due, policy)
  const late = duration(at - due.newest - offsetOf(schedule, times, schedule.mark))
  // Beyond grace `none` drops it, and `latest` keeps it only where its windows hold now: business hours stay business hours.
  const mayBeLate = policy.kind === 'latest' && times.open(at)
  const grace = mayBeLate ? null : graceAt(schedule, times)
  if (grace !== null && late > grace) return { wanted: [], skips: [allOf(due, 'missed', lateBy(late, grace))] }
  const wanted = [wantedAt(due.newest, due.count - 1)]
  const older = olderThan(due.newest, due, times, schedule.anchor)
  if (older === null) return { wanted, skips: [] }
  return { wanted, skips: [{ ...older, ...fateOfOlder(policy.kind, `into the run for ${formatInstant(due.newest)}`) }] }
}

/** What becomes of a moment that passed before a newer one: its run is the newer one's, unless nothing is caught up. */
export const fateOfOlder = (
  policy: CatchUp['kind'],
  intoWhat: string,
): { readonly reason: 'missed' | 'coalesced'; readonly detail: string } =>
  policy === 'none'
    ? { reason: 'missed', detail: 'newer moments had passed' }
    : { reason: 'coalesced', detail: intoWhat }

export const lateBy = (late: Duration, grace: Duration): string =>
  `late by ${formatDuration(late)}, grace is ${formatDuration(grace)}`

const catchUpAll = (
  schedule: Schedule,
  at: Instant,
  times: Timetable,
  due: Due,
  policy: { readonly limit: number; readonly window: Duration },
): CaughtUp => {
  const wanted: Wanted[] = []
  const offset = offsetOf(schedule, times, schedule.mark)
  const grace = times.open(at) ? null : graceAt(schedule, times)
  let oldest: Instant | null = due.newest
  while (oldest !== null && oldest >= due.first && wanted.length < policy.limit && at - oldest <= policy.window) {
    if (grace !== null && at - oldest - offset > grace) break
    wanted.unshift(wantedAt(oldest, 0))
    oldest = times.previous(oldest, schedule.anchor)
  }
  if (oldest === null || oldest < due.first) return { wanted, skips: [] }
  const count = due.count - wanted.length
  return { wanted, skips: [{ from: due.first, to: oldest, count, reason: 'missed', detail: beyond(policy) }] }
}

/** What is said of those that `catchUp: 'all'` leaves. */
export const beyond = (policy: { readonly limit: number; readonly window: Duration }): string =>
  `beyond the catch-up of ${policy.limit} runs and ${formatDuration(policy.window)}`

const wantedAt = (nominalAt: Instant, coalesced: number): Wanted => ({
  nominalAt,
  detail: coalesced === 0 ? null : `stands for ${coalesced} missed before it too`,
})
