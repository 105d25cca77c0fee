/** What goes over the wire: the shape of each thing, and how it is made from Rota's own. Times are UTC ISO text. */

import { z } from '@hono/zod-openapi'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { edgeRules } from '../domain/flow.ts'
import { healthStates } from '../domain/health.ts'
import type { HealthChange } from '../domain/health.ts'
import { workerStates } from '../domain/lease.ts'
import { noticeKinds } from '../domain/notice.ts'
import type { Progress } from '../domain/progress.ts'
import { durationMs, failReasons, lateMs, runStates, skipReasons } from '../domain/run.ts'
import type { Attempt, Run, RunError } from '../domain/run.ts'
import type { Queue } from '../domain/limits.ts'
import { isPausedOpenly } from '../domain/schedule.ts'
import type { Pause, Schedule } from '../domain/schedule.ts'
import type { Task } from '../domain/task.ts'
import { verdicts } from '../domain/unit.ts'
import type { Item, Unit } from '../domain/unit.ts'
import { waitsFor } from '../domain/waits-for.ts'
import type {
  App,
  AppEvent,
  FlowView,
  RunDetails,
  RunExplanation,
  ScheduleExplanation,
  SourceStatus,
  Status,
  WorkerStatus,
} from '../app.ts'
import type { ExplainedClause } from '../when/explain.ts'

type StoredNotice = Awaited<ReturnType<App['notices']['list']>>[number]

const time = z.iso.datetime().openapi({ example: '2026-11-22T09:00:00Z' })
const maybeTime = time.nullable()
const anyJson = z.unknown().openapi({ description: 'Any JSON.' })
const count = z.int().min(0)

const utc = (at: Instant | null): string | null => (at === null ? null : formatInstant(at))

// ---------------------------------------------------------------------------------------------------------------------
// Runs

interface ErrorOut {
  name: string
  message: string
  code?: string | undefined
  stack?: string | undefined
  cause?: ErrorOut | undefined
}

const errorBrief = z
  .object({ name: z.string(), message: z.string(), code: z.string().optional() })
  .openapi('ErrorBrief')

const errorShape: z.ZodType<ErrorOut> = z
  .object({
    name: z.string(),
    message: z.string(),
    code: z.string().optional(),
    stack: z.string().optional(),
    cause: z.lazy(() => errorShape).optional(),
  })
  .openapi('Error')

const triggerShape = z
  .union([
    z.object({ kind: z.literal('schedule') }),
    z.object({ kind: z.literal('event'), run: z.int().nullable(), parents: z.array(z.int()).readonly() }),
    z.object({ kind: z.literal('hand'), by: z.string() }),
    z.object({ kind: z.literal('again'), by: z.string(), of: z.int() }),
    z.object({ kind: z.literal('flow'), run: z.int() }),
  ])
  .openapi('Trigger')

export const runShape = z
  .object({
    id: z.int(),
    task: z.string(),
    schedule: z.string().nullable(),
    root: z
      .int()
      .nullable()
      .openapi({ description: 'The run that stands for its flow; its own number where that is itself.' }),
    state: z.enum(runStates),
    reason: z.enum([...skipReasons, ...failReasons]).nullable(),
    trigger: triggerShape,
    nominalAt: maybeTime.openapi({ description: 'When it should have happened; null for a run by hand.' }),
    createdAt: time,
    startedAt: maybeTime,
    endedAt: maybeTime,
    attempt: count,
    lateMs: z.number().nullable(),
    durationMs: z.number().nullable(),
    memoryMb: count
      .nullable()
      .openapi({ description: 'Of a thread or child process: what its process used at the end, in MiB.' }),
    units: z.object({ ok: count, failed: count }),
    error: errorBrief.nullable(),
  })
  .openapi('Run')

export const runOut = (run: Run): z.input<typeof runShape> => ({
  id: run.id,
  task: run.task,
  schedule: run.schedule,
  root: run.root,
  state: run.state,
  reason: run.reason,
  trigger: run.trigger,
  nominalAt: utc(run.nominalAt),
  createdAt: formatInstant(run.createdAt),
  startedAt: utc(run.startedAt),
  endedAt: utc(run.endedAt),
  attempt: run.attempt,
  lateMs: lateMs(run),
  durationMs: durationMs(run),
  memoryMb: run.memoryMb,
  units: { ok: run.unitsOk, failed: run.unitsFailed },
  error:
    run.error === null
      ? null
      : {
          name: run.error.name,
          message: run.error.message,
          ...(run.error.code === undefined ? {} : { code: run.error.code }),
        },
})

