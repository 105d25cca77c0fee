/** What is said of a source, and the same checked, with every default filled in. */

import { duration, parseDuration } from '../base/duration.ts'
import type { DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import { checkName } from '../base/name.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import type { Schema } from '../base/schema.ts'
import type { RetryOptions } from '../domain/retry.ts'
import { readerOf } from './extract/reader.ts'
import type { ReadFunction, Reader } from './extract/reader.ts'
import type { Place } from './extract/place.ts'
import type { Answer } from './fetch/answer.ts'
import type { FetchLimits } from './fetch/fetcher.ts'
import type { Objection } from './fetch/judge.ts'
import type { Request } from './fetch/request.ts'
import type { ItemRules } from './items/sort.ts'
import { checkPaging } from './pages.ts'
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

export interface LimitOptions {
  /** Of one request, from connecting to the last byte. Default 30 s. */
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

/** A source as it is worked through. What its items are is known to its functions alone. */
export interface SourcePlan {
  readonly name: string
  readonly queries: (input: unknown) => readonly string[]
  readonly ask: (question: Question) => Request | string
  readonly reader: Reader<unknown>
  readonly follow: FollowPlan | null
  readonly paging: PageOptions | null
  readonly rules: ItemRules
  readonly expectEmpty: boolean
  readonly total: Place | null
  readonly judge: (answer: Answer) => Objection | undefined
  readonly limits: FetchLimits
  readonly allowPrivate: boolean
  readonly userAgent: string
}

export interface FollowPlan {
  readonly ask: (entry: unknown) => Request | string | null
  readonly reader: Reader<unknown>
}

type AnyOptions = SourceOptions<never, never, never>

const optionNames: readonly (keyof AnyOptions)[] = [
  'name',
  'description',
  'input',
  'queries',
  'ask',
  'read',
  'follow',
  'pages',
  'key',
  'schema',
  'required',
  'expectEmpty',
  'total',
  'judge',
  'limits',
  'allowPrivate',
  'userAgent',
  'contact',
  'timeout',
  'retry',
]

const limitNames: readonly (keyof LimitOptions)[] = ['timeout', 'bytes', 'tries', 'redirects', 'concurrency']

const defaultLimits = {
  timeout: '30 s',
  bytes: 10_000_000,
  tries: 3,
  redirects: 5,
  concurrency: 2,
} as const satisfies LimitOptions

const LONGEST_TIMEOUT_MS = 3_600_000
const MOST_BYTES = 500_000_000
const MOST_QUERIES = 10_000
const LONGEST_QUERY = 500

/**
 * Checks what is said of a source.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 */
export const planFrom = (options: object): SourcePlan => {
  const said = options as SourceOptions<unknown, object, unknown>
  const name = checkName('source', said.name)
  refuseUnknownOptions(`The source '${name}'`, options, optionNames)
  mustBeFunction(name, 'ask', said.ask)
  const reader = readerFrom(name, 'read', said.read)
  return {
    name,
    queries: queriesFrom(name, said.queries),
    ask: said.ask,
    reader,
    follow: said.follow === undefined ? null : followFrom(name, said.follow),
    paging: said.pages === undefined ? null : checkPaging(said.pages),
    rules: { key: keyFrom(name, said.key), required: said.required ?? [], schema: said.schema ?? null },
    expectEmpty: said.expectEmpty ?? reader.showsEmpty,
    total: said.total ?? null,
    judge: said.judge ?? (() => undefined),
    limits: limitsFrom(name, said.limits ?? {}),
    allowPrivate: said.allowPrivate ?? false,
    userAgent: said.userAgent ?? (said.contact === undefined ? 'rota' : `rota (+${said.contact})`),
  }
}

const refused = (name: string, why: string): RotaError =>
  new RotaError('OPTION_INVALID', `The source '${name}': ${why}.`)

const mustBeFunction = (name: string, option: string, value: unknown): void => {
  if (typeof value !== 'function') throw refused(name, `${option} is a ${typeof value} where a function should be`)
}

const readerFrom = <Item>(
  name: string,
  option: string,
  read: Reader<Item> | ReadFunction<Item> | undefined,
): Reader<Item> => {
  const reader = typeof read === 'function' || typeof read === 'object' ? readerOf(read) : undefined
  if (typeof reader?.read === 'function') return reader
  throw refused(name, `${option} is neither html(…), json(…), feed() nor a function`)
}

const followFrom = (name: string, follow: FollowOptions<object, unknown>): FollowPlan => {
  refuseUnknownOptions(`follow of the source '${name}'`, follow, ['ask', 'read'])
  mustBeFunction(name, 'follow.ask', follow.ask)
  return { ask: follow.ask as FollowPlan['ask'], reader: readerFrom(name, 'follow.read', follow.read) }
}

const keyFrom = (name: string, key: KeyOf<object> | string): ItemRules['key'] => {
  if (typeof key === 'function') return key
  if (typeof key !== 'string' || key === '') throw refused(name, 'key is neither the name of a field nor a function')
  return item => (Object.hasOwn(item, key) ? (item as Record<string, unknown>)[key] : undefined)
}

const queriesFrom = (
  name: string,
  queries: SourceOptions<unknown, object, unknown>['queries'],
): SourcePlan['queries'] => {
  if (queries === undefined) return () => ['']
  if (typeof queries === 'function') return input => checkQueries(name, queries(input))
  const checked = checkQueries(name, queries)
  if (checked.length === 0) throw refused(name, 'queries is empty, so that nothing would be asked')
  return () => checked
}

const checkQueries = (name: string, queries: readonly string[]): readonly string[] => {
  const all =
    Array.isArray(queries) && queries.every(query => typeof query === 'string' && query.length <= LONGEST_QUERY)
  if (!all) throw refused(name, `queries are not a list of texts of at most ${LONGEST_QUERY} characters`)
  const different = [...new Set(queries)]
  if (different.length > MOST_QUERIES) throw refused(name, `${different.length} queries are more than ${MOST_QUERIES}`)
  return different
}

const limitsFrom = (name: string, limits: LimitOptions): FetchLimits => {
  refuseUnknownOptions(`limits of the source '${name}'`, limits, limitNames)
  const wanted = { ...defaultLimits, ...limits }
  return {
    timeout: duration(wholeFrom(name, 'timeout', parseDuration(wanted.timeout), 1, LONGEST_TIMEOUT_MS)),
    bytes: wholeFrom(name, 'bytes', wanted.bytes, 1, MOST_BYTES),
    tries: wholeFrom(name, 'tries', wanted.tries, 1, 20),
    redirects: wholeFrom(name, 'redirects', wanted.redirects, 0, 20),
    concurrency: wholeFrom(name, 'concurrency', wanted.concurrency, 1, 100),
  }
}

const wholeFrom = (name: string, limit: string, value: number, least: number, most: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw refused(name, `limits.${limit} is ${String(value)}; it is a whole number from ${least} to ${most}`)
}
