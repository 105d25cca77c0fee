/** Whether a condition makes sense as a schedule's. What can be read may still never fire, or not say how often. */

import { RotaError } from '../base/errors.ts'
import type { ErrorCode } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import { nextOnWall, zoneOf } from './calendar.ts'
import { clausesOf } from './clauses.ts'
import type { Clause } from './clauses.ts'
import { and, isEvent, isMoment, isWindow, leavesOf, or } from './condition.ts'
import type { Condition, Leaf } from './condition.ts'
import type { Moment } from './moment.ts'
import { triggersOf } from './cycle.ts'
import type { NamedDateSets } from './leaf-parts.ts'
import { compileClause, nextMoment } from './moments.ts'
import { LONGEST_TEXT } from './parse.ts'
import { print } from './print.ts'

export interface CheckOptions {
  /** IANA name of the schedule's zone. */
  readonly timezone: string
  /** Moments before this do not count. */
  readonly now: Instant
  /** Where intervals and counts begin; default `now`. */
  readonly anchor?: Instant
  /** Whether facts can be judged where this will run; default true. */
  readonly facts?: boolean
  /** The task that the schedule runs: it may not trigger itself without end. */
  readonly task?: string
  /** The dates that `on 'holidays'` names, where they are known. */
  readonly sets?: NamedDateSets
}

/**
 * Refuses what can never fire, what says when but not how often, and what does not go together.
 *
 * @throws RotaError CONDITION_NEVER, CONDITION_INCOMPLETE, CONDITION_REFUSED, CONDITION_TOO_LONG, TIMEZONE_UNKNOWN
 */
export const checkCondition = (condition: Condition, options: CheckOptions): void => {
  zoneOf(options.timezone)
  const clauses = clausesOf(condition)
  checkLength(condition)
  if (options.facts === false) leavesOf(condition).forEach(checkNoFact)
  for (const clause of clauses) {
    checkSaysHowOften(clause)
    checkTogether(clause)
  }
  if (options.task !== undefined) checkCycle(condition, options.task)
  checkAlive(clauses, options)
}

// Code can build what text could not say; stored as text it could not be read back.
const checkLength = (condition: Condition): void => {
  const { length } = print(condition)
  if (length <= LONGEST_TEXT) return
  throw new RotaError(
    'CONDITION_TOO_LONG',
    `The condition takes ${length} characters and at most ${LONGEST_TEXT} are allowed.`,
    {
      details: { length, limit: LONGEST_TEXT },
    },
  )
}

const checkNoFact = (leaf: Leaf): void => {
  if (isMoment(leaf) || (isWindow(leaf) && leaf.kind !== 'named dates')) return
  throw refusal(
    'CONDITION_REFUSED',
    `\`${print(leaf)}\` asks for facts, which cannot be judged here; use moments and windows.`,
  )
}

const checkSaysHowOften = (clause: Clause): void => {
  if (clause.some(({ leaf }) => isMoment(leaf) || isEvent(leaf) || leaf.kind === 'start')) return
  const text = textOf(clause)
  const better = `every 5 minutes and ${text}`
  throw refusal('CONDITION_INCOMPLETE', `\`${text}\` says when it may run, not how often: add \`${better}\`.`, better)
}

/** An interval and the start of an app meet other moments by chance only. */
const checkTogether = (clause: Clause): void => {
  const moments = clause.map(({ leaf }) => leaf).filter(leaf => isMoment(leaf) || leaf.kind === 'start')
  const single = moments.find(({ kind }) => kind === 'interval' || kind === 'start')
  const other = moments.find(moment => moment !== single)
  if (single === undefined || other === undefined) return
  const [a, b] = [print(single), print(other)]
  throw refusal(
    'CONDITION_REFUSED',
    `\`${a}\` and \`${b}\` do not fall together but by chance. ` +
      `Join \`${a}\` with a window, such as \`${a} and between 09:00 and 17:00\`, or have both: \`${a} or ${b}\`.`,
    `${a} or ${b}`,
  )
}

