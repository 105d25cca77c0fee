/** A source: a place that is scraped. How to ask it, how to read the answer, what an item is, what identifies one. */

import type { DurationInput } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import type { Schema } from '../base/schema.ts'
import type { RetryOptions } from '../domain/retry.ts'
import type { Task } from '../domain/task.ts'
import type { Verdict } from '../domain/unit.ts'
import type { Answer } from './fetch/answer.ts'
import type { Request } from './fetch/request.ts'
import type { Place } from './extract/place.ts'
import type { ReadFunction, Reader } from './extract/reader.ts'
import type { PageMark, PageOptions } from './pages.ts'

export interface SourceOptions<Input, Entry extends object, Detail> {
  /** Also the name of its task and of its health. */
  readonly name: string
  readonly description?: string
  /** Checks the input of a run; any Standard Schema. Default: any JSON. */
  readonly input?: Schema<unknown, Input>
  /** Each query is a unit, which fails alone. Default one unit with the query ''. */
  readonly queries?: readonly string[] | ((input: Input) => readonly string[])
  /** The request for one page of one query. */
  readonly ask: (question: Question<Input>) => Request | string
  /** Makes items out of an answer: `html(…)`, `json(…)`, `feed()`, or a function. */
  readonly read: Reader<Entry> | ReadFunction<Entry>
  /** For listings: each entry's own page is asked and read, and what it says is laid over the entry. */
  readonly follow?: FollowOptions<Entry, Detail>
  /** How further pages are asked for. Default: one page. */
  readonly pages?: PageOptions
  /** What identifies an item: a field's name, or a function. */
  readonly key: KeyOf<NoInfer<Entry & Detail>>
  /** Checks each item; any Standard Schema. Items that do not fit are set aside and counted; what it gives back is kept. */
  readonly schema?: Schema
  /** Fields without which an item is set aside; when all items of a page lack one, the source has changed its shape. */
  readonly required?: readonly (keyof NoInfer<Entry & Detail> & string)[]
  /** Whether a query without items is normal. Default: true where the answer shows it, false for pages. */
  readonly expectEmpty?: boolean
  /** Where the answer says how many items the source holds; fewer at the end is `truncated`, and the unit partial. */
  readonly total?: Place
  /** For sources that say their errors in answers of status 200: what this one comes to, or nothing when all is well. */
  readonly judge?: (answer: Answer) => Objection | undefined
  readonly limits?: LimitOptions
  /** Whether private and loopback addresses may be asked. Default false. */
  readonly allowPrivate?: boolean
  /** Default: `rota`, with the contact. */
  readonly userAgent?: string
  /** Where the people of the source can reach you: an address or e-mail, told in the User-Agent. */
  readonly contact?: string
  /** Of a whole run. Default: none. */
  readonly timeout?: DurationInput
  /** Attempts are for crashes; requests have `limits.tries`. Default three attempts. */
  readonly retry?: RetryOptions
}

/** What identifies an item: the name of a field, or a function. */
export type KeyOf<Item> = (keyof Item & string) | ((item: Item) => string)

/** What `ask` is told. */
export interface Question<Input = unknown> {
  readonly query: string
  readonly input: Input
  readonly page: PageMark
  /** When the run should have happened; of a run by hand when it started. */
  readonly at: Instant
}

export interface FollowOptions<Entry, Detail> {
  /** The request for the entry's own page; null where it has none: then the entry stands as it is. */
  readonly ask: (entry: NoInfer<Entry>) => Request | string | null
  /** Its first item is laid over the entry. */
  readonly read: Reader<Detail> | ReadFunction<Detail>
}

/** What `judge` finds wrong with an answer. */
export interface Objection {
  readonly verdict: Exclude<Verdict, 'ok' | 'unchanged' | 'empty' | 'truncated' | 'not_measured'>
  readonly detail: string
  /** Of `rate_limited` and `quota_exhausted`: when to come back. */
  readonly until?: Instant
}

export interface LimitOptions {
  /** Of one request, redirects included. Default 30 s. */
  readonly timeout?: DurationInput
  /** The longest body, before and after decompression. Default 10,000,000. */
  readonly bytes?: number
  /** How often a request is tried when it fails in passing. Default 3. */
  readonly tries?: number
  /** Default 5. */
  readonly redirects?: number
  /** Requests to one host at a time, counted over the whole process. Default 2. */
  readonly concurrency?: number
}

/** A source: a task that scrapes, and what a sweep needs to do the same. */
export interface Source<Input = unknown> extends Task<Input, unknown> {
  readonly kind: 'source'
  readonly plan: SourcePlan
}

/** A source's options, checked, with every default filled in. */
export interface SourcePlan {
  readonly name: string
}

/**
 * Makes a source: a task whose runs ask every query, read the answers and keep the items.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 * @example
 * source({
 *   name: 'hn',
 *   queries: ['rota', 'cron'],
 *   ask: ({ query, page }) => `https://hn.algolia.com/api/v1/search_by_date?query=${query}&page=${page.number}`,
 *   read: json({ items: '$.hits', fields: { id: '$.objectID', title: '$.title' } }),
 *   pages: { by: 'number', first: 0, max: 5 },
 *   key: 'id',
 * })
 */
export declare const source: <Entry extends object, Detail = unknown, Input = unknown>(
  options: SourceOptions<Input, Entry, Detail>,
) => Source<Input>
