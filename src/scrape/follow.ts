/** From a listing to the pages of its entries: each is asked and read, and what it says is laid over the entry. */

import { asError } from '../base/errors.ts'
import type { Objection } from './fetch/judge.ts'
import { maskText } from './fetch/mask.ts'
import { askFrom } from './fetch/request.ts'
import type { Ask, Request } from './fetch/request.ts'
import type { FollowPlan } from './plan.ts'
import { readAnswer } from './read.ts'
import type { UnitReading } from './read.ts'
import { sideBySide } from './side-by-side.ts'

/** What following the entries of one page brought. */
export interface Followed {
  readonly items: readonly unknown[]
  readonly objections: readonly Objection[]
  /** Whether every answer was what it was before. */
  readonly unchanged: boolean
}

/** Follows entries whose pages this unit has not asked yet; `asked` holds those it has. */
export const followEntries = async (
  follow: FollowPlan,
  entries: readonly unknown[],
  reading: UnitReading,
  asked: Set<string>,
): Promise<Followed> => {
  let hopeless: Objection | null = null
  const ends = await sideBySide(reading.plan.limits.concurrency, entries, async entry => {
    if (hopeless !== null) return { kind: 'objection', objection: hopeless } as const
    const end = await followEntry(follow, entry, reading, asked)
    if (end.kind === 'objection' && isHopeless(end.objection)) hopeless = end.objection
    return end
  })
  return {
    items: ends.flatMap(end => (end.kind === 'item' ? [end.item] : [])),
    objections: ends.flatMap(end => (end.kind === 'objection' ? [end.objection] : [])),
    unchanged: ends.every(end => end.kind !== 'item' || end.unchanged),
  }
}

type EntryEnd =
  | { readonly kind: 'item'; readonly item: unknown; readonly unchanged: boolean }
  | { readonly kind: 'objection'; readonly objection: Objection }
  | { readonly kind: 'known' }

/** Who objects to one request in this way objects to them all. */
export const isHopeless = ({ verdict }: Objection): boolean =>
  verdict === 'auth' || verdict === 'refused' || verdict === 'rate_limited' || verdict === 'quota_exhausted'

const followEntry = async (
  follow: FollowPlan,
  entry: unknown,
  reading: UnitReading,
  asked: Set<string>,
): Promise<EntryEnd> => {
  const wanted = askAbout(follow, entry, reading.plan.userAgent)
  if (wanted === null) return { kind: 'item', item: entry, unchanged: true }
  if ('verdict' in wanted) return { kind: 'objection', objection: wanted }
  const identity = `${wanted.method} ${wanted.url.href} ${wanted.body ?? ''}`
  if (asked.has(identity)) return { kind: 'known' }
  asked.add(identity)
  const read = await readAnswer(reading, wanted, follow.reader)
  if (read.kind === 'objection') return read
  const [detail] = read.items
  if (detail === undefined) return { kind: 'objection', objection: nothingAt(wanted) }
  reading.fetcher.remember(wanted, read.answer)
  return { kind: 'item', item: { ...(entry as object), ...(detail as object) }, unchanged: read.unchanged }
}

const askAbout = (follow: FollowPlan, entry: unknown, userAgent: string): Ask | Objection | null => {
  try {
    const request: Request | string | null = follow.ask(entry)
    return request === null ? null : askFrom(request, userAgent)
  } catch (error) {
    return { verdict: 'not_measured', detail: maskText(`an entry's page cannot be asked: ${asError(error).message}`) }
  }
}

const nothingAt = (ask: Ask): Objection => ({
  verdict: 'contract',
  detail: `an entry's page without an item: ${ask.url.host}${ask.url.pathname}`,
})
