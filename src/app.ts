/** What a program sees of Rota: the app, its views, and what they take and give. */

import type { Clock } from './base/clock.ts'
import type { DurationInput } from './base/duration.ts'
import type { Instant } from './base/instant.ts'
import type { Json } from './base/json.ts'
import type { Log, LogFields, LogLevel } from './base/log.ts'
import type { RunId } from './base/name.ts'
import type { Flow, FlowOptions, FlowStep } from './domain/flow.ts'
import type { Health, HealthChange, HealthSubject } from './domain/health.ts'
import type { Queue, QueueOptions } from './domain/limits.ts'
import type { WorkerState } from './domain/lease.ts'
import type { Progress } from './domain/progress.ts'
import type { RetentionOptions } from './domain/retention.ts'
import type { Attempt, Run, RunState } from './domain/run.ts'
import type { Pause, PolicyOptions, Schedule } from './domain/schedule.ts'
import type { Task, TaskOptions, Work } from './domain/task.ts'
import type { Item, Unit } from './domain/unit.ts'
import type { Dates } from './scheduler/calendars.ts'
import type { WrittenSchedule } from './scheduler/definition.ts'
import type { ImportedSchedule, ScheduleFile } from './scheduler/exchange.ts'
import type { ScheduleExplanation } from './scheduler/explanation.ts'
import type { FlowView } from './scheduler/flow-view.ts'
import type { Sent } from './scheduler/destinations/destination.ts'
import type { NoticeOptions } from './scheduler/notice-rules.ts'
import type { Predicate, PredicateOptions } from './scheduler/predicates.ts'
import type { Restored } from './store/sqlite/restore.ts'
import type {
  Backup,
  Drained,
  FlowPage,
  ItemFilter,
  LogLine,
  NewLogLine,
  NoticeFilter,
  RunFilter,
  ScheduleFilter,
  Store,
  StoreDescription,
  StoredEvent,
  StoredNotice,
  StoredPause,
  WorkerRow,
} from './store/store.ts'

export interface RotaOptions {
  /** A file, `:memory:`, or an open store. Default `rota.db` in the current folder. */
  readonly store?: string | Store
  /** `normal` (default) survives kill -9 but may lose the last moments on power loss; `full` syncs each commit to disk. */
  readonly durability?: 'normal' | 'full'
  /** Runs executed at once by this process. Default 100. */
  readonly concurrency?: number
  /** Runs executed at once by all processes on the store together. Default: as many as they have slots. */
  readonly totalConcurrency?: number
  /** Limits of queues, over all processes: `{ slow: { concurrency: 2 } }`. */
  readonly queues?: Readonly<Record<string, QueueOptions>>
  /** How long runs that are over are kept; the last 100 executed ones of each schedule always are. Default 7 days. */
  readonly retention?: DurationInput | RetentionOptions
  /** How often it is looked whether another process wrote into the same file. Default 1 s, 250 ms while others work on it. */
  readonly lookEvery?: DurationInput
  /**
   * How long another process may stand still, be it stopped or hanging, before its runs are taken over; that of one that died
   * are at once. At least four times `lookEvery`, and 1 s. Default 15 s: longer than machines that swap or move stall.
   */
  readonly lease?: DurationInput
  /** A file of secrets, lines `NAME=value`, readable by you alone; besides `ROTA_SECRET_<NAME>` of the environment. */
  readonly secretsFile?: string
  /** Default: silent. */
  readonly log?: Log
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Numbers in [0, 1), for the jitter of retries. Default Math.random. */
  readonly random?: () => number
}

/** What can be run and scheduled: a task or a flow, or its name. */
export type Target = string | Task<never, unknown> | Flow

