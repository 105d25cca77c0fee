/** Schema 2: what conditions about facts need to be judged without reading history. */

import type { Migration } from './migration.ts'

/*
 * - `runs.caused_by`: the run that completed the events of an opportunity. It, not the nominal time, is then the identity of
 *   the opportunity: two runs may end in the same millisecond.
 * - `runs_begun`: what of a task has started and is not over.
 * - `open_rows`: of an open row that waits for facts, which clause demands it and until when.
 * - `waits`: from what may happen to the schedules that must then be judged (when/waits.ts).
 * - `unused_ends`: the ends of runs that an `after …` of a schedule has not used yet. A decision deletes what it uses, so that
 *   no comparison of clocks says what is used; `used_to` where one task has events of several delays.
 * - `tally`: what conditions count, as long as the longest period that one of them names, also when the runs are deleted;
 *   `totals` counts all of it. `what` is a state's number (state-code.ts), or that of `running` for a start.
 */
export const facts: Migration = {
  sql: `
    ALTER TABLE schedules ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE schedules ADD COLUMN last_nominal_at INTEGER;
    ALTER TABLE schedules ADD COLUMN uses_facts INTEGER NOT NULL DEFAULT 0;
    UPDATE schedules SET since = created_at;

    ALTER TABLE runs ADD COLUMN caused_by INTEGER;
    ALTER TABLE runs ADD COLUMN expires_at INTEGER;
    DROP INDEX runs_opportunity;
    CREATE UNIQUE INDEX runs_opportunity ON runs (nominal_at, schedule) WHERE nominal_at IS NOT NULL AND caused_by IS NULL;
    CREATE UNIQUE INDEX runs_caused ON runs (caused_by, schedule) WHERE caused_by IS NOT NULL;
    CREATE INDEX runs_begun ON runs (task) WHERE state IN (3, 4);

    CREATE TABLE open_rows (run INTEGER PRIMARY KEY, clause INTEGER NOT NULL, deadline INTEGER) STRICT;

    CREATE TABLE waits (
      name INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      schedule INTEGER NOT NULL,
      opens INTEGER NOT NULL,
      triggers INTEGER NOT NULL,
      delayed INTEGER NOT NULL,
      keep_ms INTEGER NOT NULL,
      PRIMARY KEY (name, kind, schedule)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX waits_of ON waits (schedule);

    CREATE TABLE unused_ends (
      schedule INTEGER NOT NULL,
      run INTEGER NOT NULL,
      task INTEGER NOT NULL,
      state INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      used_to INTEGER,
      PRIMARY KEY (schedule, run)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tally (
      task INTEGER NOT NULL,
      what INTEGER NOT NULL,
      at INTEGER NOT NULL,
      run INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (task, what, at, run)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE totals (
      task INTEGER NOT NULL,
      what INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (task, what)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE starts (at INTEGER PRIMARY KEY) STRICT;

    CREATE TABLE calendars (name TEXT PRIMARY KEY, dates TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
}
