/** Schema 4: who wants to be told what, what lasts and was told, and what waits to be delivered. */

import type { Migration } from './migration.ts'

/*
 * - `notice_rules`: as running programs declared them. Only the names of destinations: addresses and secrets stay with who
 *   declares them.
 * - `alarms`: what lasts and was told, so that it is told once.
 * - `watches`: schedules that somebody wants to hear of when they are overdue or silent, and when to look at each.
 * - `notices`: the outbox. One row for each destination, kept when it is over until retention takes it.
 */
export const notices: Migration = {
  sql: `
    CREATE TABLE notice_rules (
      id INTEGER PRIMARY KEY,
      destination TEXT NOT NULL,
      kinds TEXT NOT NULL,
      tasks TEXT,
      tags TEXT,
      every INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE alarms (
      subject_kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      kind TEXT NOT NULL,
      names TEXT NOT NULL,
      tags TEXT NOT NULL,
      since INTEGER NOT NULL,
      run INTEGER,
      level TEXT NOT NULL,
      count INTEGER NOT NULL,
      text TEXT NOT NULL,
      repeats INTEGER NOT NULL,
      repeat_at INTEGER,
      PRIMARY KEY (subject_kind, subject, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alarms_repeating ON alarms (repeat_at) WHERE repeat_at IS NOT NULL;

    CREATE TABLE watches (
      schedule INTEGER PRIMARY KEY,
      since INTEGER NOT NULL,
      look_at INTEGER,
      suspected_at INTEGER
    ) STRICT;
    CREATE INDEX watches_due ON watches (look_at) WHERE look_at IS NOT NULL;

    CREATE TABLE notices (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      destination TEXT NOT NULL,
      key TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject_kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      run INTEGER,
      at INTEGER NOT NULL,
      text TEXT NOT NULL,
      state TEXT NOT NULL,
      tries INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      holder TEXT,
      problem TEXT,
      ended_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX notices_once ON notices (destination, key);
    CREATE INDEX notices_waiting ON notices (destination, id) WHERE state = 'waiting';
    CREATE INDEX notices_ended ON notices (ended_at) WHERE ended_at IS NOT NULL;
  `,
}
