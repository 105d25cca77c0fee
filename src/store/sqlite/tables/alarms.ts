/** What lasts and was told: one row for each subject and kind. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Alarm, AlarmKind, NoticeSubject } from '../../../domain/notice.ts'
import { Statement } from '../statement.ts'
import { textsOf } from '../stored-json.ts'
import { subjectFrom } from './notices.ts'

type AlarmRow = readonly [
  subjectKind: string,
  subject: string,
  kind: string,
  names: string,
  tags: string,
  since: number,
  run: number | null,
  level: string,
  count: number,
  text: string,
  repeats: number,
  repeatAt: number | null,
]

const ALARM = 'subject_kind, subject, kind, names, tags, since, run, level, count, text, repeats, repeat_at'

export class Alarms {
  readonly #of: Statement<AlarmRow>
  readonly #put: Statement
  readonly #delete: Statement
  readonly #repeating: Statement<AlarmRow>
  readonly #repeatAt: Statement<readonly [at: number | null]>
  readonly #deleteKind: Statement

  constructor(database: DatabaseSync) {
    this.#of = new Statement(database, `SELECT ${ALARM} FROM alarms WHERE subject_kind = ? AND subject = ?`)
    this.#put = new Statement(
      database,
      `INSERT OR REPLACE INTO alarms (${ALARM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#delete = new Statement(database, 'DELETE FROM alarms WHERE subject_kind = ? AND subject = ? AND kind = ?')
    this.#repeating = new Statement(
      database,
      `SELECT ${ALARM} FROM alarms INDEXED BY alarms_repeating WHERE repeat_at <= ? ORDER BY repeat_at LIMIT ?`,
    )
    this.#repeatAt = new Statement(
      database,
      'SELECT min(repeat_at) FROM alarms INDEXED BY alarms_repeating WHERE repeat_at IS NOT NULL',
    )
    this.#deleteKind = new Statement(database, 'DELETE FROM alarms WHERE kind = ?')
  }

  of({ kind, name }: NoticeSubject): readonly Alarm[] {
    return this.#of.all(kind, name).map(alarmFrom)
  }

  put(alarm: Alarm): void {
    const { subject, kind, names, tags, since, run, level, count, text, repeats, repeatAt } = alarm
    const [ofNames, ofTags] = [JSON.stringify(names), JSON.stringify(tags)]
    this.#put.run(subject.kind, subject.name, kind, ofNames, ofTags, since, run, level, count, text, repeats, repeatAt)
  }

  delete(subject: NoticeSubject, kind: AlarmKind): void {
    this.#delete.run(subject.kind, subject.name, kind)
  }

  /** Takes back every alarm of a kind that nobody wants to hear of. */
  deleteKind(kind: AlarmKind): void {
    this.#deleteKind.run(kind)
  }

  /** Those to be told again by then, at most `limit`. */
  repeating(by: Instant, limit: number): readonly Alarm[] {
    return this.#repeating.all(by, limit).map(alarmFrom)
  }

  repeatAt(): Instant | null {
    return (this.#repeatAt.first()?.[0] ?? null) as Instant | null
  }
}

const alarmFrom = (row: AlarmRow): Alarm => {
  const [subjectKind, subject, kind, names, tags, since, run, level, count, text, repeats, repeatAt] = row
  return {
    subject: subjectFrom(subjectKind, subject),
    kind: kind as AlarmKind,
    names: textsOf(names),
    tags: textsOf(tags),
    since: since as Instant,
    run: run as RunId | null,
    level,
    count,
    text,
    repeats,
    repeatAt: repeatAt as Instant | null,
  }
}
