/** The whole put together: what a program makes, starts, asks and stops. */

import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type {
  App,
  AppEvent,
  Declared,
  NoticesView,
  ProcessStatus,
  RotaOptions,
  RunDetails,
  RunOptions,
  RunsView,
  ScheduleOptions,
  SchedulesView,
  SourceStatus,
  SourcesView,
  Status,
  Target,
  WorkerStatus,
} from './app.ts'
import { systemClock } from './base/clock.ts'
import type { Clock } from './base/clock.ts'
import { parseDuration } from './base/duration.ts'
import type { Duration, DurationInput } from './base/duration.ts'
import { RotaError, asError } from './base/errors.ts'
import { formatInstant, instant } from './base/instant.ts'
import type { Instant } from './base/instant.ts'
import { toJson } from './base/json.ts'
import type { Json } from './base/json.ts'
import { silentLog } from './base/log.ts'
import type { Log, LogFields, LogLevel } from './base/log.ts'
import { nearest } from './base/nearest.ts'
import { randomTag } from './base/name.ts'
import type { RunId, TaskName } from './base/name.ts'
import { validate } from './base/schema.ts'
import { defineFlow, planOf } from './domain/flow.ts'
import type { Flow, FlowOptions, FlowStep } from './domain/flow.ts'
import { unknownHealth } from './domain/health.ts'
import type { Health, HealthSubject } from './domain/health.ts'
import { DEFAULT_QUEUE, atOnce, checkPriority, placeOf, queuesFrom, usualPlacing, waitingFor } from './domain/limits.ts'
import type { Limits, Placing, Queue } from './domain/limits.ts'
import { leaseFrom, patienceFor, stateOfWorker } from './domain/lease.ts'
import { retentionFrom } from './domain/retention.ts'
import type { Retention } from './domain/retention.ts'
import { isOver, isRoot } from './domain/run.ts'
import type { Run, Trigger, WorkerId } from './domain/run.ts'
import { isPauseOver, pauseFrom } from './domain/schedule.ts'
import type { Pause, Schedule } from './domain/schedule.ts'
import { defineTask, placingOf } from './domain/task.ts'
import type { Task, TaskOptions, Work } from './domain/task.ts'
import type { NamedDateSets } from './when/leaf-parts.ts'
import { EmbeddedEngine } from './engine/embedded.ts'
import { isRemote } from './engine/remote-mark.ts'
import { Calendars } from './scheduler/calendars.ts'
import type { Dates } from './scheduler/calendars.ts'
import { definitionOf, referencesOf, upcomingOf } from './scheduler/definition.ts'
import type { WrittenSchedule } from './scheduler/definition.ts'
import type { ImportedSchedule } from './scheduler/exchange.ts'
import { judgeWith } from './scheduler/due.ts'
import type { ScheduleExplanation } from './scheduler/explanation.ts'
import { viewFlow, waitsInFlow } from './scheduler/flow-view.ts'
import { Flows } from './scheduler/flows.ts'
import { NoticeRules } from './scheduler/notice-rules.ts'
import type { NoticeOptions } from './scheduler/notice-rules.ts'
import { Outbox, sendTo } from './scheduler/outbox.ts'
import { Predicates } from './scheduler/predicates.ts'
import type { Answer, Predicate, PredicateOptions } from './scheduler/predicates.ts'
import { showLife } from './scheduler/others.ts'
import { Scheduler } from './scheduler/scheduler.ts'
import { GroupCommit } from './store/group-commit.ts'
import type { Restored } from './store/sqlite/restore.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import type {
  Backup,
  Change,
  Finished,
  Judged,
  Life,
  RunFilter,
  Store,
  StoredEvent,
  StoredPause,
} from './store/store.ts'
import { version } from './version.ts'

const LONGEST_INPUT = 1_000_000
const STOP_GRACE = '10 s'
const CONCURRENCY = 100
// A handler that ignores its signal leaks: from here on it is worth a person's attention.
const ABANDONED_IS_TROUBLE = 3
const DAY_MS = 86_400_000
const LOOK_AGAIN_MS = 1_000
// How far back an explanation looks for what used an event.
const MOST_ROWS = 100
// Among so many a slip of a name is looked for.
const MOST_NAMES = 1_000
// Schedules read at a time.
const PAGE = 500

/**
 * Makes an app. Nothing is opened or started yet.
 *
 * @example
 * const app = rota({ store: 'news.db' })
 * app.task('fetch-news', async ({ signal }) => (await fetch('http://localhost:8080/', { signal })).status)
 * app.schedule('news', { task: 'fetch-news', when: 'every 5 minutes and between 09:00 and 17:00', timezone: 'Europe/Berlin' })
 * await app.start()
 */
export const rota = (options: RotaOptions = {}): App => new Rota(options)

/** What exists only while the store is open. */
interface Opened {
  readonly store: Store
  readonly group: GroupCommit
}

/** What exists only while this process executes runs. */
interface Working extends Opened {
  readonly worker: WorkerId
  readonly hello: Change & { readonly kind: 'joinWorker' }
  readonly engine: EmbeddedEngine
  readonly life: Life
}

