/** How far runs are, and what tasks remember. */

import type { Migration } from './migration.ts'

/** Tables of their own: most runs say nothing of either, and a row of `runs` stays as small as it was. */
export const progressAndState: Migration = {
  sql: `
    CREATE TABLE progress (
      run INTEGER PRIMARY KEY,
      done REAL NOT NULL,
      total REAL,
      note TEXT,
      at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE task_states (
      task INTEGER NOT NULL,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (task, key)
    ) STRICT, WITHOUT ROWID;
  `,
}
