/** The page about conditions, run: every row of its tables, and its code. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parseDuration } from '../../src/base/duration.ts'
import type { Duration } from '../../src/base/duration.ts'
import { formatInstant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { historyOf } from '../../src/cli/history.ts'
import { verdictOn } from '../../src/cli/verdict.ts'
import type { Verdict } from '../../src/cli/verdict.ts'
import { defaultPolicies } from '../../src/domain/schedule.ts'
import { between, cron, daily, every, monthly, not, on } from '../../src/when/build.ts'
import { after, succeeded } from '../../src/when/build-facts.ts'
import { checkCondition } from '../../src/when/check.ts'
import { readDates } from '../../src/when/dates.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'
import { reading } from '../../src/when/reading.ts'
import { timetable } from '../../src/when/timetable.ts'
import { warnings } from '../../src/when/warnings.ts'

const page = readFileSync(new URL('../../docs/conditions.md', import.meta.url), 'utf8')
const anchor = parseInstant('2026-11-22T00:00:00Z')

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim().replaceAll('`', ''))

const tables = page.split('\n\n').map(block =>
  block
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(cellsOf),
)

/** The rows of the table with these columns. */
const rowsOf = (...columns: readonly string[]): readonly (readonly string[])[] => {
  const table = tables.find(([head]) => head?.join() === columns.join())
  assert.ok(table, `there is a table of ${columns.join(', ')}`)
  return table.slice(2)
}

describe('moments of the page', () => {
  for (const [phrase = '', , after = '', next = ''] of rowsOf('phrase', 'meaning', 'after', 'next')) {
    test(phrase, () => fires(phrase, 'UTC', after, next))
  }
})

describe('windows of the page', () => {
  for (const [phrase = '', , open = '', shut = ''] of rowsOf('phrase', 'meaning', 'open', 'shut')) {
    test(phrase, () => {
      const times = timetable(`every minute and ${phrase}`, 'UTC')
      assert.equal(times.open(parseInstant(open)), true)
      assert.equal(times.open(parseInstant(shut)), false)
    })
  }
})

describe('events of the page', () => {
  for (const [phrase = '', , history = '', holds = '', not = ''] of rowsOf(
    'event',
    'happens when',
    'what happened',
    'holds',
    'not',
  )) {
    test(`${phrase} after ${history}`, () => {
      assert.equal(verdict(phrase, history, holds).holds, true)
      assert.equal(verdict(phrase, history, not).holds, false)
    })
  }
})

describe('states of the page', () => {
  for (const [phrase = '', , history = '', holds = '', not = ''] of rowsOf(
    'state',
    'holds when',
    'what happened',
    'holds',
    'not',
  )) {
    test(`${phrase} after ${history}`, () => {
      assert.equal(verdict(`every minute and ${phrase}`, history, holds).holds, true)
      assert.equal(verdict(`every minute and ${phrase}`, history, not).holds, false)
    })
  }
})

describe('moments of the page that wait for facts', () => {
  const rows = rowsOf('condition', 'grace', 'what happened', 'asked at', 'holds')
  for (const [phrase = '', grace = '', history = '', time = '', holds = ''] of rows) {
    test(`${phrase} at ${time} after ${history}`, () => {
      assert.equal(verdict(phrase, history, time, parseDuration(grace)).holds ? 'yes' : 'no', holds)
    })
  }
})

test('the dates of the page are read', () => {
  assert.deepEqual(readDates('2026-12-25 # Christmas\n2026-01-01', { until: '2036-01-01' }), [
    '2026-01-01',
    '2026-12-25',
  ])
})

test('what the page shows of the program is what it says', () => {
  const condition = parse('*/7 9-17 * * 1-5')
  const warning = warnings(condition, { timezone: 'UTC', grace: parseDuration('4m'), now: anchor })[0] ?? ''
  assert.ok(page.includes(`\n${reading(condition)}\n`))
  assert.ok(page.includes(`warning: ${warning.slice(0, 100)}`))
})

