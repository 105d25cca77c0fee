/** Log lines of runs, numbered from 1; of a long log the newest lines are kept. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { LogLevel } from '../../../base/log.ts'
import type { RunId } from '../../../base/name.ts'
import type { LogLine, NewLogLine } from '../../store.ts'
import { Statement } from '../statement.ts'
import { jsonOf, jsonText } from '../stored-json.ts'

const LINES_KEPT = 10_000

type LogRow = readonly [seq: number, at: number, level: string, message: string, fields: string | null]

export class Logs {
  readonly #last: Statement<readonly [seq: number | null]>
  readonly #insert: Statement
  readonly #trim: Statement
  readonly #of: Statement<LogRow>
  readonly #delete: Statement

  constructor(database: DatabaseSync) {
    this.#last = new Statement(database, 'SELECT max(seq) FROM logs WHERE run = ?')
    this.#insert = new Statement(
      database,
      'INSERT INTO logs (run, seq, at, level, message, fields) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#trim = new Statement(database, 'DELETE FROM logs WHERE run = ? AND seq <= ?')
    this.#of = new Statement(
      database,
      'SELECT seq, at, level, message, fields FROM logs WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?',
    )
    this.#delete = new Statement(database, 'DELETE FROM logs WHERE run = ?')
  }

  append(run: RunId, lines: readonly NewLogLine[]): void {
    let seq = this.#last.first(run)?.[0] ?? 0
    for (const { at, level, message, fields } of lines) {
      seq++
      this.#insert.run(run, seq, at, level, message, jsonText(fields))
    }
    if (seq > LINES_KEPT) this.#trim.run(run, seq - LINES_KEPT)
  }

  of(run: RunId, afterSeq: number, limit: number): readonly LogLine[] {
    return this.#of.all(run, afterSeq, limit).map(([seq, at, level, message, fields]) => ({
      seq,
      at: at as Instant,
      level: level as LogLevel,
      message,
      fields: jsonOf(fields) ?? null,
    }))
  }

  /** How many lines there were. */
  delete(run: RunId): number {
    return this.#delete.run(run)
  }
}
