/** Health rows and the record of their changes. A transaction writes a row once, however many verdicts it gets. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { healthStates, unknownHealth } from '../../../domain/health.ts'
import type { Health, HealthChange, HealthState, HealthSubject } from '../../../domain/health.ts'
import { Statement } from '../statement.ts'
import { numbersOf, textsOf } from '../stored-json.ts'

type HealthRow = readonly [
  kind: string,
  name: string,
  state: string,
  since: number,
  reasons: string,
  lastGoodAt: number | null,
  recent: number,
  judged: number,
  badInARow: number,
  goodInARow: number,
  failures: string,
]

type ChangeRow = readonly [
  id: number,
  kind: string,
  name: string,
  from: string,
  to: string,
  at: number,
  run: number,
  reasons: string,
]

const HEALTH = 'kind, name, state, since, reasons, last_good_at, recent, judged, bad_in_a_row, good_in_a_row, failures'
const CHANGE = 'id, kind, name, old_state, new_state, at, run, reasons'

export class Healths {
  readonly #one: Statement<HealthRow>
  readonly #all: Statement<HealthRow>
  readonly #put: Statement
  readonly #insertChange: Statement
  readonly #changes: Statement<ChangeRow>
  readonly #changesOf: Statement<ChangeRow>
  /** As this connection read or wrote them last: right while nobody else writes, see `forget`. */
  readonly #known = { task: new Map<string, Health>(), source: new Map<string, Health>() }
  /** Those judged in this transaction, and not written yet. */
  readonly #judged = { task: new Set<string>(), source: new Set<string>() }

  constructor(database: DatabaseSync) {
    this.#one = new Statement(database, `SELECT ${HEALTH} FROM healths WHERE kind = ? AND name = ?`)
    this.#all = new Statement(database, `SELECT ${HEALTH} FROM healths ORDER BY kind, name`)
    this.#put = new Statement(
      database,
      `INSERT OR REPLACE INTO healths (${HEALTH}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#insertChange = new Statement(
      database,
      'INSERT INTO health_changes (kind, name, old_state, new_state, at, run, reasons) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#changes = new Statement(database, `SELECT ${CHANGE} FROM health_changes ORDER BY id DESC LIMIT ?`)
    this.#changesOf = new Statement(
      database,
      `SELECT ${CHANGE} FROM health_changes INDEXED BY health_changes_of WHERE kind = ? AND name = ? ORDER BY id DESC LIMIT ?`,
    )
  }

  /** Inside a transaction. */
  of(subject: HealthSubject, at: Instant): Health {
    const known = this.#known[subject.kind].get(subject.name)
    if (known !== undefined) return known
    return this.#stored(subject.kind, subject.name) ?? unknownHealth(subject, at)
  }

  /** What a condition calls the health of this name: of a source where there is one, else of a task. Inside a transaction. */
  stateOf(name: string): HealthState {
    const source = this.#known.source.get(name) ?? this.#stored('source', name)
    return (source ?? this.#known.task.get(name) ?? this.#stored('task', name))?.state ?? 'unknown'
  }

  #stored(kind: HealthSubject['kind'], name: string): Health | undefined {
    const row = this.#one.first(kind, name)
    return row === undefined ? undefined : readHealth(row)
  }

  /** Inside a transaction; written by `flush`. */
  put(health: Health): void {
    const { kind, name } = health.subject
    this.#known[kind].set(name, health)
    this.#judged[kind].add(name)
  }

  record(change: HealthChange): void {
    const { subject, from, to, at, run, reasons } = change
    this.#insertChange.run(subject.kind, subject.name, from, to, at, run, JSON.stringify(reasons))
  }

  /** Writes what was put. To be called before the transaction is committed. */
  flush(): void {
    for (const kind of ['task', 'source'] as const) {
      for (const name of this.#judged[kind]) {
        const health = this.#known[kind].get(name)
        if (health !== undefined) this.#write(health)
      }
      this.#judged[kind].clear()
    }
  }

  /** To be called when a transaction was rolled back, and when another connection has written. */
  forget(): void {
    for (const kind of ['task', 'source'] as const) {
      this.#known[kind].clear()
      this.#judged[kind].clear()
    }
  }

  list(kind: HealthSubject['kind'] | undefined): readonly Health[] {
    const healths = this.#all.all().map(readHealth)
    return kind === undefined ? healths : healths.filter(health => health.subject.kind === kind)
  }

  changes(subject: HealthSubject | null, limit: number): readonly (HealthChange & { readonly id: number })[] {
    const rows = subject === null ? this.#changes.all(limit) : this.#changesOf.all(subject.kind, subject.name, limit)
    return rows.map(([id, kind, name, from, to, at, run, reasons]) => ({
      id,
      subject: subjectOf(kind, name),
      from: stateFrom(from),
      to: stateFrom(to),
      at: at as Instant,
      run: run as RunId,
      reasons: textsOf(reasons),
    }))
  }

  #write(health: Health): void {
    this.#put.run(
      health.subject.kind,
      health.subject.name,
      health.state,
      health.since,
      JSON.stringify(health.reasons),
      health.lastGoodAt,
      health.recent,
      health.judged,
      health.badInARow,
      health.goodInARow,
      JSON.stringify(health.failures),
    )
  }
}

const subjectOf = (kind: string, name: string): HealthSubject => ({ kind: kind === 'source' ? 'source' : 'task', name })

const stateFrom = (text: string): HealthState =>
  (healthStates as readonly string[]).includes(text) ? (text as HealthState) : 'unknown'

const readHealth = (row: HealthRow): Health => {
  const [kind, name, state, since, reasons, lastGoodAt, recent, judged, badInARow, goodInARow, failures] = row
  return {
    subject: subjectOf(kind, name),
    state: stateFrom(state),
    since: since as Instant,
    reasons: textsOf(reasons),
    lastGoodAt: lastGoodAt as Instant | null,
    recent,
    judged,
    badInARow,
    goodInARow,
    failures: numbersOf(failures) as readonly Instant[],
  }
}