test('the page tells the default of each policy', () => {
  const told = Object.fromEntries(
    rowsOf('option', 'default', 'meaning').flatMap(([names = '', value]) =>
      names.split(', ').map(name => [name, value]),
    ),
  )
  for (const name of Object.keys(defaultPolicies)) assert.ok(name in told, name)
  assert.deepEqual(
    [told['catchUp'], told['timezone'], told['jitter']],
    [defaultPolicies.catchUp.kind, 'UTC', String(defaultPolicies.jitter)],
  )
})

describe('changes of the clocks on the page', () => {
  for (const [phrase = '', zone = '', after = '', next = ''] of rowsOf('phrase', 'zone', 'after', 'next')) {
    test(`${phrase} in ${zone}`, () => fires(phrase, zone, after, next))
  }
})

describe('every phrase that the page sets in code can be read', () => {
  // What the page itself calls refused, or shows as a part only.
  const parts =
    /^(L|L-3|rota next|rota explain|readDates|warnings|clockNotes|rota\/when|#|15W|LW|5#2|MON#1|5L|FRIL|5#L|\?|\*|\*\/[125]|&|~|and|or|not|JAN|MON|FRI-MON|22-4|9-17|today|succeeds|fails|is partial|finishes|failed|finished|started|been skipped|more than|fewer than|exactly|this week|this month|is not running|degraded|failing|blocked|timeout|lost|holds|wakes|explain|1,15|10-50\/20|5\/10|\(clamp\))$/
  const refused = ["after task 'news'", 'twice a day', 'every day at 9', 'daily on Saturday', '*/90 * * * *']
  const phrases = [
    ...page
      .replace(/## The options of a schedule[^]*?\n## /, '')
      .replaceAll(/```[^]*?```/g, '')
      .matchAll(/`([^`]+)`/g),
  ]
    .map(match => (match[1] ?? '').replaceAll('…', ''))
    .filter(text => !parts.test(text) && !/[()|]|^monthly on $/.test(text))
  for (const phrase of new Set(phrases)) {
    test(phrase, () => {
      if (refused.includes(phrase)) assert.throws(() => parse(phrase))
      else assert.equal(print(parse(print(parse(phrase)))), print(parse(phrase)))
    })
  }
})

test('the code of the page builds what it says', () => {
  const built = [
    every('5 minutes').and(between('09:00', '17:00'), on.weekdays),
    daily.at('09:00', '18:00'),
    every('2 weeks').on('Monday').at('08:00'),
    monthly
      .on('the last Friday')
      .at('18:00')
      .and(not(on('the 31st'))),
    cron('0 9 * * 1-5'),
    daily.at('09:00').and(after('news').succeeds()),
    every('5 minutes').and(not(succeeded('news').today().atLeast(3))),
  ]
  for (const condition of built) checkCondition(condition, { timezone: 'UTC', now: anchor })
  assert.equal(built.map(print)[3], 'monthly on the last Friday at 18:00 and not on the 31st')
})

function fires(phrase: string, timezone: string, after: string, next: string): void {
  const at = timetable(phrase, timezone).next(parseInstant(after), anchor)
  assert.equal(at === null ? 'never' : formatInstant(at), next)
}

/** What a schedule says that was created at 00:00 and runs `report`, after a history such as `news started 08:50, …`. */
function verdict(condition: string, history: string, time: string, grace: Duration | null = null): Verdict {
  const happened = history.split(', ').map(each => {
    const [task = '', event = '', at = ''] = each.split(' ')
    return { task, event, at: formatInstant(onMonday(at)) }
  })
  return verdictOn({
    condition,
    timezone: 'UTC',
    at: onMonday(time),
    task: 'report',
    mark: onMonday('00:00'),
    grace,
    anchor: null,
    history: historyOf(happened),
  })
}

function onMonday(time: string): Instant {
  return parseInstant(`2026-11-23T${time}:00Z`)
}
