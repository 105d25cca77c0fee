/** Runs one at a time: read, inserted, saved. Lists are in run-lists.ts, the rows of one schedule in opportunities.ts. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { isRoot, isStep } from '../../../domain/run.ts'
import type { Run } from '../../../domain/run.ts'
import { Statement } from '../statement.ts'
import { codeOf } from '../state-code.ts'
import { jsonText } from '../stored-json.ts'
import type { News } from '../news.ts'
import type { Ends } from './ends.ts'
import type { Lanes } from './lanes.ts'
import type { Names } from './names.ts'
import { errorText, runColumns, runFrom, triggerText } from './run-row.ts'
import type { RunRow } from './run-row.ts'
import type { Schedules } from './schedules.ts'

/** What a row keeps of a run of a schedule besides the run. */
export interface PlaceInSchedule {
  /** The how-many-th run of its schedule it is; null for what is no run (yet). */
  readonly createdNo: number | null
  /** The one before it in its schedule's chain. */
  readonly earlier: RunId | null
}

export const noPlace: PlaceInSchedule = { createdNo: null, earlier: null }

export class Runs {
  readonly #names: Names
  readonly #lanes: Lanes
  readonly #ends: Ends
  readonly #schedules: Schedules
  readonly #news: News
  readonly #byId: Statement<RunRow>
  readonly #highest: Statement<readonly [id: number]>
  readonly #insert: Statement
  readonly #insertRunning: Statement
  readonly #isDecided: Statement
  readonly #save: Statement
  readonly #end: Statement
  readonly #setReleased: Statement
  readonly #measure: Statement
  readonly #setInput: Statement
  readonly #setTrigger: Statement
  /**
   * The running runs as this connection wrote them last, so that their end need not read them. Right only while nobody
   * else writes: see `forget`.
   */
  readonly #running = new Map<RunId, Run>()
  #nextId: number | undefined

