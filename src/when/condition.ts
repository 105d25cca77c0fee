/**
 * What a condition is: plain data, a tree of `and`, `or` and `not` over leaves. Text (parse, print) and code (build) are
 * two spellings of it. Everything here is JSON, in one normal form, so that equal conditions are deeply equal.
 */

import { RotaError } from '../base/errors.ts'
import type { Event, Start, State } from './fact.ts'
import type { Moment } from './moment.ts'
import type { Window } from './window.ts'

export type Condition = And | Or | Not | Leaf

/** At least two parts, none of them an `and` itself. */
export interface And {
  readonly kind: 'and'
  readonly of: readonly Condition[]
}

/** At least two parts, none of them an `or` itself. */
export interface Or {
  readonly kind: 'or'
  readonly of: readonly Condition[]
}

/** Never around another `not`, nor around anything that holds a moment or an event. */
export interface Not {
  readonly kind: 'not'
  readonly of: Condition
}

export type Leaf = Moment | Start | Event | Window | State

/** All of the parts, flattened; one part alone is itself. */
export const and = (...parts: readonly [Condition, ...Condition[]]): Condition => joined('and', parts)

/** Any of the parts, flattened; one part alone is itself. */
export const or = (...parts: readonly [Condition, ...Condition[]]): Condition => joined('or', parts)

/**
 * The opposite of a window or a state, or of several joined.
 *
 * @throws RotaError CONDITION_UNREADABLE where there is a moment or an event in it
 */
export const not = (condition: Condition): Condition => {
  if (!canBeNegated(condition)) throw new RotaError('CONDITION_UNREADABLE', NOT_BEFORE_MOMENTS)
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition }
}

const NOT_BEFORE_MOMENTS =
  "'not' stands before windows and states only: a moment or event that is left out says nothing about when to run. " +
  'Write what does run, such as `every 5 minutes and not between 09:00 and 17:00`.'

/** Whether `not` may stand before this: it holds windows and states only. */
export const canBeNegated = (condition: Condition): boolean =>
  leavesOf(condition).every(leaf => isWindow(leaf) || isState(leaf))

/** The leaves in the order they are written. */
export const leavesOf = (condition: Condition): readonly Leaf[] => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.flatMap(leavesOf)
    case 'not':
      return leavesOf(condition.of)
    default:
      return [condition]
  }
}

export const isMoment = (leaf: Leaf): leaf is Moment => sortOf(leaf) === 'moment'

export const isEvent = (leaf: Leaf): leaf is Event => sortOf(leaf) === 'event'

export const isWindow = (leaf: Leaf): leaf is Window => sortOf(leaf) === 'window'

export const isState = (leaf: Leaf): leaf is State => sortOf(leaf) === 'state'

const sortOf = (leaf: Leaf): 'moment' | 'start' | 'event' | 'window' | 'state' => {
  switch (leaf.kind) {
    case 'interval':
    case 'every second':
    case 'every minute':
    case 'hourly':
    case 'daily':
    case 'weekly':
    case 'monthly':
    case 'yearly':
    case 'cron':
    case 'once':
    case 'soon':
      return 'moment'
    case 'start':
      return 'start'
    case 'after':
    case 'after itself':
      return 'event'
    case 'between':
    case 'weekdays':
    case 'days':
    case 'months':
    case 'dates':
    case 'named dates':
      return 'window'
    case 'counted':
    case 'running':
    case 'health':
    case 'predicate':
      return 'state'
    default:
      return leaf satisfies never
  }
}

const joined = (kind: 'and' | 'or', parts: readonly [Condition, ...Condition[]]): Condition => {
  const of = parts.flatMap(part => (part.kind === kind ? part.of : [part]))
  return of.length === 1 ? parts[0] : { kind, of }
}
