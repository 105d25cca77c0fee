/** Items of sources: one row for a key, the versions it had before in rows of their own. */

import type { DatabaseSync } from 'node:sqlite'
import type { Instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import type { Item, NewItem } from '../../../domain/unit.ts'
import type { ItemFilter } from '../../store.ts'
import { Statement } from '../statement.ts'
import { jsonOf } from '../stored-json.ts'
import type { Names } from './names.ts'

/** What must be known of a stored item to say what a new one of its key is. */
export interface KnownItem {
  readonly id: number
  readonly hash: string
  readonly firstRun: RunId
}

type ItemRow = readonly [
  key: string,
  hash: string,
  data: string,
  version: number,
  firstSeenAt: number,
  lastSeenAt: number,
  changedAt: number,
]

const ITEM = 'key, hash, data, version, first_seen_at, last_seen_at, changed_at'

export class Items {
  readonly #names: Names
  readonly #find: Statement<readonly [id: number, hash: string, firstRun: number]>
  readonly #insert: Statement
  readonly #see: Statement
  readonly #keepVersion: Statement
  readonly #change: Statement
  readonly #of: Statement<ItemRow>
  readonly #ofBefore: Statement<ItemRow>
  readonly #count: Statement<readonly [count: number]>

  constructor(database: DatabaseSync, names: Names) {
    this.#names = names
    this.#find = new Statement(database, 'SELECT id, hash, first_run FROM items WHERE source = ? AND key = ?')
    this.#insert = new Statement(
      database,
      `INSERT INTO items (source, key, hash, version, first_run, first_seen_at, last_seen_at, changed_at, data)
       VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5, ?5, ?6)`,
    )
    this.#see = new Statement(database, 'UPDATE items SET last_seen_at = max(last_seen_at, ?) WHERE id = ?')
    this.#keepVersion = new Statement(
      database,
      `INSERT INTO item_versions (item, version, hash, changed_at, data)
       SELECT id, version, hash, changed_at, data FROM items WHERE id = ?`,
    )
    this.#change = new Statement(
      database,
      `UPDATE items SET hash = ?1, data = ?2, version = version + 1, changed_at = ?3, last_seen_at = max(last_seen_at, ?3)
       WHERE id = ?4`,
    )
    this.#of = new Statement(
      database,
      `SELECT ${ITEM} FROM items INDEXED BY items_by_change WHERE source = ? ORDER BY changed_at DESC, key DESC LIMIT ?`,
    )
    this.#ofBefore = new Statement(
      database,
      `SELECT ${ITEM} FROM items INDEXED BY items_by_change WHERE source = ? AND (changed_at, key) < (?, ?)
       ORDER BY changed_at DESC, key DESC LIMIT ?`,
    )
    this.#count = new Statement(database, 'SELECT count(*) FROM items INDEXED BY items_by_key WHERE source = ?')
  }

  find(source: string, key: string): KnownItem | null {
    const row = this.#find.first(this.#names.number(source), key)
    return row === undefined ? null : { id: row[0], hash: row[1], firstRun: row[2] as RunId }
  }

  insert(source: string, item: NewItem, run: RunId, at: Instant): void {
    this.#insert.run(this.#names.number(source), item.key, item.hash, run, at, JSON.stringify(item.data))
  }

  /** The same as before. */
  see(known: KnownItem, at: Instant): void {
    this.#see.run(at, known.id)
  }

  /** Another content than before, which is kept as a version. */
  change(known: KnownItem, item: NewItem, at: Instant): void {
    this.#keepVersion.run(known.id)
    this.#change.run(item.hash, JSON.stringify(item.data), at, known.id)
  }

  of(source: string, { limit, before }: ItemFilter): readonly Item[] {
    const id = this.#names.find(source)
    if (id === undefined) return []
    const rows =
      before === undefined ? this.#of.all(id, limit) : this.#ofBefore.all(id, before.changedAt, before.key, limit)
    return rows.map(row => readItem(source, row))
  }

  count(source: string): number {
    const id = this.#names.find(source)
    return id === undefined ? 0 : (this.#count.first(id)?.[0] ?? 0)
  }
}

const readItem = (source: string, row: ItemRow): Item => {
  const [key, hash, data, version, firstSeenAt, lastSeenAt, changedAt] = row
  return {
    source,
    key,
    hash,
    data: jsonOf(data) ?? null,
    version,
    firstSeenAt: firstSeenAt as Instant,
    lastSeenAt: lastSeenAt as Instant,
    changedAt: changedAt as Instant,
  }
}
