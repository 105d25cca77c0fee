/** What may be claimed, lane by lane, in the order in which it became due. A run whose schedule is paused waits. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { codeOf } from '../state-code.ts'
import { Statement } from '../statement.ts'
import type { Lane } from './lanes.ts'

export interface ReadyRun {
  readonly id: RunId
  readonly lane: Lane
  readonly key: string | null
  readonly readyAt: Instant
  /** Whether its input can be read: not where somebody changed the row. */
  readonly readable: boolean
}

type ReadyRow = readonly [id: number, readyAt: number, key: string | null, readable: number]

// What is left of a schedule that was removed goes on, also where it was paused.
const NOT_PAUSED = `
  NOT EXISTS (SELECT 1 FROM schedules s WHERE s.id = r.schedule AND s.paused_at IS NOT NULL AND s.removed_at IS NULL)`

const READY = `id, ready_at, key, input IS NULL OR json_valid(input)`

export class Waiting {
  readonly #lanes: Statement<readonly [lane: number]>
  readonly #ofLane: Statement<ReadyRow>
  readonly #keysOf: Statement<readonly [key: string]>
  readonly #ofKey: Statement<ReadyRow>
  readonly #only: Statement<ReadyRow>
  readonly #readyAt: Statement<readonly [readyAt: number | null]>
  readonly #nextRetryAt: Statement<readonly [readyAt: number]>
  readonly #hasten: Statement
  readonly #count: Statement<readonly [count: number]>

  constructor(database: DatabaseSync) {
    // Leaps from lane to lane along the index instead of reading every waiting run.
    this.#lanes = new Statement(
      database,
      `WITH RECURSIVE waiting (lane) AS (
         SELECT min(lane) FROM runs INDEXED BY runs_ready WHERE ready_at IS NOT NULL
         UNION ALL
         SELECT (SELECT min(lane) FROM runs INDEXED BY runs_ready WHERE ready_at IS NOT NULL AND lane > waiting.lane)
         FROM waiting WHERE lane IS NOT NULL)
       SELECT lane FROM waiting WHERE lane IS NOT NULL`,
    )
    this.#ofLane = new Statement(
      database,
      `SELECT ${READY} FROM runs r INDEXED BY runs_ready
       WHERE lane = ? AND ready_at <= ? AND ${NOT_PAUSED} ORDER BY ready_at, id LIMIT ?`,
    )
    // Likewise from key to key.
    this.#keysOf = new Statement(
      database,
      `WITH RECURSIVE waiting (key) AS (
         SELECT min(key) FROM runs INDEXED BY runs_ready_by_key WHERE ready_at IS NOT NULL AND key IS NOT NULL AND lane = ?1
         UNION ALL
         SELECT (SELECT min(key) FROM runs INDEXED BY runs_ready_by_key
                 WHERE ready_at IS NOT NULL AND key IS NOT NULL AND lane = ?1 AND key > waiting.key)
         FROM waiting WHERE key IS NOT NULL)
       SELECT key FROM waiting WHERE key IS NOT NULL`,
    )
    this.#ofKey = new Statement(
      database,
      `SELECT ${READY} FROM runs r INDEXED BY runs_ready_by_key
       WHERE key IS NOT NULL AND lane = ? AND key = ? AND ready_at <= ? AND ${NOT_PAUSED} ORDER BY ready_at, id LIMIT ?`,
    )
    this.#only = new Statement(database, `SELECT ${READY} FROM runs r WHERE id = ? AND ready_at <= ? AND ${NOT_PAUSED}`)
    this.#readyAt = new Statement(database, 'SELECT ready_at FROM runs WHERE id = ?')
    this.#nextRetryAt = new Statement(
      database,
      `SELECT ready_at FROM runs r INDEXED BY runs_retrying
       WHERE state = 4 AND ready_at > ? AND ${NOT_PAUSED} ORDER BY ready_at LIMIT 1`,
    )
    this.#hasten = new Statement(
      database,
      `UPDATE runs INDEXED BY runs_ready SET ready_at = ?1
       WHERE ready_at IS NOT NULL AND ready_at > ?1 AND state = ${codeOf('queued')}`,
    )
    this.#count = new Statement(
      database,
      'SELECT count(*) FROM runs INDEXED BY runs_ready WHERE ready_at IS NOT NULL AND lane = ?',
    )
  }

  /** The lanes that have waiting runs, due or not. */
  lanes(): readonly number[] {
    return this.#lanes.all().map(([lane]) => lane)
  }

  ofLane(lane: Lane, at: Instant, limit: number): readonly ReadyRun[] {
    return this.#ofLane.all(lane.id, at, limit).map(row => readyRun(row, lane))
  }

  /** The keys of the waiting runs of a lane, due or not. */
  keysOf(lane: Lane): Iterable<readonly [key: string]> {
    return this.#keysOf.all(lane.id)
  }

  ofKey(lane: Lane, key: string, at: Instant, limit: number): readonly ReadyRun[] {
    return this.#ofKey.all(lane.id, key, at, limit).map(row => readyRun(row, lane))
  }

  only(id: RunId, lane: Lane, at: Instant): ReadyRun | null {
    const row = this.#only.first(id, at)
    return row === undefined ? null : readyRun(row, lane)
  }

  /** From when on a run may be claimed; null for one that is held. */
  readyAt(id: RunId): Instant | null {
    return (this.#readyAt.first(id)?.[0] ?? null) as Instant | null
  }

  /** When the next retrying run that is not due at `at` will be. */
  nextRetryAt(at: Instant): Instant | null {
    return (this.#nextRetryAt.first(at)?.[0] ?? null) as Instant | null
  }

  /** What was queued later is due from then on; how many that were. */
  hasten(at: Instant): number {
    return this.#hasten.run(at)
  }

  /** How many wait in a lane, due or not. */
  count(lane: Lane): number {
    return this.#count.first(lane.id)?.[0] ?? 0
  }
}

const readyRun = ([id, readyAt, key, readable]: ReadyRow, lane: Lane): ReadyRun => ({
  id: id as RunId,
  lane,
  key,
  readyAt: readyAt as Instant,
  readable: readable === 1,
})
