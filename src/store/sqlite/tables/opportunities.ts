/** The runs of one schedule as its judgement needs them: what is not over, what is open, what was decided already. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { OpenRow, Subject, UnfinishedRun, Waiting } from '../../../domain/opportunity.ts'
import { Statement } from '../statement.ts'
import { codeOf, stateOf } from '../state-code.ts'
import type { Ends } from './ends.ts'

/** A skipped row, as far as another skip must know it to merge with it. */
export interface LastSkip {
  readonly reason: string | null
  readonly detail: string | null
  /** The last nominal time for which it stands. */
  readonly to: Instant
  readonly endedAt: Instant
}

const OPEN = codeOf('open')
const QUEUED = codeOf('queued')
const SKIPPED = codeOf('skipped')

type LiveRow = readonly [
  id: number,
  state: number,
  nominalAt: number,
  expiresAt: number | null,
  causedBy: number | null,
  clause: number | null,
  deadline: number | null,
]

export class Opportunities {
  readonly #ends: Ends
  readonly #live: Statement<LiveRow>
  readonly #open: Statement<readonly [id: number]>
  readonly #openOrQueued: Statement<readonly [id: number]>
  readonly #lastSkip: Statement<readonly [reason: string | null, detail: string | null, to: number, endedAt: number]>
  readonly #merge: Statement
  readonly #setWaiting: Statement
  readonly #unsetWaiting: Statement

  constructor(database: DatabaseSync, ends: Ends) {
    this.#ends = ends
    this.#live = new Statement(
      database,
      `SELECT r.id, r.state, r.nominal_at, r.expires_at, r.caused_by, o.clause, o.deadline
       FROM runs r INDEXED BY runs_live LEFT JOIN open_rows o ON o.run = r.id
       WHERE r.schedule = ? AND r.state < 5 ORDER BY r.id`,
    )
    this.#open = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_live WHERE schedule = ? AND state < 5 AND state = ${OPEN} ORDER BY id`,
    )
    this.#openOrQueued = new Statement(
      database,
      `SELECT id FROM runs INDEXED BY runs_live WHERE schedule = ? AND state < 5 AND state <= ${QUEUED} ORDER BY id`,
    )
    this.#lastSkip = new Statement(
      database,
      `SELECT reason, detail, coalesce(last_nominal_at, nominal_at), ended_at FROM runs
       WHERE id = ? AND state = ${SKIPPED} AND nominal_at IS NOT NULL AND ended_at IS NOT NULL`,
    )
    this.#merge = new Statement(
      database,
      'UPDATE runs SET last_nominal_at = ?, count = count + ?, ended_at = ? WHERE id = ?',
    )
    this.#setWaiting = new Statement(
      database,
      'INSERT OR REPLACE INTO open_rows (run, clause, deadline) VALUES (?, ?, ?)',
    )
    this.#unsetWaiting = new Statement(database, 'DELETE FROM open_rows WHERE run = ?')
  }

  /** Of one schedule, oldest first. */
  live(schedule: number): Pick<Subject, 'unfinished' | 'open'> {
    const rows = this.#live.all(schedule)
    return {
      unfinished: rows
        .filter(([, state]) => state !== OPEN)
        .map(([id, state, , expiresAt]) => ({
          id: id as RunId,
          state: stateOf(state) as UnfinishedRun['state'],
          expiresAt: expiresAt as Instant | null,
        })),
      open: rows.filter(([, state]) => state === OPEN).map(openRow),
    }
  }

  hasOpen(schedule: number): boolean {
    return this.#open.first(schedule) !== undefined
  }

  open(schedule: number): readonly RunId[] {
    return this.#open.all(schedule).map(([id]) => id as RunId)
  }

  openOrQueued(schedule: number): readonly RunId[] {
    return this.#openOrQueued.all(schedule).map(([id]) => id as RunId)
  }

  /** This row, if it is skipped. */
  lastSkip(id: RunId): LastSkip | null {
    const row = this.#lastSkip.first(id)
    if (row === undefined) return null
    const [reason, detail, to, endedAt] = row
    return { reason, detail, to: to as Instant, endedAt: endedAt as Instant }
  }

  /** Lets the skipped row stand for `count` more opportunities, the last of them at `to`. */
  merge(id: RunId, last: LastSkip, to: Instant, count: number, at: Instant): void {
    this.#merge.run(to, count, at, id)
    this.#ends.add(SKIPPED, last.endedAt, -1)
    this.#ends.add(SKIPPED, at)
  }

  /** An open row begins to wait for its facts, or (`null`) no longer does. */
  setWaiting(id: RunId, waitsFor: (Waiting & { kind: 'condition' }) | null): void {
    if (waitsFor === null) this.#unsetWaiting.run(id)
    else this.#setWaiting.run(id, waitsFor.clause, waitsFor.deadline)
  }
}

const openRow = ([id, , nominalAt, , causedBy, clause, deadline]: LiveRow): OpenRow => ({
  id: id as RunId,
  nominalAt: nominalAt as Instant,
  causedBy: causedBy as RunId | null,
  waitsFor: clause === null ? { kind: 'overlap' } : { kind: 'condition', clause, deadline: deadline as Instant | null },
})
