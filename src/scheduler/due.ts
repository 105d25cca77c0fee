/**
 * What is due of one schedule, and what becomes of it. Pure: it sees the subject and the time, and answers with a decision.
 *
 * Each moment after the mark and up to now, and each opportunity that events made, becomes a run, an open row that waits for
 * its facts or for an earlier run, or a skip with its reason. First it is said which are wanted now (`catch-up.ts`, and
 * `demand.ts` where the condition asks for facts), then what becomes of those beside earlier runs (`overlap.ts`).
 */

import { duration } from '../base/duration.ts'
import { asError } from '../base/errors.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { TaskName } from '../base/name.ts'
import type { Cause, Decision, Judge, Skip, Subject } from '../domain/opportunity.ts'
import type { FlowPlanner } from '../domain/flow.ts'
import type { Placing } from '../domain/limits.ts'
import type { SkipReason } from '../domain/run.ts'
import type { Schedule } from '../domain/schedule.ts'
import { noFacts } from '../when/facts.ts'
import type { Facts } from '../when/facts.ts'
import { nextDue } from '../when/events.ts'
import { changesByTime, hasOwnMoments, judged } from '../when/judge.ts'
import type { Judged, JudgedClause } from '../when/judge.ts'
import { parse } from '../when/parse.ts'
import { compile, timetable } from '../when/timetable.ts'
import type { Timetable } from '../when/timetable.ts'
import { catchUp } from './catch-up.ts'
import { demandOf, predicatesOf } from './demand.ts'
import type { AtHand, Demand, Question } from './demand.ts'
import { allOf, dueMoments, dueUntil, eachMaybeDecided, nextLookAt, offsetOf, skipOne } from './moments.ts'
import type { Due } from './moments.ts'
import { fatesOf, nothing, overlap } from './overlap.ts'
import type { Candidate, Fates } from './overlap.ts'
import { stopOf } from './stop-when.ts'
import type { Stop } from './stop-when.ts'

/** What a judge knows besides the subject. */
export interface Knowledge {
  /** How many attempts runs of a task may have. A task nobody here knows has one. */
  readonly attemptsAllowed: (task: TaskName) => number
  /** Where runs of a task wait. Default: the default queue and priority. */
  readonly placing?: (task: TaskName) => Placing
  /** How to plan the flow of this name; undefined where it is none. */
  readonly flow?: (name: TaskName) => FlowPlanner | undefined
  /** The answers of predicates that are valid at `at`. */
  readonly answers?: (at: Instant) => Readonly<Record<string, boolean>>
}

/** The judge of an app that knows this. */
export const judgeWith =
  (knowledge: Knowledge): Judge =>
  (subject, at) => {
    const { schedule } = subject
    const attempts = knowledge.attemptsAllowed(schedule.task)
    try {
      const decision = schedule.usesFacts ? decideByFacts(subject, at, knowledge) : decideByTime(subject, at)
      const placing = knowledge.placing?.(schedule.task)
      const flow = knowledge.flow?.(schedule.task)
      return {
        ...decision,
        attemptsAllowed: attempts,
        ...(placing === undefined ? {} : { placing }),
        ...(flow === undefined ? {} : { flow }),
      }
    } catch (error) {
      return unloadable(schedule, asError(error), attempts)
    }
  }

/** A mark further ahead than this cannot come from slow clocks: the wall clock was set back. */
export const FURTHEST_MARK_AHEAD = duration(3_600_000)
/** How often a predicate is asked again while something waits for it. */
export const RECHECK = duration(30_000)

type Judgement = Omit<Decision, 'attemptsAllowed'>

// ---- by time alone

