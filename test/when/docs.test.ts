/** The page about conditions, run: every row of its tables, and its code. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { formatInstant, parseInstant } from '../../src/base/instant.ts'
import { between, cron, daily, every, monthly, not, on } from '../../src/when/build.ts'
import { after, succeeded } from '../../src/when/build-facts.ts'
import { checkCondition } from '../../src/when/check.ts'
import { parse } from '../../src/when/parse.ts'
import { print } from '../../src/when/print.ts'
import { timetable } from '../../src/when/timetable.ts'

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

describe('changes of the clocks on the page', () => {
  for (const [phrase = '', zone = '', after = '', next = ''] of rowsOf('phrase', 'zone', 'after', 'next')) {
    test(`${phrase} in ${zone}`, () => fires(phrase, zone, after, next))
  }
})

describe('every phrase that the page sets in code can be read', () => {
  // What the page itself calls refused, or shows as a part only.
  const parts =
    /^(L|L-3|15W|LW|5#2|MON#1|5L|FRIL|5#L|\?|\*|\*\/[125]|&|~|and|or|not|JAN|MON|FRI-MON|22-4|9-17|today|succeeds|fails|is partial|finishes|failed|finished|started|been skipped|more than|fewer than|exactly|this week|this month|is not running|degraded|failing|blocked|timeout|lost|holds|wakes|explain|1,15|10-50\/20|5\/10|\(clamp\))$/
  const refused = ['every day at 9', 'daily on Saturday', '*/90 * * * *']
  const phrases = [...page.replaceAll(/```[^]*?```/g, '').matchAll(/`([^`]+)`/g)]
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
