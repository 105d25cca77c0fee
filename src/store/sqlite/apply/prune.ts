/**
 * The change `prune`: deletes old runs in small slices. It walks from the oldest run to the newest and goes on in the next
 * call where it stopped, so that what must be kept is not looked at in each; after the newest it is done, and begins anew.
 */

import { instant } from '../../../base/instant.ts'
import type { RunId } from '../../../base/name.ts'
import { newestOutdated, oldestOutdated } from '../../../domain/retention.ts'
import { isStep } from '../../../domain/run.ts'
import type { FinalState } from '../../../domain/run.ts'
import type { Changes, Pruned } from '../../store.ts'
import { codeOf, isOverCode, stateOf } from '../state-code.ts'
import type { Tables } from '../tables.ts'
import type { OldRun } from '../tables/retention.ts'

type Prune = Changes['prune']['change']

// Looked at for each that may go: many of the oldest may have to be kept.
const LOOKED_AT = 25
// And with each so many lines may go: a run may have 10,000.
const LINES = 10

const SKIPPED = codeOf('skipped')

export class Pruner {
  readonly #tables: Tables
  #reached = 0

  constructor(tables: Tables) {
    this.#tables = tables
  }

  prune(change: Prune): Pruned {
    const runs = this.#walk(change)
    const before = oldestOutdated(change.before)
    this.#tables.retention.deleteSchedules(before)
    // The newest row of a chain may be another now.
    this.#tables.schedules.forget()
    this.#tables.ends.prune(before)
    this.#tables.starts.prune(before)
    this.#tables.notices.prune(before)
    this.#tables.rates.prune(change.at, change.limit)
    const counts = this.#pruneTally(change)
    return { gone: runs + counts, isDone: this.#reached === 0 && counts < change.limit }
  }

  /** To be called when the transaction was rolled back. */
  forget(): void {
    this.#reached = 0
  }

  #pruneTally({ at, limit }: Prune): number {
    let gone = 0
    for (const [task, keepMs] of this.#tables.waits.countedNames())
      gone += this.#tables.tally.prune(task, instant(at - keepMs), limit - gone)
    return gone
  }

  /** Deletes from there on, and notes where it stopped: at the beginning when nothing old follows. */
  #walk(change: Prune): number {
    const { old, reached } = this.#look(this.#reached, change)
    const mostLines = change.limit * LINES
    let lines = 0
    for (const [before, run] of old.entries()) {
      this.#reached = run.id
      lines += this.#delete(run)
      if (lines >= mostLines) return before + 1
    }
    this.#reached = reached
    return old.length
  }

  /** What is to go from there on, and how far was looked. */
  #look(from: number, { before, keep, limit }: Prune): { readonly old: readonly OldRun[]; readonly reached: number } {
    const kept = new Kept(this.#tables, keep)
    const newest = newestOutdated(before)
    const old: OldRun[] = []
    let reached = from
    let left = limit * LOOKED_AT
    for (const run of this.#tables.retention.after(from)) {
      if (old.length === limit || left === 0) return { old, reached }
      // Runs are numbered in the order of their creation: what follows is no older.
      if (run.createdAt >= newest) break
      if (isOutdated(run, before) && !kept.has(run)) {
        old.push(run)
        kept.lose(run)
      }
      reached = run.id
      left--
    }
    return { old, reached: 0 }
  }

  /** How many log lines it had. */
  #delete({ id, root }: OldRun): number {
    const { attempts, units, logs, progress, flows, retention } = this.#tables
    if (root !== null) flows.delete(root, id)
    attempts.delete(id)
    units.delete(id)
    progress.delete(id)
    retention.delete(id)
    return logs.delete(id)
  }
}

// What no Rota wrote, no Rota deletes.
const isOutdated = ({ state, endedAt }: OldRun, before: Prune['before']): boolean => {
  const ended = isOverCode(state) ? stateOf(state) : undefined
  return ended !== undefined && endedAt !== null && endedAt < before[ended as FinalState]
}

/** Which runs are among the last ones of their schedule, or of their task by hand. */
class Kept {
  readonly #tables: Tables
  readonly #keep: number
  readonly #live = new Map<number, number>()
  readonly #byHand = new Map<number, number>()
  readonly #lost = new Set<RunId>()

  constructor(tables: Tables, keep: number) {
    this.#tables = tables
    this.#keep = keep
  }

  /** It is to go: with a flow its steps. */
  lose({ id, root }: OldRun): void {
    if (root === id) this.#lost.add(id)
  }

  has(run: OldRun): boolean {
    // Many follow their flow: in slices, as everything that goes.
    if (isStep(run)) return !this.#lost.has(run.root) && this.#tables.retention.exists(run.root)
    if (run.schedule === null) return run.id >= this.#oldestByHand(run.task)
    if (!run.scheduleRemoved && this.#isFollowed(run.schedule, run.id)) return true
    if (run.state === SKIPPED || run.createdNo === null || run.scheduleRemoved) return false
    return run.createdNo + this.#keep + this.#liveOf(run.schedule) > run.runsCreated
  }

  // What follows itself counts from its last end.
  #isFollowed(schedule: number, id: RunId): boolean {
    return this.#tables.waits.followsItself(schedule) && this.#tables.facts.lastRow(schedule) === id
  }

  #liveOf(schedule: number): number {
    const live = this.#live.get(schedule) ?? this.#tables.retention.liveOf(schedule)
    this.#live.set(schedule, live)
    return live
  }

  #oldestByHand(task: number): number {
    const oldest = this.#byHand.get(task) ?? this.#tables.retention.oldestKeptByHand(task, this.#keep)
    this.#byHand.set(task, oldest)
    return oldest
  }
}