/** A schedule as it is declared or created. */
export interface ScheduleOptions extends PolicyOptions {
  /** The task or the flow, or its name. */
  readonly task: Target
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
  | { readonly kind: 'log'; readonly run: RunId; readonly lines: readonly NewLogLine[] }
  | { readonly kind: 'progress'; readonly run: RunId; readonly progress: Progress }
  | {
      readonly kind: 'schedule'
      readonly name: string
      readonly change: 'created' | 'edited' | 'paused' | 'resumed' | 'removed'
    }
  | { readonly kind: 'health'; readonly change: HealthChange }
  | { readonly kind: 'trouble'; readonly problems: readonly string[] }
  /** What the app's log says too, for a program that shows an app which was given none. */
  | { readonly kind: 'notice'; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }

export type { ScheduleExplanation } from './scheduler/explanation.ts'
export type { FlowView } from './scheduler/flow-view.ts'

export interface RunDetails {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly units: readonly Unit[]
  /** How far it said it is; null when it never said. */
  readonly progress: Progress | null
  /** Why it is not being executed yet, in a sentence; null for one that does not wait. */
  readonly waiting: string | null
}

/** What a request by hand may say. */
export interface RunOptions {
  /** Default null. */
  readonly input?: Json
  /** Default `code`. */
  readonly by?: string
  /** 0 to 9, 9 first. Default: that of the task. Not for a flow. */
  readonly priority?: number
}

/** A source and what is known of it. */
export interface SourceStatus {
  readonly name: string
  readonly health: Health
  readonly items: number
}

/** What a process that executes runs says of itself. */
export interface ProcessStatus {
  /** Attempts being executed here now. */
  readonly executing: number
  /** Handlers that ignored their signal and were given up; they still use memory. */
  readonly abandoned: number
  /** How long its event loop was blocked at most in the last minute, as far as it shows: all was late by that. */
  readonly loopLagMs: number
  /** Resident memory of the process, in MiB. */
  readonly memoryMb: number
}

/** How the whole is doing, in one look. */
export interface Status {
  readonly version: string
  readonly now: Instant
  readonly startedAt: Instant | null
  /** What keeps Rota from doing its work now (a full disk, a clock that jumped), in words; empty when nothing does. */
  readonly problems: readonly string[]
  /** What is paused besides schedules: queues, or (`queue` null) everything. */
  readonly pauses: readonly StoredPause[]
  /** Live states: now; final states: ended in the last 24 hours. */
  readonly runs: Readonly<Record<RunState, number>>
  readonly nextAt: Instant | null
  readonly store: StoreDescription
  readonly worker: string | null
  /** How this process is doing; null where it executes nothing. */
  readonly process: ProcessStatus | null
  readonly workers: readonly WorkerStatus[]
  readonly timezoneData: string
  readonly node: string
}

/** A worker, and whether it goes on. */
export interface WorkerStatus extends WorkerRow {
  /** `silent`: it lives, but shows nothing any more: it is stopped or blocked. Its runs are taken over after the lease. */
  readonly state: WorkerState
  /** Since when, by its own clock; null for one that is not. */
  readonly silentSince: Instant | null
  /** How many runs it executes. */
  readonly runs: number
  /** Since when, and by whom, it takes nothing new; null for one that does. */
  readonly drained: Drained | null
}

export interface App extends AsyncDisposable {
  /**
   * Defines a task: a function, or work that is done elsewhere (`thread`, `childProcess`, `command`, `httpCall`).
   *
   * @throws RotaError NAME_INVALID, TASK_EXISTS, OPTION_INVALID
   */
  task<Input = unknown, Result = unknown>(
    name: string,
    handler: Work<Input, Result>,
    options?: TaskOptions<Input>,
  ): Task<Input, Result>

  /** Adds a task or a flow made elsewhere, above all a source of `rota/scrape`. @throws RotaError TASK_EXISTS */
  add<T extends Task<never, unknown> | Flow>(made: T): T

  /**
   * Defines a flow: several tasks with an order between them, under one run that stands for the whole. It is run and scheduled
   * as a task is, by its name; its tasks may be defined later, until the start.
   *
   * @example app.flow('nightly', chain('fetch', group('parse', 'archive'), 'report'))
   * @throws RotaError NAME_INVALID, TASK_EXISTS, OPTION_INVALID; at `start` also TASK_UNKNOWN
   */
  flow(name: string, steps: FlowStep, options?: FlowOptions): Flow

  /**
   * Declares a schedule in code, before `start`. It is applied when it differs from the last declaration of this name.
   *
   * @throws RotaError CONDITION_…, TIMEZONE_UNKNOWN, OPTION_INVALID; at `start` also TASK_UNKNOWN
   */
  schedule(name: string, options: ScheduleOptions): void

  /**
   * Names a question that conditions may ask: `if 'disk is free'`. It is asked only when all else of a condition holds, outside
   * transactions and with a deadline (default 5 s); its answer is good for 5 s, and a false one is asked for again every 30 s
   * while something waits for it. One that throws or hangs is false.
   *
   * @example app.predicate('disk is free', async () => (await statfs('/data')).bavail > 1_000_000)
   * @throws RotaError NAME_INVALID, PREDICATE_EXISTS, OPTION_INVALID
   */
  predicate(name: string, ask: Predicate, options?: PredicateOptions): void

  /** Says that a predicate may answer otherwise now: what waits for it asks again. @throws RotaError PREDICATE_UNKNOWN */
  changed(predicate: string): Promise<void>

