/** What a condition says that is allowed but probably not meant, in words and with what would say it better. */

import type { Duration } from '../base/duration.ts'
import { formatDuration } from '../base/duration.ts'
import type { Instant } from '../base/instant.ts'
import { zoneOf } from './calendar.ts'
import { clausesOf } from './clauses.ts'
import type { Clause } from './clauses.ts'
import { isEvent, isMoment, isState, leavesOf } from './condition.ts'
import type { Condition, Leaf } from './condition.ts'
import { splitCron } from './cron.ts'
import { DAY_OF_MONTH, DAY_OF_WEEK, HOUR, itemsOf, MINUTE, readItem, readPlain, SECOND } from './cron-field.ts'
import type { CronField } from './cron-field.ts'
import type { DayOfMonth } from './day-names.ts'
import { length, print } from './print.ts'
import { list } from './words.ts'

export interface WarningOptions {
  readonly timezone: string
  /** How late a moment of this condition may be decided. */
  readonly grace: Duration
  readonly now: Instant
  /** Whether the dates that `on 'holidays'` names are known; default false. */
  readonly setsKnown?: boolean
}

/**
 * The warnings about a condition, in the order in which it is written.
 *
 * @example warnings(parse('0 0 13 * 5'), options)[0] // '`0 0 13 * 5` is due on each of both …: …'
 */
export const warnings = (condition: Condition, options: WarningOptions): readonly string[] => [
  ...new Set([
    ...leavesOf(condition).flatMap(leaf => leafWarnings(leaf, options)),
    ...clausesOf(condition).flatMap(clause => waitWarning(clause, options) ?? []),
  ]),
]

const leafWarnings = (leaf: Leaf, options: WarningOptions): readonly string[] => {
  switch (leaf.kind) {
    case 'cron':
      return cronWarnings(leaf.text)
    case 'interval':
      return driftWarning(leaf.everyMs, options)
    case 'monthly':
      return leaf.clamp === true ? [] : lackingDays(print(leaf), leaf.days, 'month')
    case 'yearly':
      return leaf.clamp === true ? [] : leapDay(print(leaf), leaf.dates)
    case 'counted':
      return leaf.during === 'ever' && (leaf.compare === 'at least' || leaf.compare === 'more than')
        ? [
            `\`${print(leaf)}\` counts all of history: once it holds, it holds for good. Say when: \`today\`, \`in the last 2 hours\`.`,
          ]
        : []
    case 'named dates':
      return options.setsKnown === true
        ? []
        : [
            `The dates of '${leaf.name}' are not known here: the times are listed as if \`${print(leaf)}\` were left out.`,
          ]
    default:
      return []
  }
}

const cronWarnings = (text: string): readonly string[] => {
  const fields = splitCron(text)
  const [second, minute, hour, days, , weekdays] = fields.length === 5 ? [undefined, ...fields] : fields
  return [
    ...eitherDay(text, days, weekdays),
    ...unevenStep(text, SECOND, second, 'minute'),
    ...unevenStep(text, MINUTE, minute, 'hour'),
    ...unevenStep(text, HOUR, hour, 'day'),
    ...everyMinuteOf(fields, minute, hour),
    ...steppedDays(text, days),
    ...cronLacking(text, days),
  ]
}

