/** Policies as a person would write them: only what differs from the defaults. The way back is `policiesFrom`. */

import { formatDuration } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import type { Overlap, Policies, PolicyOptions } from './schedule.ts'

/**
 * The options that give these policies: `policiesFrom(writtenPolicies(p, usual), usual)` equals `p`. `usual`: the overlap where
 * nothing is said of it.
 *
 * @example writtenPolicies(policiesFrom({ grace: 90_000 })) // { grace: '1m30s' }
 */
export const writtenPolicies = (policies: Policies, usual: 'skip' | 'queue' = 'skip'): PolicyOptions => ({
  ...write.grace(policies.grace),
  ...write.catchUp(policies.catchUp),
  ...(policies.overlap.kind === usual ? {} : write.overlap(policies.overlap)),
  ...write.jitter(policies.jitter),
  ...write.startAt(policies.startAt),
  ...write.endAt(policies.endAt),
  ...write.maxRuns(policies.maxRuns),
  ...write.startWithin(policies.startWithin),
  ...write.stopWhen(policies.stopWhen),
})

// Each policy has its line here: the compiler asks for that of a new one.
const write = {
  grace: grace => (grace === null ? {} : { grace: formatDuration(grace) }),
  catchUp: catchUp => {
    if (catchUp.kind === 'latest') return {}
    if (catchUp.kind === 'none') return { catchUp: 'none' }
    return { catchUp: 'all', catchUpLimit: catchUp.limit, catchUpWindow: formatDuration(catchUp.window) }
  },
  overlap: overlap => ({ overlap: writtenOverlap(overlap) }),
  jitter: jitter => (jitter === 0 ? {} : { jitter: formatDuration(jitter) }),
  startAt: startAt => (startAt === null ? {} : { startAt: formatInstant(startAt) }),
  endAt: endAt => (endAt === null ? {} : { endAt: formatInstant(endAt) }),
  maxRuns: maxRuns => (maxRuns === null ? {} : { maxRuns }),
  startWithin: startWithin => (startWithin === null ? {} : { startWithin: formatDuration(startWithin) }),
  stopWhen: stopWhen => (stopWhen === null ? {} : { stopWhen }),
} satisfies { readonly [K in keyof Policies]: (value: Policies[K]) => PolicyOptions }

const writtenOverlap = (overlap: Overlap): NonNullable<PolicyOptions['overlap']> => {
  switch (overlap.kind) {
    case 'queueAll':
      return { queueAll: overlap.limit }
    case 'allow':
      return { allow: overlap.limit }
    default:
      return overlap.kind
  }
}