  /**
   * Names a set of dates that conditions may ask about: `not on 'holidays'`. A list, or a file (iCalendar, JSON, a date a line)
   * that is read at each start. Kept in the store; who asks for it is judged anew when it differs.
   *
   * @example app.calendar('holidays', { file: 'holidays.ics' })
   * @throws RotaError NAME_INVALID, OPTION_INVALID, DATES_UNREADABLE; at `start` also what is wrong with a file
   */
  calendar(name: string, dates: Dates): void

  /**
   * Says who is told when something goes wrong, before `start`. What happens is told once, in the order in which it happened,
   * and may come twice after a crash: its id says so. The store keeps the name of the destination, never its secret.
   *
   * @example app.notify({ to: webhook('https://ops.example.org/rota', { secret }), on: ['failed', 'recovered'] })
   * @throws RotaError OPTION_INVALID, ALREADY_STARTED; at `start` also TASK_UNKNOWN
   */
  notify(options: NoticeOptions): void

  /** Opens the store, takes up what a dead process left, and begins. @throws RotaError STORE_…, TASK_UNKNOWN */
  start(): Promise<void>

  /**
   * Opens the store only, to ask and to request: nothing is scheduled or executed. `start` does this by itself.
   * With `store`, that file instead of the app's own; `start` then uses it too.
   */
  open(options?: { readonly store?: string }): Promise<void>

  /**
   * Writes everything committed so far into one file, while work goes on: checked, for its owner only, there whole or not
   * at all. A file of this name is replaced with `force` only.
   *
   * @throws RotaError FILE_EXISTS, STORE_…
   * @example await app.backup('backups/monday.db')
   */
  backup(file: string, options?: { readonly force?: boolean }): Promise<Backup>

  /**
   * Puts a backup in the place of the app's store, or of the named one, before it is opened; what was there is kept beside
   * it. Schedules go on from now, and what was unfinished is held until `runs.release`; with `catchUp` both go on as after a
   * long sleep.
   *
   * @throws RotaError BACKUP_UNUSABLE, STORE_IN_USE, STORE_AHEAD unless `force`, STORE_…
   */
  restore(
    file: string,
    options?: { readonly store?: string; readonly force?: boolean; readonly catchUp?: boolean },
  ): Promise<Restored>

  /** Takes nothing new, lets what runs end for `grace` (default 10 s), aborts it, gives it back, closes the store. */
  stop(options?: { readonly grace?: DurationInput }): Promise<void>

  /**
   * Records a run and executes it in this process, without scheduling anything; resolves when it is over, retries included.
   * An app that is started executes it like any other; one that is not is opened for it.
   *
   * @throws RotaError TASK_UNKNOWN, INPUT_INVALID, OPTION_INVALID, STORE_…
   */
  execute(task: Target, options?: RunOptions): Promise<Run>

  /**
   * Wants a run of a task, or of a flow, now. Resolves once it is recorded.
   *
   * @throws RotaError TASK_UNKNOWN, INPUT_INVALID, OPTION_INVALID
   */
  run(task: Target, options?: RunOptions): Promise<Run>

  /**
   * Pauses a queue, or everything: nothing of it starts until it is resumed, in whatever process; what runs goes on. Gives the
   * pause that stands: the one that ends later.
   *
   * @example await app.pause({ queue: 'slow', by: 'ada', why: 'the site moves' })
   * @throws RotaError QUEUE_UNKNOWN
   */
  pause(options: {
    readonly queue?: string
    readonly by: string
    readonly why?: string
    /** It ends by itself after this. Default: it lasts until it is resumed. */
    readonly for?: DurationInput
  }): Promise<Pause>

  /** Lifts such a pause: what waited starts. Gives whether there was one. @throws RotaError QUEUE_UNKNOWN */
  resume(options: { readonly queue?: string; readonly by: string }): Promise<boolean>

  /** Every queue that the code names or that the store has seen, by name. */
  queues(): Promise<readonly Queue[]>

  /** What the code says of this app, as it was written: enough to make one like it. Nothing is opened. */
  declared(): Declared

  readonly runs: RunsView
  readonly schedules: SchedulesView
  readonly sources: SourcesView
  readonly tasks: { list(): readonly Task<never, unknown>[]; get(name: string): Task<never, unknown> }
  /** `get` gives undefined where no flow has this name. */
  readonly flows: { list(): readonly Flow[]; get(name: string): Flow | undefined }
  readonly notices: NoticesView

  status(): Promise<Status>

  /** The processes that execute runs of this store, by when they started. */
  workers(): Promise<readonly WorkerStatus[]>

  /**
   * Lets a worker take nothing new: what it executes goes on, all else is left to others. For a process that is to be replaced;
   * once its `runs` are 0 nothing is lost by its end. It knows within a second, and keeps serving and deciding.
   *
   * @example await app.drain('lab-k3x9', 'ada')
   * @throws RotaError WORKER_UNKNOWN
   */
  drain(worker: string, by: string): Promise<void>

