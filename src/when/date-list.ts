/** A set of dates as it is kept: local dates as text, sorted, each once. */

import { RotaError } from '../base/errors.ts'
import { readLocal } from './local-time.ts'
import { unreadableDates } from './unreadable.ts'

/** The most dates that a set may hold. */
export const MOST_DATES = 10_000

/**
 * Dates sorted, each only once.
 *
 * @throws RotaError DATES_UNREADABLE with the first that is none, or where there are too many
 */
export const checkDates = (dates: readonly unknown[]): readonly string[] => {
  const wrong = dates.findIndex(date => typeof date !== 'string' || !isDate(date))
  if (wrong >= 0) {
    throw unreadableDates({ place: `entry ${wrong + 1}`, found: JSON.stringify(dates[wrong]) ?? '', expected: A_DATE })
  }
  const sorted = [...new Set(dates as readonly string[])].toSorted()
  if (sorted.length <= MOST_DATES) return sorted
  throw new RotaError('DATES_UNREADABLE', `There are ${sorted.length} dates and at most ${MOST_DATES} are allowed.`)
}

export const A_DATE = 'a date such as 2026-12-25'

export const isDate = (text: string): boolean => text.length === 10 && !Number.isNaN(readLocal(text))
