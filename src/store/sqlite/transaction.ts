/**
 * Many changes, one transaction. They are applied plainly, one after the other; only when one of them fails is all undone
 * and each applied again in a savepoint of its own, so that the others stand. What goes well pays nothing for what may not.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { RotaError } from '../../base/errors.ts'
import { instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import type { Judge } from '../../domain/opportunity.ts'
import type { Run } from '../../domain/run.ts'
import type { Change, Judged } from '../store.ts'
import { apply } from './apply.ts'
import { follow } from './apply/follow.ts'
import { tellNotable } from './apply/notices.ts'
import { Pruner } from './apply/prune.ts'
import type { CommitCount } from './commit-count.ts'
import { isStoreFailure, storeError } from './errors.ts'
import { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

export type Applied = { readonly ok: unknown } | { readonly error: RotaError }

/** Of each change what came of it, and what all of them set going. */
export interface AppliedAll {
  readonly results: readonly Applied[]
  readonly judged: readonly (readonly Judged[])[]
  readonly flows?: readonly (readonly Run[])[]
  readonly hasNotices?: true
}

interface AppliedOne {
  readonly result: Applied
  readonly judged: readonly Judged[]
  readonly flows: readonly Run[]
}

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
  apply(changes: readonly Change[], judge: Judge): AppliedAll {
    try {
      return this.#inTransaction(changes, change => this.#plainly(change, judge))
    } catch (error) {
      if (isStoreFailure(error)) throw storeError(error, this.#place)
    }
    try {
      return this.#inTransaction(changes, change => this.#alone(change, judge))
    } catch (error) {
      throw storeError(error, this.#place)
    }
  }

  #plainly(change: Change, judge: Judge): AppliedOne {
    const ok = apply(this.#tables, this.#pruner, change, judge)
    const keyOf = change.kind === 'finish' ? change.keyOf : undefined
    const judged = follow(this.#tables, judge, atOf(change), keyOf)
    tellNotable(this.#tables, atOf(change))
    return { result: { ok }, judged, flows: this.#tables.news.takeMoved() }
  }

  #inTransaction(changes: readonly Change[], one: (change: Change) => AppliedOne): AppliedAll {
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
      return {
        results: applied.map(({ result }) => result),
        judged: applied.map(({ judged }) => judged),
        ...(applied.some(({ flows }) => flows.length > 0) ? { flows: applied.map(({ flows }) => flows) } : {}),
        ...(this.#tables.notices.takeWrote() ? { hasNotices: true } : {}),
      }
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

  #alone(change: Change, judge: Judge): AppliedOne {
    this.#database.exec('SAVEPOINT one')
    try {
      const applied = this.#plainly(change, judge)
      this.#tables.flush()
      this.#database.exec('RELEASE one')
      return applied
    } catch (error) {
      if (isStoreFailure(error)) throw error
      this.#database.exec('ROLLBACK TO one; RELEASE one')
      this.#forget()
      return { result: { error: storeError(error, this.#place) }, judged: [], flows: [] }
    }
  }

  #forget(): void {
    this.#tables.forget()
    this.#pruner.forget()
  }
}

// What happens to runs happens at the time of the change; a change without one makes nothing happen.
const atOf = (change: Change): Instant => {
  if ('at' in change) return change.at
  return change.kind === 'pauseSchedule' || change.kind === 'pause' ? change.pause.at : instant(0)
}
