/** When apps with a scheduling role started: each a moment of its own for `on start`. */

import type { DatabaseSync } from 'node:sqlite'
import { instant } from '../../../base/instant.ts'
import type { Instant } from '../../../base/instant.ts'
import { Statement } from '../statement.ts'

// More starts than anybody wants runs for at once: a program in a crash loop.
const MOST_STARTS = 1_000

export class Starts {
  readonly #insert: Statement
  readonly #after: Statement<readonly [at: number]>
  readonly #deleteBefore: Statement

  constructor(database: DatabaseSync) {
    this.#insert = new Statement(database, 'INSERT OR IGNORE INTO starts (at) VALUES (?)')
    this.#after = new Statement(database, `SELECT at FROM starts WHERE at > ? ORDER BY at DESC LIMIT ${MOST_STARTS}`)
    this.#deleteBefore = new Statement(database, 'DELETE FROM starts WHERE at < ?')
  }

  /** Keeps a start, and gives its instant: two of the same millisecond are two. */
  add(at: Instant): Instant {
    let own: number = at
    while (this.#insert.run(own) === 0) own++
    return instant(own)
  }

  after(at: Instant): readonly Instant[] {
    return this.#after.all(at).map(([start]) => start as Instant)
  }

  prune(before: Instant): void {
    this.#deleteBefore.run(before)
  }
}
