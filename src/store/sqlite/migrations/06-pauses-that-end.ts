/** Pauses that end by themselves. */

import type { Migration } from './migration.ts'

/* - `paused_until`, `until`: NULL for a pause that lasts until it is lifted. */
export const pausesThatEnd: Migration = {
  sql: `
    ALTER TABLE schedules ADD COLUMN paused_until INTEGER;
    ALTER TABLE pauses ADD COLUMN until INTEGER;
  `,
}
