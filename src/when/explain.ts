/** Why a condition holds or does not: each clause, each part of it, the reason, and when that can next change. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { nextOnWall } from './calendar.ts'
import type { Zone } from './calendar.ts'
import type { Literal } from './clauses.ts'
import { isEvent, isMoment, isState, isWindow } from './condition.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Moment } from './moment.ts'
import { judgeEvent } from './events.ts'
import type { Facts, Verdict } from './facts.ts'
import { holds, openMoment, wakes } from './judge.ts'
import type { Judged, JudgedClause, Opportunity, Undecided, Wakes } from './judge.ts'
import { compileClause, isOpen, nextMoment, previousMoment } from './moments.ts'
import { print } from './print.ts'
import { spoken, spokenNext } from './spoken.ts'
import { judgeState } from './states.ts'

export interface Explanation {
  /** The opportunity that holds, or null. */
  readonly holds: Opportunity | null
  /** What could change that; while it holds, what could bring the next. */
  readonly wakes: Wakes
  /** One is enough. */
  readonly clauses: readonly ExplainedClause[]
}

export interface ExplainedClause {
  readonly text: string
  /** Whether all parts hold; null where that is not known any more. */
  readonly holds: boolean | null
  readonly parts: readonly ExplainedPart[]
}

export interface ExplainedPart extends Omit<Verdict, 'holds'> {
  readonly text: string
  /** Null where it is not known any more: of the past not everything is kept. */
  readonly holds: boolean | null
}

/**
 * The whole of a condition at `at`, part by part. Times in it are those of the condition's zone. Of an instant that is past,
 * what only the present knows (health, predicates, counts of all history) is left open.
 */
export const explain = (
  condition: Judged,
  at: Instant,
  facts: Facts,
  undecided: Undecided,
  isPast = false,
): Explanation => ({
  holds: holds(condition, at, facts, undecided),
  wakes: wakes(condition, at, facts, undecided),
  clauses: condition.clauses.map(clause =>
    explainedClause(clause, { zone: condition.zone, at, facts, undecided, isPast }),
  ),
})

/** What the parts of a clause are asked about. */
interface Asked {
  readonly zone: Zone
  readonly at: Instant
  readonly facts: Facts
  readonly undecided: Undecided
  readonly isPast: boolean
}

/** A clause at an instant. */
interface Case extends Asked {
  readonly clause: JudgedClause
  /** The moment at hand: undecided, within its grace, inside the windows. */
  readonly open: Instant | null
  /**
   * The time that windows are asked about: that of the moment at hand; else of the newest that would be one without them,
   * which shows the window that keeps it from being one; else now.
   */
  readonly named: Instant
}

const explainedClause = (clause: JudgedClause, asked: Asked): ExplainedClause => {
  const { zone, at, facts, undecided, isPast } = asked
  const bare = { ...clause, compiled: compileClause(clause.leaves.filter(({ leaf }) => !isWindow(leaf))) }
  const open = openMoment(clause, zone, at, facts, undecided)
  const named = open ?? openMoment(bare, zone, at, facts, undecided) ?? at
  const one: Case = { ...asked, clause, open, named }
  const parts = clause.leaves.map(literal => ({ text: print(conditionOf(literal)), ...judgeLiteral(literal, one) }))
  return {
    text: parts.map(part => part.text).join(' and '),
    holds: isPast ? allHold(parts) : holds({ clauses: [clause], zone }, at, facts, undecided) !== null,
    parts,
  }
}

/** Whether all of the parts hold; null where that hangs on what is not known any more. */
export const allHold = (parts: readonly ExplainedPart[]): boolean | null => {
  if (parts.some(part => part.holds === false)) return false
  return parts.some(part => part.holds === null) ? null : true
}

type Told = Omit<ExplainedPart, 'text'>

const judgeLiteral = (literal: Literal, asked: Case): Told => {
  const { leaf, negated } = literal
  if (asked.isPast && isOfNow(leaf)) return { holds: null, reason: 'what it was then is not kept', changesAt: null }
  if (isState(leaf)) return opposite(judgeState(leaf, asked.at, asked.facts, asked.zone), negated)
  if (isEvent(leaf)) return judgeEvent(leaf, asked)
  if (isMoment(leaf)) return judgeMoment(leaf, asked)
  return leaf.kind === 'start' ? judgeStart(asked) : judgeWindow(literal, asked)
}

/** What is known of now alone. */
const isOfNow = (leaf: Leaf): boolean =>
  leaf.kind === 'health' ||
  leaf.kind === 'predicate' ||
  leaf.kind === 'start' ||
  (leaf.kind === 'counted' && leaf.during === 'ever')

const conditionOf = ({ leaf, negated }: Literal): Condition => (negated ? { kind: 'not', of: leaf } : leaf)

const opposite = (verdict: Verdict, negated: boolean): Verdict =>
  negated ? { ...verdict, holds: !verdict.holds } : verdict

const judgeMoment = (leaf: Moment, { zone, at, facts, undecided, open, isPast }: Case): Verdict => {
  const compiled = compileClause([{ leaf, negated: false }])
  const next = nextMoment(compiled, zone, at, facts.anchor)
  const changesAt = Number.isNaN(next) ? null : instant(next)
  if (open !== null) return { holds: true, reason: `due since ${spoken(open, at, zone)}`, changesAt }
  const last = previousMoment(compiled, zone, at + 1, facts.anchor)
  const then = changesAt === null ? 'it does not come again' : `next ${spokenNext(changesAt, at, zone, isPast)}`
  if (Number.isNaN(last)) return { holds: false, reason: then, changesAt }
  const when = spoken(instant(last), at, zone)
  if (last <= undecided.mark) return { holds: false, reason: `${when} is decided; ${then}`, changesAt }
  if (at - last > undecided.grace) return { holds: false, reason: `the grace of ${when} is over; ${then}`, changesAt }
  return { holds: true, reason: `due since ${when}`, changesAt }
}

const judgeStart = ({ clause, zone, at, facts, undecided }: Case): Verdict => {
  const start = openMoment({ ...clause, compiled: compileClause([]) }, zone, at, facts, undecided)
  const reason =
    start === null ? 'no app has started since the last decision' : `an app started ${spoken(start, at, zone)}`
  return { holds: start !== null, reason, changesAt: null }
}

const judgeWindow = (literal: Literal, { clause, zone, at, named, isPast }: Case): Verdict => {
  const window = compileClause([literal], clause.sets)
  const other = compileClause([{ ...literal, negated: !literal.negated }], clause.sets)
  const isOpenNow = isOpen(window, zone, at)
  const { windows } = isOpenNow ? other : window
  const change = windows === null ? Number.NaN : nextOnWall(zone, windows, at, 0)
  const changesAt = Number.isNaN(change) ? null : instant(change)
  const isIn = isOpen(window, zone, named)
  const next = changesAt === null ? null : spokenNext(changesAt, at, zone, isPast)
  const until = isOpenNow
    ? next === null
      ? 'open for ever'
      : `open until ${next}`
    : next === null
      ? 'it does not open again'
      : `next opens ${next}`
  // The moment at hand is judged by its own time, whatever the time is now.
  const reason =
    named === at
      ? isOpenNow
        ? until
        : `closed, ${until}`
      : `${spoken(named, at, zone)} is ${isIn ? 'inside' : 'outside'}; ${until}`
  return { holds: isIn, reason, changesAt }
}
