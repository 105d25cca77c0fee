/** One page of a unit: asked, read, its entries followed, its items sorted and kept. */

import type { Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Log } from '../base/log.ts'
import type { Records } from '../domain/task.ts'
import type { ItemCounts } from '../domain/unit.ts'
import { findAt } from './extract/place.ts'
import type { Place } from './extract/place.ts'
import type { Answer } from './fetch/answer.ts'
import type { Objection } from './fetch/judge.ts'
import { maskText } from './fetch/mask.ts'
import { ledTo } from './fetch/redirect.ts'
import { askFrom } from './fetch/request.ts'
import type { Ask } from './fetch/request.ts'
import { followEntries } from './follow.ts'
import type { Followed } from './follow.ts'
import { keepItems } from './items/keep.ts'
import { sortItems } from './items/sort.ts'
import type { BadItem, Sorted } from './items/sort.ts'
import { saidOfNext } from './pages.ts'
import type { PageCount, Position } from './pages.ts'
import type { SourcePlan } from './plan.ts'
import { readAnswer } from './read.ts'
import type { UnitReading } from './read.ts'
import type { PageTally } from './tally.ts'

/** What working a unit takes. */
export interface UnitWork extends UnitReading {
  readonly query: string
  readonly input: unknown
  /** When the run should have happened. */
  readonly at: Instant
  readonly attempt: number
  readonly records: Pick<Records, 'keepItems'>
  readonly clock: Clock
  readonly log: Log
}

/** What a unit has met so far: keys of items, and entries whose pages were asked. Grows with each page. */
export interface Met {
  readonly keys: Set<string>
  readonly followed: Set<string>
}

/** What a page added, and what it says of the page after it. */
export interface PageEnd {
  readonly tally: PageTally
  readonly count: PageCount
  readonly next: string | null
}

/** Asks a page and keeps its items; or what stands against it, and then nothing of it is kept. */
export const askPage = async (work: UnitWork, position: Position, met: Met): Promise<PageEnd | Objection> => {
  const { plan, fetcher } = work
  const ask = askFor(work, position)
  if ('verdict' in ask) return ask
  const read = await readAnswer(work, ask, plan.reader)
  if (read.kind === 'objection') return read.objection
  const said = await saidBy(plan, read.answer)
  if ('verdict' in said) return said
  const followed = await follow(work, read.items, met)
  const sorted = await sortItems(followed.items, plan.rules)
  if (sorted.good.length === 0 && sorted.bad.length > 0) return noneFits(sorted.bad, ask)
  fetcher.remember(ask, read.answer)
  const fresh = freshOf(sorted, met.keys)
  const unchanged = read.unchanged && followed.unchanged
  return {
    tally: { items: await keepFresh(work, fresh), objections: followed.objections, unchanged, total: said.total },
    count: { items: read.items.length, fresh: fresh.good.length + fresh.bad.length },
    next: said.next,
  }
}

// What a source's own function throws, and an address it gives that is none, says nothing about the place it asks.
const askFor = (work: UnitWork, { mark, address }: Position): Ask | Objection => {
  const { plan, query, input, at } = work
  try {
    const own = askFrom(plan.ask({ query, input, page: mark, at }), plan.userAgent)
    if (address === null) return own
    const led = ledTo(own, address)
    return 'ask' in led ? led.ask : { verdict: 'contract', detail: `the next page cannot be asked: ${led.refused}` }
  } catch (error) {
    return { verdict: 'not_measured', detail: maskText(`what to ask cannot be told: ${asError(error).message}`) }
  }
}

interface Said {
  readonly next: string | null
  readonly total: number | null
}

const saidBy = async (plan: SourcePlan, answer: Answer): Promise<Said | Objection> => {
  try {
    return {
      next: await saidOfNext(plan.paging, answer),
      total: plan.total === null ? null : await totalAt(answer, plan.total),
    }
  } catch (error) {
    return { verdict: 'contract', detail: maskText(asError(error).message) }
  }
}

// "1,707 results" is a number to whoever reads the page.
const totalAt = async (answer: Answer, place: Place): Promise<number | null> => {
  const found = await findAt(answer, place)
  const total =
    typeof found === 'string'
      ? Number(found.slice(0, 100).replaceAll(/\D/g, '') || Number.NaN)
      : Number(found ?? Number.NaN)
  return Number.isFinite(total) ? total : null
}

const follow = async (work: UnitWork, entries: readonly unknown[], met: Met): Promise<Followed> =>
  work.plan.follow === null
    ? { items: entries, objections: [], unchanged: true }
    : followEntries(work.plan.follow, entries, work, met.followed)

const noneFits = (bad: readonly BadItem[], ask: Ask): Objection => ({
  verdict: 'contract',
  detail: maskText(`none of ${bad.length} items can be kept: ${bad[0]?.reason ?? ''}`, ask.secrets),
})

/** What this unit has not met before; remembers it. */
const freshOf = (sorted: Sorted, keys: Set<string>): Sorted => {
  const isFresh = ({ key }: { readonly key: string | null }): boolean => {
    if (key === null) return true
    if (keys.has(key)) return false
    keys.add(key)
    return true
  }
  return { good: sorted.good.filter(isFresh), bad: sorted.bad.filter(isFresh) }
}

const keepFresh = async ({ plan, records, log }: UnitWork, fresh: Sorted): Promise<ItemCounts> => {
  tellBad(log, fresh.bad)
  const counts = await keepItems(records, plan.name, fresh.good)
  const invalid = fresh.bad.length
  return { ...counts, seen: counts.seen + invalid, invalid: counts.invalid + invalid }
}

const MOST_TOLD = 5

const tellBad = (log: Log, bad: readonly BadItem[]): void => {
  for (const { key, reason } of bad.slice(0, MOST_TOLD)) log.warn(`item set aside: ${maskText(reason)}`, { key })
  if (bad.length > MOST_TOLD) log.warn(`${bad.length - MOST_TOLD} more items of this page set aside`)
}