const decideByTime = (subject: Subject, at: Instant): Judgement => {
  const { schedule } = subject
  const times = timetable(schedule.condition, schedule.timezone)
  if (wasSetBack(subject, at)) return clockWasSetBack(schedule, at, nextLookAt(schedule, times, at))
  // A schedule that has had all its runs has no moments any more.
  const due = runsLeft(subject) <= 0 ? null : dueMoments(schedule, at, times)
  const stop = stopOf(subject, at, noFacts(schedule.since), {})
  const fates = fatesByTime(subject, at, times, due, stop)
  const mark = due === null ? schedule.mark : due.newest
  const isLast = isUsedUp(subject, fates)
  const nextAt = isLast ? null : nextLookAt(schedule, times, mark)
  return {
    ...steady(stop),
    ...fates,
    skips:
      fates.skips.length === 0 ? fates.skips : fates.skips.flatMap(skip => eachMaybeDecided(schedule, skip, times)),
    mark,
    nextAt: soonest([nextAt, ...liveWakes(subject, fates, at, stop), schedule.paused?.until ?? null]),
    status: nextAt === null ? 'ended' : 'active',
  }
}

const fatesByTime = (subject: Subject, at: Instant, times: Timetable, due: Due | null, stop: Stop): Fates => {
  const refusal = refusalOf(subject, stop)
  if (refusal !== null) return refuseAll(subject, due, refusal, stop)
  if (due === null) return withExpired(subject, at, overlap(subject, []))
  const { wanted, skips } = demandedByTime(subject, at, times, due)
  const fates = limited(subject, wanted)
  return withExpired(subject, at, skips.length === 0 ? fates : { ...fates, skips: [...skips, ...fates.skips] })
}

// Where only some windows are open it matters which clause demands what, as it does where there are facts.
const demandedByTime = (
  subject: Subject,
  at: Instant,
  times: Timetable,
  due: Due,
): Pick<Demand, 'wanted' | 'skips'> => {
  const { schedule } = subject
  if (!times.partlyOpen(at)) return catchUp(schedule, at, times, due)
  const facts = { ...noFacts(schedule.since), anchor: schedule.anchor }
  return demandOf({ subject, at, times, facts, due, condition: compiled(subject).condition })
}

const wasSetBack = ({ schedule, isAsRead = false }: Subject, at: Instant): boolean =>
  isAsRead && schedule.mark > at + FURTHEST_MARK_AHEAD

// ---- by facts too

const decideByFacts = (subject: Subject, at: Instant, knowledge: Knowledge): Judgement => {
  const { schedule } = subject
  const { times, condition } = compiled(subject)
  const dates = subject.known?.dates ?? {}
  if (wasSetBack(subject, at)) return clockWasSetBack(schedule, at, at)
  const due = dueMoments(schedule, at, times)
  const offset = offsetOf(schedule, times, schedule.mark)
  const known = usedLaterBy(subject.known?.facts ?? noFacts(schedule.since), offset)
  const facts = { ...known, since: beginningOf(schedule), predicates: knowledge.answers?.(at) ?? {} }
  const question = { subject, at, times, facts, due, condition: laterBy(condition, offset) }
  const stop = stopOf(subject, at, facts, dates)
  const demand = demandOf(question)
  const fates = fatesByFacts(question, demand, stop)
  // Starts are looked at later by the jitter too: what is not looked at yet is not decided.
  const starts = facts.starts.filter(start => start <= dueUntil(schedule, at, times))
  // A schedule that has had all its runs may get a place back: what came meanwhile is then decided.
  const mark =
    runsLeft(subject) <= 0 ? schedule.mark : instant(Math.max(due?.newest ?? schedule.mark, ...starts, schedule.mark))
  const isOver = isUsedUp(subject, fates) || isPastEnd(question)
  const wakes = isOver ? [] : wakesOf(question, demand, fates, mark)
  const mayCome = condition.clauses.some(clause => !clause.hasMoments) || demand.waiting.length > 0
  return {
    ...steady(stop),
    ...fates,
    skips: fates.skips.flatMap(skip => eachMaybeDecided(schedule, skip, times)),
    mark,
    usesEventsTo: schedule.paused !== null || decides(fates) ? instant(at - offset) : null,
    asks: [...demand.asks, ...stop.asks],
    nextAt: soonest([...wakes, ...liveWakes(subject, fates, at, stop), schedule.paused?.until ?? null]),
    status: isOver || (wakes.length === 0 && !mayCome) ? 'ended' : 'active',
  }
}

