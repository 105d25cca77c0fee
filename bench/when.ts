/**
 * What asking a condition costs: next and previous by kind of expression, parse and compile, a refusal, memory. One line of
 * JSON per figure; times are medians of five. Croner answers the same cron texts in the same run.
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Cron } from 'croner'
import { duration } from '../src/base/duration.ts'
import { instant } from '../src/base/instant.ts'
import { explain } from '../src/when/explain.ts'
import type { Facts } from '../src/when/facts.ts'
import { holds, judged } from '../src/when/judge.ts'
import { parse } from '../src/when/parse.ts'
import { compile } from '../src/when/timetable.ts'
import type { Timetable } from '../src/when/timetable.ts'
import { median } from './shared/figure.ts'

const ROUNDS = 5
const anchor = instant(Date.UTC(2026, 0, 1))
const horizon = Date.UTC(2056, 0, 1)

const asked: readonly (readonly [name: string, text: string, zone: string])[] = [
  ['cron.daily', '0 9 * * *', 'UTC'],
  ['cron.daily.dst', '0 9 * * *', 'Europe/Berlin'],
  ['cron.minutes', '*/5 * * * *', 'UTC'],
  ['cron.minutes.dst', '*/5 * * * *', 'America/New_York'],
  ['cron.seconds', '*/30 * * * * *', 'UTC'],
  ['cron.workday', '*/10 9-17 * * MON-FRI', 'Europe/Berlin'],
  ['cron.monthEnd', '0 0 L * *', 'Europe/Berlin'],
  ['cron.leapDay', '0 0 29 2 *', 'UTC'],
  ['cron.either', '0 0 13 * 5', 'Australia/Lord_Howe'],
  ['daily', 'daily at 09:00', 'Europe/Berlin'],
  ['hourly', 'hourly at :15', 'Europe/Berlin'],
  ['every', 'every 5 minutes', 'UTC'],
  ['every.window', 'every 5 minutes and between 09:00 and 17:00', 'Europe/Berlin'],
  ['every.windows', 'every 5 minutes and between 09:00 and 17:00 and on weekdays and not in December', 'Europe/Berlin'],
  ['weekly.second', 'every 2 weeks on Monday at 08:00', 'Europe/Berlin'],
  ['monthly', 'monthly on the last Friday at 18:00', 'Europe/Berlin'],
  ['monthly.third', 'every 3 months on the 15th', 'Europe/Berlin'],
  ['yearly.leapDay', 'yearly on 29 February', 'Europe/Berlin'],
  ['clauses', 'hourly and on weekdays or daily at 09:00', 'Europe/Berlin'],
]

for (const [name, text, zone] of asked) {
  const times = compile(parse(text), zone)
  const next = timed(() => walk(times, 50_000))
  print(`next.${name}`, next, 'µs', { text, zone, target: '≤ 1' })
  print(
    `previous.${name}`,
    timed(() => walkBack(times, 50_000)),
    'µs',
    { text, zone },
  )
  if (!name.startsWith('cron')) continue
  const other = timed(() => walkCroner(new Cron(text, { timezone: zone }), 500))
  print(`next.${name}.croner`, other, 'µs', { text, zone, ratio: rounded(other / next) })
}

for (const [name, text, zone] of asked.filter(([name]) => ['cron.daily', 'daily', 'every.windows'].includes(name))) {
  print(
    `parse.${name}`,
    timed(() => perCall(5_000, () => parse(text))),
    'µs',
    { text },
  )
  const condition = parse(text)
  print(
    `compile.${name}`,
    timed(() => perCall(5_000, () => compile(condition, zone))),
    'µs',
    { text, zone },
  )
}

// The worst texts known: nested as deep as is allowed, a long list, a sentence full of slips that wants a suggestion.
const worst = {
  brackets: '('.repeat(1_000),
  list: `${Array.from({ length: 300 }, (_, index) => index % 60).join()} * * * *`,
  slips: 'evry 5 minuts bnetween 9am an 5pm on weekdas '.repeat(22),
  long: 'x'.repeat(1_000_000),
}
for (const [name, text] of Object.entries(worst)) {
  const refuse = (): void => {
    try {
      parse(text)
    } catch {
      // It is the refusal that is measured.
    }
  }
  print(`refuse.${name}`, timed(() => perCall(20, refuse)) / 1_000, 'ms', { target: '≤ 10' })
}

const condition = judged(
  parse("every 5 minutes and 'db' is running and 'news' has failed today fewer than 3 times"),
  'Europe/Berlin',
)
const facts: Facts = {
  anchor,
  since: anchor,
  decidedAt: null,
  lastEnd: null,
  runs: Array.from({ length: 20 }, (_, id) => ({
    id,
    task: id === 0 ? 'db' : 'news',
    startedAt: instant(anchor + id),
    endedAt: id === 0 ? null : instant(anchor + id * 1_000),
    outcome: id === 0 ? null : 'succeeded',
  })),
  health: {},
  predicates: {},
  starts: [],
}
const asOf = instant(anchor + 3_600_000)
const undecided = { mark: anchor, grace: duration(300_000) }
print(
  'holds',
  timed(() => perCall(5_000, () => holds(condition, asOf, facts, undecided))),
  'µs',
  { runs: 20 },
)
print(
  'explain',
  timed(() => perCall(500, () => explain(condition, asOf, facts, undecided))),
  'µs',
  { runs: 20 },
)

print('memory.compiled', memoryPerSchedule(), 'B', {
  target: '≤ 600',
  text: 'daily at a time of its own',
  zone: 'Europe/Berlin',
})

function walk(times: Timetable, count: number): number {
  let at = anchor
  return perCall(count, () => {
    const next = times.next(at, anchor)
    at = next === null || next > horizon ? anchor : next
  })
}

function walkBack(times: Timetable, count: number): number {
  let at = instant(horizon)
  return perCall(count, () => {
    at = times.previous(at, anchor) ?? instant(horizon)
    if (at < anchor) at = instant(horizon)
  })
}

function walkCroner(cron: Cron, count: number): number {
  let at = new Date(anchor)
  return perCall(count, () => {
    const next = cron.nextRun(at)
    at = next === null || next.getTime() > horizon ? new Date(anchor) : next
  })
}

/** Microseconds for one call. */
function perCall(count: number, call: () => unknown): number {
  const start = performance.now()
  for (let index = 0; index < count; index++) call()
  return ((performance.now() - start) * 1_000) / count
}

/** The median of five rounds, in microseconds. */
function timed(measure: () => number): number {
  return median(Array.from({ length: ROUNDS }, measure))
}

// 50,000 schedules, each at another minute; the zone and the tables of days are shared, as they are in life.
function memoryPerSchedule(): number {
  const count = 50_000
  const conditions = Array.from({ length: count }, (_, index) => {
    const [hour, minute] = [Math.floor(index / 60) % 24, index % 60].map(part => String(part).padStart(2, '0'))
    return parse(`daily at ${hour}:${minute}`)
  })
  const before = settledHeap()
  const kept = conditions.map(condition => compile(condition, 'Europe/Berlin'))
  const after = settledHeap()
  return (after - before) / kept.length
}

function settledHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

// `name`, `value`, `unit` and `target` are what the table of all benchmarks takes; the rest is for comparing runs.
function print(figure: string, value: number, unit: string, more: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ bench: 'when', figure, name: `when: ${figure}`, value: rounded(value), unit, ...more }))
}

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
