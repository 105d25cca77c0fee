/** Answers on standard output: one JSON document for a program, a table or a sheet of facts for a person. */

import { neutral } from '../base/foreign.ts'
import type { RunError, RunState } from '../domain/run.ts'
import { table } from './table.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'

/** One JSON document: indented where a person reads it. */
export const printJson = (value: unknown, terminal: Terminal): Promise<void> =>
  terminal.print(`${JSON.stringify(value, null, terminal.columns === null ? 0 : 2)}\n`)

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page begins; null on the last. */
  readonly next: string | null
}

/** A page of a list as a table; that there is more is no part of the answer. */
export const printPage = async <Row>(
  { rows, next }: Page<Row>,
  columns: readonly Column[],
  cells: (row: Row) => readonly Cell[],
  terminal: Terminal,
): Promise<void> => {
  if (rows.length === 0) return terminal.say('There are none.\n')
  await terminal.print(tableFor(columns, rows.map(cells), terminal))
  if (next !== null) terminal.say(`There are more: --cursor ${next}\n`)
}

export const tableFor = (columns: readonly Column[], rows: readonly (readonly Cell[])[], terminal: Terminal): string =>
  table(columns, rows, { columns: terminal.columns, paintTitle: terminal.colors.dim })

const LONGEST_FACT = 2_000

/** Names and values in two columns, one a line; what is null is left out. */
export const sheet = (
  facts: readonly (readonly [name: string, value: string | null])[],
  terminal: Terminal,
): string => {
  const shown = facts.filter((fact): fact is [string, string] => fact[1] !== null)
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown
    .map(([name, value]) => `  ${terminal.colors.dim(name.padEnd(width))}  ${neutral(value, LONGEST_FACT)}\n`)
    .join('')
}

/** A state in its colour: what is wrong stands out, what is over and well does not. */
export const stateCell = (state: RunState, { colors }: Terminal): Cell => ({
  text: state,
  paint: paintOf(state, colors),
})

const paintOf = (state: RunState, colors: Terminal['colors']): ((text: string) => string) => {
  switch (state) {
    case 'failed':
      return colors.red
    case 'partial':
    case 'retrying':
      return colors.yellow
    case 'running':
      return colors.cyan
    case 'succeeded':
      return colors.green
    case 'open':
    case 'queued':
    case 'cancelled':
    case 'skipped':
      return colors.dim
    default:
      return state satisfies never
  }
}

/** Whether a part of a condition holds; `?` where that is not known. */
export const mark = (holds: boolean | null, { colors }: Terminal): string => {
  if (holds === null) return colors.dim('?')
  return holds ? colors.green('✓') : colors.red('✗')
}

const MOST_FRAMES = 12
const LONGEST_FRAME = 200

/** The first frames of a kept error's stack, a line each. */
export const framesOf = (error: RunError): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter(line => /^\s+at /.test(line))
    .slice(0, MOST_FRAMES)
    .map(line => neutral(line.trim(), LONGEST_FRAME))