interface Compiled {
  readonly times: Timetable
  readonly condition: Judged
}

const cache = new Map<string, Compiled>()
const MOST_CACHED = 1_000

// Sets of dates change, and are large: what names one is made anew each time.
const compiled = ({ schedule, known }: Subject): Compiled => {
  const { condition, timezone } = schedule
  const dates = known?.dates ?? {}
  if (Object.keys(dates).length > 0) return compileWith(condition, timezone, dates)
  const key = `${timezone.length} ${timezone}${condition}`
  const found = cache.get(key) ?? compileWith(condition, timezone, {})
  cache.delete(key)
  cache.set(key, found)
  if (cache.size > MOST_CACHED) cache.delete(cache.keys().next().value ?? '')
  return found
}

const compileWith = (text: string, timezone: string, dates: Readonly<Record<string, readonly string[]>>): Compiled => {
  const condition = parse(text)
  return { times: compile(condition, timezone, dates), condition: judged(condition, timezone, dates) }
}

/** From when on events count: what follows itself and never ran counts from there. */
const beginningOf = ({ since, policies }: Schedule): Instant =>
  policies.startAt === null ? since : instant(Math.max(since, policies.startAt))

/** Events are looked at later by the jitter, as moments are. */
const laterBy = (condition: Judged, offset: number): Judged =>
  offset === 0
    ? condition
    : {
        ...condition,
        clauses: condition.clauses.map(clause => ({
          ...clause,
          events: clause.events.map(event => ({ ...event, delayMs: event.delayMs + offset })),
        })),
      }

// And so is what is used of them.
const usedLaterBy = (facts: Facts, offset: number): Facts =>
  offset === 0 || facts.unused === undefined
    ? facts
    : {
        ...facts,
        unused: facts.unused.map(run =>
          run.usedTo === undefined ? run : { ...run, usedTo: instant(run.usedTo + offset) },
        ),
      }

const fatesByFacts = (question: Question, demand: Demand, stop: Stop): Fates => {
  const { subject, at, due } = question
  const refusal = refusalOf(subject, stop)
  const hasHadAll = runsLeft(subject) <= 0
  if (refusal !== null)
    return hasHadAll ? refuseAll(subject, null, refusal, stop) : refuseDemand(subject, due, demand, refusal, stop)
  if (hasHadAll) return withExpired(subject, at, { ...overlap(subject, []), dropped: endedRows(demand) })
  const fates = limited(subject, demand.wanted)
  if (isPastEnd(question) || isUsedUp(subject, fates)) return withExpired(subject, at, refuseWaiting(fates, demand))
  return withExpired(subject, at, {
    ...fates,
    opens: [...fates.opens, ...demand.opens],
    skips: [...demand.skips, ...fates.skips],
    dropped: [...demand.dropped, ...fates.dropped],
  })
}

// What lies before the end is looked at later by the jitter.
const isPastEnd = ({ subject: { schedule }, times, at }: Question): boolean =>
  schedule.policies.endAt !== null && at - offsetOf(schedule, times, schedule.mark) > schedule.policies.endAt

// What became due before the end is still decided; what waits for facts waits no longer.
const refuseWaiting = (fates: Fates, demand: Demand): Fates => {
  const detail = 'the schedule has ended'
  const opens = demand.opens.map(one => skipWith(one, 'ended', detail))
  return {
    ...fates,
    skips: [...demand.skips, ...fates.skips, ...opens],
    dropped: [...demand.dropped, ...fates.dropped, ...endedRows(demand)],
  }
}

const endedRows = ({ waiting }: Demand): Decision['dropped'] =>
  waiting.flatMap(({ row }) =>
    row === null ? [] : [{ id: row.id, reason: 'ended', detail: 'the schedule has ended' }],
  )

/** A decision that is more than making older ones part of newer ones: it uses the events. */
const decides = ({ runs, released, held, opens, skips, dropped }: Fates): boolean =>
  runs.length + released.length + held.length > 0 ||
  opens.some(({ waitsFor }) => waitsFor.kind === 'overlap') ||
  [...skips, ...dropped].some(({ reason }) => reason !== 'coalesced' && reason !== 'expired')

