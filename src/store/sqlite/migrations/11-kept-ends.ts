/** Schema 11: with jitter an event is looked at later than it happens, as a delayed one is: each is kept until then. */

import type { Migration } from './migration.ts'

/* - `waits.delayed`: 1 also where the schedule has jitter. Kind 1 is `event`. */
export const keptEnds: Migration = {
  sql: `
    UPDATE waits SET delayed = 1 WHERE kind = 1 AND schedule IN
      (SELECT id FROM schedules WHERE CASE WHEN json_valid(policies) THEN json_extract(policies, '$.jitter') > 0 END)
  `,
}
