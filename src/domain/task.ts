/** A named piece of work: its handler and its policies, and what the handler is given. */

import { parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import type { Clock } from '../base/clock.ts'
import type { Instant } from '../base/instant.ts'
import type { Log } from '../base/log.ts'
import { checkName } from '../base/name.ts'
import type { RunId, TaskName } from '../base/name.ts'
import type { Schema } from '../base/schema.ts'
import { RotaError } from '../base/errors.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import type { Json } from '../base/json.ts'
import { isIsolated } from './isolation.ts'
import type { Isolated } from './isolation.ts'
import { DEFAULT_PRIORITY, DEFAULT_QUEUE, checkPriority, limitsFrom } from './limits.ts'
import type { LimitOptions, Placing, TaskLimits } from './limits.ts'
import type { Run, Trigger } from './run.ts'
import { retryFrom } from './retry.ts'
import type { Retry, RetryOptions } from './retry.ts'
import type { ItemCounts, NewItem, Unit } from './unit.ts'

export interface TaskOptions<Input = unknown> {
  /** Checks the input before each attempt; any Standard Schema. Default: any JSON. */
  readonly input?: Schema<unknown, Input>
  /** Default: one attempt. */
  readonly retry?: RetryOptions
  /** Of one attempt: after this its signal aborts. Default: none. */
  readonly timeout?: DurationInput
  /** How long after the signal a handler may still take; then it is killed, or abandoned where it is inline. Default 10 s. */
  readonly timeoutGrace?: DurationInput
  /** Of the whole run, from its first start, retries and waits included: then it ends failed(deadline). Default: none. */
  readonly deadline?: DurationInput
  /** Where its runs wait for a slot. Default `default`. */
  readonly queue?: string
  /** 0 to 9, 9 first: each step counts for a minute of waiting. Default 5. */
  readonly priority?: number
  /** What of it may run at once, and how often it may start, over all processes. Default: no limits of its own. */
  readonly limits?: LimitOptions<Input>
  readonly description?: string
}

export type Handler<Input = unknown, Result = unknown> = (context: Context<Input>) => Promise<Result> | Result

/** What a task does: a function in this process, or work done elsewhere (`thread`, `childProcess`, `command`, `httpCall`). */
export type Work<Input = unknown, Result = unknown> = Handler<Input, Result> | Isolated<Input>

export interface Task<Input = unknown, Result = unknown> {
  readonly name: TaskName
  readonly kind: 'task' | 'source'
  readonly handler: Work<Input, Result>
  readonly input: Schema | null
  readonly retry: Retry
  readonly timeout: Duration | null
  readonly timeoutGrace: Duration
  readonly deadline: Duration | null
  readonly queue: string
  readonly priority: number
  readonly limits: TaskLimits | null
  readonly description: string | null
  /** The sources whose units its runs hold: itself for a source, several for a sweep. */
  readonly sources: readonly string[]
}

/**
 * What a handler is given. Its parts are made when they are asked for: take them by name or hand the whole on; a copy by
 * `{ ...context }` has few of them.
 */
export interface Context<Input = unknown> {
  readonly input: Input
  readonly run: RunId
  /** 1 for the first. */
  readonly attempt: number
  /** When this should have happened; null for a run by hand. */
  readonly nominalAt: Instant | null
  readonly trigger: Trigger
  /** Aborts at the timeout, on cancellation and when Rota stops; its reason says which. Hand it to whatever waits. */
  readonly signal: AbortSignal
  /** Lines kept with the run. */
  readonly log: Log
  readonly clock: Clock
  /** What a run may keep besides its result. Every write is refused once another attempt has taken over. */
  readonly records: Records
  /** Says how far it is, as often as you like: the last word is kept with the run, and written twice a second at most. */
  readonly progress: (done: number, total?: number | null, note?: string | null) => void
  /** What the task remembers from run to run. */
  readonly state: TaskState
  /**
   * Calls this when the handler is over, however it ended; the last one first. What a cleanup throws is logged and changes
   * nothing. Together they have `timeoutGrace`.
   */
  readonly defer: (cleanup: () => unknown) => void
  /** The last run of the same schedule (by hand: of the same task) that was executed and is over, or null. */
  readonly previous: () => Promise<PreviousRun | null>
  /**
   * The runs that this one came after: those that triggered it, and in a flow those executed right before it. None of a run
   * that came after nothing.
   */
  readonly parents: () => Promise<readonly ParentRun[]>
  /**
   * The secret of this name: the variable `ROTA_SECRET_<NAME>`, or a line of the app's secrets file. Masked in log lines,
   * errors and results.
   *
   * @throws RotaError SECRET_UNKNOWN
   */
  readonly secret: (name: string) => Promise<string>
  /**
   * Lets the schedule of this run rest: nothing of it starts for so long, also no retry of this run. Recorded as a pause by this
   * run that ends by itself; what passes meanwhile is skipped(paused). Resolves once it is kept. A run by hand has no schedule:
   * then nothing rests.
   *
   * @throws RotaError OPTION_INVALID, DURATION_UNREADABLE, RUN_ALREADY_OVER
   * @example await hold('6 h', 'the quota of today is used up')
   */
  readonly hold: (length: DurationInput, why?: string) => Promise<void>
}

/** The run before, as the next one sees it. */
export type PreviousRun = Pick<Run, 'id' | 'state' | 'endedAt' | 'result'>

/** A run that another one came after, as that one sees it. */
export type ParentRun = Pick<Run, 'id' | 'task' | 'state' | 'result'>

/** Small JSON values that a task keeps between its runs: a cursor, a token, the last number seen. */
export interface TaskState {
  /** Null when there is none. */
  get(key: string): Promise<Json>

  /**
   * Kept when it resolves; refused once another attempt has taken over. At most 64 KiB a value and 100 keys a task.
   *
   * @throws RotaError STATE_FULL, OPTION_INVALID
   */
  set(key: string, value: Json): Promise<void>

  delete(key: string): Promise<void>
}

/** What a running attempt may keep besides its result. */
export interface Records {
  /** Units that earlier attempts of this run finished: they are not asked again. */
  finishedUnits(): Promise<readonly Unit[]>

  /** Adds, updates or recognises items of a source, at most 500 a call, in one transaction. */
  keepItems(source: string, items: readonly NewItem[]): Promise<ItemCounts>

  /** Records that a unit is over. */
  finishUnit(unit: Unit): Promise<void>

  /** Until when this host asked to be left alone, by any run; null when it is free. */
  hostHeldUntil(host: string): Promise<Instant | null>

  /** Leaves a host alone until then, for every run, also after a restart. */
  holdHost(host: string, until: Instant, reason: string): Promise<void>
}

/** The run as the crash rule and the judge need its task: how many attempts it may have. */
export type TaskPolicy = Pick<Task, 'name' | 'retry'>

/** Where runs of a task wait. */
export const placingOf = ({ queue, priority, limits }: Pick<Task, 'queue' | 'priority' | 'limits'>): Placing => ({
  queue,
  priority,
  keyOf: limits?.key ?? noKey,
})

const noKey = (): null => null

/** A run that an attempt executes: it is claimed. */
export type ClaimedRun = Run & { readonly startedAt: Instant; readonly worker: string }

const optionNames: readonly (keyof TaskOptions)[] = [
  'input',
  'retry',
  'timeout',
  'timeoutGrace',
  'deadline',
  'queue',
  'priority',
  'limits',
  'description',
]

const LONGEST_TIMEOUT = '30 days'
const LONGEST_DEADLINE = '366 days'
const DEFAULT_GRACE = '10 s'

/**
 * Checks the options and fills in the defaults.
 *
 * @throws RotaError NAME_INVALID, OPTION_INVALID, DURATION_UNREADABLE
 */
export const defineTask = <Input, Result>(
  name: string,
  handler: Work<Input, Result>,
  options: TaskOptions<Input> = {},
  as: { readonly kind: 'task' | 'source'; readonly sources: readonly string[]; readonly retry?: Retry } = {
    kind: 'task',
    sources: [],
  },
): Task<Input, Result> => {
  const checked = checkName('task', name) as TaskName
  if (typeof handler !== 'function' && !isIsolated(handler)) {
    throw new RotaError('OPTION_INVALID', `The task '${name}' has a ${typeof handler} where its handler should be.`)
  }
  refuseUnknownOptions(`The task '${name}'`, options, optionNames)
  return {
    name: checked,
    kind: as.kind,
    handler,
    input: options.input ?? null,
    retry: retryFrom(options.retry, as.retry),
    timeout: checkLimit(name, 'timeout', options.timeout, LONGEST_TIMEOUT),
    timeoutGrace: parseDuration(options.timeoutGrace ?? DEFAULT_GRACE),
    deadline: checkLimit(name, 'deadline', options.deadline, LONGEST_DEADLINE),
    queue: options.queue === undefined ? DEFAULT_QUEUE : checkName('queue', options.queue),
    priority: checkPriority(`the task '${name}'`, options.priority ?? DEFAULT_PRIORITY),
    limits: limitsFrom(`'${name}'`, options.limits),
    description: options.description ?? null,
    sources: as.sources,
  }
}

const checkLimit = (
  name: string,
  option: string,
  input: DurationInput | undefined,
  longest: string,
): Duration | null => {
  if (input === undefined) return null
  const limit = parseDuration(input)
  if (limit >= 1 && limit <= parseDuration(longest)) return limit
  throw new RotaError(
    'OPTION_INVALID',
    `${option} of '${name}' is ${input}; it is at least 1 ms and at most ${longest}.`,
  )
}
