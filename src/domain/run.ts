/** What became of one opportunity, or of one request by hand: the record of a run, also of one that never started. */

import { describeValue, isError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { RunId, TaskName } from '../base/name.ts'
import type { Place } from './limits.ts'

/** States a run can still leave. */
export const liveStates = ['open', 'queued', 'running', 'retrying'] as const

/** States that are set once and never change. */
export const finalStates = ['succeeded', 'partial', 'failed', 'cancelled', 'skipped'] as const

export const runStates = [...liveStates, ...finalStates] as const

export type RunState = (typeof runStates)[number]
export type FinalState = (typeof finalStates)[number]

/** Why an opportunity was not executed. */
export const skipReasons = [
  'missed',
  'coalesced',
  'overlap',
  'paused',
  'condition',
  'edited',
  'blocked',
  'ended',
  'expired',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** Why an execution failed. */
export const failReasons = ['error', 'timeout', 'lost', 'quarantined', 'stopped', 'input', 'deadline'] as const
export type FailReason = (typeof failReasons)[number]

/** Why a run is in its state: of a skip, of a failure, or what an open row waits for. */
export type Reason = SkipReason | FailReason

/** Who or what wanted the run. */
export type Trigger =
  | { readonly kind: 'schedule' }
  /** A schedule whose events had happened: the run that completed them (null: its own end), and the newest run of each. */
  | { readonly kind: 'event'; readonly run: RunId | null; readonly parents: readonly RunId[] }
  | { readonly kind: 'hand'; readonly by: string }
  | { readonly kind: 'again'; readonly by: string; readonly of: RunId }
  /** A step of a flow: the run that stands for the whole. */
  | { readonly kind: 'flow'; readonly run: RunId }

/** A failure as it is kept: foreign text, bounded, never executed or shown raw. */
export interface RunError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: RunError
}

/** Identity of a worker: a process that executes attempts. */
export type WorkerId = string

export interface Run extends Place {
  readonly id: RunId
  readonly task: TaskName
  readonly scheduleId: number | null
  readonly schedule: string | null
  /** The run that stands for the flow it belongs to: its own number where that is itself; null outside of flows. */
  readonly root: RunId | null
  readonly state: RunState
  readonly reason: Reason | null
  /** The reason in words: "run 1042 was still running". */
  readonly detail: string | null
  readonly trigger: Trigger
  /** When it should have happened; null for a run by hand. Of merged skips the first. */
  readonly nominalAt: Instant | null
  /** Of merged skips the last nominal time; else null. */
  readonly lastNominalAt: Instant | null
  /** How many opportunities this row stands for: more than 1 only for merged skips. */
  readonly count: number
  readonly createdAt: Instant
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Number of the attempt now or last executed; 0 before the first. */
  readonly attempt: number
  /** How many attempts this run may have in all, from its task's retry policy when it was created. */
  readonly attemptsAllowed: number
  /** Worker deaths in a row while this run was executed. */
  readonly deaths: number
  /** Raised by each claim; every later write of the attempt names it. */
  readonly fence: number
  readonly worker: WorkerId | null
  /** When a retrying run is due again. */
  readonly retryAt: Instant | null
  /** Until when it has to be started, if it waits; null where that does not matter. */
  readonly expiresAt: Instant | null
  readonly cancelRequestedAt: Instant | null
  readonly cancelledBy: string | null
  readonly input: Json
  readonly result: Json
  readonly error: RunError | null
  readonly unitsOk: number
  readonly unitsFailed: number
  /** What the process of its last attempt used at its end, in MiB, where that was a thread's or a child's; else null. */
  readonly memoryMb: number | null
}

/** What is particular to a run that did not begin yet; the rest is as it is for all of them. */
export type NewRun = Pick<
  Run,
  'id' | 'task' | 'root' | 'state' | 'trigger' | 'createdAt' | 'attemptsAllowed' | 'input'
> &
  Place

/** A run before anything happened to it; as long as nobody says more, of no schedule. */
export const newRun = (run: NewRun): Run => ({
  id: run.id,
  task: run.task,
  scheduleId: null,
  schedule: null,
  root: run.root,
  state: run.state,
  reason: null,
  detail: null,
  trigger: run.trigger,
  nominalAt: null,
  lastNominalAt: null,
  count: 1,
  createdAt: run.createdAt,
  startedAt: null,
  endedAt: null,
  attempt: 0,
  attemptsAllowed: run.attemptsAllowed,
  deaths: 0,
  fence: 0,
  worker: null,
  retryAt: null,
  expiresAt: null,
  cancelRequestedAt: null,
  cancelledBy: null,
  queue: run.queue,
  priority: run.priority,
  key: run.key,
  input: run.input,
  result: null,
  error: null,
  unitsOk: 0,
  unitsFailed: 0,
  memoryMb: null,
})

/** One execution of a run, kept when it is over. */
export interface Attempt {
  readonly run: RunId
  readonly attempt: number
  readonly worker: WorkerId
  readonly startedAt: Instant
  readonly endedAt: Instant
  readonly outcome: 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'given back'
  readonly reason: FailReason | null
  readonly error: RunError | null
}

/** Whether the run's state never changes again. */
export const isOver = (run: Pick<Run, 'state'>): boolean => (finalStates as readonly RunState[]).includes(run.state)

/** Whether the run stands for a flow: its steps are executed, and it is over when they are. */
export const isRoot = (run: Pick<Run, 'id' | 'root'>): boolean => run.root === run.id

/** Whether the run is a step of a flow. */
export const isStep = <R extends Pick<Run, 'id' | 'root'>>(run: R): run is R & { readonly root: RunId } =>
  run.root !== null && run.root !== run.id

/** How late the run started, in milliseconds after its nominal time; null where there is none. */
export const lateMs = (run: Pick<Run, 'nominalAt' | 'startedAt'>): number | null =>
  run.nominalAt === null || run.startedAt === null ? null : run.startedAt - run.nominalAt

/** From its first start to its end, in milliseconds; null while either is missing. */
export const durationMs = (run: Pick<Run, 'startedAt' | 'endedAt'>): number | null =>
  run.startedAt === null || run.endedAt === null ? null : run.endedAt - run.startedAt

const LONGEST_MESSAGE = 4_000
const LONGEST_STACK = 16_000
const DEEPEST_CAUSE = 4

/** Whatever was thrown, as bounded plain data with its stack and causes. */
export const runErrorOf = (thrown: unknown, depth = 0): RunError => {
  if (!isError(thrown)) return { name: 'Thrown', message: describeValue(thrown).slice(0, LONGEST_MESSAGE) }
  const { name, message, code, stack, cause } = readError(thrown)
  return {
    name: name.slice(0, 100),
    message: message.slice(0, LONGEST_MESSAGE),
    ...(code === undefined ? {} : { code: code.slice(0, 100) }),
    ...(stack === undefined ? {} : { stack: stack.slice(0, LONGEST_STACK) }),
    ...(cause === undefined || depth >= DEEPEST_CAUSE ? {} : { cause: runErrorOf(cause, depth + 1) }),
  }
}

interface ErrorFields {
  readonly name: string
  readonly message: string
  readonly code?: string | undefined
  readonly stack?: string | undefined
  readonly cause?: unknown
}

// A handler's error class may have getters that throw.
const readError = (error: Error & { readonly code?: unknown }): ErrorFields => {
  try {
    return {
      name: String(error.name),
      message: String(error.message),
      code: textOrNothing(error.code),
      stack: textOrNothing(error.stack),
      cause: error.cause,
    }
  } catch {
    return { name: 'Error', message: 'an error whose fields cannot be read' }
  }
}

const textOrNothing = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