class Rota implements App {
  readonly #options: RotaOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #retention: Retention
  readonly #lookEvery: Duration | null
  readonly #lease: Duration
  readonly #tasks = new Map<string, Task>()
  readonly #placings = new Map<string, Placing>()
  readonly #declared = new Map<string, WrittenSchedule>()
  readonly #predicates = new Predicates()
  readonly #calendars = new Calendars()
  readonly #noticeRules = new NoticeRules()
  readonly #plans = {
    attemptsAllowed: (task: TaskName) => this.#tasks.get(task)?.retry.attempts ?? 1,
    placing: (task: TaskName) => this.#placings.get(task) ?? usualPlacing,
  }
  readonly #flows = new Flows(this.#plans)
  readonly #judge = judgeWith({
    ...this.#plans,
    flow: name => this.#flows.planner(name),
    answers: at => this.#predicates.answers(at),
  })
  /** Those of the store too, as they were when it was opened. */
  #dates: NamedDateSets = {}
  readonly #listeners = new Set<(event: AppEvent) => void>()
  /** Who waits for what becomes of one run: many may wait at once, and an event is news to few of them. */
  readonly #waiters = new Map<RunId, Set<(run: Run) => void>>()
  #limits: Limits
  #store: string | Store
  #opening: Promise<Opened> | null = null
  #working: Promise<Working> | null = null
  // Until it has stopped.
  #engine: EmbeddedEngine | null = null
  #scheduler: Scheduler | null = null
  #outbox: Outbox | null = null
  #startedAt: Instant | null = null
  #storeTrouble: Error | null = null
  #clockTrouble: { readonly detail: string; readonly at: Instant } | null = null
  #noticeTrouble: { readonly detail: string; readonly at: Instant } | null = null

  constructor(options: RotaOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    this.#log = options.log ?? silentLog
    this.#store = options.store ?? 'rota.db'
    this.#retention = retentionFrom(options.retention)
    this.#lookEvery = options.lookEvery === undefined ? null : parseDuration(options.lookEvery)
    this.#lease = leaseFrom(options.lease, this.#lookEvery)
    atOnce('concurrency', options.concurrency)
    this.#limits = {
      total: atOnce('totalConcurrency', options.totalConcurrency),
      queues: queuesFrom(options.queues ?? {}),
      tasks: new Map(),
    }
  }

  // ---- tasks

  task<Input, Result>(
    name: string,
    handler: Work<Input, Result>,
    options: TaskOptions<Input> = {},
  ): Task<Input, Result> {
    const task = defineTask(name, handler, options)
    this.add(task)
    return task
  }

  add<T extends Task<never, unknown> | Flow>(made: T): T {
    this.#refuseTaken(made.name)
    if (made.kind === 'flow') this.#flows.add(made)
    else this.#addTask(made)
    // What was judged ahead knew nothing of it.
    this.#scheduler?.poke()
    return made
  }

  #addTask(task: Task<never, unknown>): void {
    this.#tasks.set(task.name, task as unknown as Task)
    this.#placings.set(task.name, placingOf(task))
    const { limits } = task
    if (limits !== null)
      this.#limits = { ...this.#limits, tasks: new Map([...this.#limits.tasks, [task.name, limits]]) }
  }

  flow(name: string, steps: FlowStep, options: FlowOptions = {}): Flow {
    return this.add(defineFlow(name, steps, options))
  }

  #refuseTaken(name: string): void {
    const what = this.#tasks.has(name) ? 'task' : this.#flows.get(name) === undefined ? null : 'flow'
    if (what !== null) throw new RotaError('TASK_EXISTS', `There is a ${what} '${name}' already.`)
  }

  readonly flows = {
    list: (): readonly Flow[] => this.#flows.list(),
    get: (name: string): Flow | undefined => this.#flows.get(name),
  }

  readonly tasks = {
    list: (): readonly Task<never, unknown>[] => [...this.#tasks.values()],
    get: (name: string): Task<never, unknown> => this.#task(name),
  }

  #task(name: string): Task {
    const task = this.#tasks.get(name)
    if (task !== undefined) return task
    const hint = nearest(name, this.#targets())
    throw new RotaError(
      'TASK_UNKNOWN',
      `There is no task '${name.slice(0, 100)}'.${hint === undefined ? '' : ` Did you mean '${hint}'?`}`,
      {
        details: { task: name.slice(0, 100), ...(hint === undefined ? {} : { hint }) },
      },
    )
  }

  /** What can be run: tasks and flows. */
  #targets(): ReadonlySet<string> {
    return new Set([...this.#tasks.keys(), ...this.#flows.names()])
  }

  /** @throws RotaError TASK_UNKNOWN */
  #checkTarget(name: string): void {
    if (this.#flows.get(name) === undefined) this.#task(name)
  }

  // ---- what conditions refer to

  predicate(name: string, ask: Predicate, options: PredicateOptions = {}): void {
    this.#predicates.register(name, ask, options)
  }

  async changed(predicate: string): Promise<void> {
    if (!this.#predicates.has(predicate))
      throw unknownReference('PREDICATE_UNKNOWN', predicate, this.#predicates.names())
    this.#predicates.forget(predicate)
    const { group } = await this.#open()
    await group.apply({ kind: 'announce', predicates: [predicate], at: this.#clock.now() })
  }

  calendar(name: string, dates: Dates): void {
    this.#calendars.declare(name, dates)
  }

  async #keepCalendars(group: GroupCommit): Promise<void> {
    const at = this.#clock.now()
    const sets = await this.#calendars.read(at)
    this.#dates = { ...this.#dates, ...Object.fromEntries(sets) }
    await Promise.all([...sets].map(([name, dates]) => group.apply({ kind: 'putCalendar', name, dates, at })))
  }

  // References may look forward, so that they are checked when everything is there.
  #checkReferences(stored: NamedDateSets): void {
    for (const written of this.#declared.values()) this.#checkReferencesOf(written, stored)
  }

  #checkReferencesOf(written: WrittenSchedule, stored: NamedDateSets): void {
    const { tasks, subjects, predicates, calendars } = referencesOf(written)
    for (const name of tasks) this.#checkTarget(name)
    this.#flows.refuseRound(written)
    const known = new Set([...this.#tasks.keys(), ...this.#sourceNames()])
    const bad = subjects.find(name => !known.has(name))
    if (bad !== undefined) throw unknownReference('TASK_UNKNOWN', bad, known)
    const unasked = predicates.find(name => !this.#predicates.has(name))
    if (unasked !== undefined) throw unknownReference('PREDICATE_UNKNOWN', unasked, this.#predicates.names())
    const undated = calendars.find(name => !this.#calendars.has(name) && !Object.hasOwn(stored, name))
    if (undated !== undefined) {
      throw unknownReference('CALENDAR_UNKNOWN', undated, [...this.#calendars.declared.keys(), ...Object.keys(stored)])
    }
  }

  // ---- notices

  readonly notices: NoticesView = {
    list: async filter => (await this.#open()).store.notices(filter),
    destinations: () => [...this.#noticeRules.destinations.keys()],
    test: async name => {
      const at = this.#clock.now()
      const subject = { kind: 'task', name: 'test' } as const
      const text = 'this is a test: what Rota has to tell arrives here'
      const notice = { id: `test-${at.toString(36)}`, kind: 'test', subject, run: null, at, text } as const
      const destination = this.#noticeRules.destination(name)
      return sendTo(destination, notice, this.#clock, new AbortController().signal).catch((error: unknown) => ({
        kind: 'failed',
        why: asError(error).message,
        retryAt: null,
      }))
    },
  }

  async #keepNoticeRules(store: Store, group: GroupCommit, worker: WorkerId): Promise<void> {
    const { destinations, rules } = this.#noticeRules
    const known = new Set([...this.#targets(), ...this.#sourceNames()])
    const unknown = rules.flatMap(({ tasks }) => tasks ?? []).find(name => !known.has(name))
    if (unknown !== undefined) throw unknownReference('TASK_UNKNOWN', unknown, known)
    if (rules.length === 0 && (await store.noticeRules()).length === 0) return
    const at = this.#clock.now()
    await group.apply({ kind: 'putNoticeRules', worker, destinations: [...destinations.keys()], rules, at })
    this.#outbox = new Outbox({
      store,
      group,
      clock: this.#clock,
      worker,
      random: this.#options.random ?? Math.random,
      destinations,
      listener: {
        noticed: (level, message, fields) => this.#notice(level, message, fields),
        gaveUp: ({ destination, problem }) => {
          const detail = `a notice could not be delivered to ${destination}: ${problem ?? 'nobody knows why'}`
          this.#noticeTrouble = { detail, at: this.#clock.now() }
        },
      },
    })
  }

  // ---- life

  schedule(name: string, options: ScheduleOptions): void {
    if (this.#scheduler !== null) {
      throw new RotaError(
        'ALREADY_STARTED',
        `'${name}' is declared after the start; create it with app.schedules.create.`,
      )
    }
    if (this.#declared.has(name)) throw new RotaError('SCHEDULE_EXISTS', `The code declares '${name}' twice.`)
    const written = asWritten(options)
    // Read now, so that what is wrong is said where it is written.
    definitionOf(name, written, 'code', this.#clock.now(), null)
    this.#declared.set(name, written)
  }

  notify(options: NoticeOptions): void {
    if (this.#scheduler !== null) throw new RotaError('ALREADY_STARTED', 'Notices are declared before the start.')
    this.#noticeRules.declare(options)
  }

  declared(): Declared {
    return {
      schedules: this.#declared,
      concurrency: this.#options.concurrency ?? CONCURRENCY,
      totalConcurrency: this.#limits.total,
      queues: this.#options.queues ?? {},
      calendars: this.#calendars.declared,
      predicates: [...this.#predicates.names()],
    }
  }

  async open(options: { readonly store?: string } = {}): Promise<void> {
    if (options.store !== undefined) {
      if (this.#opening !== null)
        throw new RotaError('ALREADY_STARTED', 'Its store is open already; name another one before.')
      this.#store = options.store
    }
    await this.#open()
  }

  async start(): Promise<void> {
    if (this.#scheduler !== null) throw new RotaError('ALREADY_STARTED')
    for (const written of this.#declared.values()) this.#checkTarget(written.task)
    for (const task of this.#flows.tasks()) this.#task(task)
    const working = await this.#work()
    const { store, group, engine, worker, life } = working
    await this.#keepCalendars(group)
    this.#checkReferences(await store.calendars())
    await this.#declare(store, group)
    await this.#keepNoticeRules(store, group, worker)
    this.#scheduler = new Scheduler({
      store,
      group,
      judge: this.#judge,
      engine,
      worker,
      life,
      lease: this.#lease,
      patience: this.#patience,
      clock: this.#clock,
      retention: this.#retention,
      predicates: this.#predicates,
      lookEvery: this.#lookEvery,
      listener: {
        changed: run => this.#tellRun(run),
        takenForDead: () => this.#joinAgain(working),
        clockSetBack: detail => {
          this.#clockTrouble = { detail, at: this.#clock.now() }
        },
        noticed: (level, message, fields) => this.#notice(level, message, fields),
        changedElsewhere: () => this.#outbox?.wake(),
      },
    })
    this.#startedAt = this.#clock.now()
    try {
      await this.#scheduler.start()
      await group.apply({ kind: 'start', at: this.#clock.now() })
    } catch (error) {
      // The store failed. Nothing goes on behind an answer that says so; it can be started again.
      this.#scheduler.stop()
      this.#scheduler = null
      this.#startedAt = null
      throw error
    }
    this.#outbox?.wake()
  }

  async stop(options: { readonly grace?: DurationInput } = {}): Promise<void> {
    const grace = parseDuration(options.grace ?? STOP_GRACE)
    this.#scheduler?.stop()
    this.#scheduler = null
    const outbox = this.#outbox
    this.#outbox = null
    this.#startedAt = null
    const working = this.#working
    const opening = this.#opening
    this.#working = null
    this.#opening = null
    await outbox?.stop()
    try {
      if (working !== null) await endWork(await working, grace)
    } finally {
      this.#engine = null
      if (opening !== null) {
        const { store, group } = await opening
        await group.settled()
        await store.close()
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#openStore().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #openStore(): Promise<Opened> {
    const { durability = 'normal' } = this.#options
    let lost = 0
    const onLoss = (commits: number): void => void (lost = commits)
    const opened =
      typeof this.#store === 'string' ? await openSqliteStore({ path: this.#store, durability, onLoss }) : this.#store
    const group = new GroupCommit({
      store: opened,
      judge: this.#judge,
      clock: this.#clock,
      reconcile: () => this.#reconcile(),
      onTrouble: trouble => this.#storeIn(trouble),
      onJudged: judged => this.#setGoing(judged),
      onFlows: moved => void this.#flowsMoved(moved),
      onNotices: () => this.#outbox?.wake(),
    })
    this.#dates = await opened.calendars()
    if (lost > 0) await this.#lostCommits(group, lost)
    return { store: opened, group }
  }

  async #lostCommits(group: GroupCommit, commits: number): Promise<void> {
    const detail = `the machine went down before the last commits were on the disk: ${commits} at least are lost`
    this.#notice('warn', detail, { commits })
    await group.apply({ kind: 'event', at: this.#clock.now(), name: 'commits lost', detail })
  }

  async backup(file: string, { force = false }: { readonly force?: boolean } = {}): Promise<Backup> {
    const { store } = await this.#open()
    return store.backup(file, { at: this.#clock.now(), force })
  }

  async restore(
    file: string,
    options: { readonly store?: string; readonly force?: boolean; readonly catchUp?: boolean } = {},
  ): Promise<Restored> {
    if (this.#opening !== null) throw new RotaError('ALREADY_STARTED', 'Its store is open; restore before that.')
    const { store = this.#store, force = false, catchUp = false } = options
    if (typeof store !== 'string' || store === ':memory:')
      throw new RotaError('OPTION_INVALID', 'The app has no store file; name one to restore to.')
    const { restoreBackup } = await import('./store/sqlite/restore.ts')
    return restoreBackup(file, resolve(store), { at: this.#clock.now(), force, catchUp, judge: this.#judge })
  }

  #work(): Promise<Working> {
    if (isRemote()) throw startedInWork()
    this.#working ??= this.#beginWork().catch((error: unknown) => {
      this.#working = null
      throw error
    })
    return this.#working
  }

  async #beginWork(): Promise<Working> {
    const opened = await this.#open()
    const { store, group } = opened
    const worker = `${hostname()}-${randomTag()}`
    // The proof of life before the name: nobody may find the name without it.
    const life = await store.keepAlive(worker)
    const hello = { kind: 'joinWorker', worker, host: hostname(), version, startedAt: this.#clock.now() } as const
    await group.apply(hello)
    const engine = (this.#engine = new EmbeddedEngine({
      worker,
      slots: this.#options.concurrency ?? CONCURRENCY,
      store,
      group,
      clock: this.#clock,
      random: this.#options.random ?? Math.random,
      secretsFile: this.#options.secretsFile ?? null,
      tasks: { get: name => this.#tasks.get(name), names: () => [...this.#tasks.keys()] as TaskName[] },
      limits: () => this.#limits,
      listener: {
        claimed: run => this.#tellRun(run),
        finished: finished => this.#finished(finished),
        mayClaimAt: at => this.#scheduler?.retryBy(at),
        logged: (run, lines) => this.#tell({ kind: 'log', run, lines }),
        progressed: (run, progress) => this.#tell({ kind: 'progress', run, progress }),
        noticed: (level, message, fields) => this.#notice(level, message, fields),
      },
    }))
    return { ...opened, worker, hello, engine, life }
  }

  /** What was committed and not answered: runs to execute or to end, runs that wait, a sooner next instant. */
  async #reconcile(): Promise<void> {
    await this.#engine?.reconcile()
    if (this.#scheduler === null) return
    this.#engine?.wake()
    this.#scheduler.poke()
  }

  /** How long this process may be busy with something else before others take it for lost. */
  readonly #patience = (): Duration => patienceFor([...this.#tasks.values()])

  // It stood still for long, and lives: its runs were taken over, and new ones may be its.
  #joinAgain({ group, worker, hello }: Working): void {
    this.#notice('warn', 'this worker was taken for dead by another process; it goes on', { worker })
    group.apply(hello).catch(() => {})
  }

  async #declare(store: Store, group: GroupCommit): Promise<void> {
    const at = this.#clock.now()
    const declaring = [...this.#declared].map(async ([name, written]) => {
      const existing = await store.schedule(name)
      const definition = definitionOf(name, written, 'code', at, existing)
      return group.apply({ kind: 'putSchedule', mode: 'declare', at, definition })
    })
    await Promise.all(declaring)
    const gone = await group.apply({ kind: 'undeclare', names: [...this.#declared.keys()], at })
    if (gone.length > 0)
      this.#notice('warn', 'schedules are no longer declared in code; they go on until removed', { schedules: gone })
  }

  // ---- runs

  async run(task: Target, options: RunOptions = {}): Promise<Run> {
    return this.#request(nameOf(task), options, byHand(options))
  }

  async execute(task: Target, options: RunOptions = {}): Promise<Run> {
    const working = await this.#work()
    const ended = new AbortController()
    // The scheduler does so where there is one.
    if (this.#scheduler === null) showLife({ ...working, clock: this.#clock, patience: this.#patience }, ended.signal)
    try {
      const run = await this.#request(nameOf(task), options, byHand(options))
      return isRoot(run) ? await this.#executeFlow(working.engine, run) : await this.#executeRun(working.engine, run)
    } finally {
      ended.abort()
    }
  }

  async #executeRun(engine: EmbeddedEngine, wanted: Run): Promise<Run> {
    let run = wanted
    while (!isOver(run)) {
      if (run.retryAt !== null) await this.#restUntil(run.retryAt, run.id)
      await this.#take(engine, run.id)
      run = await this.#settled(run.id, change => isOver(change) || change.state === 'retrying')
    }
    return run
  }

  /** Takes it as soon as limits and pauses let it start, unless somebody else does. */
  async #take(engine: EmbeddedEngine, id: RunId): Promise<void> {
    for (let told = false; !(await engine.take(id)); told = true) {
      const { run, waiting } = await this.#shown(id)
      const isDue = run.state === 'queued' || (run.state === 'retrying' && (run.retryAt ?? 0) <= this.#clock.now())
      if (!isDue) return
      if (!told && waiting !== null) this.#notice('info', `run ${id} ${waiting}`, { run: id })
      await this.#clock.sleepUntil(instant(this.#clock.now() + LOOK_AGAIN_MS))
      if (this.#working === null) throw new RotaError('STOPPED')
    }
  }

  /** Until then, or until the run is over because somebody cancelled it. */
  async #restUntil(at: Instant, id: RunId): Promise<void> {
    const rest = new AbortController()
    try {
      await Promise.race([this.#clock.sleepUntil(at, rest.signal), this.#settled(id, isOver, rest.signal)])
    } finally {
      rest.abort()
    }
  }

  readonly runs: RunsView = {
    list: async filter => (await this.#open()).store.runs(filter),
    get: async id => this.#shown(id),
    logs: async (id, afterSeq, limit) => (await this.#open()).store.logs(id, afterSeq, limit),
    cancel: async (id, by) => this.#cancel(id, by),
    again: async (id, by) => {
      const { run } = await this.#details(id)
      const priority = isRoot(run) ? {} : { priority: run.priority }
      return this.#request(run.task, { input: run.input, ...priority }, { kind: 'again', by, of: id })
    },
    explain: async id => {
      const { run, waiting } = await this.#shown(id)
      const { nominalAt } = run
      const { store } = await this.#open()
      // Of a name that was given again, the new schedule explains nothing of the old one's runs.
      const current = run.schedule === null ? null : await store.schedule(run.schedule)
      const schedule = current === null || current.id !== run.scheduleId ? null : current.name
      const at = instant(Math.min(nominalAt ?? run.createdAt, this.#clock.now()))
      const explained = schedule === null ? null : await this.#explain(schedule, at).catch(ifGone)
      const { became, wantedBy } = await import('./scheduler/became.ts')
      const { heldBack, wallBeside } = await import('./scheduler/explanation.ts')
      const { held } = await store.describe()
      const wall = wallBeside(explained?.timezone ?? 'UTC', this.#clock.now())
      const sentences = [
        wantedBy(run, wall),
        ...(run.state === 'open' && waiting !== null ? [] : [`${capital(became(run, wall))}.`]),
        ...(waiting === null ? [] : [`It ${waiting}.`]),
        ...heldBack([run], held),
      ]
      return { run, sentences, schedule: explained }
    },
    flow: async (id, page) => {
      const { store } = await this.#open()
      return viewFlow((await this.#details(id)).run, page, store)
    },
    release: async id => this.#release(id),
    finished: async (id, signal) => this.#settled(id, isOver, signal),
  }

  async #request(name: string, options: Pick<RunOptions, 'input' | 'priority'>, trigger: Trigger): Promise<Run> {
    const flow = this.#flows.get(name)
    if (flow !== undefined) return this.#requestFlow(flow, options, trigger)
    const task = this.#task(name)
    const placing = placingOf(task)
    const priority = checkPriority('a run', options.priority ?? placing.priority)
    const input = inputOf(options)
    if (task.input !== null) await validate(task.input, input)
    const { group } = await this.#open()
    // Only a started app executes what is requested; `execute` takes its own run.
    const working = this.#scheduler === null ? null : await this.#work()
    const reserved = working?.engine.reserve(task.name) ?? false
    try {
      const run = await group.apply({
        kind: 'request',
        task: task.name,
        input,
        trigger,
        at: this.#clock.now(),
        attemptsAllowed: task.retry.attempts,
        place: placeOf({ ...placing, priority }, input),
        claimFor: reserved && working !== null ? working.worker : null,
      })
      this.#tellRun(run)
      // Its queue may be paused.
      if (reserved && run.state !== 'running') working?.engine.release(1)
      if (run.state === 'running') working?.engine.deliver(run)
      else if (this.#scheduler !== null) working?.engine.wake()
      return run
    } catch (error) {
      if (reserved) working?.engine.release(1)
      throw error
    }
  }

  async #requestFlow(flow: Flow, options: Pick<RunOptions, 'input' | 'priority'>, trigger: Trigger): Promise<Run> {
    if (options.priority !== undefined)
      throw new RotaError('OPTION_INVALID', `'${flow.name}' is a flow: its steps have the priorities of their tasks.`)
    for (const { task } of flow.steps) this.#task(task)
    const input = inputOf(options)
    const { group } = await this.#open()
    const run = await group.apply({
      kind: 'request',
      task: flow.name,
      input,
      trigger,
      at: this.#clock.now(),
      attemptsAllowed: 1,
      claimFor: null,
      plan: planOf(flow, input, this.#plans),
    })
    this.#tellRun(run)
    return run
  }

  /** Executes the steps of a flow here, and nothing else, until the whole is over. */
  async #executeFlow(engine: EmbeddedEngine, { id }: Run): Promise<Run> {
    const { store } = await this.#open()
    const { executeFlow } = await import('./scheduler/execute-flow.ts')
    return executeFlow(id, {
      store,
      engine,
      clock: this.#clock,
      slots: this.#slots,
      onRun: heard => this.on(event => event.kind === 'run' && heard(event.run)),
      isStopped: () => this.#working === null,
    })
  }

  async #shown(id: RunId): Promise<RunDetails> {
    const details = await this.#details(id)
    return { ...details, waiting: await this.#waitingOf(details.run) }
  }

  /** Why a queued or due retrying run is not being executed. */
  async #waitingOf(run: Run): Promise<string | null> {
    const now = this.#clock.now()
    if (run.state === 'retrying' && run.retryAt !== null && run.retryAt > now)
      return `waits for its next attempt, due at ${formatInstant(run.retryAt)}`
    const { store } = await this.#open()
    if (run.state !== 'queued' && run.state !== 'retrying') return waitsInFlow(run, store)
    const [gate] = await store.gates(run.id, this.#limits, now)
    if (gate !== undefined) return waitingFor(gate)
    if (this.#tasks.size > 0 && !this.#tasks.has(run.task)) return `waits: nobody here knows its task '${run.task}'`
    const slots = this.#slots
    const engine = this.#scheduler === null ? null : ((await this.#working)?.engine ?? null)
    if (engine !== null && engine.running >= slots) return `waits for a free slot: ${slots} of ${slots} are taken here`
    return (await store.workers()).length === 0 ? 'waits for a worker: none is alive' : 'waits for a free slot'
  }

  get #slots(): number {
    return this.#options.concurrency ?? CONCURRENCY
  }

  async #details(id: RunId): Promise<Omit<RunDetails, 'waiting'>> {
    const run = await this.#stored(id)
    const { store } = await this.#open()
    const [attempts, units, progress] = await Promise.all([store.attempts(id), store.units(id), store.progress(id)])
    return { run, attempts, units, progress }
  }

  async #stored(id: RunId): Promise<Run> {
    const { store } = await this.#open()
    const run = await store.run(id)
    if (run === null) throw new RotaError('RUN_UNKNOWN', `There is no run ${id}.`)
    return run
  }

  async #cancel(id: RunId, by: string): Promise<Run> {
    const { group } = await this.#open()
    const finished = await group.apply({ kind: 'cancel', run: id, at: this.#clock.now(), by })
    if (finished.refused !== null) {
      throw new RotaError('RUN_ALREADY_OVER', `Run ${id} is over: it ${finished.run.state}.`, {
        details: { state: finished.run.state },
      })
    }
    // Its steps, and perhaps itself, were told of already.
    if (isRoot(finished.run)) return (await this.#details(id)).run
    if (finished.run.state === 'running') {
      const working = await this.#working
      working?.engine.abort(finished.run, 'cancelled')
      this.#tellRun(finished.run)
    } else this.#finished(finished)
    // Its schedule may have a place again.
    if (finished.run.scheduleId !== null) this.#scheduler?.poke()
    return finished.run
  }

  async #release(id: RunId | null): Promise<readonly Run[]> {
    const { group } = await this.#open()
    const released = await group.apply({ kind: 'release', run: id, at: this.#clock.now() })
    for (const run of released) this.#tellRun(run)
    const working = await this.#working
    working?.engine.wake()
    return released
  }

  /** The run once `isSettled` holds: told by this process's events, or found in the store when another process executes it. */
  async #settled(id: RunId, isSettled: (run: Run) => boolean, signal?: AbortSignal): Promise<Run> {
    const told = Promise.withResolvers<Run>()
    const ignore = this.#await(id, run => {
      if (isSettled(run)) told.resolve(run)
    })
    const stopLooking = new AbortController()
    const until = signal === undefined ? stopLooking.signal : AbortSignal.any([signal, stopLooking.signal])
    try {
      return await Promise.race([told.promise, this.#lookUntil(id, isSettled, until)])
    } finally {
      ignore()
      // Nobody hears this; the usual reason would be an error with a stack.
      stopLooking.abort('settled')
    }
  }

  #await(id: RunId, waiter: (run: Run) => void): () => void {
    const waiters = this.#waiters.get(id) ?? new Set()
    this.#waiters.set(id, waiters.add(waiter))
    return () => {
      waiters.delete(waiter)
      if (waiters.size === 0) this.#waiters.delete(id)
    }
  }

  async #lookUntil(id: RunId, isSettled: (run: Run) => boolean, signal: AbortSignal): Promise<Run> {
    while (true) {
      signal.throwIfAborted()
      const run = await this.#stored(id)
      if (isSettled(run)) return run
      await this.#clock.sleepUntil(instant(this.#clock.now() + LOOK_AGAIN_MS), signal)
    }
  }

  // ---- queues

  async pause({
    queue,
    by,
    why,
    for: length,
  }: {
    readonly queue?: string
    readonly by: string
    readonly why?: string
    readonly for?: DurationInput
  }): Promise<Pause> {
    const { group } = await this.#open()
    const pause = pauseFrom(this.#clock.now(), by, why, length)
    return group.apply({ kind: 'pause', queue: await this.#knownQueue(queue), pause })
  }

  async resume({ queue, by }: { readonly queue?: string; readonly by: string }): Promise<boolean> {
    const { group } = await this.#open()
    const was = await group.apply({
      kind: 'resume',
      queue: await this.#knownQueue(queue),
      at: this.#clock.now(),
      by,
    })
    if (this.#scheduler !== null) (await this.#working)?.engine.wake()
    return was
  }

  async queues(): Promise<readonly Queue[]> {
    const { store } = await this.#open()
    const [counts, pauses] = await Promise.all([store.queues(), this.#pauses(store)])
    const names = new Set([
      DEFAULT_QUEUE,
      ...this.#limits.queues.keys(),
      ...[...this.#tasks.values()].map(task => task.queue),
      ...counts.map(({ name }) => name),
      ...pauses.flatMap(({ queue }) => (queue === null ? [] : [queue])),
    ])
    return [...names].sort().map(name => {
      const { running = 0, waiting = 0 } = counts.find(one => one.name === name) ?? {}
      const paused = pauses.find(({ queue }) => queue === name)?.pause ?? null
      return { name, running, waiting, concurrency: this.#limits.queues.get(name) ?? null, paused }
    })
  }

  /** Those that are not over by themselves. */
  async #pauses(store: Store): Promise<readonly StoredPause[]> {
    const now = this.#clock.now()
    return (await store.pauses()).filter(({ pause }) => !isPauseOver(pause, now))
  }

  /** The name, or null for everything. */
  async #knownQueue(name: string | undefined): Promise<string | null> {
    if (name === undefined) return null
    const known = (await this.queues()).map(queue => queue.name)
    if (known.includes(name)) return name
    throw unknownReference('QUEUE_UNKNOWN', name, known)
  }

  // ---- schedules

  readonly schedules: SchedulesView = {
    list: async filter => (await this.#open()).store.schedules(filter),
    get: async name => this.#schedule(name),
    create: async (name, options) => this.#create(name, options),
    pause: async (name, by, why, length) => {
      const { group } = await this.#open()
      const pause = pauseFrom(this.#clock.now(), by, why, length)
      return this.#changed(await group.apply({ kind: 'pauseSchedule', name, pause }), 'paused')
    },
    resume: async name => {
      const { group } = await this.#open()
      return this.#changed(await group.apply({ kind: 'resumeSchedule', name, at: this.#clock.now() }), 'resumed')
    },
    remove: async name => {
      const { group } = await this.#open()
      return this.#changed(await group.apply({ kind: 'removeSchedule', name, at: this.#clock.now() }), 'removed')
    },
    export: async () => {
      const all = await this.#allSchedules()
      const lasting = all.filter(schedule => schedule.status !== 'ended')
      const { portable } = await import('./scheduler/exchange.ts')
      return { version: 1, schedules: lasting.map(schedule => portable(schedule, schedule.paused)) }
    },
    import: async (file, { dryRun = false } = {}) => this.#import(file, dryRun),
    strips: async (schedules, limit) => {
      const ids = schedules.map(schedule => schedule.id)
      return (await this.#open()).store.strips(ids, limit)
    },
    explain: async (name, at) => this.#explain(name, at ?? null),
    upcoming: (schedule, count) =>
      schedule.status === 'active' ? upcomingOf(schedule, this.#clock.now(), count, this.#dates) : [],
  }

  /** Null: about now, and not about the moment before in which it was asked. */
  async #explain(name: string, asked: Instant | null): Promise<ScheduleExplanation> {
    const { store } = await this.#open()
    const now = this.#clock.now()
    const at = asked ?? now
    const { explainSchedule, tasksOf } = await import('./scheduler/explanation.ts')
    const subject = await store.subject(name, at)
    if (subject === null) throw await unknownSchedule(name, store)
    const { schedule } = subject
    const decision = await store.decisionAt(schedule.id, at)
    const before = at < now && decision !== null ? { before: (decision.id + 1) as RunId } : {}
    const rows = await store.runs({ schedule: name, limit: MOST_ROWS, ...before })
    return explainSchedule({
      subject,
      now,
      at,
      decision,
      rows: rows.filter(({ scheduleId }) => scheduleId === schedule.id),
      runs: await runsAround(store, tasksOf(schedule), before),
      answers: this.#lastAnswers(),
      held: (await store.describe()).held,
      unknown: this.#unknownIn(schedule, await store.calendars()),
      cycle: await store.cycleThrough(schedule.task),
    })
  }

  #lastAnswers(): ReadonlyMap<string, Answer> {
    const names = [...this.#predicates.names()]
    return new Map(
      names.flatMap(name => {
        const answer = this.#predicates.last(name)
        return answer === undefined ? [] : [[name, answer] as const]
      }),
    )
  }

  /** What a stored schedule names and nobody here knows any more. */
  #unknownIn({ task, condition, policies, status }: Schedule, stored: NamedDateSets): readonly string[] {
    // An app for a store alone knows no names at all.
    if (status === 'unloadable' || this.#tasks.size === 0) return []
    const named = referencesOf({
      when: condition,
      ...(policies.stopWhen === null ? {} : { stopWhen: policies.stopWhen }),
    })
    const tasks = new Set([...this.#targets(), ...this.#sourceNames()])
    return [
      ...[task, ...named.tasks, ...named.subjects].filter(name => !tasks.has(name)),
      ...named.predicates.filter(name => !this.#predicates.has(name)),
      ...named.calendars.filter(name => !Object.hasOwn(stored, name)),
    ]
  }

  async #allSchedules(): Promise<readonly Schedule[]> {
    const { store } = await this.#open()
    const all: Schedule[] = []
    for (;;) {
      const last = all.at(-1)?.name
      const page = await store.schedules({ limit: PAGE, ...(last === undefined ? {} : { after: last }) })
      all.push(...page)
      if (page.length < PAGE) return all
    }
  }

  async #import(file: unknown, dryRun: boolean): Promise<readonly ImportedSchedule[]> {
    const { group } = await this.#open()
    const stored = new Map((await this.#allSchedules()).map(schedule => [schedule.name, schedule]))
    const at = this.#clock.now()
    const { readScheduleFile } = await import('./scheduler/exchange.ts')
    const entries = readScheduleFile(file, stored, at)
    const changes = entries.filter(entry => entry.change !== 'unchanged')
    if (!dryRun && changes.length > 0) {
      await group.apply({ kind: 'importSchedules', at, entries: changes })
      this.#scheduler?.poke()
      this.#outbox?.wake()
      for (const { name, change } of changes)
        this.#tell({ kind: 'schedule', name, change: change === 'created' ? 'created' : 'edited' })
    }
    return entries.map(({ name, change, differences }) => ({ name, change, differences }))
  }

  async #schedule(name: string): Promise<Schedule> {
    const { store } = await this.#open()
    const schedule = await store.schedule(name)
    if (schedule === null) throw await unknownSchedule(name, store)
    return schedule
  }

  async #create(name: string, options: ScheduleOptions): Promise<Schedule> {
    const { store, group } = await this.#open()
    const at = this.#clock.now()
    const written = asWritten(options)
    this.#checkTarget(written.task)
    this.#checkReferencesOf(written, await store.calendars())
    const definition = definitionOf(name, written, 'run time', at, null)
    return this.#changed(await group.apply({ kind: 'putSchedule', mode: 'create', at, definition }), 'created')
  }

  #changed(schedule: Schedule, change: 'created' | 'paused' | 'resumed' | 'removed'): Schedule {
    this.#scheduler?.poke()
    this.#outbox?.wake()
    this.#tell({ kind: 'schedule', name: schedule.name, change })
    return schedule
  }

  // ---- sources, and the whole

  readonly sources: SourcesView = {
    list: async () => {
      const { store } = await this.#open()
      const known = new Map((await store.healths('source')).map(health => [health.subject.name, health]))
      const names = new Set([...this.#sourceNames(), ...known.keys()])
      return Promise.all([...names].sort().map(name => this.#source(store, name, known.get(name))))
    },
    get: async name => {
      const all = await this.sources.list()
      const source = all.find(one => one.name === name)
      if (source === undefined) throw new RotaError('SOURCE_UNKNOWN', `There is no source '${name.slice(0, 100)}'.`)
      return source
    },
    items: async (name, filter) => {
      await this.sources.get(name)
      return (await this.#open()).store.items(name, filter)
    },
    changes: async (name, limit) => (await this.#open()).store.healthChanges({ kind: 'source', name }, limit),
  }

  #sourceNames(): readonly string[] {
    return [...this.#tasks.values()].flatMap(task => task.sources)
  }

  async #source(store: Store, name: string, health: Health | undefined): Promise<SourceStatus> {
    const unknown = unknownHealth({ kind: 'source', name }, this.#startedAt ?? this.#clock.now())
    return { name, health: health ?? unknown, items: await store.countItems(name) }
  }

  async healths(kind?: HealthSubject['kind']): Promise<readonly Health[]> {
    return (await this.#open()).store.healths(kind)
  }

  async events(limit: number): Promise<readonly StoredEvent[]> {
    return (await this.#open()).store.events(limit)
  }

  async status(): Promise<Status> {
    const { store } = await this.#open()
    const now = this.#clock.now()
    const working = await this.#working
    const [runs, next, described, workers, pauses] = await Promise.all([
      store.countRuns(instant(now - DAY_MS)),
      store.nextDueAt(now),
      store.describe(),
      this.workers(),
      this.#pauses(store),
    ])
    return {
      version,
      now,
      startedAt: this.#startedAt,
      problems: this.#problems(working?.engine.abandoned ?? 0),
      pauses,
      runs,
      nextAt: next.schedule,
      store: described,
      worker: working?.worker ?? null,
      process: working === null ? null : this.#process(working.engine),
      workers,
      timezoneData: process.versions['tz'] ?? 'unknown',
      node: process.version,
    }
  }

  #process({ running, abandoned }: EmbeddedEngine): ProcessStatus {
    const memoryMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
    return { executing: running, abandoned, loopLagMs: this.#scheduler?.loopLag ?? 0, memoryMb }
  }

  async workers(): Promise<readonly WorkerStatus[]> {
    const { store } = await this.#open()
    const [known, dead] = await Promise.all([store.workers(), store.deadWorkers()])
    const beats = await store.beats(known.map(({ worker }) => worker))
    const now = this.#clock.now()
    return known.map(({ worker, host, version, startedAt, runs, drained }) => {
      const beat = beats.get(worker)
      const state = stateOfWorker(
        dead.some(one => one.worker === worker),
        beat,
        now,
      )
      const silentSince = state === 'silent' ? (beat?.at ?? null) : null
      return { worker, host, version, startedAt, state, silentSince, runs, drained }
    })
  }

  async drain(worker: string, by: string): Promise<void> {
    await this.#drain(worker, by, true)
  }

  async undrain(worker: string, by: string): Promise<void> {
    await this.#drain(worker, by, false)
  }

  async #drain(worker: string, by: string, drain: boolean): Promise<void> {
    const { group } = await this.#open()
    await group.apply({ kind: 'drainWorker', worker, drain, at: this.#clock.now(), by })
    const working = await this.#working
    // Another process finds it by itself.
    if (working?.worker === worker) working.engine.drain(drain)
  }

  #problems(abandoned: number): readonly string[] {
    const problems: string[] = []
    if (this.#storeTrouble !== null) problems.push(`nothing new is started: ${this.#storeTrouble.message}`)
    const clock = this.#clockTrouble
    if (clock !== null && this.#clock.now() - clock.at < DAY_MS) problems.push(clock.detail)
    const undelivered = this.#noticeTrouble
    if (undelivered !== null && this.#clock.now() - undelivered.at < DAY_MS) problems.push(undelivered.detail)
    if (abandoned >= ABANDONED_IS_TROUBLE)
      problems.push(`${abandoned} handlers ignored their signal and were abandoned; restart to free what they use`)
    return problems
  }

  // ---- what happened

  #setGoing(judged: readonly Judged[]): void {
    for (const one of judged) {
      if (this.#scheduler !== null) this.#scheduler.settle(one)
      else for (const run of [...one.runs, ...one.others, ...one.cancelled]) this.#tellRun(run)
    }
  }

  /** Each is told; what may begin is claimed, and what is to stop is asked to. */
  async #flowsMoved(moved: readonly Run[]): Promise<void> {
    // Whoever handed in the end that moved them tells of it first.
    const engine = (await this.#working?.catch(() => null))?.engine
    for (const run of moved) {
      this.#tellRun(run)
      if (run.state === 'running' && run.cancelRequestedAt !== null) engine?.abort(run, 'cancelled')
    }
    if (this.#scheduler !== null && moved.some(run => run.state === 'queued')) engine?.wake()
  }

  on(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #finished(finished: Finished): void {
    if (finished.refused === null) this.#tellRun(finished.run)
    for (const change of finished.healthChanges) this.#tell({ kind: 'health', change })
    if (finished.run.retryAt !== null) this.#scheduler?.retryBy(finished.run.retryAt)
  }

  #tellRun(run: Run): void {
    this.#waiters.get(run.id)?.forEach(waiter => waiter(run))
    if (this.#listeners.size > 0) this.#tell({ kind: 'run', run })
  }

  // One listener that throws must not keep the others, or Rota, from going on.
  #tell(event: AppEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#log.error('a listener threw', { event: event.kind, error: asError(error).message })
      }
    }
  }

  #notice(level: LogLevel, message: string, fields: LogFields): void {
    this.#log[level](message, fields)
    this.#tell({ kind: 'notice', level, message, fields })
  }

  #storeIn(trouble: Error | null): void {
    this.#storeTrouble = trouble
    if (trouble === null) this.#log.info('the store can be used again')
    else this.#log.error('the store cannot be used: nothing new is started until it can', { error: trouble.message })
    this.#tell({ kind: 'trouble', problems: this.#problems(0) })
  }
}

const endWork = async ({ engine, group, worker, life }: Working, grace: Duration): Promise<void> => {
  await engine.stop(grace)
  try {
    await group.apply({ kind: 'leaveWorker', worker })
  } finally {
    await life[Symbol.asyncDispose]()
  }
}

/** Runs of tasks that began or ended well enough to be told of: the newest, and those before a run. */
const runsAround = async (
  store: Store,
  tasks: readonly string[],
  before: Pick<RunFilter, 'before'>,
): Promise<readonly Run[]> => {
  const states = ['running', 'succeeded', 'partial', 'failed'] as const
  const pages = before.before === undefined ? [{}] : [{}, before]
  const found = await Promise.all(
    tasks.flatMap(task => pages.map(page => store.runs({ task, states, limit: MOST_ROWS, ...page }))),
  )
  return [...new Map(found.flat().map(run => [run.id, run])).values()]
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

// A schedule that was removed explains nothing any more; its runs do.
const ifGone = (error: unknown): null => {
  if (error instanceof RotaError && error.code === 'SCHEDULE_UNKNOWN') return null
  throw error
}

const unknownSchedule = async (name: string, store: Store): Promise<RotaError> => {
  const known = await store.schedules({ limit: MOST_NAMES })
  const hint = nearest(
    name,
    known.map(schedule => schedule.name),
  )
  const shown = name.slice(0, 100)
  return new RotaError(
    'SCHEDULE_UNKNOWN',
    `There is no schedule '${shown}'.${hint === undefined ? '' : ` Did you mean '${hint}'?`}`,
    { details: { schedule: shown, ...(hint === undefined ? {} : { hint }) } },
  )
}

const unknownReference = (
  code: 'TASK_UNKNOWN' | 'PREDICATE_UNKNOWN' | 'CALENDAR_UNKNOWN' | 'QUEUE_UNKNOWN',
  name: string,
  known: Iterable<string>,
): RotaError => {
  const what = {
    TASK_UNKNOWN: 'task or source',
    PREDICATE_UNKNOWN: 'predicate',
    CALENDAR_UNKNOWN: 'set of dates',
    QUEUE_UNKNOWN: 'queue',
  }[code]
  const hint = nearest(name, known)
  const shown = name.slice(0, 100)
  return new RotaError(code, `There is no ${what} '${shown}'.${hint === undefined ? '' : ` Did you mean '${hint}'?`}`, {
    details: { name: shown, ...(hint === undefined ? {} : { hint }) },
  })
}

// Each thread would start the app again, and that app threads of its own.
const startedInWork = (): RotaError =>
  new RotaError(
    'STARTED_IN_WORK',
    'This file is loaded for the work of a task, in a thread or child process, and starts an app: move the handler to a file of its own.',
  )
const byHand = ({ by = 'code' }: RunOptions): Trigger => ({ kind: 'hand', by })

const inputOf = ({ input = null }: Pick<RunOptions, 'input'>): Json => {
  const json = toJson(input, LONGEST_INPUT)
  if ('reason' in json) throw new RotaError('INPUT_INVALID', `The input cannot be kept as JSON: ${json.reason}.`)
  return input
}

const nameOf = (task: Target): string => (typeof task === 'string' ? task : task.name)

const asWritten = ({ task, ...rest }: ScheduleOptions): WrittenSchedule => ({ ...rest, task: nameOf(task) })
