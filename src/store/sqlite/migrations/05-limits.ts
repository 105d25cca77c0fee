/** Where runs wait, what they are counted by, and which queues are paused. */

import type { Migration } from './migration.ts'

/*
 * - `lanes`: each run waits in one: a task, a queue, a priority, and whether its runs have keys. Within a lane the order is
 *   that of `ready_at`, so that of each lane only the first rows are read. Never deleted, and one number in a row of `runs`.
 * - `runs.key`: what the limits of its task count by; NULL for most.
 * - `runs_begun` holds the state too: what runs in a lane is counted without reading rows.
 * - `rates`: of a task and a key the instant before which nothing more of it may start; old ones are pruned.
 * - `pauses`: of a queue, or (0) of everything.
 */
export const limits: Migration = {
  sql: `
    CREATE TABLE lanes (
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL,
      queue INTEGER NOT NULL,
      priority INTEGER NOT NULL,
      keyed INTEGER NOT NULL,
      UNIQUE (task, queue, priority, keyed)
    ) STRICT;

    ALTER TABLE runs ADD COLUMN lane INTEGER;
    ALTER TABLE runs ADD COLUMN key TEXT;
    INSERT OR IGNORE INTO names (name) VALUES ('default');
    INSERT INTO lanes (task, queue, priority, keyed)
      SELECT DISTINCT task, (SELECT id FROM names WHERE name = 'default'), 5, 0 FROM runs WHERE state < 5;
    UPDATE runs SET lane = (SELECT id FROM lanes WHERE lanes.task = runs.task) WHERE state < 5;

    DROP INDEX runs_ready;
    CREATE INDEX runs_ready ON runs (lane, ready_at) WHERE ready_at IS NOT NULL;
    CREATE INDEX runs_ready_by_key ON runs (lane, key, ready_at) WHERE ready_at IS NOT NULL AND key IS NOT NULL;
    DROP INDEX runs_begun;
    CREATE INDEX runs_begun ON runs (task, lane, state) WHERE state IN (3, 4);
    CREATE INDEX runs_running_by_key ON runs (task, key) WHERE state = 3 AND key IS NOT NULL;

    CREATE TABLE rates (
      task INTEGER NOT NULL,
      key TEXT NOT NULL,
      opens_at INTEGER NOT NULL,
      PRIMARY KEY (task, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rates_by_time ON rates (opens_at);

    CREATE TABLE pauses (queue INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, why TEXT) STRICT;
  `,
}
