/** One request and what a reader makes of its answer: items, or why there are none. */

import { asError } from '../base/errors.ts'
import type { Reader } from './extract/reader.ts'
import type { Answer } from './fetch/answer.ts'
import type { Objection } from './fetch/judge.ts'
import { maskText, maskUrl } from './fetch/mask.ts'
import type { Ask } from './fetch/request.ts'
import type { Fetcher } from './fetch/fetcher.ts'
import type { SourcePlan } from './plan.ts'

/** What asking and reading for one unit needs. */
export interface UnitReading {
  readonly plan: SourcePlan
  readonly fetcher: Fetcher
  /** Called for each request that goes out. */
  readonly sent: () => void
}

export type Read =
  | { readonly kind: 'read'; readonly items: readonly unknown[]; readonly answer: Answer; readonly unchanged: boolean }
  | { readonly kind: 'objection'; readonly objection: Objection }

/** Asks and reads. Whatever a reader throws says that the answer is not what was promised. */
export const readAnswer = async ({ fetcher, sent }: UnitReading, ask: Ask, reader: Reader<unknown>): Promise<Read> => {
  const fetched = await fetcher.fetch(ask, reader.promised, sent)
  if (fetched.kind === 'refused') return { kind: 'objection', objection: fetched.objection }
  const { answer, unchanged } = fetched
  try {
    const items = hasNoContent(answer) ? [] : await reader.read(answer)
    if (!Array.isArray(items)) throw new TypeError(`the reader gave a ${typeof items} where a list should be`)
    return { kind: 'read', items, answer, unchanged }
  } catch (error) {
    return { kind: 'objection', objection: broken(ask, error) }
  }
}

const hasNoContent = (answer: Answer): boolean => answer.status === 204 || answer.status === 205

const broken = (ask: Ask, error: unknown): Objection => ({
  verdict: 'contract',
  detail: maskText(`${asError(error).message}: ${ask.method} ${maskUrl(ask.url)}`, ask.secrets),
})
