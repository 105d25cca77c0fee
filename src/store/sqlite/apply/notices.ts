/** Notices: what a change did that is worth telling, put into the outbox in its transaction; and how the outbox is emptied. */

import { duration } from '../../../base/duration.ts'
import { instant } from '../../../base/instant.ts'
import type { Instant } from '../../../base/instant.ts'
import { hearersOf, subjectOf, toldAgain, toldByEnd, toldByHealth } from '../../../domain/notice.ts'
import type { AlarmKind, NoticeSubject, Told } from '../../../domain/notice.ts'
import type { Run } from '../../../domain/run.ts'
import { watch } from '../../../domain/silence.ts'
import type { Changes, StoredNotice } from '../../store.ts'
import type { Notable } from '../news.ts'
import type { Tables } from '../tables.ts'
import type { WatchRow } from '../tables/watches.ts'

// What could not be delivered for so long is no news any more.
const GIVE_UP_AFTER = duration(86_400_000)
// Longer than any sending takes: only who died holds a notice for longer.
const LEASE = duration(120_000)
const UNKNOWN = 'no running program knew this destination'
// The writer is held meanwhile: some milliseconds.
const LOOKED_AT_ONCE = 200

/** To be called at the end of each change. */
export const tellNotable = (tables: Tables, at: Instant): void => {
  const notable = tables.news.takeNotable()
  if (notable.length === 0 || tables.notices.rules().length === 0) return
  for (const one of notable) tellOne(tables, one, at)
}

const tellOne = (tables: Tables, notable: Notable, at: Instant): void => {
  switch (notable.kind) {
    case 'end':
      return tellEnd(tables, notable.run, at)
    case 'health': {
      const { change, run } = notable
      const about = { task: run.task, tags: tagsOf(tables, run) }
      return keep(tables, change.subject, toldByHealth(change, about))
    }
    case 'schedule':
      return watchAnew(tables, notable, at)
    default:
      return notable satisfies never
  }
}

const tellEnd = (tables: Tables, run: Run, at: Instant): void => {
  const subject = subjectOf(run)
  const open = tables.alarms.of(subject)
  // What happens most: it went well, and it did before.
  if (open.length === 0 && run.state !== 'failed') return
  const told = toldByEnd(run, open, tagsOf(tables, run))
  keep(tables, subject, told)
  // One that was silent is not looked at until something happens to it.
  if (told.cleared.length > 0 && run.scheduleId !== null) tables.watches.wake(run.scheduleId, at)
}

const tagsOf = (tables: Tables, { scheduleId }: Run): readonly string[] =>
  scheduleId === null ? [] : (tables.schedules.hold(scheduleId)?.schedule.tags ?? [])

const keep = (tables: Tables, subject: NoticeSubject, { tellings, raised, cleared }: Told): void => {
  for (const kind of cleared) tables.alarms.delete(subject, kind)
  const rules = tables.notices.rules()
  for (const alarm of raised) {
    if (rules.some(rule => rule.on.includes(alarm.kind))) tables.alarms.put(alarm)
    else tables.alarms.delete(subject, alarm.kind)
  }
  for (const telling of tellings)
    for (const destination of hearersOf(telling, rules)) tables.notices.add(destination, telling)
}

const watchAnew = (tables: Tables, { schedule, name }: Notable & { kind: 'schedule' }, at: Instant): void => {
  if (tables.schedules.hold(schedule) !== null) {
    if (isWatching(tables)) tables.watches.put(schedule, at)
    return
  }
  // Another one of its name begins anew.
  const subject: NoticeSubject = { kind: 'schedule', name }
  for (const { kind } of tables.alarms.of(subject)) tables.alarms.delete(subject, kind)
  tables.watches.delete(schedule)
}

const watchedKinds: readonly AlarmKind[] = ['overdue', 'silent']

const isWatching = (tables: Tables): boolean =>
  tables.notices.rules().some(({ on }) => watchedKinds.some(kind => on.includes(kind)))

export const applyPutNoticeRules = (
  tables: Tables,
  { worker, destinations, rules, at }: Changes['putNoticeRules']['change'],
): null => {
  const isAlone = tables.workers.list().every(other => other.worker === worker)
  tables.notices.putRules(isAlone ? null : destinations, rules)
  const wanted = new Set(tables.notices.rules().flatMap(rule => rule.on))
  for (const kind of ['failed', 'health', ...watchedKinds] as const)
    if (!wanted.has(kind)) tables.alarms.deleteKind(kind)
  if (isWatching(tables)) tables.watches.putAll(at)
  else tables.watches.deleteAll()
  return null
}

export const applyWatch = (tables: Tables, { at }: Changes['watch']['change']): readonly StoredNotice[] => {
  for (const row of tables.watches.due(at, LOOKED_AT_ONCE)) lookAt(tables, row, at)
  for (const alarm of tables.alarms.repeating(at, LOOKED_AT_ONCE)) keep(tables, alarm.subject, toldAgain(alarm, at))
  const givenUp = tables.notices.giveUp(instant(at - GIVE_UP_AFTER), at, LOOKED_AT_ONCE, UNKNOWN)
  for (const notice of givenUp) recordGivenUp(tables, notice, at)
  return givenUp
}

/** When `applyWatch` has something to do. */
export const nextWatchAt = (tables: Tables): Instant | null => {
  const oldest = tables.notices.oldestAt()
  const times = [
    tables.watches.lookAt(),
    tables.alarms.repeatAt(),
    oldest === null ? null : instant(oldest + GIVE_UP_AFTER),
  ].filter(at => at !== null)
  return times.length === 0 ? null : instant(Math.min(...times))
}

const lookAt = (tables: Tables, { schedule: id, since, suspectedAt }: WatchRow, at: Instant): void => {
  const held = tables.schedules.hold(id)
  if (held === null) return tables.watches.delete(id)
  const { schedule } = held
  const subject: NoticeSubject = { kind: 'schedule', name: schedule.name }
  const seen = watch(
    {
      schedule,
      since,
      suspectedAt,
      goodAt: tables.watches.goodAt(id, since),
      waitsSince: tables.watches.waitsSince(id),
      open: tables.alarms.of(subject),
    },
    at,
  )
  for (const told of seen.told) keep(tables, subject, told)
  tables.watches.look(id, seen.lookAt, seen.suspectedAt)
}

export const applyClaimNotices = (
  tables: Tables,
  { worker, destinations, at }: Changes['claimNotices']['change'],
): readonly StoredNotice[] =>
  destinations.flatMap(name => tables.notices.claim(name, worker, at, instant(at + LEASE)) ?? [])

export const applySettleNotice = (
  tables: Tables,
  { notice, worker, at, outcome }: Changes['settleNotice']['change'],
): boolean => {
  const { number } = notice
  switch (outcome.kind) {
    case 'delivered':
      return tables.notices.end(number, worker, 'delivered', null, at)
    case 'later':
      return tables.notices.putOff(number, worker, outcome.at, outcome.problem)
    case 'given up': {
      const isOurs = tables.notices.end(number, worker, 'given up', outcome.problem, at)
      if (isOurs) recordGivenUp(tables, { ...notice, problem: outcome.problem }, at)
      return isOurs
    }
    default:
      return outcome satisfies never
  }
}

const recordGivenUp = (tables: Tables, { id, destination, problem }: StoredNotice, at: Instant): void =>
  tables.events.record(at, 'notice given up', `${id} for ${destination}: ${problem ?? 'nobody knows why'}`)
