/** What retention must know of old runs, and how one is taken out of the chain of its schedule. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { Statement } from '../statement.ts'

/** A run, oldest first, as far as it must be known to decide whether it is kept. */
export interface OldRun {
  readonly id: RunId
  readonly task: number
  readonly schedule: number | null
  readonly state: number
  readonly createdAt: Instant
  readonly endedAt: Instant | null
  readonly createdNo: number | null
  /** How many runs its schedule created so far. */
  readonly runsCreated: number
  /** Whether its schedule is there still. */
  readonly scheduleRemoved: boolean
  readonly root: RunId | null
}

type OldRow = readonly [
  id: number,
  task: number,
  schedule: number | null,
  state: number,
  createdAt: number,
  endedAt: number | null,
  createdNo: number | null,
  runsCreated: number | null,
  removedAt: number | null,
  root: number | null,
]

export class Retention {
  readonly #after: Statement<OldRow>
  readonly #liveOf: Statement<readonly [count: number]>
  readonly #byHand: Statement<readonly [id: number]>
  readonly #exists: Statement
  readonly #highest: Statement<readonly [id: number | null]>
  readonly #remember: Statement
  readonly #delete: Statement<readonly [schedule: number | null, earlier: number | null]>
  readonly #relink: Statement
  readonly #shorten: Statement
  readonly #deleteSchedules: Statement<readonly [id: number]>
  readonly #deleteMark: Statement

  constructor(database: DatabaseSync) {
    this.#after = new Statement(
      database,
      `SELECT r.id, r.task, r.schedule, r.state, r.created_at, r.ended_at, r.created_no, m.runs_created, s.removed_at,
         r.root
       FROM runs r LEFT JOIN schedules s ON s.id = r.schedule LEFT JOIN marks m ON m.schedule = r.schedule WHERE r.id > ? ORDER BY r.id`,
    )
    this.#liveOf = new Statement(
      database,
      'SELECT count(*) FROM runs INDEXED BY runs_live WHERE schedule = ? AND state < 5',
    )
    this.#byHand = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_by_hand WHERE task = ? AND schedule IS NULL AND state >= 5 AND (root IS NULL OR root = id)
       ORDER BY id DESC LIMIT 1 OFFSET ?`,
    )
    this.#exists = new Statement(database, 'SELECT 1 FROM runs WHERE id = ?')
    this.#highest = new Statement(database, 'SELECT max(id) FROM runs')
    this.#remember = new Statement(database, `INSERT OR REPLACE INTO counters (name, value) VALUES ('run', ?)`)
    this.#delete = new Statement(database, 'DELETE FROM runs WHERE id = ? RETURNING schedule, earlier')
    // Walks the chain from its head to the row that names the one taken out.
    this.#relink = new Statement(
      database,
      `UPDATE runs SET earlier = ?3 WHERE id = (
         WITH RECURSIVE back (id, earlier) AS (
           SELECT r.id, r.earlier FROM marks m CROSS JOIN runs r ON r.id = m.last_run WHERE m.schedule = ?1
           UNION ALL
           SELECT r.id, r.earlier FROM back CROSS JOIN runs r ON r.id = back.earlier WHERE back.earlier < back.id)
         SELECT id FROM back WHERE earlier = ?2)`,
    )
    this.#shorten = new Statement(database, 'UPDATE marks SET last_run = ?3 WHERE schedule = ?1 AND last_run = ?2')
    this.#deleteSchedules = new Statement(
      database,
      `DELETE FROM schedules INDEXED BY schedules_removed
       WHERE removed_at < ? AND (SELECT last_run FROM marks WHERE schedule = id) IS NULL
       RETURNING id`,
    )
    this.#deleteMark = new Statement(database, 'DELETE FROM marks WHERE schedule = ?')
  }

  /** The runs that follow this number, oldest first: to be read as far as they are wanted, and changed after that. */
  *after(id: number): Iterable<OldRun> {
    for (const row of this.#after.each(id)) yield oldRun(row)
  }

  /** How many runs of the schedule are not over. */
  liveOf(schedule: number): number {
    return this.#liveOf.first(schedule)?.[0] ?? 0
  }

  /** The oldest of the last `keep` over runs of a task that were wanted by hand; 0 where there are fewer. */
  oldestKeptByHand(task: number, keep: number): number {
    if (keep === 0) return Infinity
    return this.#byHand.first(task, keep - 1)?.[0] ?? 0
  }

  exists(id: RunId): boolean {
    return this.#exists.first(id) !== undefined
  }

  /** Deletes the run itself, and closes the chain of its schedule behind it. */
  delete(id: RunId): void {
    if (id === this.#highest.first()?.[0]) this.#remember.run(id)
    const [schedule = null, before = null] = this.#delete.first(id) ?? []
    if (schedule === null) return
    // What lies behind it has mostly gone before.
    const earlier = before !== null && this.exists(before as RunId) ? before : null
    const wasNewest = this.#shorten.run(schedule, id, earlier) > 0
    if (!wasNewest && earlier !== null) this.#relink.run(schedule, id, earlier)
  }

  /** Deletes removed schedules of which no run is left. */
  deleteSchedules(removedBefore: Instant): void {
    for (const [id] of this.#deleteSchedules.all(removedBefore)) this.#deleteMark.run(id)
  }
}

const oldRun = (row: OldRow): OldRun => {
  const [id, task, schedule, state, createdAt, endedAt, createdNo, runsCreated, removedAt, root] = row
  return {
    id: id as RunId,
    task,
    schedule,
    state,
    createdAt: createdAt as Instant,
    endedAt: endedAt as Instant | null,
    createdNo,
    runsCreated: runsCreated ?? 0,
    scheduleRemoved: removedAt !== null || runsCreated === null,
    root: root as RunId | null,
  }
}
