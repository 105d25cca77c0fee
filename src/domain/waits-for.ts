/** What a schedule waits for that has no time of its own. */

import { clausesOf } from '../when/clauses.ts'
import { isMoment } from '../when/condition.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'
import type { Schedule } from './schedule.ts'

/**
 * The clauses that events or starts open, as text; none for one that is paused, over, or asks about time alone.
 *
 * @example waitsFor(await app.schedules.get('digest')) // ["after 'news' succeeds"]
 */
export const waitsFor = ({ condition, status, paused, usesFacts }: Schedule): readonly string[] => {
  if (!usesFacts || status !== 'active' || paused !== null) return []
  const untimed = clausesOf(parse(condition)).filter(clause => !clause.some(({ leaf }) => isMoment(leaf)))
  return untimed.map(clause =>
    clause.map(({ leaf, negated }) => print(negated ? { kind: 'not', of: leaf } : leaf)).join(' and '),
  )
}
