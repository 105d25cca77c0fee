/** `rota runs`: the list, one run, and what can be asked of it. */

import { neutral } from '../base/foreign.ts'
import { about } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { progressText } from '../domain/progress.ts'
import { durationMs, isRoot, lateMs } from '../domain/run.ts'
import type { Trigger } from '../domain/run.ts'
import type { RunDetails } from '../app.ts'
import { readRunId } from '../server/runs.ts'
import { runDetailsOut } from '../server/shapes.ts'
import type { runOut } from '../server/shapes.ts'
import type { LogLine } from '../store/store.ts'
import { exits } from './failure.ts'
import { flowTable, MOST_STEPS } from './flow.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { framesOf, printJson, printPage, sheet, stateCell, tableFor } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { relative } from './times.ts'

export interface RunListOptions extends OpenOptions {
  readonly state?: string
  readonly task?: string
  readonly schedule?: string
  readonly source?: string
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

type RunRow = ReturnType<typeof runOut>

export const listRuns = async (options: RunListOptions, terminal: Terminal): Promise<number> => {
  const { config: _config, store: _store, json, ...query } = options
  await using app = await openApp(options, terminal)
  const page = await ask<{ runs: RunRow[]; next: string | null }>(app, '/api/v1/runs', query, terminal)
  if (json) await printJson(page, terminal)
  else await printPage({ rows: page.runs, next: page.next }, columns, row => cells(row, terminal), terminal)
  return exits.ok
}

const columns: readonly Column[] = [
  { title: 'run', align: 'right', whole: true },
  { title: 'state', whole: true },
  { title: 'task' },
  { title: 'schedule' },
  { title: 'due', whole: true },
  { title: 'late', align: 'right', whole: true },
  { title: 'took', align: 'right', whole: true },
  { title: 'why' },
]

const cells = (run: RunRow, terminal: Terminal): readonly Cell[] => [
  String(run.id),
  stateCell(run.state, terminal),
  run.task,
  run.schedule ?? byHand(run.trigger),
  (run.nominalAt ?? run.createdAt).replace(/\.\d+Z$/, 'Z'),
  run.lateMs === null ? '' : about(run.lateMs),
  run.durationMs === null ? '' : about(run.durationMs),
  [run.reason, run.error?.message].filter(part => part !== null && part !== undefined).join(': '),
]

const byHand = (trigger: Trigger | RunRow['trigger']): string => {
  switch (trigger.kind) {
    case 'schedule':
      return ''
    case 'event':
      return trigger.run === null ? '' : `(after run ${trigger.run})`
    case 'hand':
      return `(by ${trigger.by})`
    case 'again':
      return `(${trigger.of} again, by ${trigger.by})`
    case 'flow':
      return `(a step of ${trigger.run})`
    default:
      return trigger satisfies never
  }
}

const MOST_LINES = 200

export const showRun = async (
  id: string,
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const details = await app.runs.get(readRunId(id))
  if (options.json) await printJson(runDetailsOut(details), terminal)
  else {
    const lines = await app.runs.logs(details.run.id, 0, MOST_LINES + 1)
    const shown = lines.slice(0, MOST_LINES)
    await terminal.print(
      [
        factsOf(details, terminal),
        attemptsOf(details, terminal),
        unitsOf(details, terminal),
        isRoot(details.run)
          ? `\n${flowTable(await app.runs.flow(details.run.id, { limit: MOST_STEPS }), terminal)}`
          : '',
        logOf(shown, terminal),
      ].join(''),
    )
    if (lines.length > MOST_LINES) terminal.say(`Only the first ${MOST_LINES} lines of its log are shown.\n`)
  }
  return exits.ok
}

const factsOf = ({ run, progress, waiting }: RunDetails, terminal: Terminal): string => {
  const now = terminal.clock.now()
  const time = (at: Instant | null, more = ''): string | null =>
    at === null ? null : `${formatInstant(at)} (${relative(at, now)}${more})`
  const [late, took] = [lateMs(run), durationMs(run)]
  const facts: readonly (readonly [string, string | null])[] = [
    ['why', run.detail],
    ['now', waiting],
    ['queue', run.queue === 'default' ? null : run.queue],
    ['priority', run.priority === 5 ? null : String(run.priority)],
    ['key', run.key],
    ['schedule', run.schedule],
    ['wanted', run.trigger.kind === 'schedule' ? null : byHand(run.trigger)],
    ['due', time(run.nominalAt)],
    ['created', time(run.createdAt)],
    ['started', time(run.startedAt, late === null ? '' : `, ${about(late)} late`)],
    ['ended', time(run.endedAt, took === null ? '' : `, after ${about(took)}`)],
    ['again', time(run.retryAt)],
    ['attempt', run.attempt === 0 ? null : `${run.attempt} of ${run.attemptsAllowed}`],
    ['progress', progress === null ? null : progressText(progress)],
    ['stands for', run.count > 1 ? `${run.count} opportunities, the last ${time(run.lastNominalAt)}` : null],
    ['memory', run.memoryMb === null ? null : `${run.memoryMb} MiB`],
    ['worker', run.worker],
    ['input', run.input === null ? null : JSON.stringify(run.input)],
    ['result', run.result === null ? null : JSON.stringify(run.result)],
    ['error', run.error === null ? null : `${run.error.name}: ${run.error.message}`],
  ]
  const title = `Run ${run.id} of ${run.task}: ${run.state}${run.reason === null ? '' : ` (${run.reason})`}`
  const stack =
    run.error === null
      ? ''
      : framesOf(run.error)
          .map(frame => terminal.colors.dim(`    ${frame}\n`))
          .join('')
  return `${terminal.colors.bold(neutral(title))}\n\n${sheet(facts, terminal)}${stack}`
}

const attemptsOf = ({ attempts }: RunDetails, terminal: Terminal): string => {
  if (attempts.length < 2) return ''
  const rows = attempts.map(one => [
    String(one.attempt),
    one.outcome,
    formatInstant(one.startedAt),
    about(one.endedAt - one.startedAt),
    one.error?.message ?? one.reason ?? '',
  ])
  return `\n${tableFor(titled('attempt', 'outcome', 'started', 'took', 'why'), rows, terminal)}`
}

const unitsOf = ({ units }: RunDetails, terminal: Terminal): string => {
  if (units.length === 0) return ''
  const rows = units.map(unit => [
    unit.source,
    unit.query,
    stateCell(unit.state, terminal),
    unit.verdict,
    `${unit.items.new} new, ${unit.items.changed} changed of ${unit.items.seen}`,
    unit.detail ?? '',
  ])
  return `\n${tableFor(titled('source', 'query', 'state', 'verdict', 'items', 'why'), rows, terminal)}`
}

const titled = (...titles: readonly string[]): readonly Column[] => titles.map(title => ({ title }))

const logOf = (lines: readonly LogLine[], { colors }: Terminal): string => {
  const shown = lines.map(({ at, level, message, fields }) => {
    const rest = fields === null || JSON.stringify(fields) === '{}' ? '' : `  ${neutral(JSON.stringify(fields), 500)}`
    return `${colors.dim(formatInstant(at))} ${level.padEnd(5)} ${neutral(message, 500)}${colors.dim(rest)}\n`
  })
  return shown.length === 0 ? '' : `\n${shown.join('')}`
}

export const cancelRun = async (id: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  const run = await app.runs.cancel(readRunId(id), 'cli')
  terminal.say(run.state === 'cancelled' ? `Run ${run.id} is cancelled.\n` : `Run ${run.id} is asked to stop.\n`)
  return exits.ok
}

export const runAgain = async (id: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  const run = await app.runs.again(readRunId(id), 'cli')
  await terminal.print(`${run.id}\n`)
  terminal.say(`Run ${run.id} is run ${id} again: it starts as soon as a worker is free.\n`)
  return exits.ok
}

export const releaseRuns = async (
  id: string | undefined,
  options: OpenOptions,
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const released = await app.runs.release(id === undefined ? null : readRunId(id))
  const names = released
    .slice(0, MOST_NAMED)
    .map(run => run.id)
    .join(', ')
  const more = released.length > MOST_NAMED ? ` and ${released.length - MOST_NAMED} more` : ''
  terminal.say(
    released.length === 0
      ? 'Nothing is held.\n'
      : `Released: ${names}${more}. They start as soon as a worker is free.\n`,
  )
  return exits.ok
}

const MOST_NAMED = 20
