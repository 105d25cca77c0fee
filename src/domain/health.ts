/** The judged state of a task or source, from stored verdicts only: how reachable it has been, with reasons. */

import type { Instant } from '../base/instant.ts'
import type { RunId } from '../base/name.ts'
import { isBad } from './unit.ts'
import type { Unit, Verdict } from './unit.ts'
import type { Run } from './run.ts'

export const healthStates = ['unknown', 'healthy', 'degraded', 'failing'] as const
export type HealthState = (typeof healthStates)[number]

export type HealthSubject = { readonly kind: 'task' | 'source'; readonly name: string }

/** One run's word on a subject. */
export interface HealthVerdict {
  readonly at: Instant
  readonly run: RunId
  readonly bad: boolean
  /** A refused credential: one is enough to fail, waiting does not mend it. */
  readonly auth: boolean
  readonly why: string | null
}

/** The fact row of a subject, and the few numbers the next judgement needs. */
export interface Health {
  readonly subject: HealthSubject
  readonly state: HealthState
  readonly since: Instant
  readonly reasons: readonly string[]
  readonly lastGoodAt: Instant | null
  /** The last verdicts as bits, newest lowest, 1 = bad; at most 20. */
  readonly recent: number
  /** How many verdicts `recent` holds. */
  readonly judged: number
  readonly badInARow: number
  readonly goodInARow: number
  /** When it became failing, in the last 24 h before the last verdict; also the failure that still lasts. */
  readonly failures: readonly Instant[]
}

/** A change of state, as it is recorded. */
export interface HealthChange {
  readonly subject: HealthSubject
  readonly from: HealthState
  readonly to: HealthState
  readonly at: Instant
  readonly run: RunId
  readonly reasons: readonly string[]
}

const WINDOW = 20
const VERDICTS_BEFORE_A_STATE = 3
const BAD_IN_A_ROW_FAILS = 3
const BAD_OF_WINDOW_DEGRADES = 5
const WINDOW_BEFORE_DEGRADED = 10
const BAD_OF_WINDOW_MENDS = 1
const DAY_MS = 86_400_000
const MOST_GOOD_TO_RECOVER = 24

/** A subject nothing is known of yet. */
export const unknownHealth = (subject: HealthSubject, at: Instant): Health => ({
  subject,
  state: 'unknown',
  since: at,
  reasons: [],
  lastGoodAt: null,
  recent: 0,
  judged: 0,
  badInARow: 0,
  goodInARow: 0,
  failures: [],
})

/** The health after one more verdict. */
export const judgeHealth = (before: Health, verdict: HealthVerdict): Health => {
  const counted = count(before, verdict)
  const state = nextState(counted, verdict)
  const entered = state === 'failing' && before.state !== 'failing'
  const failures = entered ? [...counted.failures, verdict.at] : counted.failures
  return {
    ...counted,
    state,
    failures,
    since: state === before.state ? before.since : verdict.at,
    reasons: reasonsFor({ ...counted, state, failures }, verdict, before),
  }
}

const count = (before: Health, verdict: HealthVerdict): Health => {
  // Where a credential was refused, nothing counts as good, however much of the run did without it.
  const bad = verdict.bad || verdict.auth
  // The failure that still lasts counts however long ago it began.
  const lasting = before.state === 'failing' ? before.failures.at(-1) : undefined
  return {
    ...before,
    recent: ((before.recent << 1) | (bad ? 1 : 0)) & (2 ** WINDOW - 1),
    judged: Math.min(before.judged + 1, WINDOW),
    badInARow: bad ? before.badInARow + 1 : 0,
    goodInARow: bad ? 0 : before.goodInARow + 1,
    lastGoodAt: bad ? before.lastGoodAt : verdict.at,
    failures:
      before.failures.length === 0
        ? before.failures
        : before.failures.filter(at => at > verdict.at - DAY_MS || at === lasting),
  }
}

