/** Why a condition holds or does not: each clause, each part of it, the reason, and when that can next change. */

import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { nextOnWall } from './calendar.ts'
import type { Zone } from './calendar.ts'
import type { Literal } from './clauses.ts'
import { isEvent, isMoment, isState, isWindow } from './condition.ts'
import type { Condition } from './condition.ts'
import type { Moment } from './moment.ts'
import { judgeEvent } from './events.ts'
import type { Facts, Verdict } from './facts.ts'
import { holds, openMoment, wakes } from './judge.ts'
import type { Judged, JudgedClause, Opportunity, Undecided, Wakes } from './judge.ts'
import { writeLocal } from './local-time.ts'
import { compileClause, isOpen, nextMoment, previousMoment } from './moments.ts'
import { print } from './print.ts'
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
  /** Whether all parts hold. */
  readonly holds: boolean
  readonly parts: readonly ExplainedPart[]
}

export interface ExplainedPart extends Verdict {
  readonly text: string
}

/** The whole of a condition at `at`, part by part. */
export const explain = (condition: Judged, at: Instant, facts: Facts, undecided: Undecided): Explanation => ({
  holds: holds(condition, at, facts, undecided),
  wakes: wakes(condition, at, facts, undecided),
  clauses: condition.clauses.map(clause => explainedClause(clause, condition.zone, at, facts, undecided)),
})

/** A clause at an instant, with what its parts are asked about. */
interface Case {
  readonly clause: JudgedClause
  readonly zone: Zone
  readonly at: Instant
  readonly facts: Facts
  readonly undecided: Undecided
  /** The moment at hand: undecided, within its grace, inside the windows. */
  readonly open: Instant | null
  /**
   * The time that windows are asked about: that of the moment at hand; else of the newest that would be one without them,
   * which shows the window that keeps it from being one; else now.
   */
  readonly named: Instant
}

const explainedClause = (
  clause: JudgedClause,
  zone: Zone,
  at: Instant,
  facts: Facts,
  undecided: Undecided,
): ExplainedClause => {
  const bare = { ...clause, compiled: compileClause(clause.leaves.filter(({ leaf }) => !isWindow(leaf))) }
  const open = openMoment(clause, zone, at, facts, undecided)
  const named = open ?? openMoment(bare, zone, at, facts, undecided) ?? at
  const asked: Case = { clause, zone, at, facts, undecided, open, named }
  const parts = clause.leaves.map(literal => ({ text: print(conditionOf(literal)), ...judgeLiteral(literal, asked) }))
  return {
    text: parts.map(part => part.text).join(' and '),
    holds: holds({ clauses: [clause], zone }, at, facts, undecided) !== null,
    parts,
  }
}

const judgeLiteral = (literal: Literal, asked: Case): Verdict => {
  const { leaf, negated } = literal
  if (isState(leaf)) return opposite(judgeState(leaf, asked.at, asked.facts, asked.zone), negated)
  if (isEvent(leaf)) return judgeEvent(leaf, asked.at, asked.facts)
  if (isMoment(leaf)) return judgeMoment(leaf, asked)
  return leaf.kind === 'start' ? judgeStart(asked) : judgeWindow(literal, asked)
}

const conditionOf = ({ leaf, negated }: Literal): Condition => (negated ? { kind: 'not', of: leaf } : leaf)

const opposite = (verdict: Verdict, negated: boolean): Verdict =>
  negated ? { ...verdict, holds: !verdict.holds } : verdict

const judgeMoment = (leaf: Moment, { zone, at, facts, undecided, open }: Case): Verdict => {
  const compiled = compileClause([{ leaf, negated: false }])
  const next = nextMoment(compiled, zone, at, facts.anchor)
  const changesAt = Number.isNaN(next) ? null : instant(next)
  if (open !== null) return { holds: true, reason: `due since ${formatInstant(open)}`, changesAt }
  const last = previousMoment(compiled, zone, at + 1, facts.anchor)
  const then = changesAt === null ? 'it does not come again' : `next at ${formatInstant(changesAt)}`
  if (Number.isNaN(last)) return { holds: false, reason: then, changesAt }
  const when = formatInstant(instant(last))
  if (last <= undecided.mark) return { holds: false, reason: `${when} is decided; ${then}`, changesAt }
  if (at - last > undecided.grace) return { holds: false, reason: `the grace of ${when} is over; ${then}`, changesAt }
  return { holds: true, reason: `due since ${when}`, changesAt }
}

const judgeStart = ({ clause, zone, at, facts, undecided }: Case): Verdict => {
  const start = openMoment({ ...clause, compiled: compileClause([]) }, zone, at, facts, undecided)
  const reason = start === null ? 'no app has started since' : `an app started at ${formatInstant(start)}`
  return { holds: start !== null, reason, changesAt: null }
}

const judgeWindow = (literal: Literal, { clause, zone, at, named }: Case): Verdict => {
  const window = compileClause([literal], clause.sets)
  const isIn = isOpen(window, zone, named)
  const other = compileClause([{ ...literal, negated: !literal.negated }], clause.sets)
  const { windows } = isOpen(window, zone, at) ? other : window
  const change = windows === null ? Number.NaN : nextOnWall(zone, windows, at, 0)
  return {
    holds: isIn,
    reason: `${writeLocal(zone.local(named)).replace('T', ' ')} in ${zone.name} is ${isIn ? 'inside' : 'outside'}`,
    changesAt: Number.isNaN(change) ? null : instant(change),
  }
}
