/** Named sets of dates, as `on 'holidays'` asks for them. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import { Statement } from '../statement.ts'
import { textsOf } from '../stored-json.ts'

export class Calendars {
  readonly #one: Statement<readonly [dates: string]>
  readonly #all: Statement<readonly [name: string, dates: string]>
  readonly #put: Statement
  /** Parsed once: many schedules ask for the same set. Right while nobody else writes. */
  readonly #known = new Map<string, readonly string[]>()

  constructor(database: DatabaseSync) {
    this.#one = new Statement(database, 'SELECT dates FROM calendars WHERE name = ?')
    this.#all = new Statement(database, 'SELECT name, dates FROM calendars ORDER BY name')
    this.#put = new Statement(database, 'INSERT OR REPLACE INTO calendars (name, dates, changed_at) VALUES (?, ?, ?)')
  }

  /** The dates of a set; none for one that is not there. */
  dates(name: string): readonly string[] {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const dates = textsOf(this.#one.first(name)?.[0] ?? '[]')
    this.#known.set(name, dates)
    return dates
  }

  list(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.#all.all().map(([name, dates]) => [name, textsOf(dates)]))
  }

  /** Whether that changed it. */
  put(name: string, dates: readonly string[], at: Instant): boolean {
    const text = JSON.stringify(dates)
    if (this.#one.first(name)?.[0] === text) return false
    this.#put.run(name, text, at)
    this.#known.delete(name)
    return true
  }

  /** To be called when another connection has written, and when a transaction was rolled back. */
  forget(): void {
    this.#known.clear()
  }
}
