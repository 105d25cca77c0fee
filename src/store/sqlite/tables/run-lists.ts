/** Lists of runs, newest first, and counts. Each list walks one index or one chain; none reads history it does not show. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { finalStates, liveStates, runStates } from '../../../domain/run.ts'
import type { Run, RunState } from '../../../domain/run.ts'
import type { RunFilter } from '../../store.ts'
import { Statement } from '../statement.ts'
import { codeOf, maskOf, stateOf } from '../state-code.ts'
import type { Ends } from './ends.ts'
import type { Lanes } from './lanes.ts'
import type { Names } from './names.ts'
import { runColumns, runFrom } from './run-row.ts'
import type { RunRow } from './run-row.ts'
import type { Schedules } from './schedules.ts'

// Above every number of a run.
const NEWEST = Number.MAX_SAFE_INTEGER

/** A page of a list: runs below `before`, in the states of `mask`, of this task and source where they are not null. */
interface Page {
  readonly before: number
  readonly limit: number
  readonly mask: number
  readonly task: number | null
  readonly source: number | null
}

export class RunLists {
  readonly #names: Names
  readonly #lanes: Lanes
  readonly #schedules: Schedules
  readonly #ends: Ends
  readonly #newest: Statement<RunRow>
  readonly #named: Statement<RunRow>
  readonly #tasksOver: Statement<readonly [task: number]>
  readonly #over: Statement<readonly [id: number]>
  readonly #live: Statement<readonly [id: number]>
  readonly #ofSchedule: Statement<RunRow>
  readonly #ofSource: Statement<RunRow>
  readonly #decisionAt: Statement<RunRow>
  readonly #countLive: Statement<readonly [state: number, count: number]>

