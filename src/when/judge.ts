/**
 * Judges a condition with its facts: does it hold now, what could make it hold, and why it does or does not.
 *
 * The rules are those of clauses. A clause with moments takes its opportunity from the newest of them, which stays open
 * until its grace is over, waiting for its states and events. A clause without moments takes it from its events: when all are
 * due and unused and its windows are open now. The first clause that holds decides.
 */

import type { Duration } from '../base/duration.ts'
import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { nextOnWall, zoneOf } from './calendar.ts'
import type { Zone } from './calendar.ts'
import { clausesOf } from './clauses.ts'
import type { Clause } from './clauses.ts'
import { isEvent, isMoment, isState, isWindow } from './condition.ts'
import type { Condition } from './condition.ts'
import type { Event, State } from './fact.ts'
import { nextDue, occurrenceAt } from './events.ts'
import type { Occurrence } from './events.ts'
import type { Facts } from './facts.ts'
import type { NamedDateSets } from './leaf-parts.ts'
import { compileClause, isOpen, nextMoment, previousMoment } from './moments.ts'
import type { ClauseMoments } from './moments.ts'
import { print } from './print.ts'
import { judgeState } from './states.ts'
import { wakingEvents } from './waking-events.ts'
import type { WakingEvent } from './waking-events.ts'

/** Something the condition demands, and its identity: the nominal instant, or the run that completed its events. */
export interface Opportunity {
  /** Which clause holds, counted from 0. */
  readonly clause: number
  readonly nominal: Instant
  /** The run that completed the events of a clause without moments; null for all others. */
  readonly run: number | null
  /** The newest run of each event. */
  readonly parents: readonly number[]
}

/** When a condition could come to hold; of one that holds, also when it could stop. */
export interface Wakes {
  /** Until this instant time alone changes nothing; null is for ever. */
  readonly at: Instant | null
  /** What else could change it. */
  readonly events: readonly WakingEvent[]
}

/** A span of opportunities that are not yet decided. */
export interface Undecided {
  /** Everything up to here is decided. */
  readonly mark: Instant
  /** How late an opportunity of a moment may be decided; Infinity is no limit. */
  readonly grace: Duration
}

/** A clause of a condition, compiled. */
export interface JudgedClause {
  readonly leaves: Clause
  readonly compiled: ClauseMoments
  readonly sets: NamedDateSets
  readonly hasMoments: boolean
  readonly hasStart: boolean
  readonly events: readonly Event[]
  readonly states: readonly { readonly state: State; readonly negated: boolean }[]
}

/** A condition, compiled to be judged. `sets` are the dates that `on 'holidays'` names. */
export interface Judged {
  readonly clauses: readonly JudgedClause[]
  readonly zone: Zone
}

export const judged = (condition: Condition, timezone: string, sets: NamedDateSets = {}): Judged => ({
  clauses: clausesOf(condition).map(leaves => judgedClause(leaves, sets)),
  zone: zoneOf(timezone),
})

/** The opportunity in (mark, at] that is still open and whose facts hold, or null. */
export const holds = (condition: Judged, at: Instant, facts: Facts, undecided: Undecided): Opportunity | null => {
  for (const [index, clause] of condition.clauses.entries()) {
    const opportunity = clauseHolds(clause, condition.zone, at, facts, undecided)
    if (opportunity !== null) return { clause: index, ...opportunity }
  }
  return null
}

/** The next instant, and the events, that could change whether a condition holds. */
export const wakes = (condition: Judged, at: Instant, facts: Facts, undecided: Undecided): Wakes => {
  const each = condition.clauses.map(clause => clauseWakes(clause, condition.zone, at, facts, undecided))
  const instants = each.flatMap(wake => wake.instants).filter(next => next > at)
  const events = new Map(each.flatMap(wake => wake.events).map(event => [JSON.stringify(event), event]))
  return { at: instants.length === 0 ? null : instant(Math.min(...instants)), events: [...events.values()] }
}

const judgedClause = (leaves: Clause, sets: NamedDateSets): JudgedClause => ({
  leaves,
  compiled: compileClause(leaves, sets),
  sets,
  hasMoments: leaves.some(({ leaf }) => isMoment(leaf)),
  hasStart: leaves.some(({ leaf }) => leaf.kind === 'start'),
  events: leaves.flatMap(({ leaf }) => (isEvent(leaf) ? [leaf] : [])),
  states: leaves.flatMap(({ leaf, negated }) => (isState(leaf) ? [{ state: leaf, negated }] : [])),
})

const clauseHolds = (
  clause: JudgedClause,
  zone: Zone,
  at: Instant,
  facts: Facts,
  undecided: Undecided,
): Omit<Opportunity, 'clause'> | null => {
  const nominal = openMoment(clause, zone, at, facts, undecided)
  if (hasOwnMoments(clause) ? nominal === null : !isOpen(clause.compiled, zone, at)) return null
  if (!statesHold(clause, zone, at, facts)) return null
  const completed = completedEvents(clause, at, facts)
  if (completed === null) return null
  if (nominal !== null) return { nominal, run: null, parents: completed.parents }
  return completed.due === null ? null : { nominal: completed.due, run: completed.run, parents: completed.parents }
}

