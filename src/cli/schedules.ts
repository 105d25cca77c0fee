/** `rota schedules`: the list, one schedule, and what can be asked of it. */

import { neutral } from '../base/foreign.ts'
import { parseInstant } from '../base/instant.ts'
import { pauseText } from '../domain/schedule.ts'
import type { scheduleDetailsOut, scheduleOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage, sheet, stateCell, tableFor } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { endOf, localTime, relative } from './times.ts'

export interface ScheduleListOptions extends OpenOptions {
  readonly tag?: string
  readonly limit?: number
  readonly cursor?: string
  readonly json?: boolean
}

type ScheduleRow = ReturnType<typeof scheduleOut>

/** What of a schedule a list shows. */
export type ListedSchedule = Pick<
  ScheduleRow,
  'name' | 'task' | 'condition' | 'timezone' | 'state' | 'nextAt' | 'waitsFor'
> & {
  readonly lastRun: Pick<NonNullable<ScheduleRow['lastRun']>, 'state'> | null
}

type ScheduleDetails = ReturnType<typeof scheduleDetailsOut>

export const listSchedules = async (options: ScheduleListOptions, terminal: Terminal): Promise<number> => {
  const { config: _config, store: _store, json, ...query } = options
  await using app = await openApp(options, terminal)
  const page = await ask<{ schedules: ScheduleRow[]; next: string | null }>(app, '/api/v1/schedules', query, terminal)
  if (json) await printJson(page, terminal)
  else await printPage({ rows: page.schedules, next: page.next }, columns, row => cells(row, terminal), terminal)
  return exits.ok
}

/** Schedules as a person reads them. */
export const scheduleTable = (rows: readonly ListedSchedule[], terminal: Terminal): string =>
  tableFor(
    columns,
    rows.map(row => cells(row, terminal)),
    terminal,
  )

const columns: readonly Column[] = [
  { title: 'schedule' },
  { title: 'task' },
  { title: 'condition' },
  { title: 'zone' },
  { title: 'state', whole: true },
  { title: 'next' },
  { title: 'last run', whole: true },
]

const cells = (row: ListedSchedule, terminal: Terminal): readonly Cell[] => [
  row.name,
  row.task,
  row.condition,
  row.timezone,
  { text: row.state, paint: paintOf(row.state, terminal) },
  row.nextAt === null ? row.waitsFor.join(' or ') : relative(parseInstant(row.nextAt), terminal.clock.now()),
  row.lastRun === null ? '' : stateCell(row.lastRun.state, terminal),
]

const paintOf = (state: ScheduleRow['state'], { colors }: Terminal): ((text: string) => string) => {
  switch (state) {
    case 'active':
      return colors.green
    case 'paused':
      return colors.yellow
    case 'ended':
      return colors.dim
    case 'unloadable':
      return colors.red
    default:
      return state satisfies never
  }
}

export const showSchedule = async (
  name: string,
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const schedule = await ask<ScheduleDetails>(app, `/api/v1/schedules/${encodeURIComponent(name)}`, {}, terminal)
  await (options.json ? printJson(schedule, terminal) : terminal.print(facts(schedule, terminal)))
  return exits.ok
}

const facts = (schedule: ScheduleDetails, terminal: Terminal): string => {
  const { pause, lastRun, input, policies, tags } = schedule
  const now = terminal.clock.now()
  const shown: readonly (readonly [string, string | null])[] = [
    ['when', `${schedule.condition} (${schedule.timezone})`],
    ['waits for', schedule.waitsFor.length === 0 ? null : schedule.waitsFor.join(', or ')],
    ['task', schedule.task],
    ['why', schedule.problem],
    ['paused', pause === null ? null : pauseText(pause, at => at)],
    ['input', input === null ? null : JSON.stringify(input)],
    ['policies', JSON.stringify(policies)],
    ['tags', tags.length === 0 ? null : tags.join(', ')],
    ['from', schedule.origin === 'code' && !schedule.declared ? 'code that no longer declares it' : schedule.origin],
    ['runs', String(schedule.runsCreated)],
    ['last run', lastRun === null ? null : `${lastRun.id}: ${lastRun.state}`],
  ]
  const upcoming = schedule.upcoming.map(text => {
    const at = parseInstant(text)
    return [localTime(at, schedule.timezone), text, relative(at, now)]
  })
  const columns = [schedule.timezone, 'UTC', 'from now'].map(title => ({ title }))
  const next = upcoming.length === 0 ? '' : `\n${tableFor(columns, upcoming, terminal)}`
  return `${terminal.colors.bold(`Schedule ${neutral(schedule.name)}: ${schedule.state}`)}\n\n${sheet(shown, terminal)}${next}`
}

export const pauseSchedule = async (
  name: string,
  options: OpenOptions & { readonly why?: string; readonly for?: string },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const { paused } = await app.schedules.pause(name, 'cli', options.why, options.for)
  terminal.say(`${neutral(name)} is paused: nothing of it starts until ${endOf(paused?.until ?? null)}.\n`)
  return exits.ok
}

export const resumeSchedule = async (name: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  await app.schedules.resume(name, 'cli')
  terminal.say(`${neutral(name)} goes on. What passed meanwhile is not made up for.\n`)
  return exits.ok
}

export const removeSchedule = async (name: string, options: OpenOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  await app.schedules.remove(name, 'cli')
  terminal.say(`${neutral(name)} is removed. Its runs stay.\n`)
  return exits.ok
}
