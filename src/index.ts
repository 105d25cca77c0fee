/** The public names of `rota`. */

export { RotaError, isRotaError } from './base/errors.ts'
export type { ErrorCode, ErrorDetails } from './base/errors.ts'
export { systemClock } from './base/clock.ts'
export type { Clock } from './base/clock.ts'
export { duration, formatDuration, parseDuration } from './base/duration.ts'
export type { Duration, DurationInput } from './base/duration.ts'
export { formatInstant, instant, parseInstant } from './base/instant.ts'
export type { Instant } from './base/instant.ts'
export type { Json } from './base/json.ts'
export { silentLog } from './base/log.ts'
export type { Log, LogFields, LogLevel } from './base/log.ts'
export type { RunId, TaskName } from './base/name.ts'
export type { Schema } from './base/schema.ts'
export { chain, group, join, map } from './domain/flow.ts'
export type { EdgeRule, Flow, FlowOptions, FlowStep, MapOptions, StepOptions } from './domain/flow.ts'
export type { FlowEdge, FlowView } from './scheduler/flow-view.ts'
export { giveUp, partial, retryAfter } from './domain/outcome.ts'
export type { Health, HealthChange, HealthState } from './domain/health.ts'
export type { Notice, NoticeKind, NoticeSubject } from './domain/notice.ts'
export { durationMs, isOver, lateMs } from './domain/run.ts'
export type { Attempt, Run, RunError, RunState, Trigger } from './domain/run.ts'
export type { PolicyOptions, Schedule } from './domain/schedule.ts'
export type { RetentionOptions } from './domain/retention.ts'
export type { RetryOptions } from './domain/retry.ts'
export { childProcess, command, httpCall, thread } from './domain/isolation.ts'
export type {
  ChildProcessOptions,
  CommandOptions,
  HttpCallOptions,
  Isolated,
  Occasion,
  Part,
  ThreadOptions,
} from './domain/isolation.ts'
export type { Progress } from './domain/progress.ts'
export type { Context, Handler, ParentRun, PreviousRun, Task, TaskOptions, TaskState, Work } from './domain/task.ts'
export type { Item, Unit } from './domain/unit.ts'
export { log } from './engine/current-log.ts'
export type { ImportedSchedule, PortableSchedule, ScheduleFile } from './scheduler/exchange.ts'
export type { Restored } from './store/sqlite/restore.ts'
export type { Backup, StoredNotice } from './store/store.ts'
export { rota } from './rota.ts'
export type {
  App,
  AppEvent,
  ProcessStatus,
  RotaOptions,
  RunDetails,
  RunExplanation,
  ScheduleOptions,
  SourceStatus,
  Status,
  Target,
  WorkerStatus,
} from './app.ts'
export type { Dates, DatesFile } from './scheduler/calendars.ts'
export type { Destination, SendContext, Sent } from './scheduler/destinations/destination.ts'
export { email } from './scheduler/destinations/email.ts'
export type { EmailOptions } from './scheduler/destinations/email.ts'
export { webhook } from './scheduler/destinations/webhook.ts'
export type { WebhookOptions } from './scheduler/destinations/webhook.ts'
export type { ScheduleExplanation } from './scheduler/explanation.ts'
export type { NoticeOptions } from './scheduler/notice-rules.ts'
export type { Predicate, PredicateOptions } from './scheduler/predicates.ts'
