/** Cron text in plain words: its times of day, then its days. */

import { splitCron } from './cron.ts'
import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOUR,
  itemsOf,
  MINUTE,
  MONTH,
  readItem,
  readPlain,
  SECOND,
  ZERO,
} from './cron-field.ts'
import type { CronField } from './cron-field.ts'
import { MONTHS, WEEKDAYS } from './day-names.ts'
import { capital, list, runs, writeOrdinal } from './words.ts'

/** `0,30 9-17 * * *` as `every 30 minutes from 09:00 to 17:30`. */
export const readingOfCron = (text: string): string => {
  const fields = splitCron(text)
  const [seconds, minutes, hours, days, months, weekdays] = fields.length === 5 ? [ZERO, ...fields] : fields
  const clock = { seconds: valuesOf(SECOND, seconds), minutes: valuesOf(MINUTE, minutes), hours: valuesOf(HOUR, hours) }
  return [timeWords(clock), dayWords(days, weekdays, isListed(clock)), monthWords(months)].filter(Boolean).join(' ')
}

interface Clock {
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
}

const valuesOf = (kind: typeof HOUR, field: CronField | undefined): readonly number[] =>
  [...new Set(readPlain(kind, field).values)].toSorted((a, b) => a - b)

// More times of day than this are said as a pattern.
const MOST_TIMES = 6

const isListed = ({ seconds, minutes, hours }: Clock): boolean =>
  seconds.length * minutes.length * hours.length <= MOST_TIMES

const timeWords = (clock: Clock): string => {
  const { seconds, minutes, hours } = clock
  if (isListed(clock)) {
    const times = hours.flatMap(hour =>
      minutes.flatMap(minute => seconds.map(second => clockText(hour, minute, second))),
    )
    return `at ${list(times)}`
  }
  if (seconds.join() === '0') return minuteWords(minutes, hours)
  const every = pattern(seconds, 'second')
  if (minutes.length < 60) return `${every}, in ${few(minutes, 60, 'minute')}${ofHours(hours)}`
  return hours.length < 24 ? `${every} ${fromTo(hours, 59, ':59')}` : every
}

const minuteWords = (minutes: readonly number[], hours: readonly number[]): string => {
  const every = pattern(minutes, 'minute')
  if (hours.length === 24) return every.startsWith('every') ? every : `${every} of every hour`
  return every.startsWith('every') ? `${every} ${fromTo(hours, minutes.at(-1) ?? 0, '')}` : `${every}${ofHours(hours)}`
}

/** `every 15 minutes` where the steps are even the hour round, else `at minutes 0, 7 and 14`. */
const pattern = (values: readonly number[], unit: string): string => {
  if (values.length === 60) return `every ${unit}`
  const step = stepOf(values)
  const isEven = step !== null && values[0] === 0 && values.length * step === 60
  return isEven ? `every ${step} ${unit}s` : `at ${few(values, 60, unit)}`
}

const stepOf = (values: readonly number[]): number | null => {
  const [first = 0, second] = values
  if (second === undefined) return null
  const step = second - first
  return values.every((value, index) => value === first + index * step) ? step : null
}

/** `minute 5`, `minutes 0, 10 and 30`, `minutes 0, 7, … and 56`. */
const few = (values: readonly number[], all: number, unit: string): string => {
  const texts = values.map(String)
  if (values.length === 1) return `${unit} ${texts.join()}`
  const step = stepOf(values)
  if (step === 1 && values.length > 2) return `${unit}s ${texts[0]} to ${texts.at(-1)}`
  if (step !== null && values.length > 5 && values.length < all)
    return `${unit}s ${texts[0]}, ${texts[1]}, … and ${texts.at(-1)}`
  return `${unit}s ${list(texts)}`
}

const ofHours = (hours: readonly number[]): string =>
  hours.length === 24 ? ' of every hour' : ` of the ${few(hours, 24, 'hour')}`

const fromTo = (hours: readonly number[], minute: number, seconds: string): string => {
  const spans = runs(hours)
  if (spans.length > 2) return `in the ${few(hours, 24, 'hour')}`
  return spans
    .map(([from, to]) => `from ${clockText(from, 0, 0)} to ${clockText(to, minute, 0)}${seconds}`)
    .join(' and ')
}