/** Whether all states of a clause are as it wants them. */
export const statesHold = (clause: JudgedClause, zone: Zone, at: Instant, facts: Facts): boolean =>
  clause.states.every(({ state, negated }) => judgeState(state, at, facts, zone).holds !== negated)

/** The events of a clause, all of them due and unused. */
export interface CompletedEvents {
  /** When the last of them fell due, and by which run; null for a clause without events. */
  readonly due: Instant | null
  readonly run: number | null
  /** The newest run of each. */
  readonly parents: readonly number[]
}

/** Null while an event of the clause has not happened, or is used. */
export const completedEvents = (clause: JudgedClause, at: Instant, facts: Facts): CompletedEvents | null => {
  const found = clause.events.map(event => occurrenceAt(event, at, facts))
  const occurrences = found.filter(occurrence => occurrence !== null)
  if (occurrences.length < found.length) return null
  const parents = [...new Set(occurrences.flatMap(({ run }) => (run === null ? [] : [run])))]
  const last = occurrences.reduce<Occurrence | null>(completing, null)
  return { due: last?.due ?? null, run: last?.run ?? null, parents }
}

/** The states and events of a clause that keep it from holding, as text. */
export const missingFacts = (clause: JudgedClause, zone: Zone, at: Instant, facts: Facts): readonly string[] => [
  ...clause.events.filter(event => occurrenceAt(event, at, facts) === null).map(event => print(event)),
  ...clause.states
    .filter(({ state, negated }) => judgeState(state, at, facts, zone).holds === negated)
    .map(({ state, negated }) => print(negated ? { kind: 'not', of: state } : state)),
]

/** Whether moments, of the clock or of the process, say when; otherwise events do. */
export const hasOwnMoments = (clause: JudgedClause): boolean => clause.hasMoments || clause.hasStart

/** The newest moment of a clause that is undecided and within its grace, or null. */
export const openMoment = (
  clause: JudgedClause,
  zone: Zone,
  at: Instant,
  facts: Facts,
  { mark, grace }: Undecided,
): Instant | null => {
  const newest = clause.hasStart
    ? newestStart(clause, zone, at, facts)
    : previousMoment(clause.compiled, zone, at + 1, facts.anchor)
  return newest > mark && at - newest <= grace ? instant(newest) : null
}

export const newestStart = ({ compiled }: JudgedClause, zone: Zone, at: Instant, { starts }: Facts): number =>
  Math.max(-Infinity, ...starts.filter(start => start <= at && isOpen(compiled, zone, start)))

const completing = (a: Occurrence | null, b: Occurrence): Occurrence =>
  a !== null && (a.due > b.due || (a.due === b.due && (a.run ?? 0) > (b.run ?? 0))) ? a : b

interface ClauseWakes {
  readonly instants: readonly number[]
  readonly events: readonly WakingEvent[]
}

const clauseWakes = (
  clause: JudgedClause,
  zone: Zone,
  at: Instant,
  facts: Facts,
  undecided: Undecided,
): ClauseWakes => {
  const next = nextMoment(clause.compiled, zone, at, facts.anchor)
  const moments: readonly number[] = Number.isNaN(next) ? [] : [next]
  const events = wakingEvents(clause.leaves)
  const open = openMoment(clause, zone, at, facts, undecided)
  if (hasOwnMoments(clause) && open === null) {
    // Nothing is open, so nothing but a moment helps.
    return { instants: moments, events: events.filter(event => event.kind === 'start') }
  }
  const isHolding = clauseHolds(clause, zone, at, facts, undecided) !== null
  const ends = isHolding ? endsByTime(clause, zone, at, open, undecided) : []
  return { instants: [...moments, ...changesByTime(clause, zone, at, facts), ...ends], events }
}

/** When a clause that holds stops: the grace of its moment is over, or a window of its events closes. */
const endsByTime = (
  { leaves, sets }: JudgedClause,
  zone: Zone,
  at: Instant,
  open: Instant | null,
  { grace }: Undecided,
): readonly number[] => {
  if (open !== null) return Number.isFinite(grace) ? [open + grace + 1] : []
  const outsides = leaves
    .filter(({ leaf }) => isWindow(leaf))
    .map(({ leaf, negated }) => compileClause([{ leaf, negated: !negated }], sets).windows)
  return outsides
    .filter(windows => windows !== null)
    .map(windows => nextOnWall(zone, windows, at, 0))
    .filter(closing => !Number.isNaN(closing))
}

/** When something of an open opportunity, or of a clause of events, changes by time alone. */
export const changesByTime = (clause: JudgedClause, zone: Zone, at: Instant, facts: Facts): readonly number[] => {
  const states = clause.states.map(({ state }) => judgeState(state, at, facts, zone).changesAt)
  const due = clause.events.map(event => nextDue(event, at, facts))
  const opening = hasOwnMoments(clause) ? Number.NaN : nextOpening(clause, zone, at)
  return [...states, ...due, opening].filter(each => each !== null && !Number.isNaN(each)) as number[]
}

/** When windows that are shut open; NaN while they are open, or never will be. */
const nextOpening = ({ compiled }: JudgedClause, zone: Zone, at: Instant): number =>
  compiled.windows === null || isOpen(compiled, zone, at) ? Number.NaN : nextOnWall(zone, compiled.windows, at, 0)
