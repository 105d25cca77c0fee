/**
 * A store whose calls fail and are slow: what an app goes through when its disk is full, hangs, or an answer is lost on its
 * way. It only passes calls on; which of them fares how is said by a plan.
 */

import type { Clock } from '../base/clock.ts'
import { RotaError } from '../base/errors.ts'
import { duration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import type { Store } from '../store/store.ts'
import { withCalls } from './changed-store.ts'
import { seeded } from './random.ts'
import type { Random } from './random.ts'

export type Fault =
  /** A commit is refused, and nothing of it kept: STORE_FULL. */
  | { readonly kind: 'full' }
  /** No answer: STORE_UNUSABLE, whether what was asked stands or not. Who asked cannot know. */
  | { readonly kind: 'lost'; readonly stands: boolean }
  /** It is done only after a while, and answered only after another. */
  | { readonly kind: 'slow'; readonly before: Duration; readonly after: Duration }

/** How a call fares; null: as it should. */
export type FaultPlan = (call: keyof Store) => Fault | null

/** How often calls meet which fault: shares of the calls, from 0 to 1 together. */
export interface FaultRates {
  /** Commits only. */
  readonly full: number
  readonly lost: number
  readonly slow: number
  /** The longest that a slow call takes. */
  readonly slowest: Duration
}

export interface FaultyStoreOptions extends Partial<Omit<FaultRates, 'slowest'>> {
  /** The clock of the app: slow calls wait on it. */
  readonly clock: Clock
  /** Default 1: the same seed, the same faults. */
  readonly seed?: number
  /** The longest that a slow call takes. Default `2 minutes`. */
  readonly slowest?: DurationInput
}

/** A store in memory for `rota({ store })`, and the hand that heals it. */
export interface FaultyStore {
  readonly store: Store
  /** How many calls met a fault so far. */
  readonly faults: number
  /** From now on every call fares as it should. */
  heal(): void
}

const usually = { full: 0.02, lost: 0.02, slow: 0.02, slowest: duration(120_000) } as const satisfies FaultRates

/**
 * Opens a store in memory whose calls fail by lot: refused commits (`full`), lost answers (`lost`, where what was asked
 * stands or does not, at even odds) and slow calls (`slow`), each 2 % of the time by default.
 *
 * @example
 * const faulty = await openFaultyStore({ clock, seed: 7, lost: 0.1 })
 * const app = rota({ store: faulty.store, clock })
 * @throws RotaError OPTION_INVALID, DURATION_UNREADABLE
 */
export const openFaultyStore = async (options: FaultyStoreOptions): Promise<FaultyStore> => {
  const { clock, seed = 1 } = options
  const plan = planOf(seeded(seed), ratesOf(options))
  let faults = 0
  let isHealed = false
  const counted: FaultPlan = call => {
    const fault = isHealed ? null : plan(call)
    if (fault !== null) faults++
    return fault
  }
  return {
    store: withFaults(await openSqliteStore({ path: ':memory:' }), clock, counted),
    get faults() {
      return faults
    },
    heal: () => {
      isHealed = true
    },
  }
}

const ratesOf = (options: FaultyStoreOptions): FaultRates => {
  refuseUnknownOptions('A faulty store', options, ['clock', 'seed', ...Object.keys(usually)])
  const rates = { ...usually, ...options, slowest: parseDuration(options.slowest ?? usually.slowest) }
  const { full, lost, slow } = rates
  // One lot decides for all three.
  if (![full, lost, slow].every(rate => rate >= 0) || !(full + lost + slow <= 1)) {
    throw new RotaError('OPTION_INVALID', 'full, lost and slow are shares of the calls, from 0 to 1 together.', {
      details: { full, lost, slow },
    })
  }
  return rates
}

/** Draws what becomes of each call. */
export const planOf =
  (random: Random, { full, lost, slow, slowest }: FaultRates): FaultPlan =>
  call => {
    // One number for each call, whatever comes of it.
    const lot = random.next()
    if (lot < lost) return { kind: 'lost', stands: random.chance(0.5) }
    if (lot < lost + slow) {
      const before = duration(random.between(0, slowest))
      return { kind: 'slow', before, after: duration(random.between(0, slowest - before)) }
    }
    return call === 'commit' && lot < lost + slow + full ? { kind: 'full' } : null
  }

/** The store, with each call as the plan says. */
export const withFaults = (store: Store, clock: Clock, plan: FaultPlan): Store =>
  withCalls(store, (name, call) =>
    canFail(name)
      ? async (...args) => {
          const fault = plan(name)
          return fault === null ? call(...args) : suffer(fault, clock, async () => call(...args))
        }
      : call,
  )

// What gives its answer at once asks nothing of the disk; and what was opened can be closed.
const canFail = (name: keyof Store): boolean => name !== 'changedElsewhere' && name !== 'close'

const suffer = async (fault: Fault, clock: Clock, call: () => Promise<unknown>): Promise<unknown> => {
  switch (fault.kind) {
    case 'full':
      throw new RotaError('STORE_FULL', 'The disk is full, says the plan of faults.')
    case 'lost':
      if (fault.stands) await call()
      throw new RotaError('STORE_UNUSABLE', 'The answer of the store was lost, says the plan of faults.')
    case 'slow': {
      await passed(clock, fault.before)
      try {
        return await call()
      } finally {
        await passed(clock, fault.after)
      }
    }
    default:
      return fault satisfies never
  }
}

const passed = (clock: Clock, delay: Duration): Promise<void> =>
  new Promise(resolve => clock.callAfter(delay, () => resolve()))