const clockText = (hour: number, minute: number, second: number): string =>
  [hour, minute, ...(second === 0 ? [] : [second])].map(part => String(part).padStart(2, '0')).join(':')

const dayWords = (days: CronField = ZERO, weekdays: CronField = ZERO, isListedClock: boolean): string => {
  const needsBoth = weekdays.text.startsWith('+')
  const plain = needsBoth ? { ...weekdays, text: weekdays.text.slice(1) } : weekdays
  const byMonth = isOpen(DAY_OF_MONTH, days) ? null : dayOfMonthWords(days)
  const byWeek = isOpen(DAY_OF_WEEK, plain) ? null : dayOfWeekWords(plain)
  if (byMonth === null && byWeek === null) return isListedClock ? 'every day' : ''
  if (byMonth === null) return `on ${byWeek}`
  if (byWeek === null) return `on ${byMonth} of the month`
  return needsBoth
    ? `on ${byMonth} of the month if it is ${byWeek}`
    : `on ${byMonth} of the month, and also on ${byWeek}`
}

const isOpen = (kind: typeof HOUR, field: CronField): boolean =>
  itemsOf(field).some(item => /^[*?\d]/.test(item.text) && !/[WL#]/.test(item.text) && readItem(kind, item).isAll)

const dayOfMonthWords = (field: CronField): string => {
  const items = itemsOf(field)
  const plain = items.filter(({ text }) => !/[LW]/.test(text)).flatMap(item => readItem(DAY_OF_MONTH, item).values)
  const words = shortened(
    runs([...new Set(plain)].toSorted((a, b) => a - b)).map(([from, to]) =>
      from === to ? `the ${writeOrdinal(from)}` : `the ${writeOrdinal(from)} to ${writeOrdinal(to)}`,
    ),
  )
  return list([...words, ...items.filter(({ text }) => /[LW]/.test(text)).map(({ text }) => specialDay(text))])
}

const shortened = (words: readonly string[]): readonly string[] =>
  words.length <= MOST_TIMES ? words : [...words.slice(0, 2), '…', ...words.slice(-1)]

const specialDay = (text: string): string => {
  if (text === 'L') return 'the last day'
  if (text === 'LW') return 'the last working day'
  const [, back, near] = /^(?:L-(\d+)|(\d+)W)$/.exec(text) ?? []
  if (back !== undefined) return `the ${writeOrdinal(Number(back) + 1)} last day`
  return `the working day nearest to the ${writeOrdinal(Number(near))}`
}

const dayOfWeekWords = (field: CronField): string => {
  const items = itemsOf(field)
  const isSpecial = ({ text }: CronField): boolean => /#|L$/.test(text)
  const plain = items.filter(item => !isSpecial(item)).flatMap(item => readItem(DAY_OF_WEEK, item).values)
  // Weeks begin on Monday.
  const days = [...new Set(plain.map(value => (value + 6) % 7))].toSorted((a, b) => a - b)
  const words = runs(days).map(([from, to]) => (from === to ? dayName(from) : `${dayName(from)} to ${dayName(to)}`))
  return list([...words, ...items.filter(isSpecial).map(({ text }) => specialWeekday(text))])
}

const specialWeekday = (text: string): string => {
  if (text === 'L') return 'Saturday'
  const [, name = '', nth] = /^(\w{1,3}?)(?:#([1-5L])|L)$/.exec(text) ?? []
  const [value = 0] = readItem(DAY_OF_WEEK, { text: name, position: 0 }).values
  const day = dayName((value + 6) % 7)
  return nth === undefined || nth === 'L'
    ? `the last ${day} of the month`
    : `the ${writeOrdinal(Number(nth))} ${day} of the month`
}

const dayName = (index: number): string => capital(WEEKDAYS[index] ?? '')

const monthWords = (field: CronField = ZERO): string => {
  const { values, isAll } = readPlain(MONTH, field)
  if (isAll) return ''
  const spans = runs([...new Set(values)].toSorted((a, b) => a - b)).map(([from, to]) =>
    from === to ? monthName(from) : `${monthName(from)} to ${monthName(to)}`,
  )
  return `in ${list(spans)}`
}

const monthName = (month: number): string => capital(MONTHS[month - 1] ?? '')
