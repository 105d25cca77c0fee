/**
 * Moments and windows in code: `every('5 minutes').and(between('09:00', '17:00'))`. Each builder says a phrase of the language
 * and has it read, so that both spellings give equal data.
 */

import { not as opposite } from './condition.ts'
import type { Condition } from './condition.ts'
import { joinable, phrase, withMethods } from './phrase.ts'
import type { Phrase } from './phrase.ts'

/** A phrase that may name times of day: `daily.at('09:00', '18:00')`. */
export type TimedPhrase = Phrase & { at(...times: readonly string[]): Phrase }

/** A phrase that may name days: `monthly.on('the last Friday').at('18:00')`. */
export type DatedPhrase = TimedPhrase & { on(...days: readonly string[]): TimedPhrase }

/** `every('5 minutes')`, `every('weekday').at('09:00')`, `every('2 weeks').on('Monday').at('08:00')`. */
export const every = (what: string): DatedPhrase => dated(`every ${what}`)

/** `hourly`, `hourly.at(':15', ':45')`. */
export const hourly: TimedPhrase = timed('hourly')

export const daily: TimedPhrase = timed('daily')

export const weekly: DatedPhrase = dated('weekly')

export const monthly: DatedPhrase = dated('monthly')

export const yearly: DatedPhrase = dated('yearly')

/** Cron text of five or six fields, or a nickname. */
export const cron = (text: string): Phrase => phrase(text)

/** Once: `at('2026-12-01T09:00')` in the schedule's zone, or with `Z` or an offset. */
export const at = (time: string): Phrase => phrase(`at ${time}`)

/** Once, so long after the schedule is created: `soon('10 minutes')` is `in 10 minutes`. */
export const soon = (length: string): Phrase => phrase(`in ${length}`)

export const between = (from: string, to: string): Phrase => phrase(`between ${from} and ${to}`)

/** `on('Sat', 'Sun')`, `on('the 1st-5th')`, `on.weekdays`. */
export const on: ((...days: readonly string[]) => Phrase) & { readonly weekdays: Phrase; readonly weekends: Phrase } =
  Object.assign((...days: readonly string[]) => phrase(`on ${days.join(' and ')}`), {
    weekdays: phrase('on weekdays'),
    weekends: phrase('on weekends'),
  })

/** `during('January', 'July')` is `in January and July`. */
export const during = (...months: readonly string[]): Phrase => phrase(`in ${months.join(' and ')}`)

/** `from('2026-12-01')`, `from('2026-12-01', '2026-12-24')`: the second is the first moment outside. */
export const from = (start: string, end?: string): Phrase =>
  phrase(end === undefined ? `from ${start}` : `from ${start} until ${end}`)

export const until = (end: string): Phrase => phrase(`until ${end}`)

/** The opposite of windows and states. */
export const not = (condition: Condition): Phrase => joinable(opposite(condition))

function dated(text: string): DatedPhrase {
  const named = (...days: readonly string[]): TimedPhrase => timed(`${text} on ${days.join(' and ')}`)
  return withMethods(timed(text), { on: named })
}

function timed(text: string): TimedPhrase {
  return withMethods(phrase(text), { at: (...times: readonly string[]) => phrase(`${text} at ${times.join(' and ')}`) })
}
