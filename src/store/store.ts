/**
 * Where Rota remembers: the seam. Changes go in as data, many in one transaction; questions are answered by plain rows.
 * A store decides nothing. What a change means is said here, once; every implementation passes the same contract suite.
 */

import type { Duration } from '../base/duration.ts'
import type { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { LogLevel } from '../base/log.ts'
import type { RunId, TaskName } from '../base/name.ts'
import type { EdgeRule, FlowPlan } from '../domain/flow.ts'
import type { Health, HealthChange, HealthState, HealthSubject } from '../domain/health.ts'
import type { Beat } from '../domain/lease.ts'
import type { Gate, Limits, Place } from '../domain/limits.ts'
import type { Notice, NoticeRule } from '../domain/notice.ts'
import type { Foreseen, Judge, Subject } from '../domain/opportunity.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Progress } from '../domain/progress.ts'
import type { Refusal } from '../domain/run-machine.ts'
import type { Outdated } from '../domain/retention.ts'
import type { Attempt, Run, RunState, Trigger, WorkerId } from '../domain/run.ts'
import type { Pause, Policies, Schedule } from '../domain/schedule.ts'
import type { Item, ItemCounts, NewItem, Unit } from '../domain/unit.ts'
import type { NamedDateSets } from '../when/leaf-parts.ts'
import type { Wait } from '../when/waits.ts'

export interface Store {
  /**
   * Applies all changes in one transaction, in order, and answers each with its result. Where a change calls for a
   * schedule to be judged, `judge` does it, inside the transaction; it is pure and may be called again. Whatever a change
   * sets going (what waited for the end of a run, or for anything else that happened) is judged in it too; a judge that throws
   * there makes the schedule due and undoes nothing.
   *
   * A change that fails by itself (a RotaError such as SCHEDULE_EXISTS, a judge that throws) leaves the others standing.
   * When the transaction as a whole cannot be committed the promise rejects. Mostly nothing of it was kept; but an answer can be
   * lost on its way, so the whole of it may stand all the same: what it may have set going is then looked up in the rows.
   *
   * @throws RotaError STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, STORE_UNUSABLE
   */
  commit<const C extends readonly Change[]>(changes: C, judge: Judge): Promise<Committed<C>>

  /** Schedules whose `nextAt` has come by `until`, soonest first, at most `limit`; those that follow `after`, when given. */
  schedulesDue(until: Instant, limit: number, after?: Schedule): Promise<readonly Schedule[]>

  /** The soonest `nextAt` of a schedule, past ones included; and when the next retrying run not yet due at `at` is due. */
  nextDueAt(at: Instant): Promise<{ readonly schedule: Instant | null; readonly retry: Instant | null }>

  /** Schedules whose mark lies beyond `at`, at most `limit`: after the clock was set back. Reads every schedule. */
  schedulesAhead(at: Instant, limit: number): Promise<readonly Schedule[]>

  schedule(name: string): Promise<Schedule | null>

  /** A schedule as a judge would see it at `at`, with whole counts; null when there is none. */
  subject(name: string, at: Instant): Promise<Subject | null>

  /** The row that says what became of the schedule's newest opportunity up to `at`; null when there is none. */
  decisionAt(schedule: number, at: Instant): Promise<Run | null>

  /**
   * The tasks by which a task leads to itself again, at once or later, through events of schedules: `['a', 'b', 'a']`. Null where
   * it does not.
   */
  cycleThrough(task: TaskName): Promise<readonly string[] | null>

  /** The named sets of dates. */
  calendars(): Promise<NamedDateSets>

  /** By name. With `after`, those whose names follow it. */
  schedules(filter: ScheduleFilter): Promise<readonly Schedule[]>

  run(id: RunId): Promise<Run | null>

  /** What keeps a run from being claimed at `at` under these limits, the worst first; empty where only a slot is missing. */
  gates(id: RunId, limits: Limits, at: Instant): Promise<readonly Gate[]>

  /** How many runs of each queue run and wait, by name; also of those that nobody uses any more. */
  queues(): Promise<readonly QueueCount[]>

  /** What is paused besides schedules, everything first; also what is over by itself and was not paused anew. */
  pauses(): Promise<readonly StoredPause[]>

  /** Newest first. */
  runs(filter: RunFilter): Promise<readonly Run[]>

  /** The steps of a flow in the order of their numbers, those after `after`; empty for a run that is none. */
  flow(root: RunId, page: FlowPage): Promise<readonly FlowRun[]>

  /** The same, counted: steps of one task between the same points, by state. */
  flowCounts(root: RunId): Promise<readonly FlowCount[]>

  /** The runs that a step of a flow comes after, in the order of their numbers: in these states, at most `limit`. */
  before(step: RunId, states: readonly RunState[], limit: number): Promise<readonly Run[]>

  /** The last `limit` runs of each of these schedules, oldest first, by schedule id; skips included. */
  strips(schedules: readonly number[], limit: number): Promise<ReadonlyMap<number, readonly Run[]>>

  /** How many runs are in each live state, and how many ended in each final state since then. */
  countRuns(since: Instant): Promise<Readonly<Record<RunState, number>>>

  /** The attempts that are over, in order. */
  attempts(run: RunId): Promise<readonly Attempt[]>

  /** In the order in which they ended. */
  units(run: RunId): Promise<readonly Unit[]>

  /** Lines after `afterSeq` (0: from the first), in order, at most `limit`. */
  logs(run: RunId, afterSeq: number, limit: number): Promise<readonly LogLine[]>

  /** How far the run said it is, or null when it never said. */
  progress(run: RunId): Promise<Progress | null>

  /** What the task keeps under this key; null when that is nothing. */
  taskState(task: string, key: string): Promise<Json>

  /** Items of a source, last changed first, continuing below `before`. */
  items(source: string, filter: ItemFilter): Promise<readonly Item[]>

  countItems(source: string): Promise<number>

  /** Every health row, or that of one kind. */
  healths(kind?: HealthSubject['kind']): Promise<readonly Health[]>

  /** Newest first. */
  healthChanges(
    subject: HealthSubject | null,
    limit: number,
  ): Promise<readonly (HealthChange & { readonly id: number })[]>

  /** Notable things that happened to Rota itself (a clock jump, a dead worker), newest first. */
  events(limit: number): Promise<readonly StoredEvent[]>

  /** Who wants to be told what, as running programs declared it. */
  noticeRules(): Promise<readonly NoticeRule[]>

  /**
   * When the change `watch` has something to do, and when a notice for one of these destinations is due (or its sender
   * is late).
   */
  nextNoticeAt(
    destinations: readonly string[],
  ): Promise<{ readonly watch: Instant | null; readonly delivery: Instant | null }>

  /** Newest first. */
  notices(filter: NoticeFilter): Promise<readonly StoredNotice[]>

  /** Until when this host is to be left alone, or null when that is over at `at`. */
  hostHeldUntil(host: string, at: Instant): Promise<Instant | null>

  /** Workers that have not said goodbye, and whoever holds a run although it did or was taken for dead. */
  workers(): Promise<readonly KnownWorker[]>

  /**
   * Proves to every other process that this worker lives, until it is disposed or the process dies, however it dies. To be
   * called before the worker says hello.
   */
  keepAlive(worker: WorkerId): Promise<Life>

  /** Of these workers, those that are certainly dead. */
  deadWorkers(): Promise<readonly WorkerRow[]>

  /** How far each of these workers has counted. Without those that cannot stand still while this one goes on. */
  beats(workers: readonly WorkerId[]): Promise<ReadonlyMap<WorkerId, Beat>>

  /** What this worker executes, as it is stored. */
  executedBy(worker: WorkerId): Promise<readonly Run[]>

  /** Whether another connection committed something since the last call. */
  changedElsewhere(): boolean

  /** Facts for a person: kind, place, size, version of the schema. */
  describe(): Promise<StoreDescription>

  /**
   * Writes everything committed so far into one file of its own, while others go on reading and writing. The file is
   * checked, is its owner's alone, and appears whole or not at all.
   *
   * @throws RotaError FILE_EXISTS unless `force`, STORE_FULL, STORE_READ_ONLY, BACKUP_UNUSABLE
   */
  backup(file: string, options: { readonly at: Instant; readonly force?: boolean }): Promise<Backup>

  /**
   * Puts into its place what a store gathers beside it first, for who writes much without haste; others wait for nothing
   * meanwhile. Where nothing gathers it resolves at once.
   */
  checkpoint(): Promise<void>

  close(): Promise<void>
}

/** What a transaction did. */
export interface Committed<C extends readonly Change[]> {
  /** Of each change, in order. */
  readonly results: { readonly [I in keyof C]: Result<C[I]> }
  /** What each change set going: later than its own result, and before those of the changes that follow. */
  readonly judged: readonly (readonly Judged[])[]
  /**
   * Of each change, the runs of flows that it made, let begin, skipped, cancelled or ended besides its own, in order: later
   * than `judged`. Left out where there are none.
   */
  readonly flows?: readonly (readonly Run[])[]
  /** It put notices into the outbox. */
  readonly hasNotices?: true
}

/** Everything that can be asked of a transaction. */
export type Change = { readonly [K in keyof Changes]: { readonly kind: K } & Changes[K]['change'] }[keyof Changes]

export type ChangeKind = keyof Changes

/** What a change gives back: its result, or why it alone failed. */
export type Result<C extends Change> = C extends { readonly kind: infer K extends ChangeKind }
  ? { readonly ok: Changes[K]['result'] } | { readonly error: RotaError }
  : never

/** Each kind of change: what goes in, what comes back. */
export interface Changes {
  /**
   * Judges one schedule while holding its row: reads the row (or takes `ahead`, when its version is still the stored one),
   * its unfinished runs and its open rows, judges, and stores the decision: runs, open rows, skips, the mark and the
   * next instant together. Rows are unique by (nominal time, schedule): a second one is silently not created. (What lies
   * inside a merged skip has no row of its own and never ran: after the clock was set back it may be decided anew; the
   * judge then gives one skip for each moment up to `highestMark`.) Equal neighbouring skips (same schedule, reason and
   * detail, above `highestMark`, nothing between) merge into one row. With `claimFor`, up to `slots` of the runs are
   * claimed at once, unless their queue or everything is paused; limits are not looked at: what they gate waits for `claim`. A schedule that is gone: null.
   */
  judge: {
    change: {
      readonly schedule: number
      readonly ahead: Schedule | null
      /** What it comes to if the schedule is idle and as it was read ahead, and the run may start at once: then nobody judges. */
      readonly foreseen?: Foreseen | null
      readonly at: Instant
      readonly claimFor: WorkerId | null
      readonly slots: number
    }
    result: Judged | null
  }

  /**
   * A run wanted by hand: created queued, or claimed at once with `claimFor`, as `judge` does. With a plan it stands for a
   * flow, and that is made with it: the run itself is running, its first steps are queued, the others open.
   */
  request: {
    change: {
      readonly task: TaskName
      readonly input: Json
      readonly trigger: Trigger
      readonly at: Instant
      readonly attemptsAllowed: number
      readonly claimFor: WorkerId | null
      /** Default: the default queue and priority, no key. */
      readonly place?: Place
      readonly plan?: FlowPlan
    }
    result: Run
  }

  /**
   * Claims up to `limit` queued or due retrying runs of these tasks for a worker, `only` that run when given. First comes
   * who became due first; each step of priority counts for a minute. While a schedule, a queue or everything is paused its
   * runs wait; and none is claimed beyond `limits`, whoever executes what they are held against.
   */
  claim: {
    change: {
      readonly worker: WorkerId
      readonly at: Instant
      readonly limit: number
      readonly tasks: readonly TaskName[]
      readonly only: RunId | null
      /** Default: none. */
      readonly limits?: Limits
    }
    result: Claimed
  }

  /** The clock was set back: what was queued later than `at` is due from `at` on. Gives how many runs that were. */
  hasten: { change: { readonly at: Instant }; result: number }

  /**
   * Ends an attempt: the run by its fence (else refused), a row in its attempts, the health of its task and sources. The end
   * of a step lets others of its flow begin, or skips them, and the last one ends the whole (domain/flow-progress.ts).
   */
  finish: {
    change: {
      readonly run: RunId
      readonly fence: number
      readonly at: Instant
      readonly outcome: Outcome
      readonly worker: WorkerId
      readonly attemptStartedAt: Instant
      readonly taskIsSource: boolean
      /** What its thread or child process used at the end, in MiB; null or left out where it had none. */
      readonly memoryMb?: number | null
      /** What the limits of a task count a run by that this end makes. undefined: nobody here knows the task. */
      readonly keyOf?: (task: TaskName, input: Json) => string | null | undefined
    }
    result: Finished
  }

  /** Gives a running attempt back at a graceful stop. */
  giveBack: {
    change: { readonly run: RunId; readonly fence: number; readonly at: Instant; readonly attemptStartedAt: Instant }
    result: { readonly run: Run; readonly refused: Refusal | null }
  }

  /**
   * Cancels a run: at once when it is not running, else by a request that its worker finds. Of a flow, every step that is not
   * over is cancelled so, and the whole ends with the last of them.
   */
  cancel: {
    change: { readonly run: RunId; readonly at: Instant; readonly by: string }
    /** The run after; refused when it was over already. RUN_UNKNOWN when there is none. */
    result: Finished
  }

  /** Ends what a dead or lost worker was executing by the crash rule, and takes the worker off the list. */
  rescue: {
    change: { readonly worker: WorkerId; readonly at: Instant }
    result: readonly Run[]
  }

  /**
   * Creates a schedule, or edits the one of this name. `create`: SCHEDULE_EXISTS when there is one. `declare` (from code):
   * applied only when `declaredHash` differs from the stored one, but always marked as declared. An edit is one
   * revision more, its open rows are skipped(edited), its mark is `at`, and no earlier event counts for it. Equal
   * definition: nothing changes. CONDITION_REFUSED where schedules would trigger each other without end.
   */
  putSchedule: {
    change: { readonly mode: 'create' | 'declare'; readonly at: Instant; readonly definition: ScheduleDefinition }
    result: Schedule
  }

  /**
   * Creates or edits all of these schedules, or none: each is then defined, and paused or not, as it stands here. An edit is
   * as `putSchedule` says; one that is the same already is not touched. Gives those that were created or edited.
   */
  importSchedules: {
    change: {
      readonly at: Instant
      readonly entries: readonly { readonly definition: ScheduleDefinition; readonly pause: Pause | null }[]
    }
    result: readonly Schedule[]
  }

  /** Marks the schedules from code that are not among `names` as no longer declared. */
  undeclare: { change: { readonly names: readonly string[]; readonly at: Instant }; result: readonly string[] }

  /**
   * SCHEDULE_UNKNOWN when there is none. Of two pauses the one stands that ends later, else the first. Open rows end
   * skipped(paused). One that has an end is lifted by the first judgement after it, as `resumeSchedule` does.
   */
  pauseSchedule: { change: { readonly name: string; readonly pause: Pause }; result: Schedule }

  /** Lifts the pause. Moments that passed meanwhile are first judged as paused, so that nothing floods. */
  resumeSchedule: { change: { readonly name: string; readonly at: Instant }; result: Schedule }

  /** Removes a schedule. Its runs stay; its open and queued rows end skipped(ended); what runs goes on. */
  removeSchedule: { change: { readonly name: string; readonly at: Instant }; result: Schedule }

  /**
   * The attempt's schedule (of a step that of its flow) rests until then: paused by its run. True also where the run came of no schedule, or of one that
   * is gone: then nothing rests. Refused (false) once the fence was raised.
   */
  holdSchedule: {
    change: {
      readonly run: RunId
      readonly fence: number
      readonly at: Instant
      readonly until: Instant
      readonly why: string | null
    }
    result: boolean
  }

  /**
   * Keeps a queue's runs, or (null) all, from being claimed until it is resumed, or over by itself. Gives the pause that
   * stands: the one that ends later, else the first.
   */
  pause: { change: { readonly queue: string | null; readonly pause: Pause }; result: Pause }

  /** Lifts such a pause. Gives whether there was one. */
  resume: { change: { readonly queue: string | null; readonly at: Instant; readonly by: string }; result: boolean }

  /** An app with a scheduling role started: a moment for every `on start`. Gives its instant. */
  start: { change: { readonly at: Instant }; result: Instant }

  /** Keeps a named set of dates (ISO, sorted). Gives whether that changed it; who asks for it is then judged. */
  putCalendar: {
    change: { readonly name: string; readonly dates: readonly string[]; readonly at: Instant }
    result: boolean
  }

  /** Predicates of these names may answer otherwise now: what waits for them is judged. */
  announce: { change: { readonly predicates: readonly string[]; readonly at: Instant }; result: null }

  /** Appends log lines; refused (false) once the fence was raised. Of a run the newest 10,000 lines are kept. */
  log: {
    change: { readonly run: RunId; readonly fence: number; readonly lines: readonly NewLogLine[] }
    result: boolean
  }

  /** How far the run is: the last word stands. Refused (false) once the fence was raised. */
  progress: { change: { readonly run: RunId; readonly fence: number; readonly progress: Progress }; result: boolean }

  /** Keeps a value for the run's task; null takes it away. `full`: the task has as many keys as it may have. */
  keepState: {
    change: { readonly run: RunId; readonly fence: number; readonly key: string; readonly value: Json }
    result: 'kept' | 'full' | 'fenced'
  }

  /** Adds, updates or recognises items; null once the fence was raised. `new` also for one this run already added. */
  keepItems: {
    change: {
      readonly run: RunId
      readonly fence: number
      readonly at: Instant
      readonly source: string
      readonly items: readonly NewItem[]
    }
    result: ItemCounts | null
  }

  /** Records a unit and counts it on its run; one of the same source and query replaces it. False once fenced. */
  finishUnit: { change: { readonly run: RunId; readonly fence: number; readonly unit: Unit }; result: boolean }

  /** Leaves a host alone until then; a hold that lasts longer stays. */
  holdHost: {
    change: { readonly host: string; readonly until: Instant; readonly reason: string; readonly at: Instant }
    result: Instant
  }

  /**
   * Declares who wants to be told what: replaces the rules of these destinations, and all others where no other worker is
   * there. From then on each change puts what it does into the outbox, in its transaction: ends of runs, changes of health.
   */
  putNoticeRules: {
    change: {
      readonly worker: WorkerId
      readonly destinations: readonly string[]
      readonly rules: readonly NoticeRule[]
      readonly at: Instant
    }
    result: null
  }

  /**
   * Puts into the outbox what time alone has done: schedules that are overdue or silent, alarms that last. Gives up notices
   * that nobody delivered for a day, records that as events, and gives them.
   */
  watch: { change: { readonly at: Instant }; result: readonly StoredNotice[] }

  /**
   * For each of these destinations its oldest notice, if it is due: nobody else gets it for two minutes. So each destination
   * gets them one at a time and in order.
   */
  claimNotices: {
    change: { readonly worker: WorkerId; readonly destinations: readonly string[]; readonly at: Instant }
    result: readonly StoredNotice[]
  }

  /** What became of sending a claimed notice; false, and nothing changed, when another sender has it by now. */
  settleNotice: {
    change: {
      readonly notice: StoredNotice
      readonly worker: WorkerId
      readonly at: Instant
      readonly outcome: NoticeOutcome
    }
    result: boolean
  }

  /**
   * A copy of an earlier store takes over: what happened between the copy and now is unknown to it. Every mark is moved to
   * `at`, what was running is ended by the crash rule, and every waiting run is held: not claimed until it is released.
   * With `catchUp` all of that is left to the next start, as after a long sleep. Recorded as an event, with the gap.
   */
  takeOver: {
    change: { readonly at: Instant; readonly from: string; readonly catchUp: boolean }
    result: TakenOver
  }

  /** Lets held runs go on: `run` alone, or all. Gives those that it let go. RUN_UNKNOWN when there is no such run. */
  release: { change: { readonly run: RunId | null; readonly at: Instant }; result: readonly Run[] }

  /** A worker says hello. */
  joinWorker: { change: WorkerRow; result: null }

  /** A worker says goodbye, after it gave back or ended all that it held. */
  leaveWorker: { change: { readonly worker: WorkerId }; result: null }

  /**
   * From now on a worker takes nothing new, or (`drain` false) takes again; it finds that at its next look. Gives the worker.
   * One that is lost and comes back takes again. WORKER_UNKNOWN when none of this name is listed.
   */
  drainWorker: {
    change: { readonly worker: WorkerId; readonly drain: boolean; readonly at: Instant; readonly by: string }
    result: KnownWorker
  }

  /** Records something notable that happened to Rota itself. */
  event: { change: { readonly at: Instant; readonly name: string; readonly detail: string }; result: null }

  /**
   * Deletes what ended before `before`, by its outcome, and is not kept: over runs beyond the last `keep` executed ones of their schedule (by
   * hand: of their task; a removed schedule keeps none), with attempts, units and lines; and what conditions count no more.
   * At most `limit` of each, and fewer runs where many have to be kept, or have many lines: to be asked again until all is done. Steps of a flow
   * go after the run that stands for it.
   */
  prune: {
    change: { readonly at: Instant; readonly before: Outdated; readonly keep: number; readonly limit: number }
    result: Pruned
  }
}

export interface Pruned {
  /** How many runs, and counts of runs, went. */
  readonly gone: number
  /** Nothing more is to go. */
  readonly isDone: boolean
}

/** What judging one schedule changed. */
export interface Judged {
  readonly schedule: Schedule
  /** Created or released by the decision, in order: queued, or running where they were claimed. */
  readonly runs: readonly Run[]
  /** Written as open or skipped, or closed; or begun, where they stand for flows. */
  readonly others: readonly Run[]
  /** Asked to stop, or cancelled at once, in favour of a newer opportunity. */
  readonly cancelled: readonly Run[]
  /** Predicates it wants asked. */
  readonly asks: readonly string[]
  /** The mark was beyond the clock by this much, and was moved to now. */
  readonly clockSetBack: Duration | null
  /** Its pause was over by itself: what waited of it may start. */
  readonly resumed?: true
}

export interface Claimed {
  readonly runs: readonly Run[]
  /** Whether something due may wait that a limit or a pause keeps from starting. */
  readonly blocked: boolean
  /** When it is worth asking again although nothing ends: a rate, or the end of a pause, lets the next one start. */
  readonly againAt: Instant | null
}

export interface Finished {
  readonly run: Run
  readonly refused: Refusal | null
  readonly healthChanges: readonly HealthChange[]
}

/** A schedule as it is put. */
export interface ScheduleDefinition {
  readonly name: string
  readonly task: TaskName
  readonly input: Json
  readonly condition: string
  readonly timezone: string
  readonly anchor: Instant
  readonly policies: Policies
  readonly tags: readonly string[]
  readonly origin: Schedule['origin']
  readonly declaredHash: string | null
  /** What its condition and its `stopWhen` wait for besides time. */
  readonly waits: readonly Wait[]
  /** The first instant at which the scheduler must look at it. */
  readonly nextAt: Instant | null
}

export interface ScheduleFilter {
  readonly after?: string
  readonly limit: number
  readonly tag?: string
}

export interface RunFilter {
  /** Only runs with smaller numbers. */
  readonly before?: RunId
  readonly limit: number
  readonly states?: readonly RunState[]
  readonly task?: string
  readonly schedule?: string
  /** Only runs with a unit of this source. */
  readonly source?: string
}

export interface FlowPage {
  readonly after?: RunId
  readonly limit: number
}

/** A step of a flow, and between which of its points it leads. */
export interface FlowRun {
  readonly run: Run
  readonly from: number
  readonly to: number
  readonly rule: EdgeRule
}

export interface FlowCount extends Omit<FlowRun, 'run'> {
  readonly task: TaskName
  readonly state: RunState
  readonly count: number
}

export interface ItemFilter {
  readonly limit: number
  /** Continue after this one. */
  readonly before?: { readonly changedAt: Instant; readonly key: string }
}

export interface NewLogLine {
  readonly at: Instant
  readonly level: LogLevel
  readonly message: string
  readonly fields: Json
}

export interface LogLine extends NewLogLine {
  readonly seq: number
}

export interface StoredEvent {
  readonly id: number
  readonly at: Instant
  readonly name: string
  readonly detail: string
}

export const noticeStates = ['waiting', 'delivered', 'given up'] as const
export type NoticeState = (typeof noticeStates)[number]

/** A notice on its way to one destination. */
export interface StoredNotice extends Notice {
  readonly number: number
  readonly destination: string
  readonly state: NoticeState
  /** How often it was, or is being, sent. */
  readonly tries: number
  /** When it is sent next; while it is being sent, until when others leave it alone. */
  readonly dueAt: Instant
  /** Why it was not delivered the last time. */
  readonly problem: string | null
  readonly endedAt: Instant | null
}

export type NoticeOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'later'; readonly at: Instant; readonly problem: string | null }
  | { readonly kind: 'given up'; readonly problem: string }

