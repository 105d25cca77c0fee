/** Random conditions in their normal form, for the properties that must hold for all of them. */

import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { and, not, or } from '../../src/when/condition.ts'
import { MONTHS, WEEKDAYS } from '../../src/when/day-names.ts'
import { COMPARISONS, COUNTED_RUNS, HEALTH_STATES, OUTCOMES } from '../../src/when/fact.ts'
import type { Condition } from '../../src/when/condition.ts'
import type { DayOfMonth, DayOfYear } from '../../src/when/day-names.ts'
import type { Event, Period, State } from '../../src/when/fact.ts'
import type { Moment } from '../../src/when/moment.ts'
import type { TimeOfDay } from '../../src/when/time-of-day.ts'
import type { Window } from '../../src/when/window.ts'
import { parse } from '../../src/when/parse.ts'

const time: Arbitrary<TimeOfDay> = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.constantFrom(0, 0, 0, 30))
  .map(([hour, minute, second]) => [hour, minute, ...(second === 0 ? [] : [second])].map(two).join(':'))

const times = fc.uniqueArray(time, { minLength: 1, maxLength: 3 }).map(list => list.toSorted())
const weekdays = fc.subarray([...WEEKDAYS], { minLength: 1 })
const months = fc.subarray([...MONTHS], { minLength: 1, maxLength: 4 })
const every = fc.oneof(
  { weight: 3, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 9 }) },
)

const day: Arbitrary<DayOfMonth> = fc.oneof(
  nthOf(fc.oneof(nonZero(-4, 31), fc.constant(-1)), fc.constant('day' as const)),
  nthOf(nonZero(-5, 5), fc.constant('working day' as const)),
  nthOf(nonZero(-3, 5), fc.constantFrom(...WEEKDAYS)),
)
// The order of days is parse's business: what it makes of any order is the normal form.
const days = fc
  .uniqueArray(day, { minLength: 1, maxLength: 4, selector: ({ nth, of }) => `${nth} ${of}` })
  .map(list => daysIn(parse(`on ${list.map(written).join(' and ')}`)))
const date: Arbitrary<DayOfYear> = fc
  .tuple(fc.constantFrom(...MONTHS), day)
  .map(([month, which]) => ({ month, ...which }))
const dates = fc
  .uniqueArray(date, { minLength: 1, maxLength: 3, selector: ({ month, nth, of }) => `${month} ${nth} ${of}` })
  .map(list => datesIn(parse(`yearly on ${list.map(each => `${written(each)} of ${each.month}`).join(' and ')}`)))

const number = (min: number, max: number): Arbitrary<string> => fc.integer({ min, max }).map(String)

const field = (min: number, max: number, star: boolean): Arbitrary<string> =>
  fc.oneof(
    { weight: star ? 4 : 1, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: number(min, max) },
    { weight: 1, arbitrary: fc.uniqueArray(number(min, max), { minLength: 2, maxLength: 3 }).map(list => list.join()) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: Math.min(max, 20) }).map(step => `*/${step}`) },
  )

/** Cron text that every cron reads: no wrapping ranges, no `L` with a number, no `+`. */
export const cronText: Arbitrary<string> = fc
  .tuple(
    fc.option(field(0, 59, false), { nil: undefined, freq: 5 }),
    field(0, 59, false),
    field(0, 23, false),
    fc.oneof(
      { weight: 5, arbitrary: field(1, 31, true) },
      { weight: 1, arbitrary: fc.constantFrom('L', '15W', '1W', 'LW') },
    ),
    field(1, 12, true),
    fc.oneof(
      { weight: 5, arbitrary: field(0, 6, true) },
      { weight: 1, arbitrary: fc.constantFrom('5#2', '1L', 'MON-FRI') },
    ),
  )
  .map(fields => fields.filter(each => each !== undefined).join(' '))

export const interval: Arbitrary<Moment> = fc
  .oneof(
    fc.integer({ min: 10, max: 999 }),
    fc.integer({ min: 1, max: 90 }).map(minutes => minutes * 60_000),
    fc.integer({ min: 1, max: 50 }).map(hours => hours * 3_600_000),
  )
  .map(everyMs => ({ kind: 'interval', everyMs }))

const clamp = (list: readonly DayOfMonth[]): Arbitrary<{ readonly clamp?: true }> =>
  list.some(({ nth, of }) => of === 'day' && nth > 28) ? fc.constantFrom({}, { clamp: true }) : fc.constant({})

/** Moments that name local times; all but intervals and single instants. */
export const calendarMoment: Arbitrary<Moment> = fc.oneof(
  fc.constantFrom<Moment>({ kind: 'every minute' }, { kind: 'every second' }),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 })
    .map((list): Moment => ({ kind: 'hourly', minutes: list.toSorted((a, b) => a - b) })),
  fc.tuple(every, times).map(([n, list]): Moment => ({ kind: 'daily', every: n, times: list })),
  fc
    .tuple(every, weekdays, times)
    .map(([n, on, list]): Moment => ({ kind: 'weekly', every: n, weekdays: on, times: list })),
  fc
    .tuple(every, days, times)
    .chain(([n, on, list]) =>
      clamp(on).map((more): Moment => ({ kind: 'monthly', every: n, days: on, times: list, ...more })),
    ),
  fc
    .tuple(every, dates, times)
    .chain(([n, on, list]) =>
      clamp(on).map((more): Moment => ({ kind: 'yearly', every: n, dates: on, times: list, ...more })),
    ),
  cronText.map((text): Moment => ({ kind: 'cron', text })),
)

