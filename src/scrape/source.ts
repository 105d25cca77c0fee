/** A source: a task that scrapes one place. */

import { defineTask } from '../domain/task.ts'
import { retryFrom } from '../domain/retry.ts'
import type { Task } from '../domain/task.ts'
import { collect } from './collect.ts'
import { AnswerMemory } from './fetch/memory.ts'
import { planFrom } from './plan.ts'
import type { SourceOptions, SourcePlan } from './plan.ts'

/** A task that scrapes, and what a sweep needs to do the same. */
export interface Source<Input = unknown> extends Task<Input, unknown> {
  readonly plan: SourcePlan
  /** What it was answered last, for as long as this process lives. */
  readonly memory: AnswerMemory
}

/** Attempts are for crashes and for errors of the run itself: units already done are not asked again. */
export const sourceRetry = retryFrom({ attempts: 3 })

/**
 * Makes a source: a task whose runs ask every query, read the answers and keep the items.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 * @example
 * source({
 *   name: 'hn',
 *   queries: ['rota', 'cron'],
 *   ask: ({ query, page }) => `https://hn.algolia.com/api/v1/search_by_date?query=${encodeURIComponent(query)}&page=${page.number}`,
 *   read: json({ items: '$.hits', fields: { id: '$.objectID', title: '$.title' } }),
 *   pages: { by: 'number', first: 0, max: 5 },
 *   key: 'id',
 * })
 */
export const source = <Entry extends object, Detail = unknown, Input = unknown>(
  options: SourceOptions<Input, Entry, Detail>,
): Source<Input> => {
  const plan = planFrom(options)
  const memory = new AnswerMemory()
  const { input, retry, timeout, description } = options
  const task: Task<Input, unknown> = defineTask(
    options.name,
    context => collect([{ plan, memory, input: context.input }], context, task.timeout),
    {
      ...(input === undefined ? {} : { input }),
      ...(retry === undefined ? {} : { retry }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(description === undefined ? {} : { description }),
    },
    { kind: 'source', sources: [plan.name], retry: sourceRetry },
  )
  return { ...task, plan, memory }
}
