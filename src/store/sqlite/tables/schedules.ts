/** Schedules: what they are (`schedules`) and how far they are (`marks`). A removed one stays as a row, so that its runs keep its name. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Pause, Schedule } from '../../../domain/schedule.ts'
import type { ScheduleDefinition, ScheduleFilter } from '../../store.ts'
import { Statement } from '../statement.ts'
import { jsonText } from '../stored-json.ts'
import type { Names } from './names.ts'
import { brokenPartOf, scheduleColumns, scheduleFrom } from './schedule-row.ts'
import type { ScheduleRow } from './schedule-row.ts'

/** A schedule whose row is held by the transaction. */
export interface HeldSchedule {
  readonly schedule: Schedule
  /** The newest of its runs: the head of their chain. */
  readonly lastRun: RunId | null
  /** Which part of the row cannot be read, so that it must not be judged. */
  readonly broken: string | null
  /** Known to have no run that is not over: nothing need be asked. */
  readonly idle?: boolean
  /** The row is as it was when whoever judges read it. */
  readonly isAsRead?: boolean
}

/** The little that must be asked of a schedule read earlier, before it is judged again. */
interface Glance {
  /** Another one than it had when it was read: it must be read again. */
  version: number
  lastRun: RunId | null
  /** How many of its runs are not over. */
  live: number
}

// Enough for all schedules of most; beyond, each glance is a question to the file again.
const MOST_GLANCED = 20_000

// How many runs of a schedule are not over.
const LIVE = '(SELECT count(*) FROM runs INDEXED BY runs_live WHERE schedule = marks.schedule AND state < 5)'

const ITS_MARK = 'CROSS JOIN marks ON marks.schedule = schedules.id'

