/** Tasks that would trigger each other for ever. An edge is an event that starts a run at once and by itself. */

import { clausesOf } from './clauses.ts'
import { isMoment } from './condition.ts'
import type { Condition } from './condition.ts'

/**
 * The tasks whose end alone may fulfil a condition without delay. Counts and states are no triggers, and a clause with
 * moments waits for those.
 */
export const triggersOf = (condition: Condition): readonly string[] => {
  const events = clausesOf(condition)
    .filter(clause => !clause.some(({ leaf }) => isMoment(leaf) || leaf.kind === 'start'))
    .map(clause => clause.map(({ leaf }) => leaf))
    // One delayed event, and the whole clause waits.
    .filter(leaves => !leaves.some(leaf => 'delayMs' in leaf && leaf.delayMs > 0))
  return [...new Set(events.flat().flatMap(leaf => (leaf.kind === 'after' ? [leaf.task] : [])))]
}

export interface Edge {
  /** The task that is run. */
  readonly task: string
  readonly condition: Condition
}

/**
 * The tasks of a cycle that begins and ends at `task`, or null: `['a', 'b', 'a']` is b after a, and a after b.
 */
export const cycleThrough = (task: string, edges: readonly Edge[]): readonly string[] | null =>
  cycleOf(
    task,
    edges.flatMap(edge => triggersOf(edge.condition).map(trigger => [trigger, edge.task] as const)),
  )

/** The same over pairs: the first of each starts the second. */
export const cycleOf = (
  task: string,
  pairs: readonly (readonly [trigger: string, task: string])[],
): readonly string[] | null => {
  const follows = new Map<string, string[]>()
  for (const [trigger, next] of pairs) follows.set(trigger, [...(follows.get(trigger) ?? []), next])
  const seen = new Set<string>()
  const paths: (readonly string[])[] = [[task]]
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    for (const next of follows.get(path.at(-1) ?? '') ?? []) {
      if (next === task) return [...path, next]
      if (seen.has(next)) continue
      seen.add(next)
      paths.push([...path, next])
    }
  }
  return null
}
