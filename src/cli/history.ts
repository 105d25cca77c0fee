/** What happened to tasks, event by event, as the runs that conditions ask about. */

import { RotaError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { RunFact } from '../when/facts.ts'

/** What can happen to a run. One that `finished` did so without success or failure, which is partial success. */
const EVENTS = ['started', 'succeeded', 'failed', 'finished', 'cancelled', 'skipped'] as const
export type HistoryEvent = (typeof EVENTS)[number]

export interface Happening {
  readonly task: string
  readonly event: HistoryEvent
  readonly at: Instant
}

/**
 * A history as it stands in JSON.
 *
 * @throws RotaError OPTION_INVALID, INSTANT_UNREADABLE
 */
export const historyOf = (value: Json): readonly Happening[] => {
  if (Array.isArray(value)) return (value as readonly Json[]).map(happeningOf)
  throw invalid(`'history' is ${shown(value)}; it is a list such as [${EXAMPLE}].`)
}

/**
 * The runs of a history up to `until`, numbered from 1 in the order in which they are first told of. An end closes the run
 * of its task that started first and is still running; without one it tells of a run whose start is not known. What is
 * skipped never started.
 */
export const runsOf = (history: readonly Happening[], until: Instant): readonly RunFact[] => {
  const runs: RunFact[] = []
  const running = new Map<string, number[]>()
  for (const { task, event, at } of history.toSorted((a, b) => a.at - b.at)) {
    if (at > until) break
    const started = running.get(task) ?? []
    if (event === 'started') {
      running.set(task, [...started, runs.length])
      runs.push({ id: runs.length + 1, task, startedAt: at, endedAt: null, outcome: null })
      continue
    }
    const outcome = event === 'finished' ? 'partial' : event
    const index = event === 'skipped' ? undefined : started[0]
    const begun = index === undefined ? undefined : runs[index]
    if (index === undefined || begun === undefined) {
      runs.push({ id: runs.length + 1, task, startedAt: null, endedAt: at, outcome })
    } else {
      running.set(task, started.slice(1))
      runs[index] = { ...begun, endedAt: at, outcome }
    }
  }
  return runs
}

/** When the last of a task's runs ended, null where it has none. */
export const lastEndOf = (runs: readonly RunFact[], task: string | null): Instant | 'unfinished' | null => {
  const ends = runs.filter(run => run.task === task).map(run => run.endedAt)
  if (ends.includes(null)) return 'unfinished'
  return ends.reduce((last, end) => (last === null || (end ?? last) > last ? end : last), null)
}

const EXAMPLE = '{"task": "news", "event": "succeeded", "at": "2026-01-01T08:55:00Z"}'

const happeningOf = (value: Json): Happening => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`'history' holds ${shown(value)}; write what happened like ${EXAMPLE}`)
  const { task, event, at } = value as { readonly [name: string]: Json }
  if (typeof task !== 'string') throw invalid(`A 'task' in the history is ${shown(task)}; it is the name of one.`)
  if (typeof at !== 'string') throw invalid(`An 'at' in the history is ${shown(at)}; it is an instant as text.`)
  const known = EVENTS.find(each => each === event)
  if (known !== undefined) return { task, event: known, at: parseInstant(at) }
  const near = typeof event === 'string' ? nearest(event, EVENTS) : undefined
  throw invalid(
    `An 'event' in the history is ${shown(event)}; it is one of ${EVENTS.join(', ')}.` +
      (near === undefined ? '' : ` Did you mean '${near}'?`),
  )
}

const shown = (value: Json | undefined): string => (JSON.stringify(value) ?? 'missing').slice(0, 40)

const invalid = (message: string): RotaError =>
  new RotaError('OPTION_INVALID', message, { details: { option: 'history' } })
