/** Schema 1: everything. */

import type { Migration } from './migration.ts'

/*
 * Why the tables look like this:
 * - States are numbers (state-code.ts), and so are the names of tasks, workers and sources (`names`): rows and indexes are
 *   half as large.
 * - What an index holds of `runs` is in the order of insertion, or small: at millions of runs an insert touches few pages.
 *   So the key of an opportunity begins with its time, and the runs of one schedule are a chain (`schedules.last_run`,
 *   `runs.earlier`) and not an index, which every insert would enter at another place.
 * - `runs.ready_at` is set while a run may be claimed and nothing else; `runs.worker` stays as the last one.
 * - `runs.attempt_delay` is how long after the first start the last attempt began, where it is known.
 * - `runs.created_no` is the how-many-th run of its schedule a run is: what retention counts by.
 */
export const ground: Migration = {
  sql: `
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

    CREATE TABLE schedules (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      version INTEGER NOT NULL,
      mark INTEGER NOT NULL,
      highest_mark INTEGER NOT NULL,
      next_at INTEGER,
      runs_created INTEGER NOT NULL,
      last_run INTEGER,
      status TEXT NOT NULL,
      problem TEXT,
      name TEXT NOT NULL,
      task INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      anchor INTEGER NOT NULL,
      timezone TEXT NOT NULL,
      origin TEXT NOT NULL,
      declared INTEGER NOT NULL,
      declared_hash TEXT,
      paused_at INTEGER,
      paused_by TEXT,
      paused_why TEXT,
      removed_at INTEGER,
      condition TEXT NOT NULL,
      policies TEXT NOT NULL,
      tags TEXT NOT NULL,
      input TEXT
    ) STRICT;
    CREATE UNIQUE INDEX schedules_by_name ON schedules (name) WHERE removed_at IS NULL;
    CREATE INDEX schedules_removed ON schedules (name) WHERE removed_at IS NOT NULL;
    CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;

    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      task INTEGER NOT NULL,
      schedule INTEGER,
      state INTEGER NOT NULL,
      reason TEXT,
      detail TEXT,
      trigger TEXT,
      nominal_at INTEGER,
      last_nominal_at INTEGER,
      count INTEGER NOT NULL DEFAULT 1,
      created_at INTEGER NOT NULL,
      ready_at INTEGER,
      started_at INTEGER,
      ended_at INTEGER,
      attempt INTEGER NOT NULL,
      attempts_allowed INTEGER NOT NULL,
      deaths INTEGER NOT NULL DEFAULT 0,
      fence INTEGER NOT NULL,
      worker INTEGER,
      attempt_delay INTEGER,
      cancel_requested_at INTEGER,
      cancelled_by TEXT,
      units_ok INTEGER NOT NULL DEFAULT 0,
      units_failed INTEGER NOT NULL DEFAULT 0,
      created_no INTEGER,
      earlier INTEGER,
      input TEXT,
      result TEXT,
      error TEXT
    ) STRICT;
    CREATE UNIQUE INDEX runs_opportunity ON runs (nominal_at, schedule) WHERE nominal_at IS NOT NULL;
    CREATE INDEX runs_live ON runs (schedule, state) WHERE state < 5;
    CREATE INDEX runs_ready ON runs (task, ready_at) WHERE ready_at IS NOT NULL;
    CREATE INDEX runs_retrying ON runs (ready_at) WHERE state = 4;
    CREATE INDEX runs_over ON runs (task, state) WHERE state >= 5;
    CREATE INDEX runs_ended ON runs (ended_at, state) WHERE ended_at IS NOT NULL;
    CREATE INDEX runs_by_hand ON runs (task) WHERE schedule IS NULL AND state >= 5;

    CREATE TABLE ends (
      minute INTEGER NOT NULL,
      state INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (minute, state)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE attempts (
      run INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      worker INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      reason TEXT,
      error TEXT,
      PRIMARY KEY (run, attempt)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE units (
      run INTEGER NOT NULL,
      source INTEGER NOT NULL,
      query TEXT NOT NULL,
      state TEXT NOT NULL,
      verdict TEXT NOT NULL,
      detail TEXT,
      attempt INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      seen INTEGER NOT NULL,
      new INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      unchanged INTEGER NOT NULL,
      invalid INTEGER NOT NULL,
      recorded INTEGER NOT NULL,
      PRIMARY KEY (run, source, query)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX units_by_source ON units (source, run);

    CREATE TABLE logs (
      run INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      level TEXT NOT NULL,
      message TEXT NOT NULL,
      fields TEXT,
      PRIMARY KEY (run, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE items (
      id INTEGER PRIMARY KEY,
      source INTEGER NOT NULL,
      key TEXT NOT NULL,
      hash TEXT NOT NULL,
      version INTEGER NOT NULL,
      first_run INTEGER NOT NULL,
      first_seen_at INTEGER NOT NULL,
      last_seen_at INTEGER NOT NULL,
      changed_at INTEGER NOT NULL,
      data TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX items_by_key ON items (source, key);
    CREATE INDEX items_by_change ON items (source, changed_at, key);

    CREATE TABLE item_versions (
      item INTEGER NOT NULL,
      version INTEGER NOT NULL,
      hash TEXT NOT NULL,
      changed_at INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (item, version)
    ) STRICT;

    CREATE TABLE healths (
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL,
      since INTEGER NOT NULL,
      reasons TEXT NOT NULL,
      last_good_at INTEGER,
      recent INTEGER NOT NULL,
      judged INTEGER NOT NULL,
      bad_in_a_row INTEGER NOT NULL,
      good_in_a_row INTEGER NOT NULL,
      failures TEXT NOT NULL,
      PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE health_changes (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      old_state TEXT NOT NULL,
      new_state TEXT NOT NULL,
      at INTEGER NOT NULL,
      run INTEGER NOT NULL,
      reasons TEXT NOT NULL
    ) STRICT;
    CREATE INDEX health_changes_of ON health_changes (kind, name);

    CREATE TABLE hosts (
      host TEXT PRIMARY KEY,
      until INTEGER NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE workers (
      worker TEXT PRIMARY KEY,
      host TEXT NOT NULL,
      version TEXT NOT NULL,
      started_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
  `,
}
