/** The whole put together: what a program makes, starts, asks and stops. */

import type { Clock } from './base/clock.ts'
import type { DurationInput } from './base/duration.ts'
import type { Instant } from './base/instant.ts'
import type { Json } from './base/json.ts'
import type { Log } from './base/log.ts'
import type { RunId } from './base/name.ts'
import type { Health, HealthChange, HealthSubject } from './domain/health.ts'
import type { Attempt, Run, RunState } from './domain/run.ts'
import type { PolicyOptions, Schedule } from './domain/schedule.ts'
import type { Handler, Task, TaskOptions } from './domain/task.ts'
import type { Item, Unit } from './domain/unit.ts'
import type { ItemFilter, LogLine, RunFilter, ScheduleFilter, Store, StoreDescription, StoredEvent, WorkerRow } from './store/store.ts'

export interface RotaOptions {
  /** A file, `:memory:`, or an open store. Default `rota.db` in the current folder. */
  readonly store?: string | Store
  /** `normal` (default) survives kill -9 but may lose the last moments on power loss; `full` syncs each commit to disk. */
  readonly durability?: 'normal' | 'full'
  /** Runs executed at once. Default 100. */
  readonly concurrency?: number
  /** How long finished runs are kept; the last 100 executed ones of each schedule always are. Default 7 days. */
  readonly retention?: DurationInput
  /** Default: silent. */
  readonly log?: Log
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Numbers in [0, 1), for the jitter of retries. Default Math.random. */
  readonly random?: () => number
}

/** A schedule as it is declared or created. */
export interface ScheduleOptions extends PolicyOptions {
  /** The task, or its name. */
  readonly task: string | Task<never, unknown>
  /** When: `every 5 minutes and between 09:00 and 17:00`, `0 9 * * 1-5`, … */
  readonly when: string
  /** IANA name. Default `UTC`; the machine's own zone is never used. */
  readonly timezone?: string
  /** Given to each run. Default null. */
  readonly input?: Json
  /** Where intervals count from (ISO, with offset). Default: the creation. */
  readonly anchor?: string
  /** Free labels to filter by. */
  readonly tags?: readonly string[]
}

/** What happened, told after it is committed. */
export type AppEvent =
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'log'; readonly run: RunId; readonly lines: readonly LogLine[] }
  | { readonly kind: 'schedule'; readonly name: string; readonly change: 'created' | 'edited' | 'paused' | 'resumed' | 'removed' }
  | { readonly kind: 'health'; readonly change: HealthChange }
  | { readonly kind: 'trouble'; readonly problems: readonly string[] }

export interface RunDetails {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly units: readonly Unit[]
}

/** A source and what is known of it. */
export interface SourceStatus {
  readonly name: string
  readonly health: Health
  readonly items: number
}

/** How the whole is doing, in one look. */
export interface Status {
  readonly version: string
  readonly now: Instant
  readonly startedAt: Instant | null
  /** What keeps Rota from doing its work now (a full disk, a clock that jumped), in words; empty when nothing does. */
  readonly problems: readonly string[]
  /** Live states: now; final states: ended in the last 24 hours. */
  readonly runs: Readonly<Record<RunState, number>>
  readonly nextAt: Instant | null
  readonly store: StoreDescription
  readonly worker: string | null
  readonly workers: readonly WorkerRow[]
  readonly timezoneData: string
  readonly node: string
}

export interface App extends AsyncDisposable {
  /** Defines a task. @throws RotaError NAME_INVALID, TASK_EXISTS, OPTION_INVALID */
  task<Input = unknown, Result = unknown>(
    name: string,
    handler: Handler<Input, Result>,
    options?: TaskOptions<Input>,
  ): Task<Input, Result>

  /** Adds a task made elsewhere, above all a source of `rota/scrape`. @throws RotaError TASK_EXISTS */
  add<T extends Task<never, unknown>>(task: T): T

  /**
   * Declares a schedule in code, before `start`. It is applied when it differs from the last declaration of this name.
   *
   * @throws RotaError CONDITION_…, TIMEZONE_UNKNOWN, OPTION_INVALID; at `start` also TASK_UNKNOWN
   */
  schedule(name: string, options: ScheduleOptions): void

  /** Opens the store, takes up what a dead process left, and begins. @throws RotaError STORE_…, TASK_UNKNOWN */
  start(): Promise<void>

  /** Opens the store only, to ask and to request: nothing is scheduled or executed. `start` does this by itself. */
  open(): Promise<void>

  /** Takes nothing new, lets what runs end for `grace` (default 10 s), aborts it, gives it back, closes the store. */
  stop(options?: { readonly grace?: DurationInput }): Promise<void>

  /** Wants a run now. Resolves once it is recorded. @throws RotaError TASK_UNKNOWN, INPUT_INVALID */
  run(task: string | Task<never, unknown>, options?: { readonly input?: Json; readonly by?: string }): Promise<Run>

  readonly runs: RunsView
  readonly schedules: SchedulesView
  readonly sources: SourcesView
  readonly tasks: { list(): readonly Task<never, unknown>[]; get(name: string): Task<never, unknown> }

  status(): Promise<Status>

  /** Notable things that happened to Rota itself, newest first. */
  events(limit: number): Promise<readonly StoredEvent[]>

  /** Every health row; of tasks, of sources, or of both. */
  healths(kind?: HealthSubject['kind']): Promise<readonly Health[]>

  /** Calls the listener for each event until the returned function is called. */
  on(listener: (event: AppEvent) => void): () => void
}

export interface RunsView {
  /** Newest first. */
  list(filter: RunFilter): Promise<readonly Run[]>
  /** @throws RotaError RUN_UNKNOWN */
  get(id: RunId): Promise<RunDetails>
  logs(id: RunId, afterSeq: number, limit: number): Promise<readonly LogLine[]>
  /** @throws RotaError RUN_UNKNOWN, RUN_ALREADY_OVER */
  cancel(id: RunId, by: string): Promise<Run>
  /** A new run of the same task and input. @throws RotaError RUN_UNKNOWN, TASK_UNKNOWN */
  again(id: RunId, by: string): Promise<Run>
  /** Resolves with the run once it is over. */
  finished(id: RunId, signal?: AbortSignal): Promise<Run>
}

export interface SchedulesView {
  list(filter: ScheduleFilter): Promise<readonly Schedule[]>
  /** @throws RotaError SCHEDULE_UNKNOWN */
  get(name: string): Promise<Schedule>
  /** Creates one at run time. @throws RotaError SCHEDULE_EXISTS, TASK_UNKNOWN, CONDITION_…, TIMEZONE_UNKNOWN, OPTION_INVALID */
  create(name: string, options: ScheduleOptions): Promise<Schedule>
  pause(name: string, by: string, why?: string): Promise<Schedule>
  resume(name: string, by: string): Promise<Schedule>
  remove(name: string, by: string): Promise<Schedule>
  /** The last `limit` runs of each schedule, oldest first. */
  strips(schedules: readonly Schedule[], limit: number): Promise<ReadonlyMap<number, readonly Run[]>>
  /** The schedule's next nominal instants after now, at most `count`. */
  upcoming(schedule: Schedule, count: number): readonly Instant[]
}

export interface SourcesView {
  list(): Promise<readonly SourceStatus[]>
  /** @throws RotaError SOURCE_UNKNOWN */
  get(name: string): Promise<SourceStatus>
  items(name: string, filter: ItemFilter): Promise<readonly Item[]>
  changes(name: string, limit: number): Promise<readonly HealthChange[]>
}
