/** Calendar phrases against Temporal: the dates found one by one, the rule of fixed times applied by Temporal's own means. */

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { formatInstant, instant } from '../../src/base/instant.ts'
import { MONTHS, WEEKDAYS } from '../../src/when/day-names.ts'
import type { Condition } from '../../src/when/condition.ts'
import type { Moment } from '../../src/when/moment.ts'
import { compile, timetable } from '../../src/when/timetable.ts'
import { calendarMoment, windows } from './conditions.ts'
import { contains, isNth } from './wall.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Antarctica/Troll',
  'Asia/Tehran',
  'America/Nuuk',
  'Africa/Cairo',
  'America/St_Johns',
  'Pacific/Chatham',
]

test('calendar phrases name the dates that Temporal names, and happen when it says', () => {
  fc.assert(
    fc.property(
      calendarMoment.filter(isDated),
      fc.constantFrom(...zones),
      fc.integer({ min: Date.UTC(1971, 0, 1), max: Date.UTC(2060, 0, 1) }),
      fc.integer({ min: 0, max: 400 }),
      (moment, timezone, after, daysBack) => {
        const anchor = after - daysBack * 86_400_000
        const expected = listed(moment, timezone, after, anchor).slice(0, 8)
        const times = compile(moment, timezone)
        const found: number[] = []
        for (let at = instant(after); found.length < expected.length;) {
          const next = times.next(at, instant(anchor))
          assert.ok(next !== null)
          found.push(next)
          at = next
        }
        assert.deepEqual(found.map(iso), expected.map(iso))
      },
    ),
    { numRuns: 250, seed: 1 },
  )
})

test('a window contains what its words say of the wall clock', () => {
  fc.assert(
    fc.property(
      windows,
      fc.constantFrom(...zones),
      fc.array(fc.integer({ min: Date.UTC(2019, 0, 1), max: Date.UTC(2031, 0, 1) }), { minLength: 20, maxLength: 20 }),
      (condition, timezone, instants) => {
        const times = compile(condition, timezone)
        for (const at of instants) {
          const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDateTime()
          assert.equal(times.open(instant(at)), contains(condition, local), `${local.toString()} ${timezone}`)
        }
      },
    ),
    { numRuns: 150, seed: 2 },
  )
})

test('`every minute` and windows fire at each minute that the windows contain, and at no other', () => {
  fc.assert(
    fc.property(
      windows,
      fc.constantFrom(...zones),
      fc.constantFrom('every minute', '* * * * *', 'every 1 minute'),
      fc.integer({ min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 }),
      (condition, timezone, text, minute) => {
        const [each] = [timetable(text, timezone)]
        const all: Condition = {
          kind: 'and',
          of: [momentIn(text), ...(condition.kind === 'and' ? condition.of : [condition])],
        }
        const times = compile(all, timezone)
        const anchor = instant(0)
        for (let at = instant(minute * 60_000), count = 0; count < 60; count++) {
          const next = each.next(at, anchor)
          assert.ok(next !== null)
          const local = Temporal.Instant.fromEpochMilliseconds(next).toZonedDateTimeISO(timezone).toPlainDateTime()
          assert.equal(times.next(instant(next - 1), anchor) === next, contains(condition, local), local.toString())
          at = next
        }
      },
    ),
    { numRuns: 60, seed: 3 },
  )
})

test('a daily time has one moment for each local date that exists, in every zone and year', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: 1970, max: 2040 }),
      fc.constantFrom('00:00', '00:30', '01:30', '02:00', '02:30', '03:00', '12:00', '23:30'),
      (timezone, year, time) => {
        const start = Temporal.PlainDate.from({ year, month: 1, day: 1 })
        const expected = Array.from({ length: start.daysInYear }, (_, index) => start.add({ days: index })).flatMap(
          date => {
            const at = happens(date.toPlainDateTime(Temporal.PlainTime.from(time)), timezone)
            return at === null ? [] : [at]
          },
        )
        const times = timetable(`daily at ${time}`, timezone)
        let at = instant((expected[0] ?? 0) - 1)
        const found = expected.map(() => (at = times.next(at, at) ?? at))
        assert.deepEqual(found.map(iso), expected.map(iso))
      },
    ),
    { numRuns: 80, seed: 4 },
  )
})

