/** A simulation for a person: counts by schedule, starts by hour, what comes together, what stayed silent, what came first. */

import { about } from '../base/duration.ts'
import { formatInstant, instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { SimulatedSchedule, Simulation } from '../testing/simulation.ts'
import { tableFor } from './printing.ts'
import type { Cell, Column } from './table.ts'
import type { Terminal } from './terminal.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MOST_COLLISIONS = 10
// From here on a character is a day, not an hour.
const MOST_DAYS = 35
const DAYS_A_LINE = 28

/** The whole answer. */
export const simulationText = (simulation: Simulation, terminal: Terminal): string =>
  [
    headline(simulation, terminal),
    scheduleCounts(simulation, terminal),
    strip(simulation, terminal),
    together(simulation, terminal),
    silent(simulation, terminal),
    firstEvents(simulation, terminal),
  ]
    .filter(part => part !== '')
    .join('\n')

const headline = ({ from, to, seed, runs, schedules }: Simulation, { colors }: Terminal): string => {
  const length = about(parseInstant(to) - parseInstant(from))
  const counted = `${runs.toLocaleString('en')} runs of ${schedules.length} schedules`
  return `${colors.bold(`${length} from ${from}`)}, seed ${seed}: ${counted}\n`
}

const number = (title: string): Column => ({ title, align: 'right', whole: true })

const scheduleCounts = ({ schedules }: Simulation, terminal: Terminal): string => {
  if (schedules.length === 0) return 'Nothing is scheduled.\n'
  const { red, yellow } = terminal.colors
  const rare = (['cancelled', 'unfinished'] as const).filter(name => schedules.some(one => one[name] > 0))
  const columns = [
    { title: 'schedule' },
    ...['runs', 'succeeded', 'failed', ...rare, 'retries'].map(number),
    { title: 'skipped' },
    ...['latest', 'busy'].map(number),
  ]
  const cells = (one: SimulatedSchedule): readonly Cell[] => [
    one.name,
    ...[one.runs, one.succeeded].map(String),
    one.failed === 0 ? '0' : { text: String(one.failed), paint: red },
    ...rare.map(name => String(one[name])),
    String(one.retries),
    { text: countsOf(one.skipped), paint: yellow },
    one.latestMs === null ? '' : about(one.latestMs),
    about(one.busyMs),
  ]
  return tableFor(columns, schedules.map(cells), terminal)
}

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ')

// ---- starts over the time

const strip = ({ from, startsByHour, runs }: Simulation, { colors }: Terminal): string => {
  if (runs === 0) return ''
  const first = parseInstant(from)
  const midnight = instant(first - (((first % DAY) + DAY) % DAY))
  // From midnight on, so that a column is an hour of the day.
  const hours = [...Array.from({ length: Math.floor((first - midnight) / HOUR) }, () => null), ...startsByHour]
  const byDay = hours.length > MOST_DAYS * 24
  const cells = byDay ? chunks(hours, 24).map(day => day.reduce<number>((sum, hour) => sum + (hour ?? 0), 0)) : hours
  const most = Math.max(...cells.map(cell => cell ?? 0))
  const width = byDay ? DAYS_A_LINE : 24
  const lines = chunks(cells, width).map((line, i) => {
    const day = instant(midnight + i * (byDay ? DAYS_A_LINE * DAY : DAY))
    return `  ${colors.dim(dayOf(day))}  ${colors.cyan(line.map(cell => shade(cell, most)).join(''))}\n`
  })
  const title = `Starts by ${byDay ? 'day' : 'hour'} (UTC), at most ${most.toLocaleString('en')}\n`
  return title + (byDay ? '' : colors.dim(`${' '.repeat(16)}0     6     12    18\n`)) + lines.join('')
}

const chunks = <T>(of: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(of.length / size) }, (_, i) => of.slice(i * size, (i + 1) * size))

const shades = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** Null: before the simulated time. */
const shade = (starts: number | null, most: number): string => {
  if (starts === null) return ' '
  return starts === 0 ? '·' : (shades[Math.ceil((starts / most) * shades.length) - 1] ?? '█')
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const dayOf = (at: Instant): string => `${weekdays[new Date(at).getUTCDay()]} ${formatInstant(at).slice(0, 10)}`

// ---- what comes together

const together = (simulation: Simulation, terminal: Terminal): string => {
  const { busiestMinute, mostAtOnce, collisions, collisionsLeftOut } = simulation
  if (busiestMinute === null || mostAtOnce === null) return ''
  const facts = [
    `Busiest minute: ${busiestMinute.at}, ${busiestMinute.starts} starts.`,
    `Most at once: ${mostAtOnce.runs}, first at ${mostAtOnce.at}.`,
  ].join(' ')
  if (collisions.length === 0) return `${facts}\nNo two schedules start in the same second.\n`
  const shown = collisions.slice(0, MOST_COLLISIONS)
  const left = collisions.length - shown.length + collisionsLeftOut
  const rows = shown.map(({ times, at, schedules }) => [
    String(times),
    at,
    String(schedules.length),
    schedules.join(', '),
  ])
  const columns = [
    number('times'),
    { title: 'first', whole: true },
    number('schedules'),
    { title: 'together', widest: 100 },
  ]
  const more = left === 0 ? '' : terminal.colors.dim(`… and ${left} more sets: --json\n`)
  return `${facts}\n\nStart in the same second:\n${tableFor(columns, rows, terminal)}${more}`
}

// ---- what never came, and what came first

const silent = ({ schedules }: Simulation, terminal: Terminal): string => {
  const rows = schedules.flatMap(({ name, silent: why }) => (why === null ? [] : [[name, why]]))
  if (rows.length === 0) return ''
  return `Never started:\n${tableFor([{ title: 'schedule' }, { title: 'why', widest: 200 }], rows, terminal)}`
}

const firstEvents = ({ timeline, timelineLeftOut }: Simulation, terminal: Terminal): string => {
  if (timeline.length === 0) return ''
  const columns = [
    { title: 'at', whole: true },
    { title: 'schedule' },
    number('run'),
    { title: 'event' },
    { title: 'why' },
  ]
  const rows = timeline.map(({ at, schedule, run, event, attempt, detail }) => [
    at,
    schedule,
    String(run),
    attempt > 1 ? `${event} (${attempt})` : event,
    detail ?? '',
  ])
  const more =
    timelineLeftOut === 0
      ? ''
      : terminal.colors.dim(`… and ${timelineLeftOut.toLocaleString('en')} more events: --events\n`)
  return `What happens first:\n${tableFor(columns, rows, terminal)}${more}`
}