const isAll = (kind: typeof HOUR, field: CronField | undefined): boolean =>
  field === undefined || itemsOf(field).some(item => !/[WL#+]/.test(item.text) && readItem(kind, item).isAll)

const eitherDay = (text: string, days: CronField | undefined, weekdays: CronField | undefined): readonly string[] => {
  if (weekdays === undefined || weekdays.text.startsWith('+')) return []
  if (isAll(DAY_OF_MONTH, days) || isAll(DAY_OF_WEEK, weekdays)) return []
  const both = text.replace(/\S+$/, last => `+${last}`)
  return [
    `\`${text}\` restricts the day of the month and the day of the week, and in cron text that is OR: either is enough. ` +
      `For days that are both write \`${both}\`.`,
  ]
}

const unevenStep = (
  text: string,
  kind: typeof HOUR,
  field: CronField | undefined,
  around: string,
): readonly string[] => {
  const [, step] = /^\*\/(\d+)$/.exec(field?.text ?? '') ?? []
  const size = kind.last + 1
  const by = Number(step ?? 1)
  if (size % by === 0) return []
  const last = Math.floor((size - 1) / by) * by
  const gap = size - last
  return [
    `\`${text}\`: \`*/${by}\` begins anew each ${around}, so that after ${kind.name} ${last} the next comes ${gap} ${kind.name}${gap === 1 ? '' : 's'} later. ` +
      `For even gaps write \`every ${by} ${kind.name}s\`.`,
  ]
}

/** `* 9 * * *`: sixty times, where one was meant. */
const everyMinuteOf = (
  fields: readonly CronField[],
  minute: CronField | undefined,
  hour: CronField | undefined,
): readonly string[] => {
  if (fields.length !== 5 || minute?.text !== '*' || hour === undefined || !/^\d+$/.test(hour.text)) return []
  const [, ...rest] = fields.map(field => field.text)
  return [
    `\`${fields.map(field => field.text).join(' ')}\` fires at each of the 60 minutes of hour ${hour.text}. ` +
      `For one time a day write \`0 ${rest.join(' ')}\`.`,
  ]
}

const steppedDays = (text: string, days: CronField | undefined): readonly string[] => {
  const [, step] = /^(?:\*|1)\/(\d+)$/.exec(days?.text ?? '') ?? []
  if (step === undefined || step === '1') return []
  return [
    `\`${text}\`: the step begins anew on each 1st, so that the gap over the end of a month is another. ` +
      `For even gaps write \`every ${step} days\`.`,
  ]
}

const cronLacking = (text: string, days: CronField | undefined): readonly string[] => {
  if (days === undefined || !/^[\d,]+$/.test(days.text)) return []
  const { values } = readPlain(DAY_OF_MONTH, days)
  return values.every(day => day <= 28)
    ? []
    : lackingDays(
        text,
        values.map(nth => ({ nth, of: 'day' }) as const),
        'month',
      )
}

const lackingDays = (text: string, days: readonly DayOfMonth[], unit: string): readonly string[] => {
  const late = days.filter(({ nth, of }) =>
    of === 'day' ? Math.abs(nth) > 28 : of === 'working day' ? Math.abs(nth) > 20 : Math.abs(nth) > 4,
  )
  if (late.length === 0) return []
  const last = late.some(({ of }) => of === 'day') ? ' For the end of each month write `monthly on the last day`.' : ''
  return [`\`${text}\` skips each ${unit} that has no such day.${last}`]
}

const leapDay = (text: string, dates: readonly (DayOfMonth & { readonly month: string })[]): readonly string[] =>
  dates.some(({ month, nth, of }) => month === 'february' && of === 'day' && nth === 29)
    ? [`\`${text}\` comes in leap years only. With \`(clamp)\` it is 28 February in the others.`]
    : []

const DAY_MS = 86_400_000

/** `every 24 hours` beside `daily`. */
const driftWarning = (everyMs: number, { timezone, now }: WarningOptions): readonly string[] => {
  if (everyMs % DAY_MS !== 0 || !clocksChange(timezone, now)) return []
  const days = everyMs / DAY_MS
  const calendar = days === 1 ? 'daily at 09:00' : `every ${days} days at 09:00`
  return [
    `\`every ${length(everyMs)}\` is elapsed time: when the clocks of ${timezone} change it moves by as much on the wall. ` +
      `For the same time of day write \`${calendar}\`.`,
  ]
}

const YEAR_MS = 366 * DAY_MS

const clocksChange = (timezone: string, now: number): boolean => {
  const zone = zoneOf(timezone)
  const offset = zone.local(now) - now
  for (let at: number = now; at < now + YEAR_MS; at = zone.end) {
    zone.seek(at)
    if (zone.offset !== offset) return true
  }
  return false
}

/** A moment that waits for facts waits no longer than its grace. */
const waitWarning = (clause: Clause, { grace }: WarningOptions): string | null => {
  const facts = clause.filter(({ leaf }) => isEvent(leaf) || isState(leaf))
  const moments = clause.map(({ leaf }) => leaf).filter(leaf => isMoment(leaf) || leaf.kind === 'start')
  if (facts.length === 0 || moments.length === 0 || !Number.isFinite(grace)) return null
  const waited = list(facts.map(({ leaf, negated }) => `\`${print(negated ? { kind: 'not', of: leaf } : leaf)}\``))
  return (
    `\`${print(moments[0] ?? facts[0]?.leaf ?? { kind: 'start' })}\` waits for ${waited} no longer than its grace, ${formatDuration(grace)}: ` +
    'what comes later finds it skipped (condition). Give the schedule a longer `grace` to wait longer.'
  )
}
