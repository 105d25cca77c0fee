/** The store in one SQLite file, or in memory: for one machine and any number of processes. */

import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RotaError } from '../../base/errors.ts'
import type { Instant } from '../../base/instant.ts'
import type { RunId, TaskName } from '../../base/name.ts'
import type { Judge } from '../../domain/opportunity.ts'
import type { HealthSubject } from '../../domain/health.ts'
import type { Limits } from '../../domain/limits.ts'
import type { RunState, WorkerId } from '../../domain/run.ts'
import type { Schedule } from '../../domain/schedule.ts'
import { cycleOf } from '../../when/cycle.ts'
import type {
  Change,
  Committed,
  FlowPage,
  ItemFilter,
  Life,
  NoticeFilter,
  RunFilter,
  ScheduleFilter,
  Store,
} from '../store.ts'
import { nextWatchAt } from './apply/notices.ts'
import { stamp, stampOf, writeBackup } from './backup.ts'
import { Beats } from './beats.ts'
import { Checkpoints } from './checkpoints.ts'
import { CommitCount } from './commit-count.ts'
import { storeError } from './errors.ts'
import { gatesOf, queuesOf } from './gates.ts'
import { schemaOf } from './migrations.ts'
import { openDatabase, placeOf } from './open.ts'
import type { SqliteOptions } from './open.ts'
import { Tables } from './tables.ts'
import { Transactions } from './transaction.ts'
import { WorkerLocks } from './worker-lock.ts'

export type { SqliteOptions }

/**
 * Opens the store, and creates it where there is none.
 *
 * @throws RotaError STORE_FULL, STORE_READ_ONLY, STORE_CORRUPT, STORE_NEWER, STORE_UNUSABLE
 * @example await using store = await openSqliteStore({ path: 'rota.db' })
 */
