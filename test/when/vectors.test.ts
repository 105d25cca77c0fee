import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { formatInstant, instant, parseInstant } from '../../src/base/instant.ts'
import type { Instant } from '../../src/base/instant.ts'
import { isRotaError } from '../../src/base/errors.ts'
import { checkCondition } from '../../src/when/check.ts'
import { parse } from '../../src/when/parse.ts'
import { timetable } from '../../src/when/timetable.ts'
import type { Timetable } from '../../src/when/timetable.ts'

interface CronRow {
  readonly id: string
  readonly expression: string
  readonly timezone: string
  readonly after: string
  readonly next: readonly string[]
}

interface InvalidRow {
  readonly expression: string | null
  readonly expected: string
}

interface CalendarRow {
  readonly id: string
  readonly kind: string
  readonly rule: string
  readonly timezone: string
  readonly after: string
  readonly params: { readonly anchor?: string; readonly at?: string }
  readonly policies?: Readonly<Record<string, readonly string[] | string>>
  readonly next: readonly string[] | null
}

describe('cron-next.json', () => {
  for (const { id, expression, timezone, after, next } of rowsOf('cron-next') as readonly CronRow[]) {
    test(`${id}: ${expression} in ${timezone} after ${after}`, () => {
      holdsBothWays(timetable(expression, timezone), parseInstant(after), instant(0), next)
    })
  }
})

describe('cron-invalid.json', () => {
  for (const { expression, expected } of rowsOf('cron-invalid') as readonly InvalidRow[]) {
    // The row without an expression stands for ten thousand stars; ranges that wrap are documented, and so accepted.
    const text = expression ?? '* '.repeat(10_000)
    const isAccepted = expected === 'accept' || expected.includes('unless the project documents wrapping')
    test(`${JSON.stringify(text.slice(0, 40))}: ${isAccepted ? 'accepted' : 'refused'}`, () => {
      const check = (): void => checkCondition(parse(text), { timezone: 'UTC', now: instant(0) })
      if (isAccepted) check()
      else assert.throws(check, error => isRotaError(error))
    })
  }
})

// The rules are told in words; these say them in Rota's. What is not here can be read as it stands.
const spellings: Readonly<Record<string, string>> = {
  'third sunday of the month at 00:00': 'monthly on the 3rd Sunday',
  'on the 30th of each month at 09:00': 'monthly on the 30th at 09:00',
  'last friday of the month': 'monthly on the last Friday',
  'fifth friday of the month (months that have one)': 'monthly on the 5th Friday',
  'last day of the month': 'monthly on the last day',
  'first working day of the month at 09:00': 'monthly on the 1st working day at 09:00',
  'fourth thursday of november': 'yearly on the 4th Thursday of November',
  'last monday of may': 'yearly on the last Monday of May',
  'every 3 months on the 1st, anchored 2026-02-01': 'every 3 months on the 1st',
  'mon, wed and fri at 06:00': 'every Mon, Wed and Fri at 06:00',
  'every month on the 31 at 09:00': 'every month on the 31st at 09:00',
  'every month on the 30 at 00:00': 'every month on the 30th',
  'every 2 months on the 31 at 00:00': 'every 2 months on the 31st',
  'every 3 months on the 31 at 00:00': 'every 3 months on the 31st',
  'every 2 weeks on mon, anchored SUN 2026-01-04, WKST=SU': 'every 2 weeks on Mon at 09:00',
  'every 2 weeks on mon and fri across new year': 'every 2 weeks on Mon and Fri at 09:00',
  'every 2 weeks on sun at 02:30 hitting the gap of 2025-03-30': 'every 2 weeks on Sun at 02:30',
  'every 3 weeks on mon': 'every 3 weeks on Mon at 09:00',
  'every 3 days at 02:30, anchored 2025-03-27': 'every 3 days at 02:30',
  'every 2 days at 00:00, anchored 2026-02-27': 'every 2 days',
  'every 2 days at 00:00, anchored 2028-02-27': 'every 2 days',
}

describe('calendar.json', () => {
  for (const row of rowsOf('calendar') as readonly CalendarRow[]) {
    const text = spellings[row.rule] ?? row.rule.replace(/ (anchored|across|\().*/, '')
    const anchor = anchorOf(row)
    test(`${row.id}: ${text} in ${row.timezone}`, () => {
      holdsBothWays(timetable(text, row.timezone), parseInstant(row.after), anchor, expectedOf(row))
    })
    const clamped = row.policies?.['clamp(RFC7529 SKIP=BACKWARD, Temporal constrain)']
    if (Array.isArray(clamped)) {
      test(`${row.id}: ${text} (clamp) in ${row.timezone}`, () => {
        holdsBothWays(timetable(`${text} (clamp)`, row.timezone), parseInstant(row.after), anchor, clamped)
      })
    }
  }
})

/** Each next in turn, and each previous on the way back. */
function holdsBothWays(times: Timetable, after: Instant, anchor: Instant, expected: readonly string[]): void {
  let at: Instant | null = after
  const found = expected.map(() => {
    at = at === null ? null : times.next(at, anchor)
    return at === null ? 'none' : formatInstant(at)
  })
  assert.deepEqual(found, expected)
  const back = expected.map((_, index) => {
    const later = expected[expected.length - index]
    const before = later === undefined ? instant((at ?? 0) + 1) : parseInstant(later)
    const previous = times.previous(before, anchor)
    return previous === null ? 'none' : formatInstant(previous)
  })
  assert.deepEqual(back, expected.toReversed())
}

function expectedOf(row: CalendarRow): readonly string[] {
  if (row.next !== null) return row.next
  const decided = row.policies?.['skip(RFC5545,cron)'] ?? row.policies?.['elapsed from anchor (recommended)']
  assert.ok(Array.isArray(decided), `${row.id} is not decided`)
  return decided as readonly string[]
}

function anchorOf({ rule, after, params, timezone }: CalendarRow): Instant {
  // Weeks start on Monday here. The row counts them from Sunday, which makes Sunday the 4th the first day of the week of the 5th.
  if (rule.includes('WKST=SU')) return parseInstant('2026-01-05T00:00:00Z')
  const { anchor } = params
  if (anchor === undefined) return parseInstant(after)
  if (/[Z+]/.test(anchor)) return parseInstant(anchor)
  const local = timetable(`at ${anchor}`, timezone).next(instant(0), instant(0))
  assert.ok(local !== null)
  return local
}

function rowsOf(name: string): readonly unknown[] {
  const text = readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly rows: readonly unknown[] }).rows
}