export interface NoticeFilter {
  readonly limit: number
  /** Only those with smaller numbers. */
  readonly before?: number
}

export interface QueueCount {
  readonly name: string
  readonly running: number
  /** Queued, or waiting for the next attempt. */
  readonly waiting: number
}

/** Who paused what; `queue` null: everything. */
export interface StoredPause {
  readonly queue: string | null
  readonly pause: Pause
}

/** What a worker says of itself. */
export interface WorkerRow {
  readonly worker: WorkerId
  readonly host: string
  readonly version: string
  readonly startedAt: Instant
}

export interface KnownWorker extends WorkerRow {
  /** False for one of which only its runs are known: it said goodbye, or was taken for dead. */
  readonly isListed: boolean
  /** How many runs it executes. */
  readonly runs: number
  /** Since when, and by whom, it takes nothing new; null for one that does. */
  readonly drained: Drained | null
}

export interface Drained {
  readonly at: Instant
  readonly by: string
}

/** A worker of this process, as others see it. */
export interface Life extends AsyncDisposable {
  /**
   * Counts from now on, for as long as `patience` whatever this process does meanwhile, unless it is stopped; to be called
   * again before that is over, once there are others to see it.
   */
  beat(patience: Duration): Promise<void>
}

export interface StoreDescription {
  readonly kind: string
  readonly place: string
  readonly schema: number
  readonly bytes: number
  readonly engine: string
  /** When it was last backed up, as far as it knows. */
  readonly backedUpAt: Instant | null
  /** How many runs a restore held that are not released yet. */
  readonly held: number
}

/** A file that holds a whole store. */
export interface Backup {
  readonly file: string
  readonly bytes: number
}

/** What a restore changed in the copy that took over. */
export interface TakenOver {
  /** The schedules whose marks were moved, and the oldest of these marks. */
  readonly schedules: number
  readonly since: Instant | null
  /** Runs that wait until they are released. */
  readonly held: number
  /** Runs that were being executed, and have no attempt left. */
  readonly lost: number
}

export type { Health, HealthState }

/** The result of a change that must have succeeded. @throws the RotaError of one that did not */
export const granted = <T>(result: { readonly ok: T } | { readonly error: RotaError }): T => {
  if ('error' in result) throw result.error
  return result.ok
}
