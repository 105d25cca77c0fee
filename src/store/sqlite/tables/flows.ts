/** Flows: where each run of one lies, and how far the whole is. The runs themselves are rows as all others are. */

import type { DatabaseSync } from 'node:sqlite'
import type { RunId, TaskName } from '../../../base/name.ts'
import { edgeRules } from '../../../domain/flow.ts'
import type { EdgeRule, PlannedRun, Point } from '../../../domain/flow.ts'
import type { FlowTally, PointTally } from '../../../domain/flow-progress.ts'
import type { Run, RunState } from '../../../domain/run.ts'
import type { FlowCount, FlowPage, FlowRun } from '../../store.ts'
import { codeOf, maskOf, stateOf } from '../state-code.ts'
import { Statement } from '../statement.ts'
import type { Lanes } from './lanes.ts'
import type { Names } from './names.ts'
import { runColumns, runFrom } from './run-row.ts'
import type { RunRow } from './run-row.ts'

/** Where a run lies in its flow. */
export type StepPlace = Pick<PlannedRun, 'from' | 'to' | 'rule' | 'most'>

type StepRow = readonly [from: number, to: number, rule: number, most: number | null]
type PlacedRow = readonly [from: number, to: number, rule: number, ...run: RunRow]
type CountRow = readonly [task: number, state: number, from: number, to: number, rule: number, count: number]
type PointRow = readonly [left: number, failed: number, empty: number, handles: number]
type FlowRow = readonly [
  left: number,
  total: number,
  failed: number,
  unhandled: number,
  partial: number,
  cancelled: number,
]

const OPEN = codeOf('open')

export class Flows {
  readonly #names: Names
  readonly #lanes: Lanes
  readonly #insert: Statement
  readonly #insertPoint: Statement
  readonly #insertStep: Statement
  readonly #whole: Statement<FlowRow>
  readonly #putWhole: Statement
  readonly #point: Statement<PointRow>
  readonly #putPoint: Statement
  readonly #addToWhole: Statement
  readonly #addToPoint: Statement
  readonly #step: Statement<StepRow>
  readonly #waitingAt: Statement<readonly [run: number]>
  readonly #live: Statement<readonly [run: number]>
  readonly #list: Statement<PlacedRow>
  readonly #counts: Statement<CountRow>
  readonly #before: Statement<RunRow>
  readonly #delete: Statement
  readonly #deletePoints: Statement
  readonly #deleteStep: Statement

