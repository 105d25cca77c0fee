/** Schema 10: how far schedules are, apart from what they are. */

import type { Migration } from './migration.ts'

/*
 * - `marks`: what a judgement writes, once or more for each run of a schedule: a row of a tenth of the size, in a table of its own,
 *   is written in half the time. `next_at` is NULL for a schedule that was removed.
 */
export const marks: Migration = {
  sql: `
    CREATE TABLE marks (
      schedule INTEGER PRIMARY KEY,
      version INTEGER NOT NULL,
      mark INTEGER NOT NULL,
      highest_mark INTEGER NOT NULL,
      next_at INTEGER,
      status TEXT NOT NULL,
      problem TEXT,
      runs_created INTEGER NOT NULL,
      last_run INTEGER,
      last_nominal_at INTEGER,
      since INTEGER NOT NULL
    ) STRICT;
    INSERT INTO marks
      SELECT id, version, mark, highest_mark, next_at, status, problem, runs_created, last_run, last_nominal_at, since
      FROM schedules;
    CREATE INDEX marks_due ON marks (next_at) WHERE next_at IS NOT NULL;

    DROP INDEX schedules_due;
    ALTER TABLE schedules DROP COLUMN version;
    ALTER TABLE schedules DROP COLUMN mark;
    ALTER TABLE schedules DROP COLUMN highest_mark;
    ALTER TABLE schedules DROP COLUMN next_at;
    ALTER TABLE schedules DROP COLUMN status;
    ALTER TABLE schedules DROP COLUMN problem;
    ALTER TABLE schedules DROP COLUMN runs_created;
    ALTER TABLE schedules DROP COLUMN last_run;
    ALTER TABLE schedules DROP COLUMN last_nominal_at;
    ALTER TABLE schedules DROP COLUMN since;
  `,
}
