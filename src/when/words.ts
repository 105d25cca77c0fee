/** The words of the language for weekdays, months and ordinals, and how they are written back. */

import { MONTHS, WEEKDAYS } from './day-names.ts'
import type { Month, Weekday } from './day-names.ts'

/** `Mon`, `Monday` or `Mondays` as a weekday. */
export const weekdayNamed = (word: string): Weekday | undefined => own(weekdays, word.toLowerCase())

/** `Jan` or `January` as a month. */
export const monthNamed = (word: string): Month | undefined => own(months, word.toLowerCase())

/** `first` to `fifth` as a number. */
export const ordinalNamed = (word: string): number | undefined => own(ordinals, word.toLowerCase())

/** 1 as `1st`, 12 as `12th`. */
export const writeOrdinal = (value: number): string => {
  const teen = value % 100 >= 11 && value % 100 <= 13
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')
  return `${value}${ending}`
}

/** `monday` as `Monday`. */
export const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** `a, b and c`. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`

/** Ascending numbers as their stretches, first and last; two neighbours are no stretch yet. */
export const runs = (numbers: readonly number[]): readonly (readonly [from: number, to: number])[] => {
  const stretches: (readonly [number, number])[] = []
  for (let index = 0; index < numbers.length;) {
    let end = index
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end++
    const [from = 0, to = 0] = [numbers[index], numbers[end]]
    if (end - index === 1) stretches.push([from, from], [to, to])
    else stretches.push([from, to])
    index = end + 1
  }
  return stretches
}

export const WORKING_DAYS: readonly Weekday[] = WEEKDAYS.slice(0, 5)
export const WEEKEND: readonly Weekday[] = WEEKDAYS.slice(5)

const own = <Value>(table: Readonly<Record<string, Value>>, word: string): Value | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined

const weekdays: Readonly<Record<string, Weekday>> = {
  ...Object.fromEntries(WEEKDAYS.flatMap(day => [day, `${day}s`, day.slice(0, 3)].map(word => [word, day]))),
  tues: 'tuesday',
  weds: 'wednesday',
  thur: 'thursday',
  thurs: 'thursday',
}

const months: Readonly<Record<string, Month>> = {
  ...Object.fromEntries(MONTHS.flatMap(month => [month, month.slice(0, 3)].map(word => [word, month]))),
  sept: 'september',
}

const ordinals: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3, fourth: 4, fifth: 5 }