  constructor(database: DatabaseSync, names: Names, lanes: Lanes, ends: Ends, schedules: Schedules, news: News) {
    this.#names = names
    this.#lanes = lanes
    this.#ends = ends
    this.#schedules = schedules
    this.#news = news
    this.#byId = new Statement(
      database,
      `SELECT ${runColumns} FROM runs r LEFT JOIN schedules s ON s.id = r.schedule WHERE r.id = ?`,
    )
    // The counter remembers numbers of runs that are deleted: a number is never given twice.
    this.#highest = new Statement(
      database,
      `SELECT max(coalesce((SELECT max(id) FROM runs), 0), coalesce((SELECT value FROM counters WHERE name = 'run'), 0))`,
    )
    this.#insert = new Statement(
      database,
      `INSERT INTO runs (id, task, schedule, state, reason, detail, trigger, nominal_at, last_nominal_at, count, created_at,
         ready_at, started_at, ended_at, attempt, attempts_allowed, fence, created_no, earlier, caused_by, expires_at,
         input, lane, key, root)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.#insertRunning = new Statement(
      database,
      `INSERT INTO runs (id, task, schedule, state, trigger, nominal_at, created_at, started_at, attempt, attempts_allowed,
         fence, worker, created_no, earlier, caused_by, input, lane, key)
       VALUES (?, ?, ?, ${codeOf('running')}, ?, ?, ?, ?, 1, ?, 1, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.#isDecided = new Statement(
      database,
      `SELECT 1 FROM runs WHERE ?3 IS NULL AND nominal_at = ?1 AND schedule = ?2 AND caused_by IS NULL
       UNION ALL SELECT 1 FROM runs WHERE caused_by = ?3 AND schedule = ?2 AND nominal_at = ?1`,
    )
    this.#save = new Statement(
      database,
      `UPDATE runs SET state = ?, reason = ?, detail = ?, ready_at = ?, started_at = ?, ended_at = ?, attempt = ?,
         attempts_allowed = ?, deaths = ?, fence = ?, worker = coalesce(?, worker),
         attempt_delay = coalesce(?, attempt_delay), cancel_requested_at = ?, cancelled_by = ?,
         units_ok = ?, units_failed = ?, expires_at = ?, result = ?, error = ?
       WHERE id = ?`,
    )
    this.#end = new Statement(
      database,
      `UPDATE runs SET state = ?, reason = ?, detail = ?, ended_at = ?, deaths = ?, attempt_delay = ?, result = ?,
         error = ?
       WHERE id = ?`,
    )
    this.#measure = new Statement(database, 'UPDATE runs SET memory_mb = ? WHERE id = ?')
    this.#setReleased = new Statement(
      database,
      'UPDATE runs SET created_no = ?, trigger = ?, input = ?, lane = ?, key = ?, root = ? WHERE id = ?',
    )
    this.#setInput = new Statement(database, 'UPDATE runs SET input = ?, lane = ?, key = ? WHERE id = ?')
    this.#setTrigger = new Statement(database, 'UPDATE runs SET trigger = ? WHERE id = ?')
  }

  /** As stored; inside or outside a transaction. */
  read(id: RunId): Run | undefined {
    const row = this.#byId.first(id)
    return row === undefined ? undefined : runFrom(row, this.#names, this.#lanes)
  }

  /** Inside a transaction: from memory where that is sure to be the same. */
  get(id: RunId): Run | undefined {
    return this.#running.get(id) ?? this.read(id)
  }

  /** The number of the next run to be inserted. Inside a transaction. */
  nextId(): RunId {
    this.#nextId ??= (this.#highest.first()?.[0] ?? 0) + 1
    return this.#nextId as RunId
  }

  /** Whether it was inserted: not when its schedule has a row for its nominal time already. */
  insert(run: Run, place: PlaceInSchedule): boolean {
    const inserted = run.worker !== null ? this.#insertClaimed(run, place) : this.#insertOther(run, place)
    if (inserted === 0) {
      // A number given twice would lose an opportunity without a word.
      if (!this.isDecided(run.scheduleId, run.nominalAt, causeOf(run)))
        throw new Error(`run ${run.id} is there already`)
      return false
    }
    this.#nextId = run.id + 1
    if (run.endedAt === null) this.#schedules.countLive(run.scheduleId, 1)
    else this.#ends.add(codeOf(run.state), run.endedAt)
    if (run.state === 'running') {
      this.#running.set(run.id, run)
      this.#tell('started', run, run.createdAt)
    } else if (run.endedAt !== null) this.#tell('skipped', run, run.endedAt)
    return true
  }

  /** Whether an opportunity of a schedule has its row. `cause`: the run that completed its events. */
  isDecided(schedule: number | null, nominalAt: Instant | null, cause: RunId | null): boolean {
    return this.#isDecided.first(nominalAt, schedule, cause) !== undefined
  }

  // What happens most: a run that its creator executes. Everything else that a new run has is the same for all of them.
  #insertClaimed(run: Run, { createdNo, earlier }: PlaceInSchedule): number {
    return this.#insertRunning.run(
      run.id,
      this.#names.number(run.task),
      run.scheduleId,
      triggerText(run.trigger, run.scheduleId),
      run.nominalAt,
      run.createdAt,
      run.startedAt,
      run.attemptsAllowed,
      run.worker === null ? null : this.#names.number(run.worker),
      createdNo,
      earlier,
      causeOf(run),
      jsonText(run.input),
      this.#lanes.number(run.task, run),
      run.key,
    )
  }

  #insertOther(run: Run, { createdNo, earlier }: PlaceInSchedule): number {
    return this.#insert.run(
      run.id,
      this.#names.number(run.task),
      run.scheduleId,
      codeOf(run.state),
      run.reason,
      run.detail,
      triggerText(run.trigger, run.scheduleId),
      run.nominalAt,
      run.lastNominalAt,
      run.count,
      run.createdAt,
      readyAt(run, run.createdAt),
      run.startedAt,
      run.endedAt,
      run.attemptsAllowed,
      createdNo,
      earlier,
      causeOf(run),
      run.expiresAt,
      jsonText(run.input),
      this.#laneOf(run),
      run.key,
      run.root,
    )
  }

  /** Writes a run after a transition. `queuedAt`: since when it may be claimed, where that is not its creation. */
  save(run: Run, also: { readonly queuedAt?: Instant; readonly attemptStartedAt?: Instant } = {}): void {
    this.#save.run(
      codeOf(run.state),
      run.reason,
      run.detail,
      readyAt(run, also.queuedAt ?? run.createdAt),
      run.startedAt,
      run.endedAt,
      run.attempt,
      run.attemptsAllowed,
      run.deaths,
      run.fence,
      run.worker === null ? null : this.#names.number(run.worker),
      also.attemptStartedAt === undefined ? null : delayOf(run, also.attemptStartedAt),
      run.cancelRequestedAt,
      run.cancelledBy,
      run.unitsOk,
      run.unitsFailed,
      run.expiresAt,
      jsonText(run.result),
      errorText(run.error),
      run.id,
    )
    this.#note(run)
    if (also.attemptStartedAt !== undefined && run.attempt <= 1) this.#tell('started', run, also.attemptStartedAt)
  }

  /** Writes the end of a run whose only attempt began then: no more than that changes, for it is what happens most. */
  end(run: Run, attemptStartedAt: Instant): void {
    this.#end.run(
      codeOf(run.state),
      run.reason,
      run.detail,
      run.endedAt,
      run.deaths,
      delayOf(run, attemptStartedAt),
      jsonText(run.result),
      errorText(run.error),
      run.id,
    )
    this.#note(run)
  }

  /** What was measured at its end; to be called with the run that is then saved. */
  measure({ id, memoryMb }: Run): void {
    this.#measure.run(memoryMb, id)
  }

  /** An open row that was released is the how-many-th run of its schedule; what it is for, and so its key, is known only now. */
  setReleased(run: Run, createdNo: number): void {
    this.#setReleased.run(
      createdNo,
      triggerText(run.trigger, run.scheduleId),
      jsonText(run.input),
      this.#laneOf(run),
      run.key,
      run.root,
      run.id,
    )
  }

  /** The step of a map learned what it works on. */
  setInput(run: Run): void {
    this.#setInput.run(jsonText(run.input), this.#laneOf(run), run.key, run.id)
  }

  // What stands for a flow is executed by nobody: no limit counts it.
  #laneOf(run: Run): number | null {
    return isRoot(run) ? null : this.#lanes.number(run.task, run)
  }

  /** An open row learned which events it came of. */
  setTrigger(run: Run): void {
    this.#setTrigger.run(triggerText(run.trigger, run.scheduleId), run.id)
  }

  /** A skip came to stand for so many more opportunities. */
  tellMerged(task: string, run: RunId, count: number, at: Instant): void {
    const id = this.#names.number(task)
    const state = codeOf('skipped')
    if (this.#news.isAwaited(id)) this.#news.tell({ kind: 'skipped', task: id, run, state, at, count })
  }

  /** To be called when a transaction was rolled back, and when another connection has written. */
  forget(): void {
    this.#running.clear()
    this.#nextId = undefined
  }

  // A run ends once: what is over is never written again.
  #note(run: Run): void {
    if (run.state === 'running') this.#running.set(run.id, run)
    else this.#running.delete(run.id)
    if (run.root !== null) this.#news.tellFlow(run)
    if (run.endedAt === null) return
    this.#schedules.countLive(run.scheduleId, -1)
    this.#ends.add(codeOf(run.state), run.endedAt)
    if (run.state === 'skipped') return this.#tell('skipped', run, run.endedAt)
    this.#tell('ended', run, run.endedAt)
    if (!isStep(run)) this.#news.note({ kind: 'end', run })
    if (run.scheduleId !== null && !this.#schedules.isIdle(run.scheduleId)) this.#news.tellOwnEnd(run.scheduleId)
    else if (run.scheduleId !== null) this.#news.tellFollower(run.scheduleId)
  }

  #tell(kind: 'started' | 'ended' | 'skipped', run: Run, at: Instant): void {
    const task = this.#names.number(run.task)
    if (this.#news.isAwaited(task))
      this.#news.tell({ kind, task, run: run.id, state: codeOf(run.state), at, count: run.count })
  }
}

// The identity of an opportunity that came of events.
const causeOf = ({ trigger }: Run): RunId | null => (trigger.kind === 'event' ? trigger.run : null)

// Set exactly while a run may be claimed, now or later.
const readyAt = (run: Run, queuedAt: Instant): Instant | null => (run.state === 'queued' ? queuedAt : run.retryAt)

// Kept as the time after the first start: a byte or two.
const delayOf = (run: Run, attemptStartedAt: Instant): number => attemptStartedAt - (run.startedAt ?? attemptStartedAt)
