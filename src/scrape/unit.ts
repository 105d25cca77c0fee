/** One unit: one query of one source, page by page. Its first page failing is its failure; a later one leaves it partial. */

import type { Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Log } from '../base/log.ts'
import type { Records } from '../domain/task.ts'
import type { NewItem, Unit } from '../domain/unit.ts'
import type { UnitEnd } from './ending.ts'
import { findAt } from './extract/place.ts'
import type { Place } from './extract/place.ts'
import type { Answer } from './fetch/answer.ts'
import type { Fetcher } from './fetch/fetcher.ts'
import type { Objection } from './fetch/judge.ts'
import { maskText } from './fetch/mask.ts'
import { ledTo } from './fetch/redirect.ts'
import { askFrom } from './fetch/request.ts'
import type { Ask } from './fetch/request.ts'
import { followEntries, isHopeless } from './follow.ts'
import type { Followed } from './follow.ts'
import { keepItems } from './items/keep.ts'
import { sortItems } from './items/sort.ts'
import type { BadItem, Sorted } from './items/sort.ts'
import { firstPage, nextPage, saidOfNext } from './pages.ts'
import type { PageCount, Position } from './pages.ts'
import type { SourcePlan } from './plan.ts'
import { readAnswer } from './read.ts'
import type { UnitReading } from './read.ts'
import { judgeTally, noTally, withObjection, withPage } from './tally.ts'
import type { PageTally, Tally } from './tally.ts'

/** A unit to be worked. */
export interface UnitWork {
  readonly plan: SourcePlan
  readonly query: string
  readonly input: unknown
  /** When the run should have happened. */
  readonly at: Instant
  readonly attempt: number
  readonly fetcher: Fetcher
  readonly records: Pick<Records, 'keepItems'>
  readonly clock: Clock
  readonly log: Log
}

/** Works a unit to its end. Rejects only for what is wrong with the run: its signal, its store. */
export const workUnit = async (work: UnitWork): Promise<UnitEnd> => {
  const { plan, query, clock, attempt, fetcher } = work
  const startedAt = clock.now()
  let requests = 0
  const reading = { plan, fetcher, sent: () => void requests++ }
  const tally = await askPages(work, reading)
  const { until, ...judgement } = judgeTally(tally, { empty: plan.expectEmpty, showsEmpty: plan.reader.showsEmpty })
  const unit: Unit = {
    source: plan.name,
    query,
    ...judgement,
    attempt,
    startedAt,
    endedAt: clock.now(),
    requests,
    items: tally.items,
  }
  tell(work.log, unit)
  return { unit, until }
}

const tell = (log: Log, { state, verdict, detail, requests, items }: Unit): void => {
  if (state === 'succeeded') log.info(`unit ${state}`, { verdict, requests, ...items })
  else log.warn(`unit ${state}: ${detail ?? verdict}`, { verdict, requests, ...items })
}

/** What a unit has met so far: keys of items, and entries whose pages were asked. */
interface Met {
  readonly keys: Set<string>
  readonly followed: Set<string>
}

const askPages = async (work: UnitWork, reading: UnitReading): Promise<Tally> => {
  const { paging } = work.plan
  const met: Met = { keys: new Set(), followed: new Set() }
  let tally = noTally
  for (let position = firstPage(paging); ;) {
    const page = await askPage(work, reading, position, met)
    if ('verdict' in page) return withObjection(tally, page)
    tally = withPage(tally, page.tally)
    if (page.tally.objections.some(isHopeless)) return tally
    const next = nextPage(paging, position, page.count, page.next)
    if (next.kind !== 'page') return next.kind === 'end' ? tally : { ...tally, cutOff: next.after }
    position = next.position
  }
}

interface PageEnd {
  readonly tally: PageTally
  readonly count: PageCount
  readonly next: string | null
}

const askPage = async (
  work: UnitWork,
  reading: UnitReading,
  position: Position,
  met: Met,
): Promise<PageEnd | Objection> => {
  const { plan, fetcher } = work
  const ask = askFor(work, position)
  if ('verdict' in ask) return ask
  const read = await readAnswer(reading, ask, plan.reader)
  if (read.kind === 'objection') return read.objection
  const said = await saidBy(plan, read.answer)
  if ('verdict' in said) return said
  const followed = await follow(work, reading, read.items, met)
  const sorted = await sortItems(followed.items, plan.rules)
  if (sorted.good.length === 0 && sorted.bad.length > 0) return noneFits(sorted.bad, ask)
  fetcher.remember(ask, read.answer)
  const fresh = freshOf(sorted, met.keys)
  tellBad(work.log, fresh.bad)
  const counts = await keepItems(work.records, plan.name, fresh.good)
  const invalid = fresh.bad.length
  return {
    tally: {
      items: { ...counts, seen: counts.seen + invalid, invalid: counts.invalid + invalid },
      objections: followed.objections,
      unchanged: read.unchanged && followed.unchanged,
      total: said.total,
    },
    count: { items: read.items.length, fresh: fresh.good.length + invalid },
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

const follow = async (work: UnitWork, reading: UnitReading, entries: readonly unknown[], met: Met): Promise<Followed> =>
  work.plan.follow === null
    ? { items: entries, objections: [], unchanged: true }
    : followEntries(work.plan.follow, entries, reading, met.followed)

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
  const good: readonly NewItem[] = sorted.good.filter(isFresh)
  return { good, bad: sorted.bad.filter(isFresh) }
}

const MOST_TOLD = 5

const tellBad = (log: Log, bad: readonly BadItem[]): void => {
  for (const { key, reason } of bad.slice(0, MOST_TOLD)) log.warn(`item set aside: ${maskText(reason)}`, { key })
  if (bad.length > MOST_TOLD) log.warn(`${bad.length - MOST_TOLD} more items of this page set aside`)
}