export const flowShape = z
  .object({
    root: runShape,
    nodes: z.array(
      runShape.extend({
        from: count.openapi({ description: 'The point at which it begins: after every run that leads to it.' }),
        to: count.openapi({ description: 'The point to which it leads.' }),
        on: z.enum(edgeRules).openapi({ description: 'What must have become of the runs before it.' }),
      }),
    ),
    edges: z
      .array(z.object({ from: z.int(), to: z.int(), rule: z.enum(edgeRules) }))
      .readonly()
      .nullable()
      .openapi({
        description:
          'The edges that lead to these nodes. null where they are more than 10,000: the points say the same.',
      }),
    counts: z
      .array(
        z.object({ task: z.string(), state: z.enum(runStates), from: count, to: count, on: z.enum(edgeRules), count }),
      )
      .openapi({ description: 'All nodes, counted by task, place and state.' }),
  })
  .openapi('Flow')

export const flowOut = ({ root, steps, edges, counts }: FlowView): z.input<typeof flowShape> => ({
  root: runOut(root),
  nodes: steps.map(({ run, from, to, rule }) => ({ ...runOut(run), from, to, on: rule })),
  edges,
  counts: counts.map(({ rule, ...counted }) => ({ ...counted, on: rule })),
})

const unitShape = z
  .object({
    source: z.string(),
    query: z.string(),
    state: z.enum(['succeeded', 'partial', 'failed']),
    verdict: z.enum(verdicts),
    detail: z.string().nullable(),
    attempt: count,
    startedAt: time,
    endedAt: time,
    requests: count,
    items: z.object({ seen: count, new: count, changed: count, unchanged: count, invalid: count }),
  })
  .openapi('Unit')

const unitOut = (unit: Unit): z.input<typeof unitShape> => ({
  ...unit,
  startedAt: formatInstant(unit.startedAt),
  endedAt: formatInstant(unit.endedAt),
})

const attemptShape = z
  .object({
    attempt: count,
    worker: z.string(),
    startedAt: time,
    endedAt: time,
    outcome: z.enum(['succeeded', 'partial', 'failed', 'cancelled', 'given back']),
    reason: z.enum(failReasons).nullable(),
    error: errorShape.nullable(),
  })
  .openapi('Attempt')

const attemptOut = (attempt: Attempt): z.input<typeof attemptShape> => ({
  attempt: attempt.attempt,
  worker: attempt.worker,
  outcome: attempt.outcome,
  reason: attempt.reason,
  startedAt: formatInstant(attempt.startedAt),
  endedAt: formatInstant(attempt.endedAt),
  error: attempt.error === null ? null : errorOut(attempt.error),
})

const errorOut = ({ cause, ...error }: RunError): ErrorOut => ({
  ...error,
  ...(cause === undefined ? {} : { cause: errorOut(cause) }),
})

export const progressShape = z
  .object({ done: z.number(), total: z.number().nullable(), note: z.string().nullable(), at: time })
  .openapi('Progress')

export const progressOut = ({ done, total, note, at }: Progress): z.input<typeof progressShape> => ({
  done,
  total,
  note,
  at: formatInstant(at),
})

export const runDetailsShape = runShape
  .extend({
    error: errorShape.nullable(),
    detail: z.string().nullable().openapi({ description: 'The reason in words.' }),
    count: count.openapi({ description: 'How many opportunities this row stands for: more than 1 for merged skips.' }),
    lastNominalAt: maybeTime,
    attemptsAllowed: count,
    queue: z.string(),
    priority: z.int(),
    key: z.string().nullable().openapi({ description: 'What the limits of its task count by.' }),
    waiting: z.string().nullable().openapi({ description: 'Why it is not being executed yet, in words.' }),
    retryAt: maybeTime,
    cancelRequestedAt: maybeTime,
    cancelledBy: z.string().nullable(),
    worker: z.string().nullable(),
    input: anyJson,
    result: anyJson,
    attempts: z.array(attemptShape),
    units: z.object({ ok: count, failed: count, list: z.array(unitShape) }),
    progress: progressShape.nullable().openapi({ description: 'How far it said it is, if it ever did.' }),
  })
  .openapi('RunDetails')

