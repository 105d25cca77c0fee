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

import { nearest } from '../base/nearest.ts'
import { WEEKDAYS } from './condition.ts'
import type { DayOfMonth } from './condition.ts'
import { bitOf, nthOf, weekdayMask } from './days.ts'
import type { DayRule, MonthShape } from './days.ts'
import { bits60 } from './times.ts'
import type { ClockFields } from './times.ts'
import { unreadable } from './unreadable.ts'

/** What a cron text means. */
export interface CronRule {
  readonly text: string
  readonly clock: ClockFields
  /** Neither a star nor a step in second, minute and hour: such times happen once a day, whatever the clocks do. */
  readonly isFixed: boolean
  readonly days: readonly DayRule[]
}

/** One field as written, and where. */
export interface CronField {
  readonly text: string
  readonly position: number
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
  const day = readDays(readDaysOfMonth(daysOfMonth), readDaysOfWeek(daysOfWeek))
  return {
    text: fields.map(field => canonical(field.text)).join(' '),
    clock: { seconds: bits60(time[0].values), minutes: bits60(time[1].values), hours: bitsOf(time[2].values) },
    isFixed: !time.some(field => field.hasStar || field.hasStep),
    days: [...(month.isAll ? [] : [inMonthNumbers(month.values)]), ...day],
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

interface FieldKind {
  readonly name: string
  readonly min: number
  readonly max: number
  /** The highest value a star reaches: a week has seven days, though 7 may be written. */
  readonly last: number
  readonly names: readonly string[]
}

const SECOND: FieldKind = { name: 'second', min: 0, max: 59, last: 59, names: [] }
const MINUTE: FieldKind = { name: 'minute', min: 0, max: 59, last: 59, names: [] }
const HOUR: FieldKind = { name: 'hour', min: 0, max: 23, last: 23, names: [] }
const DAY_OF_MONTH: FieldKind = { name: 'day of month', min: 1, max: 31, last: 31, names: [] }
const MONTH: FieldKind = {
  name: 'month',
  min: 1,
  max: 12,
  last: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
}
const DAY_OF_WEEK: FieldKind = {
  name: 'day of week',
  min: 0,
  max: 7,
  last: 6,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
}

const ZERO: CronField = { text: '0', position: 0 }

const checkCount = (fields: readonly CronField[]): void => {
  if (fields.length === 5 || fields.length === 6) return
  const surplus = fields[6]
  throw unreadable({
    position: surplus?.position ?? (fields.at(-1)?.position ?? 0) + (fields.at(-1)?.text.length ?? 0),
    found: surplus?.text ?? '',
    expected: `cron text of five fields (minute, hour, day of month, month, day of week) or six (seconds first), not of ${fields.length}`,
  })
}

/** The values of one field, or of one item of it. */
interface Values {
  readonly values: readonly number[]
  readonly hasStar: boolean
  readonly hasStep: boolean
  readonly isAll: boolean
}

const readPlain = (kind: FieldKind, field: CronField = ZERO): Values => {
  const items = itemsOf(field).map(item => readItem(kind, item))
  return {
    values: items.flatMap(item => item.values),
    hasStar: items.some(item => item.hasStar),
    hasStep: items.some(item => item.hasStep),
    isAll: items.some(item => item.isAll),
  }
}

const itemsOf = ({ text, position }: CronField): readonly CronField[] => {
  let at = position
  return text.split(',').map(item => {
    const here = { text: upper(item), position: at }
    at += item.length + 1
    return here
  })
}

// A base and perhaps a step; what the parts are is checked one by one, for the sake of the message.
const readItem = (kind: FieldKind, item: CronField): Values => {
  const [base = '', step, surplus] = item.text.split('/')
  if (base === '' || surplus !== undefined) throw wrong(kind, item)
  const hasStar = base === '*' || (base === '?' && (kind === DAY_OF_MONTH || kind === DAY_OF_WEEK))
  const range = hasStar ? [kind.min, kind.last] : readRange(kind, { ...item, text: base }, step !== undefined)
  const by = step === undefined ? 1 : readStep(kind, { text: step, position: item.position + base.length + 1 })
  return {
    values: stepThrough(kind, range, by),
    hasStar,
    hasStep: step !== undefined,
    isAll: hasStar && by === 1,
  }
}

const readRange = (kind: FieldKind, { text, position }: CronField, hasStep: boolean): readonly number[] => {
  const [first = '', second, surplus] = text.split('-')
  if (surplus !== undefined) throw wrong(kind, { text, position })
  const from = readValue(kind, { text: first, position })
  // 5/10 means from 5 to the end.
  if (second === undefined) return [from, hasStep ? kind.last : from]
  return [from, readValue(kind, { text: second, position: position + first.length + 1 })]
}

const readValue = (kind: FieldKind, field: CronField): number => {
  const named = kind.names.indexOf(field.text)
  if (named >= 0) return named + kind.min
  const value = /^\d{1,2}$/.test(field.text) ? Number(field.text) : Number.NaN
  if (value >= kind.min && value <= kind.max) return value
  throw wrong(kind, field)
}

const readStep = (kind: FieldKind, field: CronField): number => {
  const step = /^\d{1,3}$/.test(field.text) ? Number(field.text) : 0
  if (step >= 1 && step <= kind.max) return step
  throw unreadable({
    position: field.position,
    found: field.text,
    expected: `a step from 1 to ${kind.max}${step > kind.max ? `, for a larger one skips every ${kind.name} but the first` : ''}`,
  })
}

const stepThrough = (kind: FieldKind, [from = 0, to = 0]: readonly number[], by: number): readonly number[] => {
  const size = kind.last - kind.min + 1
  // A range that ends before it begins goes on from the start; Sunday may be written 7, as the end of a week.
  const end = to < from ? to + size : to
  const values: number[] = []
  for (let value = from; value <= end && value < from + size; value += by)
    values.push(((value - kind.min) % size) + kind.min)
  return values
}

/** The days that one of the two day fields means. */
interface DayField {
  readonly text: string
  readonly isAll: boolean
  readonly mask: (shape: MonthShape) => number
}

const LAST_DAY = /^L(?:-(\d{1,2}))?$/
const NEAR_DAY = /^(\d{1,2})W$/

const readDaysOfMonth = (field: CronField = ZERO): DayField => {
  const days = itemsOf(field).map((item): DayField => {
    const last = LAST_DAY.exec(item.text)
    if (last !== null) {
      const back = Number(last[1] ?? 0)
      if (last[1] !== undefined && (back < 1 || back > 30)) throw wrong(DAY_OF_MONTH, item)
      return special(shape => bitOf(nthOf({ nth: -1 - back, of: 'day' }, shape)))
    }
    if (item.text === 'LW') return special(shape => bitOf(nthOf({ nth: -1, of: 'working day' }, shape)))
    const near = NEAR_DAY.exec(item.text)
    if (near !== null) {
      const day = readValue(DAY_OF_MONTH, { ...item, text: near[1] ?? '' })
      return special(shape => bitOf(workingDayNear(day, shape)))
    }
    const { values, isAll } = readItem(DAY_OF_MONTH, item)
    const bits = values.reduce((mask, day) => mask | bitOf(day), 0)
    return { text: '', isAll, mask: () => bits }
  })
  return anyOf(field, days)
}

// The nearest day from Monday to Friday in the same month.
const workingDayNear = (day: number, shape: MonthShape): number => {
  if (day > shape.length) return 0
  const weekday = (shape.firstWeekday + day - 1) % 7
  if (weekday === 5) return day === 1 ? 3 : day - 1
  if (weekday === 6) return day === shape.length ? day - 2 : day + 1
  return day
}

const NTH_WEEKDAY = /^(\w{1,3})(?:#([1-5L])|L)$/

const readDaysOfWeek = (field: CronField = ZERO): DayField & { readonly needsBoth: boolean } => {
  const needsBoth = field.text.startsWith('+')
  const plain = needsBoth ? { text: field.text.slice(1), position: field.position + 1 } : field
  const days = itemsOf(plain).map((item): DayField => {
    if (item.text === 'L') return special(shape => weekdayMask(1 << 5, shape))
    const nth = NTH_WEEKDAY.exec(item.text)
    if (nth !== null) {
      const weekday = readValue(DAY_OF_WEEK, { ...item, text: nth[1] ?? '' })
      const wanted = { nth: nth[2] === undefined || nth[2] === 'L' ? -1 : Number(nth[2]), of: weekdayName(weekday) }
      return special(shape => bitOf(nthOf(wanted, shape)))
    }
    const { values, isAll } = readItem(DAY_OF_WEEK, item)
    const bits = values.reduce((sum, weekday) => sum | (1 << ((weekday + 6) % 7)), 0)
    return { text: '', isAll, mask: shape => weekdayMask(bits, shape) }
  })
  return { ...anyOf(plain, days), needsBoth }
}

const special = (mask: (shape: MonthShape) => number): DayField => ({ text: '', isAll: false, mask })

const anyOf = (field: CronField, days: readonly DayField[]): DayField => ({
  text: canonical(field.text),
  isAll: days.some(day => day.isAll),
  mask: shape => days.reduce((mask, day) => mask | day.mask(shape), 0),
})

const readDays = (month: DayField, week: DayField & { readonly needsBoth: boolean }): readonly DayRule[] => {
  const byMonth: DayRule = { key: `cm${month.text}`, mask: month.mask }
  const byWeek: DayRule = { key: `cw${week.text}`, mask: week.mask }
  if (month.isAll) return week.isAll ? [] : [byWeek]
  if (week.isAll) return [byMonth]
  if (week.needsBoth) return [byMonth, byWeek]
  return [{ key: `${byMonth.key}|${byWeek.key}`, mask: shape => byMonth.mask(shape) | byWeek.mask(shape) }]
}

const inMonthNumbers = (months: readonly number[]): DayRule => {
  const bits = bitsOf(months.map(month => month - 1))
  return { key: `m${bits}`, mask: ({ month }) => ((bits >> month) & 1 ? -1 : 0) }
}

const bitsOf = (values: readonly number[]): number => values.reduce((bits, value) => bits | (1 << value), 0)

const weekdayName = (number: number): DayOfMonth['of'] => WEEKDAYS[(number + 6) % 7] ?? 'sunday'

// Only a to z: there are letters elsewhere whose upper case is one of ours.
const upper = (text: string): string =>
  /[a-z]/.test(text) ? text.replaceAll(/[a-z]+/g, letters => letters.toUpperCase()) : text

// Numbers without leading zeros, so that equal texts have equal data.
const canonical = (text: string): string => upper(text).replaceAll(/\b0+(?=\d)/g, '')

const wrong = (kind: FieldKind, { text, position }: CronField): Error => {
  const named = kind.names.length === 0 ? '' : ` or ${kind.names[0]} to ${kind.names.at(-1)}`
  const extra = kind === DAY_OF_MONTH ? ', L, L-3, LW or 15W' : kind === DAY_OF_WEEK ? ', 5L or 5#2' : ''
  const name = /^[A-Z]{2,9}$/.test(text) ? nearestName(kind, text) : undefined
  return unreadable({
    position,
    found: text,
    expected: `${kind.name} ${kind.min} to ${kind.max}${named}${extra}`,
    hint: name,
  })
}

const nearestName = (kind: FieldKind, text: string): string | undefined =>
  kind.names.find(name => text.startsWith(name)) ?? nearest(text, kind.names)
