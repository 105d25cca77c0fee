/**
 * When a worker is lost that still holds its lock: stopped, hanging, or blocked for too long. Workers count while they go on;
 * one whose count stands still for the lease is lost. Whoever looks measures that on a clock of its own: no two clocks are
 * compared.
 */

import { duration, formatDuration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { WorkerId } from './run.ts'
import type { Task } from './task.ts'

/** The last sign of life that a worker gave. */
export interface Beat {
  /** Higher each time; 0 for one that never had to. */
  readonly count: number
  /** When, by its own clock: to be shown to people, never to judge by. */
  readonly at: Instant | null
}

/** What an observer remembers of the others from one look to the next. */
export interface Watch {
  /** When it looked last, on its own steady clock. */
  readonly lookedAtMs: number
  readonly others: ReadonlyMap<WorkerId, Stillness>
}

interface Stillness {
  readonly count: number
  /** For how long it was seen to stand still. */
  readonly stillMs: number
}

export const freshWatch: Watch = { lookedAtMs: 0, others: new Map() }

/**
 * The watch after a look at the beats of others, `pause` being how often is looked. A look that comes late counts for
 * little: whoever was stopped or asleep himself, perhaps with all others, has not seen what they did.
 */
export const watchOn = (
  before: Watch,
  beats: ReadonlyMap<WorkerId, Beat>,
  look: { readonly atMs: number; readonly pause: Duration },
): Watch => {
  const seenMs = Math.min(look.atMs - before.lookedAtMs, 2 * look.pause)
  const others = [...beats].map(([worker, { count }]) => {
    const known = before.others.get(worker)
    const stillMs = known?.count === count ? known.stillMs + seenMs : 0
    return [worker, { count, stillMs }] as const
  })
  return { lookedAtMs: look.atMs, others: new Map(others) }
}

/**
 * Whether this worker stood still for the lease. One that never counted may be blocked since before there was anybody to see
 * it: it is given as long as a loop may be blocked.
 */
export const isLost = (
  { others }: Watch,
  worker: WorkerId,
  { lease, patience }: { readonly lease: Duration; readonly patience: Duration },
): boolean => {
  const { count, stillMs } = others.get(worker) ?? moving
  return stillMs >= (count === 0 ? Math.max(lease, patience) : lease)
}

const moving: Stillness = { count: 1, stillMs: 0 }

/** The watch without these workers: should they come back, their time counts anew. */
export const forget = ({ lookedAtMs, others }: Watch, workers: readonly WorkerId[]): Watch => ({
  lookedAtMs,
  others: new Map([...others].filter(([worker]) => !workers.includes(worker))),
})

export const workerStates = ['alive', 'silent', 'dead'] as const
export type WorkerState = (typeof workerStates)[number]

// Several beats that did not come.
const SILENT_AFTER = duration(2_000)

/** What a person is told of a worker. One that never beat is alone, and alive as long as it is not dead. */
export const stateOfWorker = (isDead: boolean, beat: Beat | undefined, now: Instant): WorkerState => {
  if (isDead) return 'dead'
  const at = beat?.at ?? null
  return at !== null && now - at > SILENT_AFTER ? 'silent' : 'alive'
}

// Longer than a machine that swaps, or is moved to another host, stands still.
const LEASE = duration(15_000)
const SHORTEST_LEASE = duration(1_000)
// How often is looked whether somebody joined: only then does the first one begin to beat.
const LOOK_ALONE = duration(1_000)
const LOOKS_IN_A_LEASE = 4

/** @throws RotaError OPTION_INVALID for a lease in which too few looks fit to tell who stands still */
export const leaseFrom = (input: DurationInput | undefined, lookEvery: Duration | null): Duration => {
  const shortest = Math.max(SHORTEST_LEASE, LOOKS_IN_A_LEASE * (lookEvery ?? LOOK_ALONE)) as Duration
  if (input === undefined) return Math.max(LEASE, shortest) as Duration
  const lease = parseDuration(input)
  if (lease >= shortest) return lease
  throw new RotaError(
    'OPTION_INVALID',
    `lease is ${input}; it is at least ${formatDuration(shortest)}: four times lookEvery, and no less than a second.`,
  )
}

const MARGIN_MS = 60_000

/** How long a loop may be blocked: by a handler that is to be ended by force, and some time more. */
export const patienceFor = (tasks: readonly Pick<Task, 'timeout' | 'timeoutGrace'>[]): Duration => {
  const longest = tasks.map(({ timeout, timeoutGrace }) => (timeout === null ? 0 : timeout + timeoutGrace))
  return duration(Math.max(0, ...longest) + MARGIN_MS)
}
