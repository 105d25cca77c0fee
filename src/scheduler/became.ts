/** What became of an opportunity, and what wanted a run, in words. Pure, over the stored row. */

import { about } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { lateMs } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { Zone } from '../when/calendar.ts'
import { spoken } from '../when/spoken.ts'

/** Whose wall times are read from, and the instant they are said beside. */
export interface Wall {
  readonly zone: Zone
  readonly beside: Instant
}

export const say = (at: Instant, { zone, beside }: Wall): string => spoken(at, beside, zone)

/** What became of a row, without its time: `run 1042 succeeded`, `skipped, run 1041 was still running`. */
export const became = (run: Run, wall: Wall): string => {
  const named = `run ${run.id}`
  const detail = detailOf(run, wall)
  switch (run.state) {
    case 'skipped':
      return skippedWords(run, detail)
    case 'open':
      return detail === null ? 'waits' : detail.startsWith('waits') ? detail : `waits: ${detail}`
    case 'queued':
      return `${named} is queued and waits for a free place${detail === null ? '' : `; it ${detail}`}`
    case 'retrying':
      return `${named} waits for attempt ${run.attempt + 1} of ${run.attemptsAllowed}${run.retryAt === null ? '' : `, due ${say(run.retryAt, wall)}`}${errorOf(run, detail)}`
    case 'running':
      return `${named} is running${run.startedAt === null ? '' : ` since ${say(run.startedAt, wall)}`}${lateOf(run)}${causeOf(run)}`
    case 'succeeded':
      return `${named} succeeded${lateOf(run)}${causeOf(run)}${detail === null ? '' : `; it ${detail}`}`
    case 'partial':
      return `${named} succeeded in part${lateOf(run)}${causeOf(run)}${errorOf(run, detail)}`
    case 'cancelled':
      return `${named} was cancelled by ${run.cancelledBy ?? 'nobody who is known'}${lateOf(run)}${causeOf(run)}`
    case 'failed': {
      const reason = run.reason === null || run.reason === 'error' ? '' : ` (${run.reason})`
      return `${named} failed${reason}${lateOf(run)}${causeOf(run)}${errorOf(run, detail)}`
    }
    default:
      return run.state satisfies never
  }
}

/** When it was due, of merged rows from when to when and how often; null for a run by hand. */
export const dueOf = ({ nominalAt, lastNominalAt, count }: Run, wall: Wall): string | null => {
  if (nominalAt === null) return null
  if (lastNominalAt === null) return say(nominalAt, wall)
  return `${say(nominalAt, wall)} to ${say(lastNominalAt, wall)}, ${count} times`
}

/** Why a run is there: what wanted it. */
export const wantedBy = (run: Run, wall: Wall): string => {
  const { trigger } = run
  const schedule = `'${run.schedule ?? 'a schedule that is gone'}'`
  const due = dueOf(run, wall)
  switch (trigger.kind) {
    case 'schedule':
      return `${schedule} was due${due === null ? '' : ` ${due}`}.`
    case 'event':
      return `${schedule} wanted it${causeOf(run).replace(/^,/, '')}${due === null ? '' : `, for ${due}`}.`
    case 'hand':
      return `It was wanted by hand ${say(run.createdAt, wall)}, by ${trigger.by}.`
    case 'again':
      return `It is run ${trigger.of} once again, wanted ${say(run.createdAt, wall)} by ${trigger.by}.`
    case 'flow':
      return `It is a step of the flow that run ${trigger.run} stands for.`
    default:
      return trigger satisfies never
  }
}

const skippedWords = ({ reason }: Run, detail: string | null): string => {
  if (detail === null) return `skipped (${reason ?? 'no reason is kept'})`
  switch (reason) {
    case 'missed':
      return `missed, ${detail}`
    case 'coalesced':
      return detail.startsWith('into') ? `coalesced ${detail}` : `coalesced, ${detail}`
    case 'expired':
      return `expired, ${detail}`
    default:
      return `skipped, ${detail}`
  }
}

const ISO = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/g

// Kept reasons name instants in UTC; a person reads them on the wall of the schedule.
const detailOf = ({ detail }: Run, wall: Wall): string | null =>
  detail?.replaceAll(ISO, text => {
    const at = Date.parse(text)
    return Number.isNaN(at) ? text : say(instant(at), wall)
  }) ?? null

const lateOf = (run: Run): string => {
  const ms = lateMs(run)
  return ms === null || ms < 1_000 ? '' : `, started ${about(ms)} late`
}

const causeOf = ({ trigger }: Run): string => {
  if (trigger.kind !== 'event') return ''
  const by = trigger.parents.length > 0 ? trigger.parents : trigger.run === null ? [] : [trigger.run]
  if (by.length === 0) return trigger.run === null ? ', after its own last end' : ''
  return `, after ${by.length === 1 ? 'run' : 'runs'} ${by.join(' and ')}`
}

const errorOf = ({ error }: Run, detail: string | null): string => {
  const why = error?.message ?? detail
  return why === null || why === undefined || why === '' ? '' : `: ${why}`
}
