/** `rota workers`: the processes that execute runs, and whether they go on. */

import { parseInstant } from '../base/instant.ts'
import type { workerOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { relative } from './times.ts'

type WorkerRow = ReturnType<typeof workerOut>

export const listWorkers = async (
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const answer = await ask<{ workers: WorkerRow[]; next: null }>(app, '/api/v1/workers', {}, terminal)
  if (options.json) await printJson(answer, terminal)
  else await printPage({ rows: answer.workers, next: null }, columns, row => cells(row, terminal), terminal)
  return exits.ok
}

const columns: readonly Column[] = [
  { title: 'worker' },
  { title: 'host' },
  { title: 'version' },
  { title: 'started', whole: true },
  { title: 'state' },
  { title: 'runs', align: 'right', whole: true },
]

const cells = (row: WorkerRow, { clock, colors }: Terminal): readonly Cell[] => [
  row.worker,
  row.host,
  row.version,
  relative(parseInstant(row.startedAt), clock.now()),
  {
    text: row.silentSince === null ? row.state : `${row.state} since ${row.silentSince}`,
    paint: { alive: colors.green, silent: colors.yellow, dead: colors.red }[row.state],
  },
  String(row.runs),
]