// ---- what nothing comes of

interface Refusal {
  readonly reason: SkipReason
  readonly detail: string
}

/** Why nothing of the schedule may start now, or null. */
const refusalOf = ({ schedule }: Subject, stop: Stop): Refusal | null => {
  if (schedule.paused !== null) return { reason: 'paused', detail: `paused by ${schedule.paused.by}` }
  return stop.holds ? { reason: 'condition', detail: `stopWhen \`${schedule.policies.stopWhen}\` holds` } : null
}

const refuseAll = ({ open, unfinished }: Subject, due: Due | null, { reason, detail }: Refusal, stop: Stop): Fates => ({
  ...nothing,
  skips: due === null ? [] : [allOf(due, reason, detail)],
  dropped: open.map(({ id }) => ({ id, reason, detail })),
  cancels: stop.holds ? unfinished.map(({ id }) => id) : [],
})

const refuseDemand = (subject: Subject, due: Due | null, demand: Demand, refusal: Refusal, stop: Stop): Fates => {
  const fates = refuseAll(subject, due, refusal, stop)
  // What is no moment of the timetable has a skip of its own.
  const singles = demand.singles.map(one => skipWith(one, refusal.reason, refusal.detail))
  return { ...fates, skips: [...fates.skips, ...singles] }
}

const skipWith = (
  { nominalAt, cause = null }: { readonly nominalAt: Instant; readonly cause?: Cause | null },
  reason: SkipReason,
  detail: string,
): Skip => ({
  ...skipOne(nominalAt, reason, detail),
  ...(cause === null ? {} : { cause }),
})

// ---- limits

/** As many of the wanted as the schedule still has runs, beside its earlier ones. */
const limited = (subject: Subject, wanted: readonly Candidate[]): Fates => {
  const left = Math.max(0, runsLeft(subject))
  if (wanted.length <= left) return overlap(subject, wanted)
  const detail = 'the schedule has had all its runs'
  const surplus = fatesOf({ refused: wanted.slice(left).map(one => ({ one, reason: 'ended', detail })) })
  const fates = overlap(subject, wanted.slice(0, left))
  return { ...fates, skips: [...surplus.skips, ...fates.skips], dropped: [...surplus.dropped, ...fates.dropped] }
}

// What waits for an earlier run has its place; what waits for facts may never come.
const runsLeft = ({ schedule, open }: Subject): number =>
  (schedule.policies.maxRuns ?? Infinity) -
  schedule.runsCreated -
  open.filter(({ waitsFor }) => waitsFor.kind === 'overlap').length

const isUsedUp = (subject: Subject, fates: Fates): boolean => {
  const kindOf = new Map(subject.open.map(({ id, waitsFor }) => [id, waitsFor.kind]))
  const fromFacts = [...fates.released, ...fates.held].filter(({ id }) => kindOf.get(id) === 'condition').length
  const opens = fates.opens.filter(({ waitsFor }) => waitsFor.kind === 'overlap').length
  const places = fates.dropped.filter(({ id }) => kindOf.get(id) === 'overlap').length
  return runsLeft(subject) + places - fates.runs.length - opens - fromFacts <= 0
}

/** A queued run that came too late to its start is skipped instead. */
const withExpired = (subject: Subject, at: Instant, fates: Fates): Fates => {
  const expired = subject.unfinished.filter(
    ({ state, expiresAt }) => state === 'queued' && expiresAt !== null && at > expiresAt,
  )
  if (expired.length === 0) return fates
  const detail = 'it had to be started sooner'
  return {
    ...fates,
    dropped: [...fates.dropped, ...expired.map(({ id }) => ({ id, reason: 'expired' as const, detail }))],
  }
}

// ---- when to look again

