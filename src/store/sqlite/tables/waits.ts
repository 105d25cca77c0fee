/** Which schedules wait for what: the index from what happens to those that must then be judged. */

import type { DatabaseSync } from 'node:sqlite'
import { waitKinds } from '../../../when/waits.ts'
import type { Wait, WaitKind } from '../../../when/waits.ts'
import { Statement } from '../statement.ts'
import type { Names } from './names.ts'

/** A schedule that waits. */
export interface WaitingSchedule {
  readonly schedule: number
  readonly kind: WaitKind
  readonly opens: boolean
  readonly delayed: boolean
}

/** The first starts the second. */
type Edge = readonly [trigger: string, task: string]

// Stored as its place in the list, counted from 1: kinds are only ever added at the end of it.
const numberOf = (kind: WaitKind): number => waitKinds.indexOf(kind) + 1
const bitOf = (kind: WaitKind): number => 1 << numberOf(kind)

// What has no name of its own (`own end`, `start`).
const NAMELESS = 0

export class Waits {
  readonly #names: Names
  readonly #kinds: Statement<readonly [kind: number]>
  readonly #on: Statement<readonly [schedule: number, kind: number, opens: number, delayed: number]>
  readonly #isOn: Statement
  readonly #kept: Statement<readonly [keepMs: number | null]>
  readonly #keep: Statement<readonly [name: number, keepMs: number]>
  readonly #started: Statement<readonly [task: string]>
  readonly #leadsTo: Statement<readonly [task: string]>
  readonly #insert: Statement
  readonly #delete: Statement
  /** What is waited for of each name, as bits: asked at every start and end of a run. Right while nobody else writes. */
  readonly #known = new Map<number, number>()
  readonly #followers = new Map<number, boolean>()

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#kinds = new Statement(database, 'SELECT DISTINCT kind FROM waits WHERE name = ?')
    this.#on = new Statement(
      database,
      'SELECT schedule, kind, opens, delayed FROM waits WHERE name = ?1 AND (1 << kind) & ?2 ORDER BY schedule',
    )
    this.#isOn = new Statement(database, 'SELECT 1 FROM waits WHERE name = ? AND kind = ? AND schedule = ?')
    this.#kept = new Statement(database, 'SELECT max(keep_ms) FROM waits WHERE name = ? AND kind = ?')
    this.#keep = new Statement(
      database,
      'SELECT name, max(keep_ms) FROM waits WHERE (1 << kind) & ? GROUP BY name ORDER BY name',
    )
    this.#started = new Statement(
      database,
      `SELECT DISTINCT t.name FROM waits w JOIN schedules s ON s.id = w.schedule JOIN names t ON t.id = s.task
       WHERE w.name = ? AND w.triggers = 1 AND s.name <> ? ORDER BY t.name`,
    )
    this.#leadsTo = new Statement(
      database,
      `SELECT DISTINCT t.name FROM waits w JOIN schedules s ON s.id = w.schedule JOIN names t ON t.id = s.task
       WHERE w.name = ? AND w.kind = ${numberOf('event')} AND w.opens = 1 ORDER BY t.name`,
    )
    this.#insert = new Statement(
      database,
      `INSERT INTO waits (name, kind, schedule, opens, triggers, delayed, keep_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#delete = new Statement(database, 'DELETE FROM waits WHERE schedule = ?')
  }

  /** What some schedule waits for of this name, as bits for `isAmong`; 0 for nothing. Inside a transaction. */
  kindsOn(name: number): number {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const kinds = this.#kinds.all(name).reduce((bits, [kind]) => bits | (1 << kind), 0)
    this.#known.set(name, kinds)
    return kinds
  }

  isAmong(kinds: number, kind: WaitKind): boolean {
    return (kinds & bitOf(kind)) !== 0
  }

  /** The schedules that wait for one of these of a name (null: for what has none), by id. */
  on(name: number | null, kinds: readonly WaitKind[]): readonly WaitingSchedule[] {
    const bits = kinds.reduce((all, kind) => all | bitOf(kind), 0)
    return this.#on.all(name ?? NAMELESS, bits).map(([schedule, kind, opens, delayed]) => ({
      schedule,
      kind: waitKinds[kind - 1] as WaitKind,
      opens: opens === 1,
      delayed: delayed === 1,
    }))
  }

  /** Whether a schedule waits for the end of its own last opportunity. */
  followsItself(schedule: number): boolean {
    const known = this.#followers.get(schedule)
    if (known !== undefined) return known
    const follows = this.#isOn.first(NAMELESS, numberOf('own end'), schedule) !== undefined
    this.#followers.set(schedule, follows)
    return follows
  }

  /** Whether what is counted of a name is kept as long as that already. */
  keeps(name: string, kind: WaitKind, keepMs: number): boolean {
    const id = this.#names.find(name)
    const kept = id === undefined ? undefined : this.#kept.first(id, numberOf(kind))?.[0]
    return kept !== undefined && kept !== null && kept >= keepMs
  }

  /** How long what is counted of each task has to be kept. */
  countedNames(): readonly (readonly [name: number, keepMs: number])[] {
    return this.#keep.all(bitOf('ended') | bitOf('started') | bitOf('skipped'))
  }

  /** What a task starts at once, and what that starts, and so on, by schedules of other names: `[trigger, task]`. */
  edgesFrom(task: string, except: string): readonly Edge[] {
    return this.#edges(task, trigger => this.#started.all(trigger, except))
  }

  /** What a task leads to at once or later, and what that leads to, and so on. */
  allEdgesFrom(task: string): readonly Edge[] {
    return this.#edges(task, trigger => this.#leadsTo.all(trigger))
  }

  #edges(task: string, startedBy: (trigger: number) => readonly (readonly [task: string])[]): readonly Edge[] {
    const edges: (readonly [string, string])[] = []
    const seen = new Set([task])
    // A set is walked in the order in which it grows.
    for (const trigger of seen) {
      const id = this.#names.find(trigger)
      for (const [started] of id === undefined ? [] : startedBy(id)) {
        edges.push([trigger, started])
        seen.add(started)
      }
    }
    return edges
  }

  /** What a schedule waits for from now on. */
  put(schedule: number, waits: readonly Wait[]): void {
    this.#delete.run(schedule)
    for (const { kind, name, opens, triggers, delayed, keepMs } of waits) {
      const id = name === '' ? NAMELESS : this.#names.number(name)
      this.#insert.run(id, numberOf(kind), schedule, Number(opens), Number(triggers), Number(delayed), keepMs)
    }
    this.forget()
  }

  /** To be called when another connection has written, and when a transaction was rolled back. */
  forget(): void {
    this.#known.clear()
    this.#followers.clear()
  }
}