const isoDate = fc
  .tuple(fc.integer({ min: 2020, max: 2030 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, dayOfMonth]) => `${year}-${two(month)}-${two(dayOfMonth)}`)

const localTime = fc.oneof(
  isoDate,
  fc
    .tuple(
      isoDate,
      time.filter(text => text !== '00:00'),
    )
    .map(parts => parts.join('T')),
)

export const window: Arbitrary<Window> = fc.oneof(
  fc
    .uniqueArray(time, { minLength: 2, maxLength: 2 })
    .map(([from = '', to = '']): Window => ({ kind: 'between', from, to: to === '00:00' ? '24:00' : to })),
  weekdays.map((list): Window => ({ kind: 'weekdays', weekdays: list })),
  days.map((list): Window => ({ kind: 'days', days: list })),
  months.map((list): Window => ({ kind: 'months', months: list })),
  fc
    .uniqueArray(localTime, { minLength: 2, maxLength: 2 })
    .map(list => list.toSorted())
    .chain(([from = '', until = '']) =>
      fc.constantFrom<Window>({ kind: 'dates', from }, { kind: 'dates', until }, { kind: 'dates', from, until }),
    ),
)

const single: Arbitrary<Moment> = fc.oneof(
  fc.tuple(isoDate, time, fc.constantFrom('', ':00Z')).map(([on, at, zone]): Moment => {
    const exact = zone === '' || at.length > 5 ? zone.replace(':00', '') : zone
    return { kind: 'once', at: `${on}T${at}${exact}` }
  }),
  fc.integer({ min: 1, max: 100_000 }).map((inMs): Moment => ({ kind: 'soon', inMs })),
)

const moment = fc.oneof({ weight: 5, arbitrary: calendarMoment }, interval, single)

const name = fc.constantFrom('a', 'b', 'c')
// Names that need care when they are quoted.
const anyName = fc.oneof(name, fc.constantFrom("it's", 'disk is "free"', '$& $1', 'constructor', 'новости', '‘’'))
const length = fc.oneof(fc.constantFrom(60_000, 600_000, 3_600_000, 7_200_000), fc.integer({ min: 1, max: 100_000 }))

const eventOf = (task: Arbitrary<string>): Arbitrary<Event> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(task, fc.constantFrom(...OUTCOMES), fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, length))
        .map(([each, outcome, delayMs]): Event => ({ kind: 'after', task: each, outcome, delayMs })),
    },
    { weight: 1, arbitrary: length.map((delayMs): Event => ({ kind: 'after itself', delayMs })) },
  )

const period: Arbitrary<Period> = fc.oneof(
  fc.constantFrom<Period>('ever', 'today', 'this hour', 'this week', 'this month'),
  length.map(lastMs => ({ lastMs })),
)

const stateOf = (task: Arbitrary<string>): Arbitrary<State> =>
  fc.oneof(
    fc
      .tuple(
        task,
        fc.constantFrom(...COUNTED_RUNS),
        period,
        fc.constantFrom(...COMPARISONS),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([each, what, during, compare, count]): State => ({
        kind: 'counted',
        task: each,
        what,
        during,
        compare,
        times: count,
      })),
    task.map((each): State => ({ kind: 'running', task: each })),
    fc
      .tuple(task, fc.constantFrom(...HEALTH_STATES))
      .map(([subject, state]): State => ({ kind: 'health', subject, state })),
    task.map((each): State => ({ kind: 'predicate', name: each })),
  )

/** Events and states about the tasks a, b and c. */
export const event = eventOf(name)
export const state = stateOf(name)

const fact: Arbitrary<Condition> = fc.oneof(
  eventOf(anyName),
  stateOf(anyName),
  stateOf(anyName).map(not),
  anyName.map((each): Window => ({ kind: 'named dates', name: each })),
  fc.constant<Condition>({ kind: 'start' }),
)

/** Windows joined in any way. */
export const windows: Arbitrary<Condition> = fc.letrec<{ any: Condition }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    window,
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => and(a, b)),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => or(a, b)),
    tie('any').map(not),
  ),
})).any

/** Anything that can be said. */
export const condition: Arbitrary<Condition> = fc.letrec<{ any: Condition }>(tie => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    moment,
    windows,
    fact,
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => and(a, b)),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => or(a, b)),
  ),
})).any

function nthOf(nth: Arbitrary<number>, of: Arbitrary<DayOfMonth['of']>): Arbitrary<DayOfMonth> {
  return fc.tuple(nth, of).map(([n, thing]) => ({ nth: n, of: thing }))
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function nonZero(min: number, max: number): Arbitrary<number> {
  return fc.integer({ min, max }).filter(value => value !== 0)
}

function written({ nth, of }: DayOfMonth): string {
  return nth > 0 ? `the ${nth}${ending(nth)} ${of}` : `the ${nth === -1 ? '' : `${-nth}${ending(-nth)} `}last ${of}`
}

function ending(value: number): string {
  return value % 100 > 10 && value % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')
}

function daysIn(parsed: Condition): readonly DayOfMonth[] {
  return parsed.kind === 'days' ? parsed.days : []
}

function datesIn(parsed: Condition): readonly DayOfYear[] {
  return parsed.kind === 'yearly' ? parsed.dates : []
}
