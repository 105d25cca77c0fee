/** The outbox, and the rules that say what goes into it. */

import type { DatabaseSync } from 'node:sqlite'
import { instant } from '../../../base/instant.ts'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { noticeKinds } from '../../../domain/notice.ts'
import type { Notice, NoticeKind, NoticeRule, NoticeSubject, Telling } from '../../../domain/notice.ts'
import { noticeStates } from '../../store.ts'
import type { NoticeFilter, NoticeState, StoredNotice } from '../../store.ts'
import { Statement } from '../statement.ts'
import { textsOf } from '../stored-json.ts'

type NoticeRow = readonly [
  number: number,
  destination: string,
  kind: string,
  subjectKind: string,
  subject: string,
  run: number | null,
  at: number,
  text: string,
  state: string,
  tries: number,
  dueAt: number,
  problem: string | null,
  endedAt: number | null,
]

type RuleRow = readonly [destination: string, kinds: string, tasks: string | null, tags: string | null, every: number]

const NOTICE = 'id, destination, kind, subject_kind, subject, run, at, text, state, tries, due_at, problem, ended_at'

// A destination that nobody reaches for a day must not fill the disk.
const MOST_WAITING = 1_000
const LEFT_OUT = '; further notices are left out until this one is delivered'
const MOST_PRUNED = 1_000

export class Notices {
  readonly #rules: Statement<RuleRow>
  readonly #insertRule: Statement
  readonly #deleteRules: Statement
  readonly #deleteAllRules: Statement
  readonly #countWaiting: Statement<readonly [count: number]>
  readonly #insert: Statement
  readonly #head: Statement<NoticeRow>
  readonly #hold: Statement
  readonly #end: Statement
  readonly #putOff: Statement
  readonly #dueAt: Statement<readonly [dueAt: number]>
  readonly #oldestAt: Statement<readonly [at: number | null]>
  readonly #tooOld: Statement<NoticeRow>
  readonly #giveUp: Statement
  readonly #list: Statement<NoticeRow>
  readonly #prune: Statement
  /** As read last: right while nobody else writes, see `forget`. */
  #known: readonly NoticeRule[] | null = null
  #wrote = false

