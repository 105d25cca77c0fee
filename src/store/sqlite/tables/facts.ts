/**
 * Brings together what the condition of one schedule asks about: the few rows that its parts need, never history as a whole.
 * Predicates are nobody's rows: their answers are added by whoever asked them.
 */

import type { DatabaseSync } from 'node:sqlite'
import type { RunId } from '../../../base/name.ts'
import type { Instant } from '../../../base/instant.ts'
import type { Known } from '../../../domain/opportunity.ts'
import type { Schedule } from '../../../domain/schedule.ts'
import { zoneOf } from '../../../when/calendar.ts'
import type { Leaf } from '../../../when/condition.ts'
import type { Counted, CountedRun } from '../../../when/fact.ts'
import { factLeavesOf } from '../../../when/fact-leaves.ts'
import type { Facts as KnownFacts, RunFact } from '../../../when/facts.ts'
import { startOf } from '../../../when/states.ts'
import { Statement } from '../statement.ts'
import { codeOf } from '../state-code.ts'
import type { Calendars } from './calendars.ts'
import type { Healths } from './healths.ts'
import type { Names } from './names.ts'
import type { Starts } from './starts.ts'
import type { Tally } from './tally.ts'
import type { UnusedEnds } from './unused-ends.ts'

interface Sources {
  readonly names: Names
  readonly unusedEnds: UnusedEnds
  readonly tally: Tally
  readonly healths: Healths
  readonly starts: Starts
  readonly calendars: Calendars
}

/** What is gathered so far. */
interface Gathered {
  readonly runs: Map<string, RunFact>
  readonly health: Record<string, KnownFacts['health'][string]>
  readonly totals: Record<string, Partial<Record<CountedRun, number>>>
  readonly dates: Record<string, readonly string[]>
  starts: readonly Instant[]
  lastEnd: KnownFacts['lastEnd']
}

// Somebody who asks why wants the number, and not only whether it is enough.
const MOST_TOLD = 1_000

export class Facts {
  readonly #from: Sources
  readonly #begun: Statement<readonly [id: number, startedAt: number]>
  readonly #lastRun: Statement<readonly [run: number | null]>
  readonly #end: Statement<readonly [endedAt: number | null, waitsForFacts: number, earlier: number | null]>

  constructor(database: DatabaseSync, from: Sources) {
    this.#from = from
    this.#begun = new Statement(
      database,
      'SELECT id, started_at FROM runs INDEXED BY runs_begun WHERE state IN (3, 4) AND task = ? AND started_at IS NOT NULL LIMIT 1',
    )
    this.#lastRun = new Statement(database, 'SELECT last_run FROM marks WHERE schedule = ?')
    this.#end = new Statement(
      database,
      `SELECT CASE WHEN r.state < ${codeOf('succeeded')} THEN NULL ELSE r.ended_at END, o.run IS NOT NULL, r.earlier
       FROM runs r LEFT JOIN open_rows o ON o.run = r.id WHERE r.id = ?`,
    )
  }

  /** Null for a schedule that asks about time alone. `forPeople`: whole counts, not only whether they suffice. */
  of(schedule: Schedule, at: Instant, forPeople = false): Known | null {
    if (!schedule.usesFacts) return null
    const { stopWhen } = schedule.policies
    const leaves = [...factLeavesOf(schedule.condition), ...(stopWhen === null ? [] : factLeavesOf(stopWhen))]
    const gathered: Gathered = { runs: new Map(), health: {}, totals: {}, dates: {}, starts: [], lastEnd: null }
    for (const leaf of leaves) this.#gather(leaf, schedule, at, forPeople, gathered)
    const { runs, health, totals, dates, starts, lastEnd } = gathered
    return {
      facts: {
        anchor: schedule.anchor,
        since: schedule.since,
        // What is used is deleted from the unused ends.
        decidedAt: null,
        lastEnd,
        runs: [...runs.values()],
        unused: leaves.some(leaf => leaf.kind === 'after') ? this.#from.unusedEnds.of(schedule.id) : [],
        health,
        predicates: {},
        starts,
        totals,
      },
      dates,
    }
  }

  #gather(leaf: Leaf, schedule: Schedule, at: Instant, forPeople: boolean, into: Gathered): void {
    const { names, healths, starts, calendars } = this.#from
    switch (leaf.kind) {
      case 'after itself': {
        into.lastEnd = this.#lastEnd(schedule)
        return
      }
      case 'start':
        into.starts = starts.after(schedule.mark)
        return
      case 'counted':
        return this.#count(leaf, schedule, at, forPeople, into)
      case 'running': {
        const task = names.find(leaf.task)
        const begun = task === undefined ? undefined : this.#begun.first(task)
        if (begun === undefined) return
        const [id, startedAt] = begun
        into.runs.set(`${id}`, { id, task: leaf.task, startedAt: startedAt as Instant, endedAt: null, outcome: null })
        return
      }
      case 'health':
        into.health[leaf.subject] = healths.stateOf(leaf.subject)
        return
      case 'named dates':
        into.dates[leaf.name] = calendars.dates(leaf.name)
        return
      default:
    }
  }

  #lastEnd({ id }: Schedule): KnownFacts['lastEnd'] {
    const last = this.#lastRow(id)
    if (last === null) return null
    return last.endedAt === null ? 'unfinished' : last.endedAt
  }

  /** The row whose end is the last of a schedule, be it over or not; null where it has none. */
  lastRow(schedule: number): RunId | null {
    return this.#lastRow(schedule)?.id ?? null
  }

  // What still waits for its facts may have come of the end before it: that end stands until it is decided.
  #lastRow(schedule: number): { readonly id: RunId; readonly endedAt: Instant | null } | null {
    let run = this.#lastRun.first(schedule)?.[0] ?? null
    while (run !== null) {
      const [endedAt, waitsForFacts, earlier] = this.#end.first(run) ?? [null, 1, null]
      if (waitsForFacts === 0) return { id: run as RunId, endedAt: endedAt as Instant | null }
      run = earlier
    }
    return null
  }

  #count(
    { task, what, during, times }: Counted,
    { timezone }: Schedule,
    at: Instant,
    forPeople: boolean,
    into: Gathered,
  ): void {
    const { names, tally } = this.#from
    const id = names.find(task)
    if (id === undefined) return
    if (during === 'ever') {
      into.totals[task] = { ...into.totals[task], [what]: tally.total(id, what) }
      return
    }
    // One more than it takes tells `exactly 3` from 4.
    const most = forPeople ? MOST_TOLD : times + 1
    for (const run of tally.since(id, what, startOf(during, at, zoneOf(timezone)), most)) {
      const key = run.outcome === 'skipped' ? `${run.id} ${run.endedAt}` : `${run.id}`
      into.runs.set(key, run)
    }
  }
}
