/** A schedule's `stopWhen`: windows and states which, once they hold, end what runs and let nothing start. Pure. */

import { instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Subject } from '../domain/opportunity.ts'
import type { Facts } from '../when/facts.ts'
import { changesByTime, judged, statesHold } from '../when/judge.ts'
import type { NamedDateSets } from '../when/leaf-parts.ts'
import { isOpen } from '../when/moments.ts'
import { parse } from '../when/parse.ts'
import { predicatesOf } from './demand.ts'

export interface Stop {
  readonly holds: boolean
  /** When that may change by time alone. */
  readonly changesAt: Instant | null
  /** Predicates without an answer, on which it depends while something runs. */
  readonly asks: readonly string[]
}

const never: Stop = { holds: false, changesAt: null, asks: [] }

export const stopOf = ({ schedule, unfinished }: Subject, at: Instant, facts: Facts, dates: NamedDateSets): Stop => {
  const { stopWhen } = schedule.policies
  if (stopWhen === null) return never
  const { clauses, zone } = judged(parse(stopWhen), schedule.timezone, dates)
  const open = clauses.filter(clause => isOpen(clause.compiled, zone, at))
  const holds = open.some(clause => statesHold(clause, zone, at, facts))
  const changes = clauses.flatMap(clause => changesByTime(clause, zone, at, facts)).filter(change => change > at)
  const asked = unfinished.length === 0 ? [] : clauses.flatMap(clause => predicatesOf(clause).names)
  return {
    holds,
    changesAt: changes.length === 0 ? null : instant(Math.min(...changes)),
    asks: asked.filter(name => !Object.hasOwn(facts.predicates, name)),
  }
}
