/** `rota/scrape`: sources, sweeps, and the readers they use. Loading it loads no parser and no HTTP client. */

export { source } from './source.ts'
export type { Source } from './source.ts'
export type { FollowOptions, KeyOf, LimitOptions, Question, SourceOptions, SourcePlan } from './plan.ts'
export { sweep } from './sweep.ts'
export type { SweepOptions } from './sweep.ts'
export type { CollectResult, UnitResult } from './ending.ts'

export { html } from './extract/html.ts'
export type { HtmlItem } from './extract/html.ts'
export { json } from './extract/json.ts'
export type { JsonItem, JsonObject } from './extract/json.ts'
export { feed } from './extract/feed.ts'
export type { FeedItem } from './extract/feed.ts'
export type { FieldSpec, FieldSpecs, Promised, ReadFunction, Reader } from './extract/reader.ts'
export type { Place } from './extract/place.ts'
export type { PageMark, PageOptions } from './pages.ts'

export { savedAnswer } from './fetch/answer.ts'
export type { Objection } from './fetch/judge.ts'
export type { Answer, Headers } from './fetch/answer.ts'
export type { Request } from './fetch/request.ts'
