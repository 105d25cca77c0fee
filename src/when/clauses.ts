/** A condition as an OR of ANDs. Each clause is judged by itself; most conditions are one clause of one or two leaves. */

import { RotaError } from '../base/errors.ts'
import type { Condition, Leaf } from './condition.ts'

/** The leaves of one clause: all of them must hold. */
export type Clause = readonly Literal[]

/** A leaf, or its opposite. */
export interface Literal {
  readonly leaf: Leaf
  readonly negated: boolean
}

export const MOST_CLAUSES = 64

/**
 * The clauses of a condition, in the order in which they are written.
 *
 * @throws RotaError CONDITION_TOO_LONG where they would be more than 64
 */
export const clausesOf = (condition: Condition): readonly Clause[] => {
  // Counted before they are made: a few lines can multiply into millions.
  const count = countClauses(condition, false, 0)
  if (count <= MOST_CLAUSES) return expand(condition, false)
  throw new RotaError(
    'CONDITION_TOO_LONG',
    `The condition means ${count > 1e6 ? 'over a million' : count} clauses (each 'or' under an 'and' multiplies them) and ` +
      `at most ${MOST_CLAUSES} are allowed; split it into several schedules.`,
    { details: { clauses: Math.min(count, 1e6), limit: MOST_CLAUSES } },
  )
}

// Deeper than any text of a permitted length can say; only code could build it, perhaps without end.
const DEEPEST = 500

const countClauses = (condition: Condition, negated: boolean, depth: number): number => {
  if (depth > DEEPEST)
    throw new RotaError('CONDITION_TOO_LONG', `The condition is nested deeper than ${DEEPEST} levels.`)
  switch (condition.kind) {
    case 'not':
      return countClauses(condition.of, !negated, depth + 1)
    case 'and':
    case 'or': {
      const counts = condition.of.map(part => countClauses(part, negated, depth + 1))
      const isAny = (condition.kind === 'or') !== negated
      return isAny ? counts.reduce((sum, each) => sum + each, 0) : counts.reduce((product, each) => product * each, 1)
    }
    default:
      return 1
  }
}

// Under a negation `and` and `or` change places (De Morgan).
const expand = (condition: Condition, negated: boolean): readonly Clause[] => {
  switch (condition.kind) {
    case 'not':
      return expand(condition.of, !negated)
    case 'and':
    case 'or': {
      const parts = condition.of.map(part => expand(part, negated))
      return (condition.kind === 'or') !== negated ? parts.flat() : parts.reduce(multiplied)
    }
    default:
      return [[{ leaf: condition, negated }]]
  }
}

const multiplied = (left: readonly Clause[], right: readonly Clause[]): readonly Clause[] =>
  left.flatMap(a => right.map(b => [...a, ...b]))
