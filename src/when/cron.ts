/**
 * Cron text: five fields (minute, hour, day of month, month, day of week) or six with seconds first. Read strictly:
 * whatever is not understood is refused with its position.
 *
 * Beyond the plain fields: names (`MON`, `JAN`), `L` (last day; `L-3`, `LW`, `5L`, `5#L`), `W` (nearest working day),
 * `#` (nth weekday), `?` for `*` in the two day fields, ranges that wrap (`FRI-MON`, `22-4`), 0 and 7 for Sunday, and `L` alone
 * among the days of the week for Saturday.
 *
 * Where both day fields are restricted, either is enough; with `+` before the day of week (`+MON`) both are needed. A
 * field is unrestricted when one of its items is a star, `?`, or a star with a step of 1. (Vixie's cron takes every field
 * that begins with a star for unrestricted, whatever its step; here a step restricts.)
 */

import { bits60 } from './clock-fields.ts'
import type { ClockFields } from './clock-fields.ts'
import { readDayFields } from './cron-days.ts'
import { bitsOf, canonical, HOUR, MINUTE, MONTH, readPlain, SECOND, ZERO } from './cron-field.ts'
import type { CronField } from './cron-field.ts'
import type { DayRule } from './days.ts'
import { unreadable } from './unreadable.ts'

/** What a cron text means. */
export interface CronRule {
  readonly text: string
  readonly clock: ClockFields
  /** Neither a star nor a step in second, minute and hour: such times happen once a day, whatever the clocks do. */
  readonly isFixed: boolean
  readonly days: readonly DayRule[]
}

/**
 * The rule of some fields.
 *
 * @throws RotaError CONDITION_UNREADABLE with the position of what is wrong
 */
export const readCron = (fields: readonly CronField[]): CronRule => {
  checkCount(fields)
  const [seconds, minutes, hours, daysOfMonth, months, daysOfWeek] = fields.length === 5 ? [ZERO, ...fields] : fields
  const time = [readPlain(SECOND, seconds), readPlain(MINUTE, minutes), readPlain(HOUR, hours)] as const
  const month = readPlain(MONTH, months)
  return {
    text: fields.map(field => canonical(field.text)).join(' '),
    clock: { seconds: bits60(time[0].values), minutes: bits60(time[1].values), hours: bitsOf(time[2].values) },
    isFixed: !time.some(field => field.hasStar || field.hasStep),
    days: [...(month.isAll ? [] : [inMonthNumbers(month.values)]), ...readDayFields(daysOfMonth, daysOfWeek)],
  }
}

/** The fields of a cron text that stands alone, as in stored data. */
export const splitCron = (text: string): readonly CronField[] =>
  [...text.matchAll(/\S+/g)].map(match => ({ text: match[0], position: match.index }))

/** The nicknames, with what each stands for. */
export const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const checkCount = (fields: readonly CronField[]): void => {
  if (fields.length === 5 || fields.length === 6) return
  const surplus = fields[6]
  throw unreadable({
    position: surplus?.position ?? (fields.at(-1)?.position ?? 0) + (fields.at(-1)?.text.length ?? 0),
    found: surplus?.text ?? '',
    expected: `cron text of five fields (minute, hour, day of month, month, day of week) or six (seconds first), not of ${fields.length}`,
  })
}

const inMonthNumbers = (months: readonly number[]): DayRule => {
  const bits = bitsOf(months.map(month => month - 1))
  return { key: `m${bits}`, mask: ({ month }) => ((bits >> month) & 1 ? -1 : 0) }
}
