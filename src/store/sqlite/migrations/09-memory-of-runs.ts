/** How much memory runs used. */

import type { Migration } from './migration.ts'

/* - `runs.memory_mb`: what the thread or child process of the last attempt used at its end, in MiB; NULL elsewhere. */
export const memoryOfRuns: Migration = {
  sql: 'ALTER TABLE runs ADD COLUMN memory_mb INTEGER',
}
