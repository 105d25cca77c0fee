/** Which days a rule means. Every rule is a mask of days for each shape a month can have, so that finding a day is looking at bits. */

import { firstDayOf, isLeap, lengthOf, monthOf, weekdayOf } from './civil.ts'
import { MONTHS, WEEKDAYS } from './day-names.ts'
import type { DayOfMonth, DayOfYear, Month, Weekday } from './day-names.ts'

/** A month of 28 to 31 days that begins on some weekday (0 is Monday). `month` counts from 0. */
export interface MonthShape {
  readonly month: number
  readonly length: number
  readonly firstWeekday: number
}

/** A rule about days. Equal keys mean equal rules. */
export interface DayRule {
  readonly key: string
  /** Bit 0 is the first of the month; bits beyond the month's length are ignored. */
  readonly mask: (shape: MonthShape) => number
}

export const onWeekdays = (weekdays: readonly Weekday[]): DayRule => {
  const bits = weekdays.reduce((sum, weekday) => sum | (1 << WEEKDAYS.indexOf(weekday)), 0)
  return { key: `w${bits}`, mask: shape => weekdayMask(bits, shape) }
}

export const inMonths = (months: readonly Month[]): DayRule => {
  const bits = months.reduce((sum, month) => sum | (1 << MONTHS.indexOf(month)), 0)
  return { key: `m${bits}`, mask: ({ month }) => ((bits >> month) & 1 ? -1 : 0) }
}

export const onDays = (days: readonly DayOfMonth[], clamp: boolean): DayRule => ({
  key: `d${clamp ? '!' : ''}${days.map(keyOf).join()}`,
  mask: shape => days.reduce((mask, day) => mask | bitOf(nthOf(day, shape, clamp)), 0),
})

export const onDates = (dates: readonly DayOfYear[], clamp: boolean): DayRule => ({
  key: `y${clamp ? '!' : ''}${dates.map(date => `${date.month} ${keyOf(date)}`).join()}`,
  mask: shape =>
    dates.reduce((mask, date) => mask | (MONTHS[shape.month] === date.month ? bitOf(nthOf(date, shape, clamp)) : 0), 0),
})

/** The days that the rule does not mean. */
export const allBut = (rule: DayRule): DayRule => ({ key: `~${rule.key}`, mask: shape => ~rule.mask(shape) })

/** The days that share one of these weekdays; bit 0 is Monday. */
export const weekdayMask = (bits: number, { firstWeekday }: MonthShape): number => {
  // The week written out from the first of the month on, and repeated.
  const turned = (bits >> firstWeekday) | (bits << (7 - firstWeekday))
  const week = turned & 0x7f
  return week | (week << 7) | (week << 14) | (week << 21) | (week << 28)
}

export const bitOf = (dayOfMonth: number): number => (dayOfMonth < 1 || dayOfMonth > 31 ? 0 : 1 << (dayOfMonth - 1))

/** The day of the month that is meant, or 0 where this month has none. */
export const nthOf = ({ nth, of }: DayOfMonth, shape: MonthShape, clamp = false): number => {
  if (of === 'day' && nth > 0) return nth <= shape.length ? nth : clamp ? shape.length : 0
  const wanted = of === 'day' ? -1 : of === 'working day' ? 0b001_1111 : 1 << WEEKDAYS.indexOf(of)
  const mask = (of === 'day' ? -1 : weekdayMask(wanted, shape)) & wholeMonth(shape)
  return nth > 0 ? nthBit(mask, nth) : nthBitFromEnd(mask, -nth)
}

export const wholeMonth = ({ length }: MonthShape): number => -1 >>> (32 - length)

const keyOf = ({ nth, of }: DayOfMonth): string => `${nth} ${of}`

const nthBit = (mask: number, nth: number): number => {
  let rest = mask
  for (let left = nth; left > 1; left--) rest &= rest - 1
  return rest === 0 ? 0 : 32 - Math.clz32(rest & -rest)
}

const nthBitFromEnd = (mask: number, nth: number): number => {
  let rest = mask
  for (let left = nth; left > 1; left--) rest &= ~bitOf(32 - Math.clz32(rest))
  return rest === 0 ? 0 : 32 - Math.clz32(rest)
}

