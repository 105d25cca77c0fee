/**
 * What may run at once, and how often: the limits of tasks, queues and all, where a run waits for them, and why it waits, in
 * words. Counting what runs is the store's part.
 */

import { duration, formatDuration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError, describeValue } from '../base/errors.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import { checkName } from '../base/name.ts'
import type { RunId } from '../base/name.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { pauseText } from './schedule.ts'
import type { Pause } from './schedule.ts'

/** Limits as a task writes them. Each is good over all processes that work on one store. */
export interface LimitOptions<Input = unknown> {
  /** Runs of this task at once. Default: as many as there are slots. */
  readonly concurrency?: number
  /** What `perKey` and `rate` count by: a host, an account. A pure function of the input. null: this run is not counted. */
  readonly key?: (input: Input) => string | null
  /** Runs of one key at once. Needs `key`. */
  readonly perKey?: number
  /** Starts of one key (without `key`: of the task), spread evenly: '10 per minute' is one in 6 s. Retries are starts too. */
  readonly rate?: string | { readonly count: number; readonly per: DurationInput }
}

/** A queue as an app writes it. */
export interface QueueOptions {
  /** Its runs at once, over all processes. Default: as many as there are slots. */
  readonly concurrency?: number
}

export interface Rate {
  readonly count: number
  readonly per: Duration
}

export interface TaskLimits {
  readonly concurrency: number | null
  readonly perKey: number | null
  readonly rate: Rate | null
  readonly key: ((input: Json) => string | null) | null
}

/** Everything that limits the runs an app may claim. */
export interface Limits {
  /** All runs at once. */
  readonly total: number | null
  readonly queues: ReadonlyMap<string, number>
  readonly tasks: ReadonlyMap<string, TaskLimits>
}

export const noLimits: Limits = { total: null, queues: new Map(), tasks: new Map() }

/** Where a run waits, and what it is counted by. */
export interface Place {
  readonly queue: string
  /** 0 to 9, 9 first. */
  readonly priority: number
  readonly key: string | null
}

/** Where the runs of a task wait. */
export interface Placing {
  readonly queue: string
  readonly priority: number
  readonly keyOf: (input: Json) => string | null
}

export const DEFAULT_QUEUE = 'default'
export const DEFAULT_PRIORITY = 5

export const usualPlace: Place = { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, key: null }
export const usualPlacing: Placing = { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, keyOf: () => null }

export const placeOf = ({ queue, priority, keyOf }: Placing, input: Json): Place => ({
  queue,
  priority,
  key: keyOf(input),
})

/** Whether a run may have to wait for another to end, or for its time, although a slot is free. */
export const isGated = ({ total, queues, tasks }: Limits, task: string, queue: string): boolean =>
  total !== null || queues.has(queue) || tasks.has(task)

// One step of priority is worth a minute of waiting: whoever has waited nine minutes more comes before everybody.
const MS_A_PRIORITY = 60_000

/** Runs are claimed by this, the lowest first. It never changes while a run waits, and grows with the clock: nothing starves. */
export const orderOf = (readyAt: Instant, priority: number): number => readyAt - priority * MS_A_PRIORITY

/** The least time between two starts. */
export const spacing = ({ count, per }: Rate): Duration => duration(Math.ceil(per / count))

// ---- as written

const limitNames: readonly (keyof LimitOptions)[] = ['concurrency', 'key', 'perKey', 'rate']
const MOST_AT_ONCE = 100_000
const LONGEST_KEY = 200
/** Runs whose key cannot be made share one: a limit that fails must not open. */
const NO_KEY = '?'

/** @throws RotaError OPTION_INVALID, DURATION_UNREADABLE */
export const limitsFrom = <Input>(what: string, options: LimitOptions<Input> | undefined): TaskLimits | null => {
  if (options === undefined) return null
  refuseUnknownOptions(`limits of ${what}`, options, limitNames)
  const { concurrency, key, perKey, rate } = options
  if (key !== undefined && typeof key !== 'function') {
    throw new RotaError('OPTION_INVALID', `limits.key of ${what} is a ${typeof key}; it is a function of the input.`)
  }
  if (perKey !== undefined && key === undefined) {
    throw new RotaError('OPTION_INVALID', `limits.perKey of ${what} needs limits.key, which says what it counts by.`)
  }
  if (key !== undefined && perKey === undefined && rate === undefined) {
    throw new RotaError(
      'OPTION_INVALID',
      `limits.key of ${what} limits nothing; it needs limits.perKey or limits.rate.`,
    )
  }
  const limits = {
    concurrency: atOnce(`limits.concurrency of ${what}`, concurrency),
    perKey: atOnce(`limits.perKey of ${what}`, perKey),
    rate: rate === undefined ? null : rateFrom(what, rate),
    key: key === undefined ? null : keyFrom(key),
  }
  return limits.concurrency === null && limits.perKey === null && limits.rate === null ? null : limits
}