export const runDetailsOut = ({
  run,
  attempts,
  units,
  progress,
  waiting,
}: RunDetails): z.input<typeof runDetailsShape> => ({
  ...runOut(run),
  error: run.error === null ? null : errorOut(run.error),
  detail: run.detail,
  count: run.count,
  lastNominalAt: utc(run.lastNominalAt),
  attemptsAllowed: run.attemptsAllowed,
  queue: run.queue,
  priority: run.priority,
  key: run.key,
  waiting,
  retryAt: utc(run.retryAt),
  cancelRequestedAt: utc(run.cancelRequestedAt),
  cancelledBy: run.cancelledBy,
  worker: run.worker,
  input: run.input,
  result: run.result,
  attempts: attempts.map(attemptOut),
  units: { ok: run.unitsOk, failed: run.unitsFailed, list: units.map(unitOut) },
  progress: progress === null ? null : progressOut(progress),
})

const level = z.enum(['debug', 'info', 'warn', 'error'])

export const lineShape = z
  .object({ seq: z.int(), at: time, level, message: z.string(), fields: anyJson })
  .openapi('LogLine')

type StoredLine = Awaited<ReturnType<App['runs']['logs']>>[number]
type ToldLine = (AppEvent & { readonly kind: 'log' })['lines'][number]

export const lineOut = (line: StoredLine): z.input<typeof lineShape> => ({ seq: line.seq, ...toldLineOut(line) })

/** A line as it is told before it is stored: it has no number yet. */
export const toldLineOut = ({ at, level, message, fields }: ToldLine): Omit<z.input<typeof lineShape>, 'seq'> => ({
  at: formatInstant(at),
  level,
  message,
  fields,
})

// ---------------------------------------------------------------------------------------------------------------------
// Schedules

export const scheduleShape = z
  .object({
    name: z.string(),
    task: z.string(),
    condition: z.string(),
    timezone: z.string(),
    paused: z.boolean(),
    state: z.enum(['active', 'paused', 'ended', 'unloadable']),
    lastRun: runShape.nullable(),
    nextAt: maybeTime.openapi({
      description:
        'The next instant at which it is due; null while it is paused until it is resumed, and when nothing is to come.',
    }),
    waitsFor: z
      .array(z.string())
      .readonly()
      .openapi({
        description: 'What it waits for besides: the parts of its condition that events open.',
        example: ["after 'news' succeeds"],
      }),
    tags: z.array(z.string()).readonly(),
    origin: z.enum(['code', 'run time']),
  })
  .openapi('Schedule')

/** `upcoming`: its next instants, soonest first; `last`: its newest run. */
export const scheduleOut = (
  schedule: Schedule,
  upcoming: readonly Instant[],
  last: Run | undefined,
): z.input<typeof scheduleShape> => ({
  name: schedule.name,
  task: schedule.task,
  condition: schedule.condition,
  timezone: schedule.timezone,
  paused: schedule.paused !== null,
  state: schedule.paused === null ? schedule.status : 'paused',
  lastRun: last === undefined ? null : runOut(last),
  nextAt: isPausedOpenly(schedule) ? null : utc(upcoming[0] ?? null),
  waitsFor: waitsFor(schedule),
  tags: schedule.tags,
  origin: schedule.origin,
})

const policiesShape = z
  .object({
    graceMs: z.number().nullable().openapi({ description: 'null: as long as the period, at most an hour.' }),
    catchUp: z.object({
      kind: z.enum(['latest', 'none', 'all']),
      limit: count.optional(),
      windowMs: z.number().optional(),
    }),
    overlap: z.object({
      kind: z.enum(['skip', 'queue', 'queueAll', 'cancelPrevious', 'allow']),
      limit: count.optional(),
    }),
    jitterMs: z.number(),
    startAt: maybeTime,
    endAt: maybeTime,
    maxRuns: count.nullable(),
    startWithinMs: z
      .number()
      .nullable()
      .openapi({ description: 'null: a run waits for its start as long as it takes.' }),
    stopWhen: z.string().nullable().openapi({ description: 'What ends a run, and lets none start, while it holds.' }),
  })
  .openapi('Policies')

