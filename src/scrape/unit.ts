/** One unit: one query of one source, page by page. Its first page failing is its failure; a later one leaves it partial. */

import type { Log } from '../base/log.ts'
import type { Unit } from '../domain/unit.ts'
import type { UnitEnd } from './ending.ts'
import { isHopeless } from './follow.ts'
import { askPage } from './one-page.ts'
import type { UnitWork } from './one-page.ts'
import { firstPage, nextPage } from './pages.ts'
import { judgeTally, noTally, withObjection, withPage } from './tally.ts'
import type { Tally } from './tally.ts'

/** Works a unit to its end. Rejects only for what is wrong with the run: its signal, its store. */
export const workUnit = async (work: Omit<UnitWork, 'sent'>): Promise<UnitEnd> => {
  const { plan, query, clock, attempt } = work
  const startedAt = clock.now()
  let requests = 0
  const tally = await askPages({ ...work, sent: () => void requests++ })
  const { until, ...judgement } = judgeTally(tally, { empty: plan.expectEmpty, showsEmpty: plan.reader.showsEmpty })
  const ended = { attempt, startedAt, endedAt: clock.now(), requests, items: tally.items }
  const unit: Unit = { source: plan.name, query, ...judgement, ...ended }
  tell(work.log, unit)
  return { unit, until }
}

const askPages = async (work: UnitWork): Promise<Tally> => {
  const { paging } = work.plan
  const met = { keys: new Set<string>(), followed: new Set<string>() }
  let tally = noTally
  for (let position = firstPage(paging); ;) {
    const page = await askPage(work, position, met)
    if ('verdict' in page) return withObjection(tally, page)
    tally = withPage(tally, page.tally)
    if (page.tally.objections.some(isHopeless)) return tally
    const next = nextPage(paging, position, page.count, page.next)
    if (next.kind !== 'page') return next.kind === 'end' ? tally : { ...tally, cutOff: next.after }
    position = next.position
  }
}

const tell = (log: Log, { state, verdict, detail, requests, items }: Unit): void => {
  if (state === 'succeeded') log.info(`unit ${state}`, { verdict, requests, ...items })
  else log.warn(`unit ${state}: ${detail ?? verdict}`, { verdict, requests, ...items })
}