  /** Lets it take again. @throws RotaError WORKER_UNKNOWN */
  undrain(worker: string, by: string): Promise<void>

  /** Notable things that happened to Rota itself, newest first. */
  events(limit: number): Promise<readonly StoredEvent[]>

  /** Every health row; of tasks, of sources, or of both. */
  healths(kind?: HealthSubject['kind']): Promise<readonly Health[]>

  /** Calls the listener for each event until the returned function is called. */
  on(listener: (event: AppEvent) => void): () => void
}

/** What the code says of an app. Its tasks are in `tasks`. */
export interface Declared {
  readonly schedules: ReadonlyMap<string, WrittenSchedule>
  /** Runs executed at once. */
  readonly concurrency: number
  readonly totalConcurrency: number | null
  readonly queues: Readonly<Record<string, QueueOptions>>
  readonly calendars: ReadonlyMap<string, Dates>
  /** The names of its predicates. */
  readonly predicates: readonly string[]
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
  /** Why it is there and why it is as it is, one sentence each. @throws RotaError RUN_UNKNOWN */
  explain(id: RunId): Promise<RunExplanation>
  /**
   * The steps of a flow, by the run that stands for it or by one of them; in the order of their numbers.
   *
   * @throws RotaError RUN_UNKNOWN, FLOW_UNKNOWN for a run of no flow
   */
  flow(id: RunId, page: FlowPage): Promise<FlowView>
  /** Lets a run that a restore held go on, or all of them (null). Gives those it let go. @throws RotaError RUN_UNKNOWN */
  release(id: RunId | null): Promise<readonly Run[]>
  /** Resolves with the run once it is over. */
  finished(id: RunId, signal?: AbortSignal): Promise<Run>
}

export interface RunExplanation {
  readonly run: Run
  readonly sentences: readonly string[]
  /** Of its schedule, at its nominal time; null for a run without one. */
  readonly schedule: ScheduleExplanation | null
}

export interface SchedulesView {
  list(filter: ScheduleFilter): Promise<readonly Schedule[]>
  /** @throws RotaError SCHEDULE_UNKNOWN */
  get(name: string): Promise<Schedule>
  /** Creates one at run time. @throws RotaError SCHEDULE_EXISTS, TASK_UNKNOWN, CONDITION_…, TIMEZONE_UNKNOWN, OPTION_INVALID */
  create(name: string, options: ScheduleOptions): Promise<Schedule>
  pause(name: string, by: string, why?: string, length?: DurationInput): Promise<Schedule>
  resume(name: string, by: string): Promise<Schedule>
  remove(name: string, by: string): Promise<Schedule>
  /** The definition of every schedule that has not ended, as `import` takes it: canonical, sorted by name. */
  export(): Promise<ScheduleFile>
  /**
   * Creates and edits schedules as a file says, all or none; others stay as they are. With `dryRun` nothing is changed.
   * Gives what became, or would become, of each.
   *
   * @throws RotaError IMPORT_INVALID with every problem and its place
   */
  import(file: unknown, options?: { readonly dryRun?: boolean }): Promise<readonly ImportedSchedule[]>
  /** The last `limit` runs of each schedule, oldest first. */
  strips(schedules: readonly Schedule[], limit: number): Promise<ReadonlyMap<number, readonly Run[]>>
  /**
   * Why it does or did nothing, or what it did: now, or at a past instant from what was decided then.
   *
   * @example (await app.schedules.explain('news')).sentences[0]
   * @throws RotaError SCHEDULE_UNKNOWN, OPTION_INVALID for an instant that is to come
   */
  explain(name: string, at?: Instant): Promise<ScheduleExplanation>
  /** The schedule's next nominal instants after now, at most `count`; none of one that has ended. */
  upcoming(schedule: Schedule, count: number): readonly Instant[]
}

export interface NoticesView {
  /** What was told, to whom, and whether it arrived; newest first. */
  list(filter: NoticeFilter): Promise<readonly StoredNotice[]>
  /** The names of the destinations that this app declares. */
  destinations(): readonly string[]
  /** Sends one to a destination now, and gives what came of it. @throws RotaError DESTINATION_UNKNOWN */
  test(destination: string): Promise<Sent>
}

export interface SourcesView {
  list(): Promise<readonly SourceStatus[]>
  /** @throws RotaError SOURCE_UNKNOWN */
  get(name: string): Promise<SourceStatus>
  items(name: string, filter: ItemFilter): Promise<readonly Item[]>
  changes(name: string, limit: number): Promise<readonly HealthChange[]>
}
