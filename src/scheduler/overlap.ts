/** What becomes of wanted opportunities while earlier runs of their schedule are unfinished. Pure. */

import { formatInstant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { Decision, OpenRow, Skip, Subject, Wanted } from '../domain/opportunity.ts'
import type { SkipReason } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'

/** What may start now: a new opportunity, or an open row whose facts hold. */
export type Candidate = Wanted & { readonly row?: RunId }

/** The part of a decision that says what becomes of opportunities. */
export type Fates = Pick<Decision, 'runs' | 'opens' | 'skips' | 'released' | 'held' | 'dropped' | 'cancels'>

export const nothing: Fates = { runs: [], opens: [], skips: [], released: [], held: [], dropped: [], cancels: [] }

/** The wanted ones come oldest first. */
export const overlap = (subject: Subject, wanted: readonly Candidate[]): Fates => {
  const policy = subject.schedule.policies
  // Catching all up implies that they queue.
  const kind = policy.catchUp.kind === 'all' && policy.overlap.kind === 'skip' ? 'queueAll' : policy.overlap.kind
  const open = subject.open.filter(({ waitsFor }) => waitsFor.kind === 'overlap')
  const { unfinished } = subject
  switch (kind) {
    case 'skip':
      return skipWhileBusy(subject, wanted, 1)
    case 'allow':
      return skipWhileBusy(subject, wanted, limitOf(subject.schedule))
    case 'queue':
      return keepNewest(open, wanted, unfinished.length > 0)
    case 'cancelPrevious': {
      // With nothing new to start there is nothing to cancel for.
      if (wanted.length === 0 && open.length === 0) return nothing
      const isRunning = unfinished.some(run => run.state === 'running')
      const cancels = wanted.length === 0 ? [] : unfinished.map(run => run.id)
      return { ...keepNewest(open, wanted, isRunning || (wanted.length === 0 && unfinished.length > 0)), cancels }
    }
    case 'queueAll':
      return queueAll(subject, open, wanted)
    default:
      return kind satisfies never
  }
}

/** How many runs of a schedule may be there at once, or wait. */
const limitOf = (schedule: Schedule): number => {
  const { overlap, catchUp } = schedule.policies
  if ('limit' in overlap) return overlap.limit
  return catchUp.kind === 'all' ? catchUp.limit : 1
}

const skipWhileBusy = (subject: Subject, wanted: readonly Candidate[], limit: number): Fates => {
  const free = Math.max(0, limit - subject.unfinished.length)
  return fatesOf({
    starts: wanted.slice(0, free),
    refused: wanted.slice(free).map(one => ({ one, reason: 'overlap', detail: busyWith(subject) })),
  })
}

/** At most one waits: the newest. */
const keepNewest = (open: readonly OpenRow[], wanted: readonly Candidate[], isBusy: boolean): Fates => {
  const newest = wanted.at(-1)
  if (newest === undefined) {
    const oldest = open[0]
    return oldest === undefined || isBusy ? nothing : { ...nothing, released: [{ id: oldest.id }] }
  }
  const detail = `into the one for ${formatInstant(newest.nominalAt)}`
  const fates = fatesOf({
    starts: isBusy ? [] : [newest],
    waits: isBusy ? [newest] : [],
    refused: wanted.slice(0, -1).map(one => ({ one, reason: 'coalesced', detail })),
  })
  const dropped = open.map(({ id }) => ({ id, reason: 'coalesced' as const, detail }))
  return { ...fates, dropped: [...fates.dropped, ...dropped] }
}

/** As many wait as the limit allows, and come in their order. */
const queueAll = (subject: Subject, open: readonly OpenRow[], wanted: readonly Candidate[]): Fates => {
  const isBusy = subject.unfinished.length > 0
  const released = isBusy ? [] : open.slice(0, 1).map(({ id }) => ({ id }))
  const startsNow = !isBusy && released.length === 0 ? wanted.slice(0, 1) : []
  const rest = wanted.slice(startsNow.length)
  const room = Math.max(0, limitOf(subject.schedule) - (open.length - released.length))
  const fates = fatesOf({
    starts: startsNow,
    waits: rest.slice(0, room),
    refused: rest.slice(room).map(one => ({ one, reason: 'overlap', detail: busyWith(subject) })),
  })
  return { ...fates, released: [...released, ...fates.released] }
}

const busyWith = ({ unfinished }: Subject): string => {
  const earlier = unfinished[0]
  return earlier === undefined ? 'too many wait already' : `run ${earlier.id} was still ${earlier.state}`
}

interface Sorted {
  readonly starts?: readonly Candidate[]
  readonly waits?: readonly Candidate[]
  readonly refused?: readonly Refused[]
}

/** An opportunity that becomes no run, with the reason. */
export interface Refused {
  readonly one: Candidate
  readonly reason: SkipReason
  readonly detail: string
}

/** Each as what it is: a new row, or a change of the open row that it has. */
export const fatesOf = ({ starts = [], waits = [], refused = [] }: Sorted): Fates => ({
  ...nothing,
  runs: starts.filter(isNew),
  released: starts.filter(hasRow).map(({ row, cause }) => ({ id: row, ...(cause === undefined ? {} : { cause }) })),
  opens: waits.filter(isNew).map(one => ({ ...one, waitsFor: { kind: 'overlap' } })),
  held: waits
    .filter(hasRow)
    .map(({ row, detail, cause }) => ({ id: row, detail, ...(cause === undefined ? {} : { cause }) })),
  skips: refused.filter(({ one }) => isNew(one)).map(skipFor),
  dropped: refused.flatMap(({ one, reason, detail }) => (hasRow(one) ? [{ id: one.row, reason, detail }] : [])),
})

const hasRow = (one: Candidate): one is Candidate & { readonly row: RunId } => one.row !== undefined

const isNew = (one: Candidate): boolean => !hasRow(one)

const skipFor = ({ one, reason, detail }: Refused): Skip => ({
  from: one.nominalAt,
  to: one.nominalAt,
  count: 1,
  reason,
  detail,
  ...(one.cause === undefined ? {} : { cause: one.cause }),
})
