/** Sets of dates, such as holidays, as people keep them: a list, JSON, or an iCalendar file; read into sorted dates. */

import { RotaError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import { A_DATE, checkDates, isDate } from './date-list.ts'
import { readCalendar } from './ical.ts'
import type { DatesOptions } from './ical.ts'
import { unreadableDates } from './unreadable.ts'

/** The longest text that is read, in characters. */
export const LONGEST_DATES = 2 ** 20

/**
 * Reads dates from the text of a file: iCalendar (`BEGIN:VCALENDAR`), a JSON array of dates, or one date a line with
 * comments behind `#`. What is not understood is refused, never left out.
 *
 * @throws RotaError DATES_UNREADABLE with the line; JSON_INVALID
 * @example readDates('2026-12-25 # Christmas\n2026-01-01', { until: '2036-01-01' }) // ['2026-01-01', '2026-12-25']
 */
export const readDates = (text: string, options: DatesOptions): readonly string[] => {
  if (text.length > LONGEST_DATES)
    throw new RotaError('DATES_UNREADABLE', `The list of dates is longer than ${LONGEST_DATES} characters.`)
  if (!isDate(options.until))
    throw new RotaError('OPTION_INVALID', `until is '${options.until.slice(0, 40)}'; it is a date such as 2036-01-01.`)
  const plain = text.replace(/^\uFEFF/, '')
  if (/^\s*BEGIN:/i.test(plain)) return checkDates(readCalendar(plain, options))
  if (/^\s*\[/.test(plain)) return checkDates(parseJson(plain, 'list of dates') as readonly unknown[])
  return checkDates(readLines(plain))
}

const readLines = (text: string): readonly string[] =>
  text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const date = line.replace(/#.*/, '').trim()
    if (date === '') return []
    if (isDate(date)) return [date]
    throw unreadableDates({ place: `line ${index + 1}`, found: date, expected: A_DATE })
  })