const checkCycle = (condition: Condition, task: string): void => {
  if (!triggersOf(condition).includes(task)) return
  throw refusal(
    'CONDITION_REFUSED',
    `A run of '${task}' would start the next one without end. Put time between them, such as \`10 minutes after '${task}' finishes\`.`,
  )
}

/**
 * Every part must be able to matter. A clause that can never hold is no fault by itself (`daily at 09:00 and 18:00` under
 * `before 12:00 or on Sunday` makes one), but a moment or window that is only in such clauses is.
 */
const checkAlive = (clauses: readonly Clause[], options: CheckOptions): void => {
  const alive = clauses.filter(clause => canFire(clause, options))
  const useful = new Set(alive.flatMap(clause => clause.map(literal => literal.leaf)))
  const dead = clauses.find(clause => clause.some(({ leaf }) => !useful.has(leaf)))
  if (dead !== undefined) throw neverFires(dead, options)
}

const canFire = (clause: Clause, { timezone, now, anchor = now, sets }: CheckOptions): boolean => {
  const compiled = compileClause(clause, sets ?? null)
  const zone = zoneOf(timezone)
  if (clause.some(({ leaf }) => isMoment(leaf))) return !Number.isNaN(nextMoment(compiled, zone, now, anchor))
  return compiled.windows === null || !Number.isNaN(nextOnWall(zone, compiled.windows, now - 1, 0))
}

const neverFires = (clause: Clause, options: CheckOptions): RotaError => {
  const moments = momentsOf(clause)
  const text = textOf(clause)
  const past = moments.find(moment => moment.kind === 'once' && !canFire(only(moment), options))
  if (past !== undefined)
    return refusal('CONDITION_NEVER', `\`${print(past)}\` is in the past, or does not exist in ${options.timezone}.`)
  const hopeless = moments.find(moment => !canFire(only(moment), options))
  if (hopeless !== undefined) {
    return refusal('CONDITION_NEVER', `\`${print(hopeless)}\` never fires: no such date comes in 400 years.`)
  }
  const together =
    moments.length > 1 &&
    !canFire(
      clause.filter(({ leaf }) => isMoment(leaf)),
      options,
    )
  const better = together ? eitherOf(moments, clause) : atOpening(clause, options)
  const why = together ? 'its moments never fall together' : 'no moment lies in its windows'
  const never = `\`${text}\` never fires: ${why}.`
  if (better === undefined) return refusal('CONDITION_NEVER', never)
  return refusal('CONDITION_NEVER', `${never} Did you mean \`${better}\`?`, better)
}

const only = (leaf: Leaf): Clause => [{ leaf, negated: false }]

/** The moments joined by `or`, for `and` was probably meant to have both. */
const eitherOf = (moments: readonly Moment[], clause: Clause): string | undefined => {
  const windows = clause.filter(({ leaf }) => !isMoment(leaf))
  const [first, ...rest] = moments
  return first && print(and(or(first, ...rest), ...windows.map(conditionOf)))
}

/** The same with the time at which the window opens: `daily at 10:00` for `daily and between 10:00 and 14:00`. */
const atOpening = (clause: Clause, options: CheckOptions): string | undefined => {
  for (const { leaf: window } of clause) {
    if (window.kind !== 'between') continue
    const others = clause.filter(({ leaf }) => leaf !== window)
    const moved = others.map(literal => ({ ...literal, leaf: withTime(literal.leaf, window.from) }))
    if (canFire([...moved, { leaf: window, negated: false }], options)) return textOf(moved)
  }
  return undefined
}

const withTime = (leaf: Leaf, time: string): Leaf =>
  isMoment(leaf) && 'times' in leaf ? { ...leaf, times: [time] } : leaf

const momentsOf = (clause: Clause): readonly Moment[] => clause.map(({ leaf }) => leaf).filter(isMoment)

const textOf = (clause: Clause): string => {
  const [first, ...rest] = clause.map(conditionOf)
  return first === undefined ? '' : print(and(first, ...rest))
}

const conditionOf = ({ leaf, negated }: Clause[number]): Condition => (negated ? { kind: 'not', of: leaf } : leaf)

const refusal = (code: ErrorCode, message: string, hint?: string): RotaError =>
  new RotaError(code, message, { details: hint === undefined ? {} : { hint } })