export class Schedules {
  readonly #names: Names
  /** What this connection wrote or saw last of schedules it judged: right while nobody else writes, see `forget`. */
  readonly #glanced = new Map<number, Glance>()
  readonly #byId: Statement<readonly [...ScheduleRow, lastRun: number | null]>
  readonly #byName: Statement<readonly [...ScheduleRow, lastRun: number | null]>
  readonly #glance: Statement<readonly [version: number, lastRun: number | null, live: number]>
  readonly #due: Statement<readonly [...ScheduleRow, lastRun: number | null, live: number]>
  readonly #ahead: Statement<ScheduleRow>
  readonly #nextAt: Statement<readonly [nextAt: number | null]>
  readonly #list: Statement<ScheduleRow>
  readonly #listTagged: Statement<ScheduleRow>
  readonly #idsNamed: Statement<readonly [id: number]>
  readonly #insert: Statement<readonly [id: number]>
  readonly #insertMark: Statement
  readonly #edit: Statement
  readonly #beginAgain: Statement
  readonly #progress: Statement
  readonly #pause: Statement
  readonly #declare: Statement
  readonly #undeclare: Statement<readonly [id: number, name: string]>
  readonly #remove: Statement
  readonly #touch: Statement
  readonly #end: Statement
  readonly #wake: Statement

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#byId = new Statement(
      database,
      `SELECT ${scheduleColumns}, last_run FROM schedules ${ITS_MARK} WHERE id = ? AND removed_at IS NULL`,
    )
    this.#byName = new Statement(
      database,
      `SELECT ${scheduleColumns}, last_run FROM schedules INDEXED BY schedules_by_name ${ITS_MARK}
       WHERE name = ? AND removed_at IS NULL`,
    )
    this.#glance = new Statement(
      database,
      `SELECT version, last_run, ${LIVE} FROM schedules ${ITS_MARK} WHERE id = ? AND removed_at IS NULL`,
    )
    this.#due = new Statement(
      database,
      `SELECT ${scheduleColumns}, last_run, ${LIVE}
       FROM marks INDEXED BY marks_due CROSS JOIN schedules ON schedules.id = marks.schedule
       WHERE next_at <= ? AND (next_at, schedule) > (?, ?) ORDER BY next_at, schedule LIMIT ?`,
    )
    this.#ahead = new Statement(
      database,
      `SELECT ${scheduleColumns} FROM marks CROSS JOIN schedules ON schedules.id = marks.schedule
       WHERE mark > ? AND next_at IS NOT NULL LIMIT ?`,
    )
    this.#nextAt = new Statement(
      database,
      'SELECT min(next_at) FROM marks INDEXED BY marks_due WHERE next_at IS NOT NULL',
    )
    this.#list = new Statement(
      database,
      `SELECT ${scheduleColumns} FROM schedules INDEXED BY schedules_by_name ${ITS_MARK}
       WHERE removed_at IS NULL AND name > ? ORDER BY name LIMIT ?`,
    )
    this.#listTagged = new Statement(
      database,
      `SELECT ${scheduleColumns} FROM schedules INDEXED BY schedules_by_name ${ITS_MARK}
       WHERE removed_at IS NULL AND name > ?
         AND CASE WHEN json_valid(tags) THEN EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?) END
       ORDER BY name LIMIT ?`,
    )
    this.#idsNamed = new Statement(
      database,
      `SELECT id FROM schedules INDEXED BY schedules_by_name WHERE name = ?1 AND removed_at IS NULL
       UNION ALL SELECT id FROM schedules INDEXED BY schedules_removed WHERE name = ?1 AND removed_at IS NOT NULL`,
    )
    this.#insert = new Statement(
      database,
      `INSERT INTO schedules (name, task, revision, created_at, anchor, timezone, origin, declared, declared_hash, condition,
         policies, tags, input, uses_facts)
       VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       RETURNING id`,
    )
    this.#insertMark = new Statement(
      database,
      `INSERT INTO marks (schedule, version, mark, highest_mark, next_at, status, runs_created, since)
       VALUES (?1, 1, ?2, ?2, ?3, 'active', 0, ?2)`,
    )
    this.#edit = new Statement(
      database,
      `UPDATE schedules SET revision = revision + 1, task = ?, anchor = ?, timezone = ?, origin = ?, declared = ?,
         declared_hash = ?, condition = ?, policies = ?, tags = ?, input = ?, uses_facts = ?
       WHERE id = ?`,
    )
    this.#beginAgain = new Statement(
      database,
      `UPDATE marks SET version = version + 1, mark = ?1, highest_mark = max(highest_mark, ?1), since = ?1, status = 'active',
         problem = NULL,
         next_at = (SELECT min(coalesce(?2, paused_until), coalesce(paused_until, ?2)) FROM schedules WHERE id = ?3)
       WHERE schedule = ?3`,
    )
    this.#progress = new Statement(
      database,
      `UPDATE marks SET version = ?, mark = ?, highest_mark = ?, next_at = ?, status = ?, problem = ?, runs_created = ?,
         last_nominal_at = ?, since = min(since, ?), last_run = ?
       WHERE schedule = ?`,
    )
    this.#pause = new Statement(
      database,
      'UPDATE schedules SET paused_at = ?, paused_by = ?, paused_why = ?, paused_until = ? WHERE id = ?',
    )
    this.#declare = new Statement(database, 'UPDATE schedules SET declared = 1, declared_hash = ? WHERE id = ?')
    this.#undeclare = new Statement(
      database,
      `UPDATE schedules SET declared = 0
       WHERE declared = 1 AND removed_at IS NULL AND name NOT IN (SELECT value FROM json_each(?))
       RETURNING id, name`,
    )
    this.#remove = new Statement(database, 'UPDATE schedules SET removed_at = ? WHERE id = ?')
    this.#touch = new Statement(database, 'UPDATE marks SET version = version + 1 WHERE schedule = ?')
    this.#end = new Statement(database, 'UPDATE marks SET version = version + 1, next_at = NULL WHERE schedule = ?')
    this.#wake = new Statement(
      database,
      'UPDATE marks SET version = version + 1, next_at = min(coalesce(next_at, ?1), ?1) WHERE schedule = ?2',
    )
  }

  named(name: string): Schedule | null {
    return this.holdNamed(name)?.schedule ?? null
  }

  hold(id: number): HeldSchedule | null {
    return this.#held(this.#byId.first(id))
  }

  holdNamed(name: string): HeldSchedule | null {
    return this.#held(this.#byName.first(name))
  }

  /** Inside a transaction. Null for one that is gone. */
  glance(id: number): Readonly<Glance> | null {
    const glanced = this.#glanced.get(id)
    if (glanced !== undefined) return glanced
    const row = this.#glance.first(id)
    if (row === undefined) return null
    const [version, lastRun, live] = row
    return this.#see(id, version, lastRun, live)
  }

  #see(id: number, version: number, lastRun: number | null, live: number): Glance {
    if (this.#glanced.size >= MOST_GLANCED) this.#glanced.clear()
    const seen = { version, lastRun: lastRun as RunId | null, live }
    this.#glanced.set(id, seen)
    return seen
  }

  /** Whether it is sure, without a question, that all its runs are over. */
  isIdle(id: number): boolean {
    return this.#glanced.get(id)?.live === 0
  }

  /** To be called when a run of it was created that is not over (1), or ended (-1). */
  countLive(id: number | null, change: 1 | -1): void {
    const glanced = id === null ? undefined : this.#glanced.get(id)
    if (glanced !== undefined) glanced.live += change
  }

  /** To be called when something was rolled back, when another connection has written, and when a chain was shortened. */
  forget(): void {
    this.#glanced.clear()
  }

  /** They will be judged soon: what must be asked of each then is noted with it. */
  due(until: Instant, limit: number, after?: Pick<Schedule, 'nextAt' | 'id'>): readonly Schedule[] {
    return this.#due.all(until, after?.nextAt ?? -Infinity, after?.id ?? 0, limit).map(row => {
      const schedule = scheduleFrom(row as unknown as ScheduleRow, this.#names)
      const [lastRun, live] = row.slice(-2) as [lastRun: number | null, live: number]
      this.#see(schedule.id, schedule.version, lastRun, live)
      return schedule
    })
  }

  ahead(at: Instant, limit: number): readonly Schedule[] {
    return this.#ahead.all(at, limit).map(row => scheduleFrom(row, this.#names))
  }

  nextAt(): Instant | null {
    return (this.#nextAt.first()?.[0] ?? null) as Instant | null
  }

  list({ after = '', limit, tag }: ScheduleFilter): readonly Schedule[] {
    const rows = tag === undefined ? this.#list.all(after, limit) : this.#listTagged.all(after, tag, limit)
    return rows.map(row => scheduleFrom(row, this.#names))
  }

  /** Every schedule that has, or had when it was removed, this name. */
  idsNamed(name: string): readonly number[] {
    return this.#idsNamed.all(name).map(([id]) => id)
  }

  /** Gives its number. */
  insert(definition: ScheduleDefinition, at: Instant): number {
    const { task, timezone, condition, policies, tags, input } = this.#written(definition)
    const { nextAt, name, anchor, origin, declaredHash } = definition
    const declared = origin === 'code' ? 1 : 0
    const [id] = this.#insert.first(
      name,
      task,
      at,
      anchor,
      timezone,
      origin,
      declared,
      declaredHash,
      condition,
      policies,
      tags,
      input,
      Number(definition.waits.length > 0),
    ) as readonly [id: number]
    this.#insertMark.run(id, at, nextAt)
    return id
  }

  /** Everything of the definition, one revision more, nothing decided after `at`. */
  edit(id: number, definition: ScheduleDefinition, at: Instant): void {
    const { task, timezone, condition, policies, tags, input } = this.#written(definition)
    const { nextAt, anchor, origin, declaredHash } = definition
    const declared = origin === 'code' ? 1 : 0
    this.#glanced.delete(id)
    this.#edit.run(
      task,
      anchor,
      timezone,
      origin,
      declared,
      declaredHash,
      condition,
      policies,
      tags,
      input,
      Number(definition.waits.length > 0),
      id,
    )
    this.#beginAgain.run(at, nextAt, id)
  }

  /** Stores how far a schedule is after a decision. */
  progress(schedule: Schedule, lastRun: RunId | null): void {
    this.#progress.run(
      schedule.version,
      schedule.mark,
      schedule.highestMark,
      schedule.nextAt,
      schedule.status,
      schedule.problem,
      schedule.runsCreated,
      schedule.lastNominalAt,
      schedule.since,
      lastRun,
      schedule.id,
    )
    const glanced = this.#glanced.get(schedule.id)
    if (glanced === undefined) return
    glanced.version = schedule.version
    glanced.lastRun = lastRun
  }

  pause(id: number, pause: Pause | null): void {
    this.#glanced.delete(id)
    this.#pause.run(pause?.at ?? null, pause?.by ?? null, pause?.why ?? null, pause?.until ?? null, id)
    this.#touch.run(id)
  }

  declare(id: number, hash: string | null): void {
    this.#glanced.delete(id)
    this.#declare.run(hash, id)
    this.#touch.run(id)
  }

  /** The names of those that were declared and are not among these. */
  undeclare(names: readonly string[]): readonly string[] {
    this.#glanced.clear()
    return this.#undeclare.all(JSON.stringify(names)).map(([id, name]) => {
      this.#touch.run(id)
      return name
    })
  }

  remove(id: number, at: Instant): void {
    this.#glanced.delete(id)
    this.#remove.run(at, id)
    this.#end.run(id)
  }

  /** Makes it due at `at`, if it was not to be sooner. */
  wake(id: number, at: Instant): void {
    this.#glanced.delete(id)
    this.#wake.run(at, id)
  }

  #held(row: readonly [...ScheduleRow, lastRun: number | null] | undefined): HeldSchedule | null {
    if (row === undefined) return null
    const schedule = row.slice(0, -1) as unknown as ScheduleRow
    return {
      schedule: scheduleFrom(schedule, this.#names),
      lastRun: row.at(-1) as RunId | null,
      broken: brokenPartOf(schedule),
    }
  }

  #written(definition: ScheduleDefinition): Readonly<Record<'timezone' | 'condition' | 'policies' | 'tags', string>> & {
    readonly task: number
    readonly input: string | null
  } {
    return {
      task: this.#names.number(definition.task),
      timezone: definition.timezone,
      condition: definition.condition,
      policies: JSON.stringify(definition.policies),
      tags: JSON.stringify(definition.tags),
      input: jsonText(definition.input),
    }
  }
}
