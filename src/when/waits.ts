/** What a condition waits for, as an index can hold it: which happenings of which names call for a new judgement. */

import { clausesOf } from './clauses.ts'
import { isMoment, leavesOf } from './condition.ts'
import type { Condition, Leaf } from './condition.ts'
import { triggersOf } from './cycle.ts'
import type { Counted, Period } from './fact.ts'

/**
 * - `event`: a run of the task ends so, and `after …` is true until it is used
 * - `ended`, `started`, `skipped`: a run of the task is counted
 * - `running`: a run of the task starts or is over
 * - `health`, `predicate`, `dates`: the subject, the predicate or the set of dates of that name changes
 * - `own end`, `start`: the schedule's own last opportunity ends; an app starts
 */
export const waitKinds = [
  'event',
  'ended',
  'started',
  'skipped',
  'running',
  'health',
  'predicate',
  'dates',
  'own end',
  'start',
] as const
export type WaitKind = (typeof waitKinds)[number]

export interface Wait {
  readonly kind: WaitKind
  /** Of a task, a subject, a predicate or a set of dates; '' for `own end` and `start`. */
  readonly name: string
  /** It alone may bring an opportunity: it stands in a clause that has no moments. */
  readonly opens: boolean
  /** An event that starts a run at once and by itself: an edge of a cycle, where there is one. */
  readonly triggers: boolean
  /** Each one has to be kept until its delay (or the jitter) is over, and not the newest alone. */
  readonly delayed: boolean
  /** How long back a count may look; 0 where nothing is counted, or all of history. */
  readonly keepMs: number
}

/** Everything a condition waits for, each once; `stopWhen` is looked at too. */
export const waitsOf = (condition: Condition, stopWhen: Condition | null = null): readonly Wait[] => {
  const triggers = new Set(triggersOf(condition))
  const found = new Map<string, Wait>()
  const add = (leaf: Leaf, opens: boolean): void => {
    const one = waitOf(leaf, opens, triggers)
    if (one === null) return
    const key = JSON.stringify([one.kind, one.name])
    const known = found.get(key)
    found.set(key, known === undefined ? one : joined(known, one))
  }
  for (const clause of clausesOf(condition)) {
    const opens = !clause.some(({ leaf }) => isMoment(leaf))
    for (const { leaf } of clause) add(leaf, opens)
  }
  if (stopWhen !== null) for (const leaf of leavesOf(stopWhen)) add(leaf, true)
  return [...found.values()]
}

const joined = (a: Wait, b: Wait): Wait => ({
  ...a,
  opens: a.opens || b.opens,
  triggers: a.triggers || b.triggers,
  delayed: a.delayed || b.delayed,
  keepMs: Math.max(a.keepMs, b.keepMs),
})

const waitOf = (leaf: Leaf, opens: boolean, triggers: ReadonlySet<string>): Wait | null => {
  const wait = { opens, triggers: false, delayed: false, keepMs: 0 }
  switch (leaf.kind) {
    case 'after':
      return {
        ...wait,
        kind: 'event',
        name: leaf.task,
        triggers: triggers.has(leaf.task),
        delayed: leaf.delayMs > 0,
      }
    case 'after itself':
      return { ...wait, kind: 'own end', name: '' }
    case 'start':
      return { ...wait, kind: 'start', name: '' }
    case 'counted':
      return { ...wait, kind: countedKind(leaf), name: leaf.task, keepMs: lengthOf(leaf.during) }
    case 'running':
      return { ...wait, kind: 'running', name: leaf.task }
    case 'health':
      return { ...wait, kind: 'health', name: leaf.subject }
    case 'predicate':
      return { ...wait, kind: 'predicate', name: leaf.name }
    case 'named dates':
      return { ...wait, kind: 'dates', name: leaf.name }
    default:
      return null
  }
}

const countedKind = ({ what }: Counted): WaitKind => {
  if (what === 'started') return 'started'
  return what === 'been skipped' ? 'skipped' : 'ended'
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

// A day of the calendar may be longer than 24 hours.
const lengthOf = (period: Period): number => {
  if (typeof period === 'object') return period.lastMs
  switch (period) {
    case 'ever':
      return 0
    case 'this hour':
      return HOUR_MS
    case 'today':
      return 2 * DAY_MS
    case 'this week':
      return 8 * DAY_MS
    case 'this month':
      return 32 * DAY_MS
    default:
      return period satisfies never
  }
}
