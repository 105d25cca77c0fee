/** A stored row: target, condition, input, policies, time zone. Declared in code or created at run time, it is the same row. */

import { duration, parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import { hash32 } from '../base/hash.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { TaskName } from '../base/name.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { isState, isWindow, leavesOf } from '../when/condition.ts'
import { parse } from '../when/parse.ts'
import { print } from '../when/print.ts'

/** What happens while an earlier run of the schedule is unfinished. */
export type Overlap =
  | { readonly kind: 'skip' }
  | { readonly kind: 'queue' }
  | { readonly kind: 'queueAll'; readonly limit: number }
  | { readonly kind: 'cancelPrevious' }
  | { readonly kind: 'allow'; readonly limit: number }

/** What becomes of moments that passed undecided. */
export type CatchUp =
  | { readonly kind: 'latest' }
  | { readonly kind: 'none' }
  | { readonly kind: 'all'; readonly limit: number; readonly window: Duration }

/** The policies of a schedule as they are stored. `null` grace: as long as the period, at most an hour. */
export interface Policies {
  readonly grace: Duration | null
  readonly catchUp: CatchUp
  readonly overlap: Overlap
  readonly jitter: Duration
  readonly startAt: Instant | null
  readonly endAt: Instant | null
  readonly maxRuns: number | null
  readonly startWithin: Duration | null
  /** A condition of windows and states, as canonical text. */
  readonly stopWhen: string | null
}

/** The policies of a schedule as a person writes them. */
export interface PolicyOptions {
  /** How late an opportunity may still be decided. Default: the period, at most 1 h. */
  readonly grace?: DurationInput
  /** `latest` (default): the newest missed moment runs. `none`: only within grace. `all`: each, oldest first. */
  readonly catchUp?: 'latest' | 'none' | 'all'
  /** With `catchUp: 'all'`: at most so many. Default 100. */
  readonly catchUpLimit?: number
  /** With `catchUp: 'all'`: none older than this. Default 24 h. */
  readonly catchUpWindow?: DurationInput
  /** What happens while an earlier run is unfinished. Default `skip`; `queue` where the condition holds an event. */
  readonly overlap?: 'skip' | 'queue' | 'cancelPrevious' | { readonly queueAll: number } | { readonly allow: number }
  /** A stable offset of this schedule between nothing and this, below half the period. Default 0. */
  readonly jitter?: DurationInput
  /** Nothing before this instant (ISO, with offset). */
  readonly startAt?: string
  /** Nothing after this instant (ISO, with offset). */
  readonly endAt?: string
  /** Ends after so many runs. */
  readonly maxRuns?: number
  /** A run that has waited longer than this for its start is skipped instead. Default: it waits. */
  readonly startWithin?: DurationInput
  /** Windows and states, such as `after 17:00`: once they hold, what runs is cancelled, and nothing starts while they do. */
  readonly stopWhen?: string
}

export interface Pause {
  readonly at: Instant
  readonly by: string
  readonly why: string | null
  /** When it ends by itself; null: when somebody resumes what is paused. */
  readonly until: Instant | null
}

const LONGEST_PAUSE = '366 days'

/**
 * A pause that begins at `at`; of no length it lasts until somebody resumes.
 *
 * @throws RotaError OPTION_INVALID, DURATION_UNREADABLE
 */
export const pauseFrom = (at: Instant, by: string, why?: string, length?: DurationInput): Pause => {
  if (length === undefined) return { at, by, why: why ?? null, until: null }
  const lasts = parseDuration(length)
  if (lasts < 1 || lasts > parseDuration(LONGEST_PAUSE))
    throw new RotaError('OPTION_INVALID', `A pause of ${length}: it is at least 1 ms and at most ${LONGEST_PAUSE}.`)
  return { at, by, why: why ?? null, until: instant(at + lasts) }
}

/** Whether it has ended by itself. */
export const isPauseOver = ({ until }: Pause, at: Instant): boolean => until !== null && until <= at

/** Of two pauses of one thing the one that stands: the later end, and the first where both end alike. */
export const longerPause = (first: Pause, second: Pause): Pause =>
  (second.until ?? Infinity) > (first.until ?? Infinity) ? second : first

/** `by ada since 09:00 until 10:00: the site moves`, with instants as `say` gives them. */
export const pauseText = <T>(
  { by, at, why, until }: { by: string; at: T; why: string | null; until: T | null },
  say: (at: T) => string,
): string => `by ${by} since ${say(at)}${until === null ? '' : ` until ${say(until)}`}${why === null ? '' : `: ${why}`}`

export interface Schedule {
  readonly id: number
  readonly name: string
  readonly task: TaskName
  readonly input: Json
  /** Canonical text. */
  readonly condition: string
  /** IANA name. */
  readonly timezone: string
  /** Where intervals count from. */
  readonly anchor: Instant
  readonly policies: Policies
  readonly tags: readonly string[]
  readonly origin: 'code' | 'run time'
  /** Of a schedule from code: a hash of its declaration when it was last applied. */
  readonly declaredHash: string | null
  /** Of a schedule from code: whether the code still declares it. */
  readonly declared: boolean
  readonly createdAt: Instant
  /** Creation or last edit: what ended before is no event for it. */
  readonly since: Instant
  /** Raised by each edit. */
  readonly revision: number
  /** Raised by every write of the row: who read an older one reads again. */
  readonly version: number
  /** Every moment up to here is decided. */
  readonly mark: Instant
  /** The highest that `mark` ever was: after a clock was set back, what lies below may be decided already. */
  readonly highestMark: Instant
  /** When the scheduler must look at it next; null when nothing is to come. */
  readonly nextAt: Instant | null
  readonly paused: Pause | null
  readonly status: ScheduleStatus
  /** Why it is unloadable, in words. */
  readonly problem: string | null
  /** Runs created from opportunities so far. */
  readonly runsCreated: number
  /** The nominal time of the newest of them; null for none yet. */
  readonly lastNominalAt: Instant | null
  /** Whether its condition, or `stopWhen`, asks about more than time. */
  readonly usesFacts: boolean
}

/** Paused, and nobody knows until when. */
export const isPausedOpenly = ({ paused }: Pick<Schedule, 'paused'>): boolean =>
  paused !== null && paused.until === null

export type ScheduleStatus = 'active' | 'ended' | 'unloadable'

export const defaultPolicies: Policies = {
  grace: null,
  catchUp: { kind: 'latest' },
  overlap: { kind: 'skip' },
  jitter: duration(0),
  startAt: null,
  endAt: null,
  maxRuns: null,
  startWithin: null,
  stopWhen: null,
}

const CATCH_UP_LIMIT = 100
const CATCH_UP_WINDOW = '24h'
const LONGEST_GRACE = duration(3_600_000)

const optionNames: readonly (keyof PolicyOptions)[] = [
  'grace',
  'catchUp',
  'catchUpLimit',
  'catchUpWindow',
  'overlap',
  'jitter',
  'startAt',
  'endAt',
  'maxRuns',
  'startWithin',
  'stopWhen',
]

/** Whether this is the name of a policy option. */
export const isPolicyOption = (name: string): boolean => (optionNames as readonly string[]).includes(name)

/**
 * Reads a person's policies. `overlap` is what holds where nothing is said of it.
 *
 * @throws RotaError OPTION_INVALID, DURATION_UNREADABLE, INSTANT_UNREADABLE, CONDITION_…
 */
export const policiesFrom = (options: PolicyOptions = {}, overlap: 'skip' | 'queue' = 'skip'): Policies => {
  refuseUnknownOptions('A schedule', options, optionNames)
  return {
    grace: options.grace === undefined ? null : parseDuration(options.grace),
    catchUp: catchUpFrom(options),
    overlap: overlapFrom(options.overlap ?? overlap),
    jitter: options.jitter === undefined ? duration(0) : parseDuration(options.jitter),
    startAt: options.startAt === undefined ? null : parseInstant(options.startAt),
    endAt: options.endAt === undefined ? null : parseInstant(options.endAt),
    maxRuns: options.maxRuns === undefined ? null : atLeastOne('maxRuns', options.maxRuns),
    startWithin: options.startWithin === undefined ? null : parseDuration(options.startWithin),
    stopWhen: options.stopWhen === undefined ? null : stopWhenFrom(options.stopWhen),
  }
}

/** The grace in force: as given, else the period, at most an hour; a one-off has an hour. */
export const graceOf = (policies: Policies, period: Duration | null): Duration =>
  policies.grace ?? duration(Math.min(period ?? LONGEST_GRACE, LONGEST_GRACE))

/** The stable offset of a schedule's moments: the same for a name on every machine, below half the period. */
export const jitterOf = (name: string, jitter: Duration, period: Duration | null): Duration => {
  const widest = period === null ? jitter : Math.min(jitter, Math.floor((period - 1) / 2))
  return widest <= 0 ? duration(0) : duration(hash32(name) % (widest + 1))
}

const catchUpFrom = (options: PolicyOptions): CatchUp => {
  const wanted = options.catchUp ?? 'latest'
  if (wanted === 'latest' || wanted === 'none') return { kind: wanted }
  if (wanted === 'all') {
    return {
      kind: 'all',
      limit: atLeastOne('catchUpLimit', options.catchUpLimit ?? CATCH_UP_LIMIT),
      window: parseDuration(options.catchUpWindow ?? CATCH_UP_WINDOW),
    }
  }
  throw new RotaError('OPTION_INVALID', `catchUp is '${String(wanted)}'; it is 'latest', 'none' or 'all'.`)
}

const overlapFrom = (wanted: NonNullable<PolicyOptions['overlap']>): Overlap => {
  if (wanted === 'skip' || wanted === 'queue' || wanted === 'cancelPrevious') return { kind: wanted }
  if (typeof wanted === 'object' && wanted !== null) {
    if ('queueAll' in wanted) return { kind: 'queueAll', limit: atLeastOne('overlap.queueAll', wanted.queueAll) }
    if ('allow' in wanted) return { kind: 'allow', limit: atLeastOne('overlap.allow', wanted.allow) }
  }
  throw new RotaError(
    'OPTION_INVALID',
    `overlap is ${JSON.stringify(wanted)}; it is 'skip', 'queue', 'cancelPrevious', {"queueAll": n} or {"allow": n}.`,
  )
}

const stopWhenFrom = (text: string): string => {
  const condition = parse(text)
  const other = leavesOf(condition).find(leaf => !isWindow(leaf) && !isState(leaf))
  if (other === undefined) return print(condition)
  throw new RotaError(
    'OPTION_INVALID',
    `stopWhen holds \`${print(other)}\`, which happens at an instant; it takes windows and states only, such as \`after 17:00\`.`,
  )
}

const atLeastOne = (name: string, value: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= 1_000_000_000) return value
  throw new RotaError('OPTION_INVALID', `${name} is ${String(value)}; it is a whole number from 1.`)
}