// The Gregorian calendar repeats after this many months; what did not come by then never comes.
const CYCLE_MONTHS = 400 * 12

// A leap February is a month of its own, behind December.
const SHAPES = 13 * 7
const LEAP_FEBRUARY = 12

/** All days that satisfy every one of some rules. */
export class DayTable {
  readonly #masks: Int32Array
  /** The months, of twelve, that have any day. */
  readonly #months: number

  constructor(rules: readonly DayRule[]) {
    this.#masks = Int32Array.from({ length: SHAPES }, (_, index) => {
      const shape = shapeAt(index)
      return rules.reduce((mask, rule) => mask & rule.mask(shape), wholeMonth(shape))
    })
    this.#months = this.#masks.reduce((months, mask, index) => months | (mask === 0 ? 0 : 1 << shapeAt(index).month), 0)
  }

  has(day: number): boolean {
    const month = monthOf(day)
    const first = firstDayOf(month)
    return ((this.#maskOf(month, first) >>> (day - first)) & 1) === 1
  }

  /** The first day at or after `day`, or NaN when the calendar holds none. */
  from(day: number): number {
    let month = monthOf(day)
    let first = firstDayOf(month)
    let mask = this.#maskOf(month, first) & (-1 << (day - first))
    for (const last = month + CYCLE_MONTHS; mask === 0 && month < last;) {
      month = this.#monthAfter(month)
      first = firstDayOf(month)
      mask = this.#maskOf(month, first)
    }
    return mask === 0 ? Number.NaN : first + lowest(mask)
  }

  /** The last day at or before `day`, or NaN when the calendar holds none. */
  upTo(day: number): number {
    let month = monthOf(day)
    let first = firstDayOf(month)
    let mask = this.#maskOf(month, first) & (-1 >>> (31 - (day - first)))
    for (const last = month - CYCLE_MONTHS; mask === 0 && month > last;) {
      month = this.#monthBefore(month)
      first = firstDayOf(month)
      mask = this.#maskOf(month, first)
    }
    return mask === 0 ? Number.NaN : first + highest(mask)
  }

  #maskOf(month: number, first: number): number {
    const index = month % 12
    const slot = index === 1 && isLeap((month - 1) / 12) ? LEAP_FEBRUARY : index
    return this.#masks[slot * 7 + weekdayOf(first)] ?? 0
  }

  // Of the twelve months only those with any day are looked at; with none at all the search is over.
  #monthAfter(month: number): number {
    const index = month % 12
    const later = this.#months >>> (index + 1)
    if (later !== 0) return month + 1 + lowest(later)
    return this.#months === 0 ? Infinity : month - index + 12 + lowest(this.#months)
  }

  #monthBefore(month: number): number {
    const index = month % 12
    const earlier = this.#months & ((1 << index) - 1)
    if (earlier !== 0) return month - index + highest(earlier)
    return this.#months === 0 ? -Infinity : month - index - 12 + highest(this.#months)
  }
}

const shapeAt = (index: number): MonthShape => {
  const slot = Math.floor(index / 7)
  const leap = slot === LEAP_FEBRUARY
  const month = leap ? 1 : slot
  // 2023 is no leap year.
  return { month, length: leap ? 29 : lengthOf(2023 * 12 + month), firstWeekday: index % 7 }
}

const lowest = (mask: number): number => 31 - Math.clz32(mask & -mask)

const highest = (mask: number): number => 31 - Math.clz32(mask)

// Most schedules share a few rules (every day, Monday to Friday): one table each.
const tables = new Map<string, DayTable>()
const MOST_TABLES = 1_000

/** The table of some rules, shared by all who ask for the same ones. */
export const tableOf = (rules: readonly DayRule[]): DayTable => {
  const key = rules.map(rule => rule.key).join('&')
  const known = tables.get(key)
  if (known !== undefined) return known
  const table = new DayTable(rules)
  if (tables.size < MOST_TABLES) tables.set(key, table)
  return table
}
