/** Until when hosts are to be left alone. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { Statement } from '../statement.ts'

export class Hosts {
  readonly #hold: Statement<readonly [until: number]>
  readonly #heldUntil: Statement<readonly [until: number]>

  constructor(database: DatabaseSync) {
    this.#hold = new Statement(
      database,
      `INSERT INTO hosts (host, until, reason, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (host) DO UPDATE SET
         reason = CASE WHEN excluded.until > until THEN excluded.reason ELSE reason END,
         at = CASE WHEN excluded.until > until THEN excluded.at ELSE at END,
         until = max(until, excluded.until)
       RETURNING until`,
    )
    this.#heldUntil = new Statement(database, 'SELECT until FROM hosts WHERE host = ? AND until > ?')
  }

  /** Until when it is held now: a hold that lasts longer stays. */
  hold(host: string, until: Instant, reason: string, at: Instant): Instant {
    return (this.#hold.first(host, until, reason, at)?.[0] ?? until) as Instant
  }

  heldUntil(host: string, at: Instant): Instant | null {
    return (this.#heldUntil.first(host, at)?.[0] ?? null) as Instant | null
  }
}