  constructor(database: DatabaseSync) {
    this.#rules = new Statement(database, 'SELECT destination, kinds, tasks, tags, every FROM notice_rules ORDER BY id')
    this.#insertRule = new Statement(
      database,
      'INSERT INTO notice_rules (destination, kinds, tasks, tags, every) VALUES (?, ?, ?, ?, ?)',
    )
    this.#deleteRules = new Statement(database, 'DELETE FROM notice_rules WHERE destination = ?')
    this.#deleteAllRules = new Statement(database, 'DELETE FROM notice_rules')
    this.#countWaiting = new Statement(
      database,
      `SELECT count(*) FROM notices INDEXED BY notices_waiting WHERE destination = ? AND state = 'waiting'`,
    )
    this.#insert = new Statement(
      database,
      `INSERT INTO notices (destination, key, kind, subject_kind, subject, run, at, text, state, tries, due_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', 0, ?7) ON CONFLICT DO NOTHING`,
    )
    this.#head = new Statement(
      database,
      `SELECT ${NOTICE} FROM notices INDEXED BY notices_waiting
       WHERE destination = ? AND state = 'waiting' ORDER BY id LIMIT 1`,
    )
    this.#hold = new Statement(database, 'UPDATE notices SET holder = ?, due_at = ?, tries = tries + 1 WHERE id = ?')
    this.#end = new Statement(
      database,
      `UPDATE notices SET state = ?, problem = ?, ended_at = ?, holder = NULL
       WHERE id = ? AND holder = ? AND state = 'waiting'`,
    )
    this.#putOff = new Statement(
      database,
      `UPDATE notices SET due_at = ?, problem = coalesce(?, problem), holder = NULL
       WHERE id = ? AND holder = ? AND state = 'waiting'`,
    )
    this.#dueAt = new Statement(
      database,
      `SELECT due_at FROM notices INDEXED BY notices_waiting
       WHERE destination = ? AND state = 'waiting' ORDER BY id LIMIT 1`,
    )
    this.#oldestAt = new Statement(
      database,
      `SELECT min(at) FROM notices INDEXED BY notices_waiting WHERE state = 'waiting'`,
    )
    this.#tooOld = new Statement(
      database,
      `SELECT ${NOTICE} FROM notices INDEXED BY notices_waiting WHERE state = 'waiting' AND at <= ? ORDER BY id LIMIT ?`,
    )
    this.#giveUp = new Statement(
      database,
      `UPDATE notices SET state = 'given up', problem = ?, ended_at = ?, holder = NULL WHERE id = ?`,
    )
    this.#list = new Statement(database, `SELECT ${NOTICE} FROM notices WHERE id < ? ORDER BY id DESC LIMIT ?`)
    this.#prune = new Statement(
      database,
      `DELETE FROM notices WHERE id IN
         (SELECT id FROM notices INDEXED BY notices_ended WHERE ended_at < ? LIMIT ${MOST_PRUNED})`,
    )
  }

  /** Inside a transaction. */
  rules(): readonly NoticeRule[] {
    return (this.#known ??= this.readRules())
  }

  readRules(): readonly NoticeRule[] {
    return this.#rules.all().map(([destination, kinds, tasks, tags, every]) => ({
      destination,
      on: textsOf(kinds).filter(isKind),
      tasks: tasks === null ? null : textsOf(tasks),
      tags: tags === null ? null : textsOf(tags),
      every: every === 1,
    }))
  }

  /** Takes back the rules of these destinations, or (null) all, and puts these in their place. */
  putRules(destinations: readonly string[] | null, rules: readonly NoticeRule[]): void {
    if (destinations === null) this.#deleteAllRules.run()
    else for (const destination of destinations) this.#deleteRules.run(destination)
    for (const { destination, on, tasks, tags, every } of rules) {
      this.#insertRule.run(destination, JSON.stringify(on), textOrNull(tasks), textOrNull(tags), Number(every))
    }
    this.#known = null
  }

  /** Into the outbox, unless it is there already or too much waits. */
  add(destination: string, telling: Telling): void {
    const waiting = this.#countWaiting.first(destination)?.[0] ?? 0
    if (waiting >= MOST_WAITING) return
    const { key, kind, subject, run, at } = telling
    const text = waiting === MOST_WAITING - 1 ? telling.text + LEFT_OUT : telling.text
    if (this.#insert.run(destination, key, kind, subject.kind, subject.name, run, at, text) > 0) this.#wrote = true
  }

  /** The oldest notice of a destination, if it is due, for one sender until then. */
  claim(destination: string, holder: string, at: Instant, until: Instant): StoredNotice | null {
    const row = this.#head.first(destination)
    if (row === undefined) return null
    const notice = noticeFrom(row)
    if (notice.dueAt > at) return null
    this.#hold.run(holder, until, notice.number)
    return { ...notice, tries: notice.tries + 1, dueAt: until }
  }

  /** Whether the holder still was the one who sends it. */
  end(number: number, holder: string, state: NoticeState, problem: string | null, at: Instant): boolean {
    return this.#end.run(state, problem, at, number, holder) > 0
  }

  /** Likewise. */
  putOff(number: number, holder: string, until: Instant, problem: string | null): boolean {
    return this.#putOff.run(until, problem, number, holder) > 0
  }

  /** When the first of what waits for one of these destinations is due. */
  dueAt(destinations: readonly string[]): Instant | null {
    const due = destinations.flatMap(destination => this.#dueAt.first(destination)?.[0] ?? [])
    return due.length === 0 ? null : instant(Math.min(...due))
  }

  /** When the oldest of what waits for anybody happened. */
  oldestAt(): Instant | null {
    return (this.#oldestAt.first()?.[0] ?? null) as Instant | null
  }

  /** Gives up what waits for something that happened until then. */
  giveUp(before: Instant, at: Instant, limit: number, otherwise: string): readonly StoredNotice[] {
    return this.#tooOld.all(before, limit).map(row => {
      const notice = noticeFrom(row)
      const problem = notice.problem ?? otherwise
      this.#giveUp.run(problem, at, notice.number)
      return { ...notice, state: 'given up', problem, endedAt: at }
    })
  }

  /** Newest first. */
  list({ before, limit }: NoticeFilter): readonly StoredNotice[] {
    return this.#list.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(noticeFrom)
  }

  prune(before: Instant): void {
    this.#prune.run(before)
  }

  /** Whether something was put into the outbox since the last call; what was rolled back counts too. */
  takeWrote(): boolean {
    const wrote = this.#wrote
    this.#wrote = false
    return wrote
  }

  /** To be called when a transaction was rolled back, and when another connection has written. */
  forget(): void {
    this.#known = null
  }
}

const textOrNull = (names: readonly string[] | null): string | null => (names === null ? null : JSON.stringify(names))

const isKind = (text: string): text is NoticeKind => (noticeKinds as readonly string[]).includes(text)

const isState = (text: string): text is NoticeState => (noticeStates as readonly string[]).includes(text)

export const subjectFrom = (kind: string, name: string): NoticeSubject => ({
  kind: kind === 'source' || kind === 'task' ? kind : 'schedule',
  name,
})

// After a restore a number may be given again, to something else: its time tells them apart.
const idOf = (number: number, at: number): Notice['id'] => `${number}-${at.toString(36)}`

const noticeFrom = (row: NoticeRow): StoredNotice => {
  const [number, destination, kind, subjectKind, subject, run, at, text, state, tries, dueAt, problem, endedAt] = row
  return {
    number,
    id: idOf(number, at),
    destination,
    kind: isKind(kind) ? kind : 'test',
    subject: subjectFrom(subjectKind, subject),
    run: run as RunId | null,
    at: at as Instant,
    text,
    state: isState(state) ? state : 'given up',
    tries,
    dueAt: dueAt as Instant,
    problem,
    endedAt: endedAt as Instant | null,
  }
}
