/** Workers that take nothing new. */

import type { Migration } from './migration.ts'

/* - `drained_at`, `drained_by`: since when and by whom; NULL for one that takes what waits. */
export const drainedWorkers: Migration = {
  sql: `
    ALTER TABLE workers ADD COLUMN drained_at INTEGER;
    ALTER TABLE workers ADD COLUMN drained_by TEXT;
  `,
}