/** While runs are unfinished, or wait: when one expires, and when `stopWhen` may come to hold. */
const liveWakes = (
  { schedule, unfinished, open }: Subject,
  fates: Fates,
  at: Instant,
  stop: Stop,
): readonly (Instant | null)[] => {
  const isLive = unfinished.length + open.length + fates.runs.length + fates.released.length + fates.opens.length > 0
  if (!isLive || stop.holds) return []
  const { startWithin } = schedule.policies
  const begun = startWithin === null || fates.runs.length + fates.released.length === 0 ? [] : [at + startWithin]
  const expiries = [
    ...begun,
    ...unfinished.flatMap(({ expiresAt }) => (expiresAt === null || expiresAt < at ? [] : [expiresAt])),
  ]
  return [...expiries.map(expiry => instant(expiry + 1)), stop.changesAt]
}

const wakesOf = (question: Question, demand: Demand, fates: Fates, mark: Instant): readonly (Instant | null)[] => {
  const { subject, at, times, condition } = question
  const { schedule } = subject
  const facts = factsAfter(question, fates)
  const offset = offsetOf(schedule, times, schedule.mark)
  const isPaused = schedule.paused !== null
  const waiting = isPaused ? [] : demand.waiting
  const next = [
    nextLookAt(schedule, times, mark),
    ...condition.clauses.flatMap(clause => clause.events.map(event => nextDue(event, at, facts))),
    ...facts.starts.map(start => instant(start + offset)).filter(wake => wake > at),
    ...waiting.flatMap(one => waitingWakes(condition, one, at, facts)),
  ].filter(wake => wake !== null)
  const { endAt } = schedule.policies
  // A schedule of events has an end too, and what waits waits no longer than that; nothing else tells them.
  const endsSilently = waiting.length > 0 || condition.clauses.some(clause => !hasOwnMoments(clause))
  return endAt !== null && endsSilently ? [...next, instant(endAt + 1 + offset)] : next
}

const waitingWakes = (condition: Judged, one: AtHand, at: Instant, facts: Facts): readonly Instant[] => {
  const clauses = one.clauses
    .map(index => condition.clauses[index])
    .filter((clause): clause is JudgedClause => clause !== undefined)
  const over = one.deadline === null ? [] : [instant(one.deadline + 1)]
  const recheck = clauses.some(clause => predicatesOf(clause).names.length > 0) ? [instant(at + RECHECK)] : []
  const changes = clauses.flatMap(clause => changesByTime(clause, condition.zone, at, facts))
  return [...over, ...recheck, ...changes.map(instant)].filter(wake => wake > at)
}

/** The facts as they are once the decision stands; a schedule that follows itself is judged again for what it follows. */
const factsAfter = ({ at, facts }: Question, fates: Fates): Facts => ({
  ...facts,
  decidedAt: decides(fates) ? at : facts.decidedAt,
})

const soonest = (wakes: readonly (Instant | null)[]): Instant | null => {
  const instants = wakes.filter(wake => wake !== null)
  return instants.length === 0 ? null : instant(Math.min(...instants))
}

// ---- the rest of a decision

const steady = (stop: Stop): Pick<Judgement, 'cancelledBy' | 'usesEventsTo' | 'asks' | 'problem' | 'clockSetBack'> => ({
  cancelledBy: stop.holds ? 'stopWhen' : 'a newer opportunity',
  usesEventsTo: null,
  asks: stop.asks,
  problem: null,
  clockSetBack: null,
})

const unmoved = { ...nothing, cancelledBy: '', usesEventsTo: null, asks: [] }

const clockWasSetBack = (schedule: Schedule, at: Instant, nextAt: Instant | null): Judgement => ({
  ...unmoved,
  mark: at,
  nextAt,
  status: 'active',
  problem: null,
  clockSetBack: duration(schedule.mark - at),
})

// Kept and shown, never deleted; it comes back to life by an edit.
const unloadable = (schedule: Schedule, error: Error, attemptsAllowed: number): Decision => ({
  ...unmoved,
  mark: schedule.mark,
  nextAt: null,
  status: 'unloadable',
  problem: error.message,
  attemptsAllowed,
  clockSetBack: null,
})
