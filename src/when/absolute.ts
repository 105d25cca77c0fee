/** Relative times made absolute: `in 10 minutes` means from now, and a minute later it must still mean the same instant. */

import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Condition } from './condition.ts'

/**
 * The condition with every `in …` as the `at …` it means when said at `now`.
 *
 * @example print(absolute(parse('in 10 minutes'), now)) // 'at 2026-11-22T09:10:00Z'
 */
export const absolute = (condition: Condition, now: Instant): Condition => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map(part => absolute(part, now)) }
    case 'soon':
      return { kind: 'once', at: formatInstant(instant(now + condition.inMs)) }
    default:
      return condition
  }
}