const nextState = (health: Health, verdict: HealthVerdict): HealthState => {
  if (verdict.auth || health.badInARow >= BAD_IN_A_ROW_FAILS) return 'failing'
  const bad = badCount(health.recent)
  switch (health.state) {
    case 'failing':
      if (health.goodInARow < goodToRecover(health)) return 'failing'
      return degrades(health, bad) ? 'degraded' : 'healthy'
    case 'degraded':
      return bad <= BAD_OF_WINDOW_MENDS && health.goodInARow >= goodToRecover(health) ? 'healthy' : 'degraded'
    case 'healthy':
      return degrades(health, bad) ? 'degraded' : 'healthy'
    case 'unknown':
      if (health.judged < VERDICTS_BEFORE_A_STATE) return 'unknown'
      return degrades(health, bad) ? 'degraded' : 'healthy'
    default:
      return health.state satisfies never
  }
}

const degrades = (health: Health, bad: number): boolean =>
  health.judged >= WINDOW_BEFORE_DEGRADED && bad >= BAD_OF_WINDOW_DEGRADES

/** How many good verdicts in a row end `failing`: doubles with each time it failed within a day, so that it does not flap. */
export const goodToRecover = (health: Pick<Health, 'failures'>): number =>
  Math.min(MOST_GOOD_TO_RECOVER, 2 ** Math.min(health.failures.length, 5))

const badCount = (bits: number): number => {
  let left = bits
  let ones = 0
  for (; left !== 0; left &= left - 1) ones++
  return ones
}

const reasonsFor = (health: Health, verdict: HealthVerdict, before: Health): readonly string[] => {
  const bad = badCount(health.recent)
  switch (health.state) {
    case 'unknown':
      return [`${health.judged} of ${VERDICTS_BEFORE_A_STATE} verdicts needed`]
    case 'healthy':
      return bad === 0 ? [] : [`${bad} of the last ${health.judged} runs were bad`]
    case 'degraded':
      return [`${bad} of the last ${health.judged} runs were bad`, ...(verdict.why === null ? [] : [verdict.why])]
    case 'failing':
      if (verdict.auth) return [verdict.why ?? 'the credential was refused']
      if (verdict.bad) return [`${health.badInARow} bad in a row`, ...(verdict.why === null ? [] : [verdict.why])]
      return [`recovering: ${health.goodInARow} of ${goodToRecover(health)} good runs in a row`, ...kept(before)]
    default:
      return health.state satisfies never
  }
}

const kept = (before: Health): readonly string[] =>
  before.reasons.filter(reason => !reason.startsWith('recovering')).slice(0, 1)

/** What a finished run says of its task and of each source it asked; nothing when it was not executed to its end. */
export const verdictsOf = (
  run: Pick<Run, 'id' | 'task' | 'state' | 'endedAt' | 'error' | 'detail'>,
  units: readonly Pick<Unit, 'source' | 'state' | 'verdict' | 'detail'>[],
  taskIsSource: boolean,
): readonly (HealthVerdict & { readonly subject: HealthSubject })[] => {
  const { endedAt } = run
  if (endedAt === null || (run.state !== 'succeeded' && run.state !== 'partial' && run.state !== 'failed')) return []
  const at = { at: endedAt, run: run.id }
  const bySource = units.length === 0 ? [] : [...Map.groupBy(units, unit => unit.source)]
  const ofSources = bySource.map(([name, own]) => {
    const bad = own.filter(isBad)
    const worst = bad[0]
    return {
      ...at,
      subject: { kind: 'source' as const, name },
      bad: bad.length * 2 > own.length,
      auth: bad.some(unit => unit.verdict === 'auth'),
      why: worst === undefined ? null : whyBad(worst.verdict, worst.detail),
    }
  })
  const taskBad = units.length === 0 ? run.state === 'failed' : units.filter(isBad).length * 2 > units.length
  const ofTask = {
    ...at,
    subject: { kind: 'task' as const, name: run.task },
    bad: taskBad,
    auth: false,
    why: taskBad ? (run.error?.message ?? run.detail) : null,
  }
  // A run of a source that never got as far as a unit says as much of the source as of the task.
  const silent =
    taskIsSource && units.length === 0 ? [{ ...ofTask, subject: { kind: 'source' as const, name: run.task } }] : []
  return [ofTask, ...silent, ...ofSources]
}

const whyBad = (verdict: Verdict, detail: string | null): string =>
  detail === null ? verdict : `${verdict}: ${detail}`