const GAP_TOO_WIDE_MS = 3 * 3_600_000

/** The rule of fixed times: the first pass of a fold, the end of a gap, nothing in a gap over three hours. */
function happens(local: Temporal.PlainDateTime, timezone: string): number | null {
  const at = local.toZonedDateTime(timezone, { disambiguation: 'earlier' })
  if (at.toPlainDateTime().equals(local)) return at.epochMilliseconds
  const later = local.toZonedDateTime(timezone, { disambiguation: 'later' })
  const width = later.epochMilliseconds - at.epochMilliseconds
  if (width > GAP_TOO_WIDE_MS) return null
  return at.getTimeZoneTransition('next')?.epochMilliseconds ?? null
}

type Dated = Moment & { readonly kind: 'daily' | 'weekly' | 'monthly' | 'yearly' }

function isDated(moment: Moment): moment is Dated {
  return ['daily', 'weekly', 'monthly', 'yearly'].includes(moment.kind)
}

const DAYS_SEARCHED = 1_500

function listed(moment: Dated, timezone: string, after: number, anchor: number): readonly number[] {
  const zoned = (at: number): Temporal.PlainDate =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).toPlainDate()
  const start = zoned(anchor)
  const found = new Set<number>()
  let date = Temporal.PlainDate.compare(zoned(after), start) < 0 ? start : zoned(after)
  date = date.subtract({ days: 2 })
  for (let count = 0; count < DAYS_SEARCHED && found.size < 8; count++, date = date.add({ days: 1 })) {
    const counts =
      moment.every === 1 || (Temporal.PlainDate.compare(date, start) >= 0 && isCounted(moment, date, start))
    if (!counts || !falls(moment, date)) continue
    for (const time of moment.times) {
      const at = happens(date.toPlainDateTime(Temporal.PlainTime.from(time)), timezone)
      if (at !== null && at > after && (moment.every === 1 || at >= anchor)) found.add(at)
    }
  }
  return [...found].toSorted((a, b) => a - b)
}

function isCounted(moment: Dated, date: Temporal.PlainDate, start: Temporal.PlainDate): boolean {
  const monday = (day: Temporal.PlainDate): Temporal.PlainDate => day.subtract({ days: day.dayOfWeek - 1 })
  switch (moment.kind) {
    case 'daily':
      return start.until(date, { largestUnit: 'day' }).days % moment.every === 0
    case 'weekly':
      return (monday(start).until(monday(date), { largestUnit: 'day' }).days / 7) % moment.every === 0
    case 'monthly':
      return ((date.year - start.year) * 12 + date.month - start.month) % moment.every === 0
    case 'yearly':
      return (date.year - start.year) % moment.every === 0
    default:
      return moment satisfies never
  }
}

function falls(moment: Dated, date: Temporal.PlainDate): boolean {
  switch (moment.kind) {
    case 'daily':
      return true
    case 'weekly':
      return moment.weekdays.includes(WEEKDAYS[date.dayOfWeek - 1] ?? 'monday')
    case 'monthly':
      return moment.days.some(day => isNth(day, date, moment.clamp === true))
    case 'yearly':
      return moment.dates.some(day => day.month === MONTHS[date.month - 1] && isNth(day, date, moment.clamp === true))
    default:
      return moment satisfies never
  }
}

function momentIn(text: string): Moment {
  if (text === 'every minute') return { kind: 'every minute' }
  return text === 'every 1 minute' ? { kind: 'interval', everyMs: 60_000 } : { kind: 'cron', text }
}

function iso(at: number): string {
  return formatInstant(instant(at))
}