/** @throws RotaError OPTION_INVALID */
export const atOnce = (what: string, given: number | undefined): number | null => {
  if (given === undefined) return null
  if (Number.isInteger(given) && given >= 1 && given <= MOST_AT_ONCE) return given
  throw new RotaError(
    'OPTION_INVALID',
    `${what} is ${describeValue(given).slice(0, 40)}; it is a whole number from 1 to 100,000.`,
  )
}

/** @throws RotaError NAME_INVALID, OPTION_INVALID */
export const queuesFrom = (queues: Readonly<Record<string, QueueOptions>>): ReadonlyMap<string, number> => {
  const limited = new Map<string, number>()
  for (const [name, options] of Object.entries(queues)) {
    refuseUnknownOptions(`The queue '${name}'`, options, ['concurrency'])
    const concurrency = atOnce(`concurrency of the queue '${name}'`, options.concurrency)
    if (concurrency !== null) limited.set(checkName('queue', name), concurrency)
  }
  return limited
}

/** @throws RotaError OPTION_INVALID */
export const checkPriority = (what: string, priority: number): number => {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 9) return priority
  throw new RotaError(
    'OPTION_INVALID',
    `The priority of ${what} is ${describeValue(priority).slice(0, 40)}; it is a whole number from 0 to 9, 9 first.`,
    { details: { option: 'priority' } },
  )
}

// '10 per minute', '1 per 90 s'.
const RATE = /^\s*(\d+)\s+per\s+(.+)$/i

const rateFrom = (what: string, written: NonNullable<LimitOptions['rate']>): Rate => {
  const rate = typeof written === 'string' ? readRate(what, written) : written
  const per = parseDuration(rate.per)
  const { count } = rate
  if (Number.isInteger(count) && count >= 1 && per >= count && per <= parseDuration('366 days')) return { count, per }
  throw new RotaError(
    'OPTION_INVALID',
    `limits.rate of ${what} is ${describeValue(written).slice(0, 60)}; it is at least 1, and at most one a millisecond.`,
  )
}

const readRate = (what: string, text: string): { readonly count: number; readonly per: string } => {
  const [, count, per] = RATE.exec(text) ?? []
  if (count !== undefined && per !== undefined) return { count: Number(count), per: /^\d/.test(per) ? per : `1 ${per}` }
  throw new RotaError(
    'OPTION_INVALID',
    `limits.rate of ${what} is '${text.slice(0, 40)}'; write it like '10 per minute' or '1 per 90 s'.`,
  )
}

const keyFrom =
  (key: (input: never) => unknown): NonNullable<TaskLimits['key']> =>
  input => {
    try {
      const made = key(input as never)
      if (made === null || made === undefined) return null
      return typeof made === 'string' && made !== '' ? made.slice(0, LONGEST_KEY) : NO_KEY
    } catch {
      return NO_KEY
    }
  }

// ---- why a run waits

/** Something that keeps a waiting run from being claimed now. */
export type Gate =
  /** Since the restore of a backup. */
  | { readonly kind: 'held' }
  /** `by`: which pause: of everything, of its queue, of its schedule. */
  | {
      readonly kind: 'paused'
      readonly what: 'everything' | 'queue' | 'schedule'
      readonly name: string
      readonly pause: Pause
    }
  /** As many run as may. `running`: some of them, the oldest first. */
  | {
      readonly kind: 'full'
      readonly what: 'everything' | 'queue' | 'task' | 'key'
      readonly name: string
      readonly limit: number
      readonly count: number
      readonly running: readonly RunId[]
    }
  | { readonly kind: 'rate'; readonly name: string; readonly rate: Rate; readonly opensAt: Instant }

/** @example 'waits: 3 of 3 of 'example.org' are running (runs 12, 15, 19)' */
export const waitingFor = (gate: Gate): string => {
  switch (gate.kind) {
    case 'held':
      return 'waits: it is held since the restore of a backup, until it is released'
    case 'paused': {
      const what = gate.what === 'everything' ? 'everything' : `${gate.what} '${gate.name}'`
      return `waits: ${what} is paused ${pauseText(gate.pause, formatInstant)}`
    }
    case 'full': {
      const { limit, count, running } = gate
      const of = {
        everything: '',
        queue: ` of queue '${gate.name}'`,
        task: ` of '${gate.name}'`,
        key: ` of '${gate.name}'`,
      }
      const more = count > running.length ? ' and others' : ''
      return `waits: ${count} of ${limit}${of[gate.what]} are running (${running.length === 1 ? 'run' : 'runs'} ${running.join(', ')}${more})`
    }
    case 'rate': {
      const { count, per } = gate.rate
      return `waits: ${count} per ${formatDuration(per)} for '${gate.name}', next at ${formatInstant(gate.opensAt)}`
    }
    default:
      return gate satisfies never
  }
}

/** A queue as a person sees it. */
export interface Queue {
  readonly name: string
  readonly running: number
  readonly waiting: number
  readonly concurrency: number | null
  readonly paused: Pause | null
}