  constructor(database: DatabaseSync, names: Names, lanes: Lanes) {
    this.#names = names
    this.#lanes = lanes
    this.#insert = new Statement(
      database,
      'INSERT INTO flows (root, left, total, failed, unhandled, partial, cancelled) VALUES (?1, ?2, ?2, 0, 0, 0, 0)',
    )
    this.#insertPoint = new Statement(
      database,
      'INSERT INTO flow_points (root, point, left, failed, void, handles) VALUES (?, ?, ?, 0, 0, ?)',
    )
    this.#insertStep = new Statement(
      database,
      'INSERT INTO flow_steps (root, run, from_point, to_point, rule, most) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#whole = new Statement(
      database,
      'SELECT left, total, failed, unhandled, partial, cancelled FROM flows WHERE root = ?',
    )
    this.#putWhole = new Statement(
      database,
      'UPDATE flows SET left = ?, total = ?, failed = ?, unhandled = ?, partial = ?, cancelled = ? WHERE root = ?',
    )
    this.#point = new Statement(
      database,
      'SELECT left, failed, void, handles FROM flow_points WHERE root = ? AND point = ?',
    )
    this.#putPoint = new Statement(
      database,
      'UPDATE flow_points SET left = ?, failed = ?, void = ? WHERE root = ? AND point = ?',
    )
    this.#addToWhole = new Statement(database, 'UPDATE flows SET left = left + ?1, total = total + ?1 WHERE root = ?2')
    this.#addToPoint = new Statement(database, 'UPDATE flow_points SET left = left + ? WHERE root = ? AND point = ?')
    this.#step = new Statement(
      database,
      'SELECT from_point, to_point, rule, most FROM flow_steps WHERE root = ? AND run = ?',
    )
    this.#waitingAt = new Statement(
      database,
      `SELECT f.run FROM flow_steps f INDEXED BY flow_steps_from CROSS JOIN runs r ON r.id = f.run
       WHERE f.root = ? AND f.from_point = ? AND f.from_point > 0 AND r.state = ${OPEN} ORDER BY f.run`,
    )
    this.#live = new Statement(
      database,
      `SELECT f.run FROM flow_steps f CROSS JOIN runs r ON r.id = f.run WHERE f.root = ? AND r.state < 5 ORDER BY f.run`,
    )
    this.#list = new Statement(
      database,
      `SELECT f.from_point, f.to_point, f.rule, ${runColumns}
       FROM flow_steps f CROSS JOIN runs r ON r.id = f.run LEFT JOIN schedules s ON s.id = r.schedule
       WHERE f.root = ? AND f.run > ? ORDER BY f.run LIMIT ?`,
    )
    this.#counts = new Statement(
      database,
      `SELECT r.task, r.state, f.from_point, f.to_point, f.rule, count(*)
       FROM flow_steps f CROSS JOIN runs r ON r.id = f.run
       WHERE f.root = ? GROUP BY 1, 2, 3, 4, 5 ORDER BY min(f.run)`,
    )
    this.#before = new Statement(
      database,
      `SELECT ${runColumns}
       FROM runs own CROSS JOIN flow_steps o ON o.root = own.root AND o.run = own.id
         CROSS JOIN flow_steps f INDEXED BY flow_steps_to ON f.root = o.root AND f.to_point = o.from_point
         CROSS JOIN runs r ON r.id = f.run LEFT JOIN schedules s ON s.id = r.schedule
       WHERE own.id = ? AND f.to_point > 1 AND (1 << r.state) & ? ORDER BY f.run LIMIT ?`,
    )
    this.#delete = new Statement(database, 'DELETE FROM flows WHERE root = ?')
    this.#deletePoints = new Statement(database, 'DELETE FROM flow_points WHERE root = ?')
    this.#deleteStep = new Statement(database, 'DELETE FROM flow_steps WHERE root = ? AND run = ?')
  }

  /** A new flow of so many runs, none of which is over. */
  insert(root: RunId, total: number, points: readonly Point[]): void {
    this.#insert.run(root, total)
    for (const [point, { left, handles }] of points.entries()) this.#insertPoint.run(root, point, left, handles ? 1 : 0)
  }

  insertStep(root: RunId, run: RunId, { from, to, rule, most }: StepPlace): void {
    this.#insertStep.run(root, run, from, to, edgeRules.indexOf(rule), most)
  }

  whole(root: RunId): FlowTally | null {
    const row = this.#whole.first(root)
    if (row === undefined) return null
    const [left, total, failed, unhandled, partial, cancelled] = row
    return { left, total, failed, unhandled, partial, cancelled }
  }

  putWhole(root: RunId, { left, total, failed, unhandled, partial, cancelled }: FlowTally): void {
    this.#putWhole.run(left, total, failed, unhandled, partial, cancelled, root)
  }

  point(root: RunId, point: number): (PointTally & Pick<Point, 'handles'>) | null {
    const row = this.#point.first(root, point)
    if (row === undefined) return null
    const [left, failed, empty, handles] = row
    return { left, failed, void: empty, handles: handles === 1 }
  }

  putPoint(root: RunId, point: number, { left, failed, void: empty }: PointTally): void {
    this.#putPoint.run(left, failed, empty, root, point)
  }

  /** So many more runs lead to a point. */
  addRuns(root: RunId, point: number, runs: number): void {
    this.#addToWhole.run(runs, root)
    this.#addToPoint.run(runs, root, point)
  }

  /** Null for a run that lies nowhere: only a file changed from outside has such. */
  step(root: RunId, run: RunId): StepPlace | null {
    const row = this.#step.first(root, run)
    if (row === undefined) return null
    const [from, to, rule, most] = row
    return { from, to, rule: ruleOf(rule), most }
  }

  /** The open runs that begin at a point. */
  waitingAt(root: RunId, point: number): readonly RunId[] {
    return this.#waitingAt.all(root, point).map(([run]) => run as RunId)
  }

  /** The runs of a flow that are not over. */
  live(root: RunId): readonly RunId[] {
    return this.#live.all(root).map(([run]) => run as RunId)
  }

  list(root: RunId, { after, limit }: FlowPage): readonly FlowRun[] {
    return this.#list.all(root, after ?? 0, limit).map(([from, to, rule, ...row]) => ({
      run: runFrom(row, this.#names, this.#lanes),
      from,
      to,
      rule: ruleOf(rule),
    }))
  }

  counts(root: RunId): readonly FlowCount[] {
    return this.#counts.all(root).map(([task, state, from, to, rule, count]) => ({
      task: this.#names.name(task) as TaskName,
      state: stateOf(state) ?? 'failed',
      from,
      to,
      rule: ruleOf(rule),
      count,
    }))
  }

  before(run: RunId, states: readonly RunState[], limit: number): readonly Run[] {
    return this.#before.all(run, maskOf(states), limit).map(row => runFrom(row, this.#names, this.#lanes))
  }

  /** What a run of a flow has here: one step, or the whole. */
  delete(root: RunId, run: RunId): void {
    this.#deleteStep.run(root, run)
    if (run !== root) return
    this.#delete.run(root)
    this.#deletePoints.run(root)
  }
}

// What no Rota wrote reads as what is usual.
const ruleOf = (code: number): EdgeRule => edgeRules[code] ?? 'succeeds'