const policiesOut = ({
  grace,
  catchUp,
  overlap,
  jitter,
  startAt,
  endAt,
  maxRuns,
  startWithin,
  stopWhen,
}: Schedule['policies']): z.input<typeof policiesShape> => ({
  graceMs: grace,
  catchUp: catchUp.kind === 'all' ? { kind: 'all', limit: catchUp.limit, windowMs: catchUp.window } : catchUp,
  overlap,
  jitterMs: jitter,
  startAt: utc(startAt),
  endAt: utc(endAt),
  maxRuns,
  startWithinMs: startWithin,
  stopWhen,
})

export const length = z.union([z.string(), z.number()], { error: 'it is a duration such as "30s", or milliseconds' })

/** What the request of a pause may say. */
export const pauseFields = {
  why: z.string().max(500).optional().openapi({ description: 'For those who will wonder.' }),
  for: length
    .optional()
    .openapi({ description: 'It ends by itself after this. Default: when it is resumed.', example: '2h' }),
}

export const pauseShape = z
  .object({
    at: time,
    by: z.string(),
    why: z.string().nullable(),
    until: time.nullable().openapi({ description: 'When it ends by itself; null: when it is resumed.' }),
  })
  .openapi('Pause')

export const pauseOut = ({ at, by, why, until }: Pause): z.input<typeof pauseShape> => ({
  at: formatInstant(at),
  by,
  why,
  until: utc(until),
})

export const scheduleDetailsShape = scheduleShape
  .extend({
    input: anyJson,
    policies: policiesShape,
    pause: pauseShape.nullable(),
    problem: z.string().nullable().openapi({ description: 'Why it cannot be loaded, in words.' }),
    upcoming: z.array(time).openapi({ description: 'The next ten instants at which it is due.' }),
    anchor: time,
    createdAt: time,
    revision: count,
    runsCreated: count,
    declared: z.boolean(),
  })
  .openapi('ScheduleDetails')

export const scheduleDetailsOut = (
  schedule: Schedule,
  upcoming: readonly Instant[],
  last: Run | undefined,
): z.input<typeof scheduleDetailsShape> => ({
  ...scheduleOut(schedule, upcoming, last),
  input: schedule.input,
  policies: policiesOut(schedule.policies),
  pause: schedule.paused === null ? null : pauseOut(schedule.paused),
  problem: schedule.problem,
  upcoming: upcoming.map(formatInstant),
  anchor: formatInstant(schedule.anchor),
  createdAt: formatInstant(schedule.createdAt),
  revision: schedule.revision,
  runsCreated: schedule.runsCreated,
  declared: schedule.declared,
})

// ---------------------------------------------------------------------------------------------------------------------
// Explanations

const holds = z.boolean().nullable().openapi({ description: 'null: it is not known any more.' })

const clauseShape = z
  .object({
    text: z.string(),
    holds,
    parts: z.array(
      z.object({
        text: z.string(),
        holds,
        reason: z.string(),
        changesAt: maybeTime.openapi({ description: 'When time alone may change it.' }),
      }),
    ),
  })
  .openapi('ExplainedClause')

const clauseOut = ({ text, holds, parts }: ExplainedClause): z.input<typeof clauseShape> => ({
  text,
  holds,
  parts: parts.map(part => ({
    text: part.text,
    holds: part.holds,
    reason: part.reason,
    changesAt: utc(part.changesAt),
  })),
})

export const scheduleExplanationShape = z
  .object({
    schedule: z.string(),
    at: time,
    timezone: z.string().openapi({ description: 'Whose wall the times in words are read from.' }),
    sentences: z.array(z.string()).readonly().openapi({ description: 'The first says the most.' }),
    decision: runShape.nullable().openapi({ description: 'What became of the newest opportunity up to then.' }),
    clauses: z.array(clauseShape).openapi({ description: 'One that holds is enough.' }),
    stopWhen: z.array(clauseShape).openapi({ description: 'Nothing starts while one holds.' }),
    wakes: z
      .object({ at: maybeTime, on: z.array(z.string()).readonly() })
      .openapi({ description: 'What may change something, from now on: time, and news of these names.' }),
  })
  .openapi('ScheduleExplanation')

