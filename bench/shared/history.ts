/** A store that has seen much: finished runs of schedules, written by SQL in a fraction of the time it took to live them. */

import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'

export interface History {
  readonly runs: number
  /** Epoch milliseconds; the runs are spread evenly between. */
  readonly from: number
  readonly to: number
}

const SCHEDULES = 1_000
const TASKS = 20

/** As Rota would have kept them: succeeded at the first attempt, each tenth after a second one, with a log line each fifth. */
export const writeHistory = async (path: string, { runs, from, to }: History): Promise<void> => {
  // Rota itself makes the schema.
  await (await openSqliteStore({ path })).close()
  const database = new DatabaseSync(path)
  const numbers = (count: number) =>
    `WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${count - 1})`
  const at = `${from} + i * ${(to - from) / runs}`
  database.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    INSERT OR IGNORE INTO names (name) VALUES ('default'), ('worker');
    ${numbers(TASKS)} INSERT INTO names (name) SELECT 'task-' || i FROM numbers;
    INSERT INTO lanes (task, queue, priority, keyed)
      SELECT id, (SELECT id FROM names WHERE name = 'default'), 5, 0 FROM names WHERE name LIKE 'task-%';
    ${numbers(SCHEDULES)}
      INSERT INTO schedules (name, task, revision, created_at, anchor, timezone, origin, declared, condition, policies, tags)
      SELECT 'old-' || i, (SELECT id FROM names WHERE name = 'task-' || (i % ${TASKS})), 1, ${from}, ${from}, 'UTC', 'run time', 0,
        'every 1 minute', '{}', '[]'
      FROM numbers;
    ${numbers(SCHEDULES)}
      INSERT INTO marks (schedule, version, mark, highest_mark, next_at, status, runs_created, last_run, since)
      SELECT s.id, 1, ${to}, ${to}, NULL, 'ended', ${runs / SCHEDULES}, ${runs - SCHEDULES + 1} + i, ${from}
      FROM numbers JOIN schedules s ON s.name = 'old-' || i;
    ${numbers(runs)}
      INSERT INTO runs (id, task, schedule, state, nominal_at, created_at, started_at, ended_at, attempt, attempts_allowed,
        fence, worker, attempt_delay, created_no, earlier, result, lane)
      SELECT i + 1, s.task, s.id, 5, CAST(${at} AS INTEGER), CAST(${at} AS INTEGER), CAST(${at} AS INTEGER),
        CAST(${at} AS INTEGER) + 500, 1 + (i % 10 = 0), 3, 1, (SELECT id FROM names WHERE name = 'worker'), 0,
        i / ${SCHEDULES} + 1, CASE WHEN i < ${SCHEDULES} THEN NULL ELSE i + 1 - ${SCHEDULES} END, '{"pages":3}', l.id
      FROM numbers JOIN schedules s ON s.id = i % ${SCHEDULES} + 1 JOIN lanes l ON l.task = s.task;
    INSERT INTO attempts (run, attempt, worker, started_at, ended_at, outcome)
      SELECT id, n.column1, worker, started_at, ended_at, CASE n.column1 WHEN 1 THEN 'failed' ELSE 'succeeded' END
      FROM runs, (VALUES (1), (2)) n WHERE id % 10 = 1;
    INSERT INTO logs (run, seq, at, level, message) SELECT id, 1, ended_at, 'info', 'three pages are read' FROM runs WHERE id % 5 = 0;
    INSERT INTO ends (minute, state, count) SELECT ended_at / 60000, state, count(*) FROM runs GROUP BY 1, 2;
    COMMIT;
  `)
  database.close()
  // Else whoever syncs a file next waits for all of this too.
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}
