/** What a condition says at an instant, given what happened until then: whether it holds, when that can change, and why. */

import type { Duration } from '../base/duration.ts'
import { duration } from '../base/duration.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { absolute } from '../when/absolute.ts'
import { checkCondition } from '../when/check.ts'
import { leavesOf } from '../when/condition.ts'
import type { Condition, Leaf } from '../when/condition.ts'
import { explain } from '../when/explain.ts'
import type { ExplainedPart, Explanation } from '../when/explain.ts'
import type { Facts } from '../when/facts.ts'
import { judged } from '../when/judge.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'
import { lastEndOf, runsOf } from './history.ts'
import type { Happening } from './history.ts'

/** A condition, and everything it is judged by. */
export interface Case {
  readonly condition: string
  /** IANA name. */
  readonly timezone: string
  readonly at: Instant
  /** The task that the condition starts; "it" in `5 minutes after it finishes`. */
  readonly task: string | null
  /** Everything up to here is decided; null is long ago. */
  readonly mark: Instant | null
  /** How late a moment may be decided; null is without limit. */
  readonly grace: Duration | null
  /** Where intervals count from; null is the mark, without one 1970-01-01T00:00:00Z. */
  readonly anchor: Instant | null
  readonly history: readonly Happening[]
}

export interface Verdict {
  readonly holds: boolean
  readonly wakes: {
    /** UTC ISO: until then time alone changes nothing. Null is for ever. */
    readonly at: string | null
    /** The tasks whose runs could change it, sorted. */
    readonly on: readonly string[]
  }
  readonly why: string
}

/**
 * The verdict on a case.
 *
 * @throws RotaError CONDITION_…, TIMEZONE_UNKNOWN
 */
export const verdictOn = (asked: Case): Verdict => {
  const { meant, explanation } = explained(asked)
  const { holds, wakes } = explanation
  return {
    holds: holds !== null,
    wakes: { at: wakes.at === null ? null : formatInstant(wakes.at), on: tasksIn(meant, asked.task) },
    why: whyOf(explanation),
  }
}

/** The case judged part by part, and the condition as Rota writes it. */
export const explained = (asked: Case): { meant: Condition; text: string; explanation: Explanation } => {
  const { at, timezone, task, mark, grace } = asked
  const facts = factsOf(asked)
  const meant = absolute(parse(asked.condition), asked.anchor ?? mark ?? at)
  // What is over by now was a moment all the same.
  checkCondition(meant, { timezone, now: LONG_AGO, anchor: facts.anchor, ...(task === null ? {} : { task }) })
  const undecided = { mark: mark ?? LONG_AGO, grace: grace ?? duration(Infinity) }
  return { meant, text: print(meant), explanation: explain(judged(meant, timezone), at, facts, undecided) }
}

// Before anything that a schedule could have been asked.
const LONG_AGO = instant(Date.UTC(1900, 0, 1))
const EPOCH = instant(0)

/** A new schedule's mark is its creation, so where nothing ran yet the mark is when the schedule was made. */
const factsOf = ({ at, task, mark, anchor, history }: Case): Facts => {
  const runs = runsOf(history, at)
  return {
    anchor: anchor ?? mark ?? EPOCH,
    since: LONG_AGO,
    decidedAt: mark,
    lastEnd: lastEndOf(runs, task) ?? mark ?? anchor ?? LONG_AGO,
    runs,
    health: {},
    predicates: {},
    starts: [],
  }
}

const tasksIn = (condition: Condition, itself: string | null): readonly string[] =>
  [...new Set(leavesOf(condition).flatMap(leaf => taskIn(leaf, itself) ?? []))].toSorted()

const taskIn = (leaf: Leaf, itself: string | null): string | null => {
  switch (leaf.kind) {
    case 'after':
    case 'counted':
    case 'running':
      return leaf.task
    case 'health':
      return leaf.subject
    case 'after itself':
      return itself
    default:
      return null
  }
}

/** What makes it hold; or of each alternative what keeps it from holding. */
const whyOf = ({ clauses }: Explanation): string => {
  const holding = clauses.find(clause => clause.holds)
  if (holding !== undefined) return reasonsOf(holding.parts)
  return clauses.map(({ parts }) => reasonsOf(parts.filter(part => !part.holds))).join('; or ')
}

const reasonsOf = (parts: readonly ExplainedPart[]): string =>
  parts.map(({ text, reason }) => `${text}: ${reason}`).join('; ')