export const scheduleExplanationOut = (explanation: ScheduleExplanation): z.input<typeof scheduleExplanationShape> => ({
  schedule: explanation.schedule,
  at: formatInstant(explanation.at),
  timezone: explanation.timezone,
  sentences: explanation.sentences,
  decision: explanation.decision === null ? null : runOut(explanation.decision),
  clauses: explanation.clauses.map(clauseOut),
  stopWhen: explanation.stopWhen.map(clauseOut),
  wakes: { at: utc(explanation.wakes.at), on: explanation.wakes.on },
})

export const runExplanationShape = z
  .object({
    run: runShape,
    sentences: z.array(z.string()).readonly().openapi({ description: 'What wanted it, and what became of it.' }),
    schedule: scheduleExplanationShape
      .nullable()
      .openapi({ description: 'Of its schedule, at its nominal time; null for a run without one.' }),
  })
  .openapi('RunExplanation')

export const runExplanationOut = ({
  run,
  sentences,
  schedule,
}: RunExplanation): z.input<typeof runExplanationShape> => ({
  run: runOut(run),
  sentences,
  schedule: schedule === null ? null : scheduleExplanationOut(schedule),
})

// ---------------------------------------------------------------------------------------------------------------------
// Queues

export const queueShape = z
  .object({
    name: z.string(),
    running: count,
    waiting: count.openapi({ description: 'Queued, or waiting for the next attempt.' }),
    concurrency: z.int().nullable().openapi({ description: 'Of its runs so many at once; null: no limit of its own.' }),
    paused: pauseShape.nullable(),
  })
  .openapi('Queue')

export const queueOut = ({ paused, ...queue }: Queue): z.input<typeof queueShape> => ({
  ...queue,
  paused: paused === null ? null : pauseOut(paused),
})

// ---------------------------------------------------------------------------------------------------------------------
// Sources, items, tasks

export const sourceShape = z
  .object({
    name: z.string(),
    health: z.enum(healthStates),
    since: time,
    reasons: z.array(z.string()).readonly(),
    items: count,
    lastGoodAt: maybeTime,
  })
  .openapi('Source')

export const sourceOut = ({ name, health, items }: SourceStatus): z.input<typeof sourceShape> => ({
  name,
  health: health.state,
  since: formatInstant(health.since),
  reasons: health.reasons,
  items,
  lastGoodAt: utc(health.lastGoodAt),
})

export const changeShape = z
  .object({
    subject: z.object({ kind: z.enum(['task', 'source']), name: z.string() }),
    from: z.enum(healthStates),
    to: z.enum(healthStates),
    at: time,
    run: z.int(),
    reasons: z.array(z.string()).readonly(),
  })
  .openapi('HealthChange')

export const changeOut = ({ subject, from, to, at, run, reasons }: HealthChange): z.input<typeof changeShape> => ({
  subject: { kind: subject.kind, name: subject.name },
  from,
  to,
  at: formatInstant(at),
  run,
  reasons,
})

export const sourceDetailsShape = sourceShape.extend({ changes: z.array(changeShape) }).openapi('SourceDetails')

export const sourceDetailsOut = (
  source: SourceStatus,
  changes: readonly HealthChange[],
): z.input<typeof sourceDetailsShape> => ({
  ...sourceOut(source),
  changes: changes.map(changeOut),
})

export const itemShape = z
  .object({ key: z.string(), data: anyJson, version: z.int(), firstSeenAt: time, lastSeenAt: time, changedAt: time })
  .openapi('Item')

export const itemOut = (item: Item): z.input<typeof itemShape> => ({
  key: item.key,
  data: item.data,
  version: item.version,
  firstSeenAt: formatInstant(item.firstSeenAt),
  lastSeenAt: formatInstant(item.lastSeenAt),
  changedAt: formatInstant(item.changedAt),
})

export const taskShape = z
  .object({
    name: z.string(),
    kind: z.enum(['task', 'source']),
    description: z.string().nullable(),
    attempts: z.int(),
    timeoutMs: z.number().nullable(),
    queue: z.string(),
    priority: z.int(),
    sources: z.array(z.string()).readonly(),
  })
  .openapi('Task')

export const taskOut = (task: Task<never, unknown>): z.input<typeof taskShape> => ({
  name: task.name,
  kind: task.kind,
  description: task.description,
  attempts: task.retry.attempts,
  timeoutMs: task.timeout,
  queue: task.queue,
  priority: task.priority,
  sources: task.sources,
})

