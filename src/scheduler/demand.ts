/**
 * What a condition with facts demands now. Pure.
 *
 * At hand are: of each clause with moments the newest that is undecided, or the open row that waits for its facts; of each
 * clause of events the opportunity that its unused events make. Each holds, or waits for its facts, or its time is over. Of
 * several that hold at once the newest stands for all, unless everything is to be caught up.
 */

import { duration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { formatDuration } from '../base/duration.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import type { Cause, Decision, OpenRow, Opening, Skip, Subject } from '../domain/opportunity.ts'
import type { SkipReason } from '../domain/run.ts'
import type { CatchUp } from '../domain/schedule.ts'
import type { Facts } from '../when/facts.ts'
import { completedEvents, hasOwnMoments, missingFacts, newestStart, statesHold } from '../when/judge.ts'
import type { Judged, JudgedClause } from '../when/judge.ts'
import { isOpen, previousMoment } from '../when/moments.ts'
import type { Timetable } from '../when/timetable.ts'
import { beyond, fateOfOlder, lateBy } from './catch-up.ts'
import { dueUntil, fromMark, graceAt, offsetOf, skipOne, skipsBetween } from './moments.ts'
import type { Due, Standout } from './moments.ts'
import type { Candidate } from './overlap.ts'

/** A schedule with its compiled condition, at an instant. */
export interface Question {
  readonly subject: Subject
  readonly at: Instant
  readonly condition: Judged
  readonly times: Timetable
  readonly facts: Facts
  readonly due: Due | null
}

/** An opportunity at hand. */
export interface AtHand {
  readonly nominalAt: Instant
  /** The clauses that demand it, first come first. */
  readonly clauses: readonly number[]
  readonly row: OpenRow | null
  /** Until when it may be decided; null for one of events. */
  readonly deadline: Instant | null
  /** Of one of events; the run is null where it was the schedule's own end. */
  readonly cause: Cause | null
  readonly isEvent: boolean
  /** It is none of the timetable's: an event, or a start of the app. */
  readonly isSingle: boolean
  /** The earlier ones that it stands for, of a delayed event or of starts. */
  readonly older: readonly Single[]
}

/** An opportunity that is no moment, as far as a skip names it. */
export interface Single {
  readonly nominalAt: Instant
  readonly cause: Cause | null
}

export interface Demand {
  /** What holds, oldest first. */
  readonly wanted: readonly Candidate[]
  readonly opens: readonly Opening[]
  readonly skips: readonly Skip[]
  readonly dropped: Decision['dropped']
  /** Of those without a row what is none of the timetable's. */
  readonly singles: readonly Single[]
  /** What goes on waiting, or begins to. */
  readonly waiting: readonly AtHand[]
  /** Predicates without an answer, on which alone something depends. */
  readonly asks: readonly string[]
}

/** Everything at hand, and the open rows that newer ones replace. */
const atHand = (question: Question): { readonly all: readonly AtHand[]; readonly replaced: Decision['dropped'] } => {
  const moments = momentsAtHand(question)
  const events = eventsAtHand(question)
  const rows = question.subject.open.filter(({ waitsFor }) => waitsFor.kind === 'condition')
  const all = [...moments, ...events]
  const kept = new Set(all.flatMap(({ row }) => (row === null ? [] : [row.id])))
  const replaced = rows
    .filter(row => !kept.has(row.id) && !isAhead(question, row))
    .map(row => replacedRow(question, row, all))
  return { all, replaced }
}

// The clock was set back to before its event: it has happened all the same.
const isAhead = ({ at, facts }: Question, { causedBy }: OpenRow): boolean =>
  causedBy !== null &&
  (facts.unused ?? []).some(({ id, endedAt }) => id === causedBy && endedAt !== null && endedAt > at)

export const demandOf = (question: Question): Demand => {
  const { all, replaced } = atHand(question)
  const judged = all.map(one => judgeOne(question, one))
  const holding = judged.filter(({ fate }) => fate.kind === 'holds').sort((a, b) => a.one.nominalAt - b.one.nominalAt)
  const policy = question.subject.schedule.policies.catchUp
  const caught =
    policy.kind === 'all' ? allThatHold(question, all, holding, policy) : newestThatHolds(policy.kind, holding)
  const over = judged.flatMap(({ one, fate }) => (fate.kind === 'over' ? [{ one, ...fate }] : []))
  const refused = [...over, ...caught.refused]
  return {
    wanted: caught.wanted,
    opens: judged.flatMap(({ one, fate }) => (fate.kind === 'waits' && one.row === null ? [openingOf(one, fate)] : [])),
    skips: [
      ...momentSkips(question, all, caught.wanted, refused),
      ...refused.filter(({ one }) => one.row === null && one.isSingle).map(singleSkip),
      ...all.flatMap(olderSkips),
    ],
    dropped: [
      ...replaced,
      ...refused.flatMap(({ one, reason, detail }) => (one.row === null ? [] : [{ id: one.row.id, reason, detail }])),
    ],
    singles: eachOnce(all.filter(({ row, isSingle }) => row === null && isSingle).flatMap(one => [...one.older, one])),
    waiting: judged.flatMap(({ one, fate }) => (fate.kind === 'waits' ? [one] : [])),
    asks: [...new Set(judged.flatMap(({ fate }) => (fate.kind === 'waits' ? fate.asks : [])))],
  }
}

/** One event may be in several clauses. */
const eachOnce = (singles: readonly Single[]): readonly Single[] => [
  ...new Map(singles.map(one => [keyOf(one), one])).values(),
]

const keyOf = ({ nominalAt, cause }: Single): string => `${cause?.run ?? null} ${nominalAt}`

/** What is said of the due moments of the clock and the calendar that become nothing: those of one clause are another's too. */
const momentSkips = (
  { subject, times, due }: Question,
  all: readonly AtHand[],
  wanted: readonly Candidate[],
  refused: readonly RefusedOne[],
): readonly Skip[] => {
  if (due === null) return []
  const fateOf = new Map(refused.filter(({ one }) => !one.isSingle).map(one => [one.one.nominalAt, one]))
  const nominals = new Set([
    ...all.filter(one => !one.isSingle && one.row === null).map(one => one.nominalAt),
    ...wanted.filter(({ row, cause }) => row === undefined && cause === undefined).map(one => one.nominalAt),
    ...fateOf.keys(),
  ])
  const standouts = [...nominals].filter(nominal => nominal >= due.first)
  return skipsBetween(
    due,
    standouts.map((nominal): Standout => {
      const fate = fateOf.get(nominal)
      return { at: nominal, skip: fate === undefined ? null : { reason: fate.reason, detail: fate.detail } }
    }),
    times,
    subject.schedule.anchor,
    newer => fateOfOlder(subject.schedule.policies.catchUp.kind, `into the one for ${formatInstant(newer)}`),
  )
}

const singleSkip = ({
  one,
  reason,
  detail,
}: {
  readonly one: Single
  readonly reason: SkipReason
  readonly detail: string
}): Skip => ({
  ...skipOne(one.nominalAt, reason, detail),
  ...(one.cause === null ? {} : { cause: one.cause }),
})

// ---- what is at hand

const momentsAtHand = (question: Question): readonly AtHand[] => {
  const { subject, condition, times } = question
  const { schedule } = subject
  const offset = offsetOf(schedule, times, schedule.mark)
  const grace = graceAt(schedule, times)
  const found = new Map<Instant, AtHand>()
  for (const [index, clause] of condition.clauses.entries()) {
    if (!hasOwnMoments(clause)) continue
    const nominal = newestOf(question, clause, index)
    if (nominal === null) continue
    const known = found.get(nominal)
    const row = rowsOf(question, index).find(one => one.nominalAt === nominal) ?? known?.row ?? null
    found.set(nominal, {
      nominalAt: nominal,
      clauses: [...(known?.clauses ?? []), index],
      row,
      deadline: deadlineOf(row) ?? instant(nominal + offset + grace),
      cause: null,
      isEvent: false,
      isSingle: clause.hasStart,
      older: clause.hasStart ? olderStarts(question, nominal) : [],
    })
  }
  return [...found.values()]
}

const deadlineOf = (row: OpenRow | null): Instant | null =>
  row !== null && row.waitsFor.kind === 'condition' ? row.waitsFor.deadline : null

/** The newest undecided moment of a clause, else the one for which its open row stands. */
const newestOf = (question: Question, clause: JudgedClause, index: number): Instant | null => {
  const { subject, at, condition, times, facts } = question
  const { schedule } = subject
  const until = dueUntil(schedule, at, times)
  const newest = clause.hasStart
    ? newestStart(clause, condition.zone, until, facts)
    : previousMoment(clause.compiled, condition.zone, until + 1, facts.anchor)
  if (newest > fromMark(schedule, schedule.mark) && newest <= until) return instant(newest)
  return rowsOf(question, index).at(-1)?.nominalAt ?? null
}

const olderStarts = ({ facts, subject }: Question, newest: Instant): readonly Single[] =>
  facts.starts
    .filter(start => start < newest && start > fromMark(subject.schedule, subject.schedule.mark))
    .map(nominalAt => ({ nominalAt, cause: null }))

/**
 * The rows that wait for facts of this clause, oldest first. A moment that several clauses name has one row for all of them, until
 * a newer one of a clause stands for it there.
 */
const rowsOf = ({ subject, at, condition, times, facts }: Question, index: number): readonly OpenRow[] =>
  subject.open.filter(({ waitsFor, nominalAt, causedBy }) => {
    if (waitsFor.kind !== 'condition') return false
    const clause = condition.clauses[index]
    if (waitsFor.clause === index || clause === undefined || !clause.hasMoments || causedBy !== null)
      return waitsFor.clause === index
    const until = dueUntil(subject.schedule, at, times)
    return previousMoment(clause.compiled, condition.zone, until + 1, facts.anchor) === nominalAt
  })

const eventsAtHand = (question: Question): readonly AtHand[] => {
  const { subject, at, condition, times, facts } = question
  const offset = offsetOf(subject.schedule, times, subject.schedule.mark)
  const found = new Map<string, AtHand>()
  for (const [index, clause] of condition.clauses.entries()) {
    if (hasOwnMoments(clause)) continue
    const completed = completedEvents(clause, at, facts)
    if (completed === null || completed.due === null) continue
    const nominalAt = instant(completed.due - offset)
    if (!isWithinBounds(subject, nominalAt)) continue
    const run = completed.run as RunId | null
    const cause = { run, parents: completed.parents as readonly RunId[] }
    // Clauses that the same run completes at the same time demand the same.
    const key = keyOf({ nominalAt, cause })
    const known = found.get(key)
    const row = rowsOf(question, index).find(one => one.causedBy === run && one.nominalAt === nominalAt) ?? known?.row
    const older = olderDue(question, clause, { run, nominalAt }, offset)
    found.set(key, {
      nominalAt,
      clauses: [...(known?.clauses ?? []), index],
      row: row ?? null,
      deadline: null,
      cause: known?.cause ?? cause,
      isEvent: true,
      isSingle: true,
      older: [...(known?.older ?? []), ...older],
    })
  }
  return [...found.values()]
}

// Each end of a delayed event is an opportunity of its own; those due together coalesce into the newest. One that has been at
// hand before has its row.
const olderDue = (
  { subject, at, facts }: Question,
  clause: JudgedClause,
  newest: { readonly run: RunId | null; readonly nominalAt: Instant },
  offset: Duration,
): readonly Single[] => {
  const [event, ...others] = clause.events
  if (event === undefined || others.length > 0 || event.delayMs === 0) return []
  const each = (facts.unused ?? []).map(run => completedEvents(clause, at, { ...facts, unused: [run] }))
  return each.flatMap(completed => {
    const run = (completed?.run ?? null) as RunId | null
    if (completed?.due === undefined || completed.due === null || run === null || run === newest.run) return []
    const nominalAt = instant(completed.due - offset)
    if (!isWithinBounds(subject, nominalAt)) return []
    if (subject.open.some(row => row.causedBy === run && row.nominalAt === nominalAt)) return []
    return [{ nominalAt, cause: { run, parents: completed.parents as readonly RunId[] } }]
  })
}

const isWithinBounds = ({ schedule: { policies } }: Subject, nominalAt: Instant): boolean =>
  nominalAt >= (policies.startAt ?? -Infinity) && nominalAt <= (policies.endAt ?? Infinity)

const olderSkips = ({ older, nominalAt }: AtHand): readonly Skip[] => {
  const detail = `into the one for ${formatInstant(nominalAt)}`
  return older.map(one => singleSkip({ one, reason: 'coalesced', detail }))
}

// ---- what becomes of each

type Fate =
  | { readonly kind: 'holds'; readonly clause: number; readonly cause: Cause | null }
  | { readonly kind: 'waits'; readonly missing: readonly string[]; readonly asks: readonly string[] }
  | { readonly kind: 'over'; readonly reason: SkipReason; readonly detail: string }

interface JudgedOne {
  readonly one: AtHand
  readonly fate: Fate
}

interface RefusedOne {
  readonly one: AtHand
  readonly reason: SkipReason
  readonly detail: string
}

const judgeOne = (question: Question, one: AtHand): JudgedOne => ({ one, fate: fateOf(question, one) })

const fateOf = (question: Question, one: AtHand): Fate => {
  const { at, subject, times } = question
  const policy = subject.schedule.policies.catchUp.kind
  const isLate = one.deadline !== null && at > one.deadline
  const grace = graceAt(subject.schedule, times)
  const late = duration(at - ((one.deadline ?? at) - grace))
  if (isLate && one.row === null && policy === 'none')
    return { kind: 'over', reason: 'missed', detail: lateBy(late, grace) }
  const inTime = one.clauses.filter(index => windowsAllow(question, one, index, isLate))
  for (const index of inTime) {
    const cause = factsHold(question, index)
    if (cause !== null) return { kind: 'holds', clause: index, cause: one.isEvent ? one.cause : causeIfAny(cause) }
  }
  if (!isLate)
    return { kind: 'waits', missing: missing(question, one), asks: inTime.flatMap(index => asksOf(question, index)) }
  if (inTime.length === 0 && one.row === null) return { kind: 'over', reason: 'missed', detail: lateBy(late, grace) }
  return { kind: 'over', reason: 'condition', detail: notWithin(missing(question, one), grace) }
}

/** Moments have named a time that the windows contain; only later than their grace must these be open now, as for events always. */
const windowsAllow = ({ condition, at }: Question, one: AtHand, index: number, isLate: boolean): boolean => {
  const clause = condition.clauses[index]
  return clause !== undefined && ((!one.isEvent && !isLate) || isOpen(clause.compiled, condition.zone, at))
}

/** The runs that made its events true, or null while something does not hold. */
const factsHold = ({ condition, at, facts }: Question, index: number): readonly RunId[] | null => {
  const clause = condition.clauses[index]
  if (clause === undefined || !statesHold(clause, condition.zone, at, facts)) return null
  return (completedEvents(clause, at, facts)?.parents ?? null) as readonly RunId[] | null
}

const causeIfAny = (parents: readonly RunId[]): Cause | null => (parents.length === 0 ? null : { run: null, parents })

/** The predicates of a clause of which all else holds and that have no answer now. */
const asksOf = (question: Question, index: number): readonly string[] => {
  const { condition, facts } = question
  const clause = condition.clauses[index]
  if (clause === undefined) return []
  const { names, others } = predicatesOf(clause)
  const unanswered = names.filter(name => !Object.hasOwn(facts.predicates, name))
  if (unanswered.length === 0) return []
  const without = { ...condition, clauses: condition.clauses.with(index, { ...clause, states: others }) }
  return factsHold({ ...question, condition: without }, index) === null ? [] : unanswered
}

/** The predicates that a clause asks, and its other states. */
export const predicatesOf = (
  clause: JudgedClause,
): { readonly names: readonly string[]; readonly others: JudgedClause['states'] } => ({
  names: clause.states.flatMap(({ state }) => (state.kind === 'predicate' ? [state.name] : [])),
  others: clause.states.filter(({ state }) => state.kind !== 'predicate'),
})

const missing = (question: Question, { clauses: [first = 0] }: AtHand): readonly string[] => missingOf(question, first)

const missingOf = ({ condition, at, facts }: Question, index: number): readonly string[] => {
  const clause = condition.clauses[index]
  return clause === undefined ? [] : missingFacts(clause, condition.zone, at, facts)
}

const notWithin = (parts: readonly string[], grace: Duration): string =>
  parts.length === 0
    ? `what it waited for came after its grace of ${formatDuration(grace)}`
    : `${listed(parts)} did not hold within its grace of ${formatDuration(grace)}`

const listed = (parts: readonly string[]): string => parts.map(part => `\`${part}\``).join(' and ')

const openingOf = (one: AtHand, fate: Fate): Opening => {
  const clause = one.clauses[0] ?? 0
  const parts = fate.kind === 'waits' ? fate.missing : []
  return {
    nominalAt: one.nominalAt,
    detail: parts.length === 0 ? 'waits for its window' : `waits for ${listed(parts)}`,
    ...(one.cause === null ? {} : { cause: one.cause }),
    waitsFor: { kind: 'condition', clause, deadline: one.deadline },
  }
}

const replacedRow = (question: Question, row: OpenRow, all: readonly AtHand[]): Decision['dropped'][number] => {
  const { at, subject, times } = question
  const clause = row.waitsFor.kind === 'condition' ? row.waitsFor.clause : 0
  const newer = all.find(one => one.clauses.includes(clause) && one.nominalAt > row.nominalAt)
  const deadline = deadlineOf(row)
  if (deadline !== null && at >= deadline) {
    const parts = missingOf(question, clause)
    return { id: row.id, reason: 'condition', detail: notWithin(parts, graceAt(subject.schedule, times)) }
  }
  const detail =
    newer === undefined ? 'its event was used by another run' : `into the one for ${formatInstant(newer.nominalAt)}`
  return { id: row.id, reason: 'coalesced', detail }
}

// ---- which of those that hold

interface Caught {
  readonly wanted: readonly Candidate[]
  readonly refused: readonly RefusedOne[]
}

const newestThatHolds = (policy: CatchUp['kind'], holding: readonly JudgedOne[]): Caught => {
  const newest = holding.at(-1)
  if (newest === undefined) return { wanted: [], refused: [] }
  const detail = `into the run for ${formatInstant(newest.one.nominalAt)}`
  const fateOfOne = (one: AtHand) => fateOfOlder(isNewMoment(one) ? policy : 'latest', detail)
  return {
    wanted: [candidateOf(newest)],
    refused: holding.slice(0, -1).map(({ one }) => ({ one, ...fateOfOne(one) })),
  }
}

/** Also the older moments of clauses that hold: of all of them the newest, as many as the limit and no older than the window. */
const allThatHold = (
  question: Question,
  all: readonly AtHand[],
  holding: readonly JudgedOne[],
  policy: { readonly limit: number; readonly window: Duration },
): Caught => {
  const { subject, at, times, facts } = question
  const { schedule } = subject
  const detail = beyond(policy)
  const isMissed = ({ one }: JudgedOne): boolean => isNewMoment(one) && at - one.nominalAt > policy.window
  const kept = holding.filter(judged => !isMissed(judged))
  const moments = new Map(kept.flatMap(judged => momentsOf(question, judged, policy)).map(one => [one.nominalAt, one]))
  for (const judged of kept) if (isNewMoment(judged.one)) moments.set(judged.one.nominalAt, candidateOf(judged))
  const newest = [...moments.values()].sort((a, b) => a.nominalAt - b.nominalAt).slice(-policy.limit)
  const chosen = new Set(newest.map(({ nominalAt }) => nominalAt))
  const others = kept.filter(({ one }) => !isNewMoment(one)).map(candidateOf)
  const refused: RefusedOne[] = holding
    .filter(({ one }) => isNewMoment(one) && !chosen.has(one.nominalAt))
    .map(({ one }) => ({ one, reason: 'missed', detail }))
  // What is older still shares the fate of the first of it.
  const oldest = newest[0]
  const before = oldest === undefined ? null : times.previous(oldest.nominalAt, facts.anchor)
  const isLeft = before !== null && before > fromMark(schedule, schedule.mark)
  if (isLeft && !all.some(one => one.nominalAt === before)) {
    const one = { nominalAt: before, clauses: [], row: null, deadline: null, cause: null, older: [] }
    refused.push({ one: { ...one, isEvent: false, isSingle: false }, reason: 'missed', detail })
  }
  return { wanted: [...newest, ...others].sort((a, b) => a.nominalAt - b.nominalAt), refused }
}

/** A moment of the clock or the calendar that has no row yet. */
const isNewMoment = ({ isEvent, isSingle, row }: AtHand): boolean => !isEvent && !isSingle && row === null

/** The moments of a clause before its newest, newest first; those beyond grace only where its windows are open now. */
const momentsOf = (
  { condition, subject, at, facts, times }: Question,
  { one, fate }: JudgedOne,
  policy: { readonly limit: number; readonly window: Duration },
): readonly Candidate[] => {
  const clause = fate.kind === 'holds' ? condition.clauses[fate.clause] : undefined
  if (clause === undefined || !isNewMoment(one)) return []
  const { schedule } = subject
  const lateness = isOpen(clause.compiled, condition.zone, at)
    ? policy.window
    : Math.min(policy.window, graceAt(schedule, times) + offsetOf(schedule, times, schedule.mark))
  const from = Math.max(fromMark(schedule, schedule.mark), at - lateness - 1)
  const found: Candidate[] = []
  let older = previousMoment(clause.compiled, condition.zone, one.nominalAt, facts.anchor)
  for (; older > from && found.length < policy.limit;) {
    found.push({ nominalAt: instant(older), detail: null })
    older = previousMoment(clause.compiled, condition.zone, older, facts.anchor)
  }
  return found
}

const candidateOf = ({ one, fate }: JudgedOne): Candidate => {
  const cause = fate.kind === 'holds' ? fate.cause : null
  const stands = one.older.length === 0 ? null : `stands for ${one.older.length} before it too`
  return {
    nominalAt: one.nominalAt,
    detail: stands,
    ...(cause === null ? {} : { cause }),
    ...(one.row === null ? {} : { row: one.row.id }),
  }
}
