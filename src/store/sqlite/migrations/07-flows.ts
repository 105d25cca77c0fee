/** Schema 7: flows. What of them is not in the rows of their runs, so that a run outside of flows is as small as it was. */

import type { Migration } from './migration.ts'

/*
 * - `runs.root`: the run that stands for the flow; its own number for that run itself. It has no lane: nobody executes it.
 * - `flows`: of the whole, `flow_points` of each point where steps meet: how many runs are not over, and what became of the
 *   others, so that an end reads a row of each and never all runs.
 * - `flow_steps`: between which points a run lies. Steps that begin at point 0 wait for nothing, and nothing waits for those
 *   that lead to point 1: they are in no index.
 * - Of the runs by hand that retention keeps, steps are none: they go with their flow.
 */
export const flows: Migration = {
  sql: `
    ALTER TABLE runs ADD COLUMN root INTEGER;
    DROP INDEX runs_by_hand;
    CREATE INDEX runs_by_hand ON runs (task)
      WHERE schedule IS NULL AND state >= 5 AND (root IS NULL OR root = id);

    CREATE TABLE flows (
      root INTEGER PRIMARY KEY,
      left INTEGER NOT NULL,
      total INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      unhandled INTEGER NOT NULL,
      partial INTEGER NOT NULL,
      cancelled INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE flow_points (
      root INTEGER NOT NULL,
      point INTEGER NOT NULL,
      left INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      void INTEGER NOT NULL,
      handles INTEGER NOT NULL,
      PRIMARY KEY (root, point)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE flow_steps (
      root INTEGER NOT NULL,
      run INTEGER NOT NULL,
      from_point INTEGER NOT NULL,
      to_point INTEGER NOT NULL,
      rule INTEGER NOT NULL,
      most INTEGER,
      PRIMARY KEY (root, run)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX flow_steps_from ON flow_steps (root, from_point) WHERE from_point > 0;
    CREATE INDEX flow_steps_to ON flow_steps (root, to_point) WHERE to_point > 1;
  `,
}