// ---------------------------------------------------------------------------------------------------------------------
// Notices

export const noticeShape = z
  .object({
    id: z.string(),
    kind: z.enum([...noticeKinds, 'test']),
    subject: z.object({ kind: z.enum(['schedule', 'task', 'source']), name: z.string() }),
    run: z.int().nullable(),
    at: time,
    text: z.string(),
    destination: z.string(),
    state: z.enum(['waiting', 'delivered', 'given up']),
    tries: count,
    problem: z.string().nullable().openapi({ description: 'Why it was not delivered the last time.' }),
    endedAt: maybeTime,
  })
  .openapi('Notice')

export const noticeOut = (notice: StoredNotice): z.input<typeof noticeShape> => ({
  id: notice.id,
  kind: notice.kind,
  subject: { kind: notice.subject.kind, name: notice.subject.name },
  run: notice.run,
  at: formatInstant(notice.at),
  text: notice.text,
  destination: notice.destination,
  state: notice.state,
  tries: notice.tries,
  problem: notice.problem,
  endedAt: utc(notice.endedAt),
})

// ---------------------------------------------------------------------------------------------------------------------
// Workers, and the whole

export const workerShape = z
  .object({
    worker: z.string(),
    host: z.string(),
    version: z.string(),
    startedAt: time,
    state: z.enum(workerStates).openapi({
      description:
        'silent: it lives, but is stopped or blocked, and its runs are taken over after the lease. dead: its process ended, and nobody has taken them over yet.',
    }),
    silentSince: maybeTime,
    runs: count.openapi({ description: 'How many it executes.' }),
    drained: z
      .object({ at: time, by: z.string() })
      .nullable()
      .openapi({ description: 'Since when, and by whom, it takes nothing new; null for one that does.' }),
  })
  .openapi('Worker')

export const workerOut = (worker: WorkerStatus): z.input<typeof workerShape> => ({
  ...worker,
  startedAt: formatInstant(worker.startedAt),
  silentSince: utc(worker.silentSince),
  drained: worker.drained === null ? null : { ...worker.drained, at: formatInstant(worker.drained.at) },
})

export const statusShape = z
  .object({
    version: z.string(),
    now: time,
    startedAt: maybeTime,
    problems: z.array(z.string()).readonly(),
    paused: pauseShape.nullable().openapi({ description: 'Who paused everything; null where nobody did.' }),
    runs: z
      .record(z.enum(runStates), count)
      .openapi({ description: 'Live states: now. Final states: ended in the last 24 hours.' }),
    nextAt: maybeTime,
    store: z.object({
      kind: z.string(),
      place: z.string(),
      schema: z.int(),
      bytes: count,
      engine: z.string(),
      backedUpAt: maybeTime,
      held: count.openapi({ description: 'Runs that a restore held, and nobody released yet.' }),
    }),
    worker: z.string().nullable(),
    process: z
      .object({
        executing: count,
        abandoned: count.openapi({ description: 'Handlers that ignored their signal; they still use memory.' }),
        loopLagMs: count.openapi({ description: 'How long its event loop was blocked at most in the last minute.' }),
        memoryMb: count,
      })
      .nullable()
      .openapi({ description: 'The process that answers; null where it executes nothing.' }),
    workers: z.array(workerShape),
    timezoneData: z.string(),
    node: z.string(),
  })
  .openapi('Status')

export const statusOut = ({ pauses, ...status }: Status): z.input<typeof statusShape> => ({
  ...status,
  paused: pausedBy(pauses),
  now: formatInstant(status.now),
  startedAt: utc(status.startedAt),
  nextAt: utc(status.nextAt),
  store: { ...status.store, backedUpAt: utc(status.store.backedUpAt) },
  workers: status.workers.map(workerOut),
})

const pausedBy = (pauses: Status['pauses']): z.input<typeof statusShape>['paused'] => {
  const everything = pauses.find(({ queue }) => queue === null)
  return everything === undefined ? null : pauseOut(everything.pause)
}

/** One page of a list: the rows under their own name, and where the next page begins. */
export const pageShape = <const N extends string, S extends z.ZodType>(
  name: N,
  row: S,
): z.ZodObject<Record<N, z.ZodArray<S>> & { next: z.ZodNullable<z.ZodString> }> =>
  z.object({ [name]: z.array(row), next: z.string().nullable() }) as never
