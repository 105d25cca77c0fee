/**
 * Many changes, one transaction. They are applied plainly, one after the other; only when one of them fails is all undone
 * and each applied again in a savepoint of its own, so that the others stand. What goes well pays nothing for what may not.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { RotaError } from '../../base/errors.ts'
import type { Judge } from '../../domain/opportunity.ts'
import type { Change } from '../store.ts'
import { apply } from './apply.ts'
import { Pruner } from './apply/prune.ts'
import type { CommitCount } from './commit-count.ts'
import { isStoreFailure, storeError } from './errors.ts'
import { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

export type Applied = { readonly ok: unknown } | { readonly error: RotaError }

export class Transactions {
  readonly #database: DatabaseSync
  readonly #tables: Tables
  readonly #pruner: Pruner
  readonly #begin: Statement
  readonly #commit: Statement
  readonly #place: string
  readonly #commits: CommitCount | null

  constructor(database: DatabaseSync, tables: Tables, place: string, commits: CommitCount | null) {
    this.#database = database
    this.#tables = tables
    this.#pruner = new Pruner(tables)
    this.#begin = new Statement(database, 'BEGIN IMMEDIATE')
    this.#commit = new Statement(database, 'COMMIT')
    this.#place = place
    this.#commits = commits
  }

  /** Throws when nothing of it could be kept. */
  apply(changes: readonly Change[], judge: Judge): readonly Applied[] {
    try {
      return this.#inTransaction(changes, change => ({ ok: apply(this.#tables, this.#pruner, change, judge) }))
    } catch (error) {
      if (isStoreFailure(error)) throw storeError(error, this.#place)
    }
    try {
      return this.#inTransaction(changes, change => this.#alone(change, judge))
    } catch (error) {
      throw storeError(error, this.#place)
    }
  }

  #inTransaction(changes: readonly Change[], one: (change: Change) => Applied): readonly Applied[] {
    // Left by a failure that could not even be rolled back then.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#begin.run()
    try {
      this.#tables.begin()
      const applied = changes.map(one)
      this.#tables.flush()
      const count = this.#commits?.count(changes) ?? null
      this.#commit.run()
      this.#commits?.note(count)
      return applied
    } catch (error) {
      this.#undo()
      throw error
    }
  }

  #undo(): void {
    this.#forget()
    try {
      // Some failures have rolled back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch {
      // What went wrong first is what is said; the next transaction tries again.
    }
  }

  #alone(change: Change, judge: Judge): Applied {
    this.#database.exec('SAVEPOINT one')
    try {
      const ok = apply(this.#tables, this.#pruner, change, judge)
      this.#tables.flush()
      this.#database.exec('RELEASE one')
      return { ok }
    } catch (error) {
      if (isStoreFailure(error)) throw error
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      this.#forget()
      return { error: storeError(error, this.#place) }
    }
  }

  #forget(): void {
    this.#tables.forget()
    this.#pruner.forget()
  }
}
