/** `rota workers`: the processes that execute runs, and whether they go on. */

import { neutral } from '../base/foreign.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { App } from '../app.ts'
import type { workerOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage } from './printing.ts'
import { onStopSignals } from './stopping.ts'
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

export const drainWorker = async (
  worker: string,
  { wait = false, ...options }: OpenOptions & { readonly wait?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  await app.drain(worker, 'cli')
  const runs = wait ? await untilIdle(app, worker, terminal) : await runsOf(app, worker)
  terminal.say(
    `${neutral(worker)} takes nothing new. ${runs === 0 ? 'It executes nothing' : `It still executes ${runs}`}.\n`,
  )
  return exits.ok
}

export const undrainWorker = async (worker: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  await app.undrain(worker, 'cli')
  terminal.say(`${neutral(worker)} takes what waits again.\n`)
  return exits.ok
}

const LOOK_EVERY_MS = 500

/** Waits until it executes nothing, or somebody wants no longer to wait; gives how much it executes then. */
const untilIdle = async (app: App, worker: string, terminal: Terminal): Promise<number> => {
  const { clock } = terminal
  const stop = new AbortController()
  const ignore = onStopSignals(terminal, () => stop.abort())
  try {
    for (;;) {
      const runs = await runsOf(app, worker)
      if (runs === 0 || stop.signal.aborted) return runs
      await clock.sleepUntil(instant(clock.now() + LOOK_EVERY_MS), stop.signal).catch(() => {})
    }
  } finally {
    ignore()
  }
}

// One that left executes nothing.
const runsOf = async (app: App, worker: string): Promise<number> =>
  (await app.workers()).find(one => one.worker === worker)?.runs ?? 0

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
    text: [
      row.silentSince === null ? row.state : `${row.state} since ${row.silentSince}`,
      ...(row.drained === null ? [] : [`drained by ${row.drained.by}`]),
    ].join(', '),
    paint: { alive: colors.green, silent: colors.yellow, dead: colors.red }[row.state],
  },
  String(row.runs),
]