export const openSqliteStore = async (options: SqliteOptions): Promise<Store> =>
  new SqliteStore(openDatabase(options), placeOf(options.path))

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #place: string
  readonly #tables: Tables
  readonly #commits: CommitCount | null
  readonly #transactions: Transactions
  readonly #locks: WorkerLocks | null
  readonly #beats: Beats | null
  readonly #checkpoints: Checkpoints | null
  #seenVersion: number

  constructor(database: DatabaseSync, place: string) {
    this.#database = database
    this.#place = place
    this.#tables = new Tables(database)
    this.#commits = place === ':memory:' ? null : new CommitCount(database, place)
    this.#transactions = new Transactions(database, this.#tables, place, this.#commits)
    this.#locks = place === ':memory:' ? null : new WorkerLocks(place)
    this.#beats = place === ':memory:' ? null : new Beats(place)
    this.#checkpoints = place === ':memory:' ? null : new Checkpoints(place)
    this.#seenVersion = this.#tables.dataVersion()
  }

  async commit<const C extends readonly Change[]>(changes: C, judge: Judge) {
    const applied = this.#ask(() => this.#transactions.apply(changes, judge))
    this.#checkpoints?.note(changes.length)
    for (const change of changes) if (change.kind === 'rescue') this.#locks?.clear(change.worker)
    return applied as unknown as Committed<C>
  }

  async schedulesDue(until: Instant, limit: number, after?: Schedule) {
    return this.#ask(() => this.#tables.schedules.due(until, limit, after))
  }

  async nextDueAt(at: Instant) {
    return this.#ask(() => ({
      schedule: this.#tables.schedules.nextAt(),
      retry: this.#tables.waiting.nextRetryAt(at),
    }))
  }

  async schedulesAhead(at: Instant, limit: number) {
    return this.#ask(() => this.#tables.schedules.ahead(at, limit))
  }

  async schedule(name: string) {
    return this.#ask(() => this.#tables.schedules.named(name))
  }

  async subject(name: string, at: Instant) {
    return this.#ask(() => this.#tables.subject(name, at))
  }

  async decisionAt(schedule: number, at: Instant) {
    return this.#ask(() => this.#tables.runLists.decisionAt(schedule, at))
  }

  async cycleThrough(task: TaskName) {
    return this.#ask(() => cycleOf(task, this.#tables.waits.allEdgesFrom(task)))
  }

  async calendars() {
    return this.#ask(() => this.#tables.calendars.list())
  }

  async schedules(filter: ScheduleFilter) {
    return this.#ask(() => this.#tables.schedules.list(filter))
  }

  async run(id: RunId) {
    return this.#ask(() => this.#tables.runs.read(id) ?? null)
  }

  async gates(id: RunId, limits: Limits, at: Instant) {
    return this.#ask(() => {
      const run = this.#tables.runs.read(id)
      return run === undefined ? [] : gatesOf(this.#tables, run, limits, at)
    })
  }

  async queues() {
    return this.#ask(() => queuesOf(this.#tables))
  }

  async pauses() {
    return this.#ask(() => this.#tables.pauses.list())
  }

  async runs(filter: RunFilter) {
    return this.#ask(() => this.#tables.runLists.list(filter))
  }

  async flow(root: RunId, page: FlowPage) {
    return this.#ask(() => this.#tables.flows.list(root, page))
  }

  async flowCounts(root: RunId) {
    return this.#ask(() => this.#tables.flows.counts(root))
  }

  async before(step: RunId, states: readonly RunState[], limit: number) {
    return this.#ask(() => this.#tables.flows.before(step, states, limit))
  }

  async strips(schedules: readonly number[], limit: number) {
    return this.#ask(() => new Map(schedules.map(id => [id, this.#tables.runLists.strip(id, limit)])))
  }

  async countRuns(since: Instant) {
    return this.#ask(() => this.#tables.runLists.count(since))
  }

  async attempts(run: RunId) {
    return this.#ask(() => this.#tables.attempts.of(run))
  }

  async units(run: RunId) {
    return this.#ask(() => this.#tables.units.of(run))
  }

  async logs(run: RunId, afterSeq: number, limit: number) {
    return this.#ask(() => this.#tables.logs.of(run, afterSeq, limit))
  }

  async progress(run: RunId) {
    return this.#ask(() => this.#tables.progress.of(run))
  }

  async taskState(task: string, key: string) {
    return this.#ask(() => this.#tables.taskStates.get(task, key))
  }

  async items(source: string, filter: ItemFilter) {
    return this.#ask(() => this.#tables.items.of(source, filter))
  }

  async countItems(source: string) {
    return this.#ask(() => this.#tables.items.count(source))
  }

  async healths(kind?: HealthSubject['kind']) {
    return this.#ask(() => this.#tables.healths.list(kind))
  }

  async healthChanges(subject: HealthSubject | null, limit: number) {
    return this.#ask(() => this.#tables.healths.changes(subject, limit))
  }

  async events(limit: number) {
    return this.#ask(() => this.#tables.events.newest(limit))
  }

  async noticeRules() {
    return this.#ask(() => this.#tables.notices.readRules())
  }

  async nextNoticeAt(destinations: readonly string[]) {
    return this.#ask(() => ({ watch: nextWatchAt(this.#tables), delivery: this.#tables.notices.dueAt(destinations) }))
  }

  async notices(filter: NoticeFilter) {
    return this.#ask(() => this.#tables.notices.list(filter))
  }

  async hostHeldUntil(host: string, at: Instant) {
    return this.#ask(() => this.#tables.hosts.heldUntil(host, at))
  }

  async workers() {
    return this.#ask(() => this.#tables.workers.list())
  }

  async keepAlive(worker: WorkerId): Promise<Life> {
    this.#ask(() => this.#locks?.take(worker))
    let isOver = false
    return {
      beat: async patience => {
        if (!isOver) await this.#beats?.beat(worker, patience)
      },
      [Symbol.asyncDispose]: async () => {
        isOver = true
        await this.#beats?.stop(worker)
        this.#locks?.release(worker)
      },
    }
  }

  async deadWorkers() {
    const locks = this.#locks
    if (locks === null) return []
    return this.#ask(() => this.#tables.workers.list().filter(({ worker }) => locks.isDead(worker)))
  }

  async beats(workers: readonly WorkerId[]) {
    const beats = this.#beats
    return new Map(beats === null ? [] : workers.map(worker => [worker, beats.of(worker)]))
  }

  async executedBy(worker: WorkerId) {
    return this.#ask(() =>
      this.#tables.attempts.running(worker).flatMap(({ run }) => this.#tables.runs.read(run) ?? []),
    )
  }

  changedElsewhere(): boolean {
    const version = this.#ask(() => this.#tables.dataVersion())
    const changed = version !== this.#seenVersion
    this.#seenVersion = version
    return changed
  }

  async describe() {
    return this.#ask(() => ({
      kind: 'sqlite',
      place: this.#place,
      schema: schemaOf(this.#database),
      bytes: number(this.#database, 'SELECT page_count * page_size AS value FROM pragma_page_count, pragma_page_size'),
      engine: `SQLite ${process.versions['sqlite']}`,
      backedUpAt: stampOf(this.#database),
      held: this.#tables.held.count(),
    }))
  }

  async backup(file: string, { at, force = false }: { readonly at: Instant; readonly force?: boolean }) {
    if (!this.#database.isOpen) throw closed(this.#place)
    const written = await this.#through(source => writeBackup(source, resolve(file), { at, force }))
    try {
      stamp(this.#database, at)
    } catch {
      // The backup is there; that it is not remembered here, on a full disk, is no failure of it.
    }
    return written
  }

  // A connection of its own reads one moment for as long as it takes, while this one goes on.
  async #through<T>(work: (source: DatabaseSync) => Promise<T>): Promise<T> {
    if (this.#place === ':memory:') return work(this.#database)
    const source = new DatabaseSync(this.#place, { readOnly: true })
    try {
      return await work(source)
    } finally {
      source.close()
    }
  }

  async checkpoint(): Promise<void> {
    await this.#checkpoints?.checkpoint()
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    // The last connection puts everything into its place, and takes the log away.
    await this.#checkpoints?.close()
    if (!this.#database.isOpen) return
    this.#ask(() => this.#database.close())
    this.#commits?.close()
  }

  #ask<T>(question: () => T): T {
    if (!this.#database.isOpen) throw closed(this.#place)
    try {
      return question()
    } catch (error) {
      throw storeError(error, this.#place)
    }
  }
}

const closed = (place: string): RotaError => new RotaError('STORE_UNUSABLE', `${place} is closed.`)

const number = (database: DatabaseSync, sql: string): number => Number(database.prepare(sql).get()?.['value'])
