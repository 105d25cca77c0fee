/** The steps of a flow as a table: each below what it comes after, and further to the right. */

import { about } from '../base/duration.ts'
import { depthsOf } from '../domain/flow-depth.ts'
import { durationMs } from '../domain/run.ts'
import type { FlowView } from '../app.ts'
import { stateCell, tableFor } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Of more steps only how many are in which state is shown. */
export const MOST_STEPS = 100

const columns: readonly Column[] = [
  { title: 'step' },
  { title: 'run', align: 'right', whole: true },
  { title: 'state', whole: true },
  { title: 'on', whole: true },
  { title: 'took', align: 'right', whole: true },
  { title: 'why' },
]

const countColumns: readonly Column[] = [
  { title: 'step' },
  { title: 'runs', align: 'right', whole: true },
  { title: 'state', whole: true },
  { title: 'on', whole: true },
]

export const flowTable = ({ steps, next, counts }: FlowView, terminal: Terminal): string =>
  next === null
    ? tableFor(
        columns,
        inOrder(steps).map(([step, depth]) => cellsOf(step, depth, terminal)),
        terminal,
      )
    : tableFor(
        countColumns,
        inOrder(counts).map(([{ task, count, state, rule }, depth]) => [
          indented(task, depth),
          count.toLocaleString('en'),
          stateCell(state, terminal),
          ruleCell(rule),
        ]),
        terminal,
      )

const inOrder = <S extends { readonly from: number; readonly to: number }>(
  steps: readonly S[],
): readonly (readonly [step: S, depth: number])[] => {
  const depths = depthsOf(steps)
  return steps.map(step => [step, depths.get(step.from) ?? 0] as const).toSorted(([, a], [, b]) => a - b)
}

const cellsOf = ({ run, rule }: FlowView['steps'][number], depth: number, terminal: Terminal): readonly Cell[] => {
  const took = durationMs(run)
  return [
    indented(run.task, depth),
    String(run.id),
    stateCell(run.state, terminal),
    ruleCell(rule),
    took === null ? '' : about(took),
    run.error?.message ?? run.detail ?? '',
  ]
}

const indented = (task: string, depth: number): string => `${'  '.repeat(depth)}${task}`

const ruleCell = (rule: FlowView['steps'][number]['rule']): string => (rule === 'succeeds' ? '' : rule)