  constructor(database: DatabaseSync, names: Names, lanes: Lanes, schedules: Schedules, ends: Ends) {
    this.#names = names
    this.#lanes = lanes
    this.#schedules = schedules
    this.#ends = ends
    this.#newest = new Statement(
      database,
      `SELECT ${runColumns} FROM runs r LEFT JOIN schedules s ON s.id = r.schedule WHERE r.id < ? ORDER BY r.id DESC LIMIT ?`,
    )
    this.#named = new Statement(
      database,
      `SELECT ${runColumns} FROM runs r LEFT JOIN schedules s ON s.id = r.schedule
       WHERE r.id IN (SELECT value FROM json_each(?)) ORDER BY r.id DESC`,
    )
    // Leaps from task to task along the index instead of reading every run.
    this.#tasksOver = new Statement(
      database,
      `WITH RECURSIVE done (task) AS (
         SELECT min(task) FROM runs INDEXED BY runs_over WHERE state >= 5
         UNION ALL
         SELECT (SELECT min(task) FROM runs INDEXED BY runs_over WHERE state >= 5 AND task > done.task)
         FROM done WHERE task IS NOT NULL)
       SELECT task FROM done WHERE task IS NOT NULL`,
    )
    this.#over = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_over WHERE task = ? AND state >= 5 AND state = ? AND id > ? AND id < ?
       ORDER BY id DESC LIMIT ?`,
    )
    // What is live may be much in a backlog, but never history.
    this.#live = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_live
       WHERE state < 5 AND (1 << state) & ?1 AND (?2 IS NULL OR task = ?2) AND id < ?3 ORDER BY id DESC LIMIT ?4`,
    )
    // The chain begins after the last row of the page before, where that is one of this schedule. A chain goes back in
    // time only: a file in which it does not must not make this run for ever.
    this.#ofSchedule = new Statement(
      database,
      `WITH RECURSIVE back (id) AS (
         SELECT CASE WHEN b.id IS NULL THEN h.last_run ELSE b.earlier END
         FROM marks h LEFT JOIN runs b ON b.id = ?2 AND b.schedule = h.schedule WHERE h.schedule = ?1
         UNION ALL
         SELECT p.earlier FROM back CROSS JOIN runs p ON p.id = back.id WHERE p.earlier < p.id)
       SELECT ${runColumns} FROM back CROSS JOIN runs r ON r.id = back.id LEFT JOIN schedules s ON s.id = r.schedule
       WHERE r.id < ?2 AND (1 << r.state) & ?3 AND (?4 IS NULL OR r.task = ?4)
         AND (?5 IS NULL OR EXISTS (SELECT 1 FROM units u INDEXED BY units_by_source WHERE u.source = ?5 AND u.run = r.id))
       LIMIT ?6`,
    )
    // Leaps from run to run, however many units each has.
    this.#ofSource = new Statement(
      database,
      `WITH RECURSIVE asked (run) AS (
         SELECT max(run) FROM units INDEXED BY units_by_source WHERE source = ?1 AND run < ?2
         UNION ALL
         SELECT (SELECT max(run) FROM units INDEXED BY units_by_source WHERE source = ?1 AND run < asked.run)
         FROM asked WHERE run IS NOT NULL)
       SELECT ${runColumns} FROM asked CROSS JOIN runs r ON r.id = asked.run LEFT JOIN schedules s ON s.id = r.schedule
       WHERE (1 << r.state) & ?3 AND (?4 IS NULL OR r.task = ?4)
       LIMIT ?5`,
    )
    // Goes back along the chain from the newest: as far as the question lies back, and no further.
    this.#decisionAt = new Statement(
      database,
      `WITH RECURSIVE back (id) AS (
         SELECT last_run FROM marks WHERE schedule = ?1
         UNION ALL
         SELECT p.earlier FROM back CROSS JOIN runs p ON p.id = back.id WHERE p.earlier < p.id)
       SELECT ${runColumns} FROM back CROSS JOIN runs r ON r.id = back.id LEFT JOIN schedules s ON s.id = r.schedule
       WHERE r.nominal_at <= ?2 LIMIT 1`,
    )
    this.#countLive = new Statement(
      database,
      'SELECT state, count(*) FROM runs INDEXED BY runs_live WHERE state < 5 GROUP BY state',
    )
  }

  list(filter: RunFilter): readonly Run[] {
    const task = filter.task === undefined ? null : this.#names.find(filter.task)
    const source = filter.source === undefined ? null : this.#names.find(filter.source)
    // A name that was never written has no runs.
    if (task === undefined || source === undefined) return []
    const page = { before: filter.before ?? NEWEST, limit: filter.limit, mask: maskOf(filter.states), task, source }
    if (filter.schedule !== undefined) return this.#ofSchedules(this.#schedules.idsNamed(filter.schedule), page)
    if (source !== null) {
      return this.#read(this.#ofSource.all(source, page.before, page.mask, task, page.limit))
    }
    if (task === null && filter.states === undefined) return this.#read(this.#newest.all(page.before, page.limit))
    return this.#byState(filter.states ?? runStates, page)
  }

  /** The last `limit` runs of a schedule, oldest first. */
  strip(schedule: number, limit: number): readonly Run[] {
    const page = { before: NEWEST, limit, mask: maskOf(undefined), task: null, source: null }
    return this.#ofSchedules([schedule], page).toReversed()
  }

  /** The row that says what became of the newest opportunity of a schedule up to `at`. */
  decisionAt(schedule: number, at: Instant): Run | null {
    return this.#read(this.#decisionAt.all(schedule, at))[0] ?? null
  }

  count(since: Instant): Readonly<Record<RunState, number>> {
    const counts = Object.fromEntries(runStates.map(state => [state, 0])) as Record<RunState, number>
    for (const [code, count] of [...this.#countLive.all(), ...this.#ends.since(since)]) {
      const state = stateOf(code)
      if (state !== undefined) counts[state] = count
    }
    return counts
  }

  // Each task has its runs of each final state in order. What is older than a page full of others need not be read.
  #byState(states: readonly RunState[], { before, limit, task }: Page): readonly Run[] {
    const over = finalStates.filter(state => states.includes(state)).map(codeOf)
    const live = maskOf(liveStates.filter(state => states.includes(state)))
    const newest = new Newest(limit)
    if (live !== 0) newest.add(this.#live.all(live, task, before, limit))
    for (const one of task === null ? this.#tasksOver.all().map(([id]) => id) : [task]) {
      for (const state of over) newest.add(this.#over.all(one, state, newest.floor, before, limit))
    }
    return this.#read(this.#named.all(JSON.stringify(newest.ids)))
  }

  #ofSchedules(schedules: readonly number[], page: Page): readonly Run[] {
    const { before, mask, task, source, limit } = page
    const lists = schedules.map(id => this.#ofSchedule.all(id, before, mask, task, source, limit))
    return this.#newestOf(lists, limit)
  }

  #newestOf(lists: readonly (readonly RunRow[])[], limit: number): readonly Run[] {
    const [first = [], ...others] = lists
    if (others.length === 0) return this.#read(first)
    const merged = lists.flat().sort(([a], [b]) => b - a)
    return this.#read(merged.slice(0, limit))
  }

  #read(rows: readonly RunRow[]): readonly Run[] {
    return rows.map(row => runFrom(row, this.#names, this.#lanes))
  }
}

/** The highest numbers of all that were added, at most `limit`. */
class Newest {
  readonly #limit: number
  ids: readonly number[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Nothing up to here would be among them. */
  get floor(): number {
    return this.ids.length < this.#limit ? 0 : (this.ids.at(-1) ?? 0)
  }

  add(rows: readonly (readonly [id: number])[]): void {
    if (rows.length === 0) return
    const all = [...this.ids, ...rows.map(([id]) => id)]
    this.ids = all.sort((a, b) => b - a).slice(0, this.#limit)
  }
}
