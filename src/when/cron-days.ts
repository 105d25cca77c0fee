/** The two day fields of a cron text, with all that only they understand, and how they go together. */

import { DAY_OF_MONTH, DAY_OF_WEEK, canonical, itemsOf, readItem, readValue, wrong, ZERO } from './cron-field.ts'
import type { CronField } from './cron-field.ts'
import { WEEKDAYS } from './day-names.ts'
import type { DayOfMonth } from './day-names.ts'
import { bitOf, nthOf, weekdayMask } from './days.ts'
import type { DayRule, MonthShape } from './days.ts'

/** The rules of both fields: none where both are unrestricted, one, or with a plus two that must hold together. */
export const readDayFields = (month: CronField | undefined, week: CronField | undefined): readonly DayRule[] =>
  together(readDaysOfMonth(month), readDaysOfWeek(week))

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

const together = (month: DayField, week: DayField & { readonly needsBoth: boolean }): readonly DayRule[] => {
  const byMonth: DayRule = { key: `cm${month.text}`, mask: month.mask }
  const byWeek: DayRule = { key: `cw${week.text}`, mask: week.mask }
  if (month.isAll) return week.isAll ? [] : [byWeek]
  if (week.isAll) return [byMonth]
  if (week.needsBoth) return [byMonth, byWeek]
  return [{ key: `${byMonth.key}|${byWeek.key}`, mask: shape => byMonth.mask(shape) | byWeek.mask(shape) }]
}

const weekdayName = (number: number): DayOfMonth['of'] => WEEKDAYS[(number + 6) % 7] ?? 'sunday'
