/** What has to happen for facts of a condition to change: the events that a schedule is judged at again. */

import type { Clause } from './clauses.ts'
import type { Leaf } from './condition.ts'
import type { CountedRun } from './fact.ts'

export type WakingEvent =
  | { readonly kind: 'run ends' | 'run starts' | 'run is skipped'; readonly task: string }
  | { readonly kind: 'own run ends' }
  | { readonly kind: 'health changes'; readonly subject: string }
  | { readonly kind: 'predicate changes'; readonly name: string }
  | { readonly kind: 'start' }

/** The events that could change a leaf of a clause. */
export const wakingEvents = (clause: Clause): readonly WakingEvent[] => clause.flatMap(({ leaf }) => eventsOf(leaf))

const eventsOf = (leaf: Leaf): readonly WakingEvent[] => {
  switch (leaf.kind) {
    case 'start':
      return [{ kind: 'start' }]
    case 'after':
      return [{ kind: 'run ends', task: leaf.task }]
    case 'after itself':
      return [{ kind: 'own run ends' }]
    case 'counted':
      return [{ kind: changeOf(leaf.what), task: leaf.task }]
    case 'running':
      return [
        { kind: 'run starts', task: leaf.task },
        { kind: 'run ends', task: leaf.task },
      ]
    case 'health':
      return [{ kind: 'health changes', subject: leaf.subject }]
    case 'predicate':
      return [{ kind: 'predicate changes', name: leaf.name }]
    default:
      // Moments and windows change by time alone.
      return []
  }
}

const changeOf = (what: CountedRun): 'run ends' | 'run starts' | 'run is skipped' => {
  if (what === 'started') return 'run starts'
  return what === 'been skipped' ? 'run is skipped' : 'run ends'
}
