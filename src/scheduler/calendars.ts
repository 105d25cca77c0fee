/** Named sets of dates as code declares them: a list, or a file that is read at the start of the app. */

import { readFile } from 'node:fs/promises'
import { RotaError, asError, isRotaError } from '../base/errors.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { refuseUnknownOptions } from '../base/options.ts'
import { checkDates } from '../when/date-list.ts'

/** Dates such as `2026-12-25`, or the file that holds them. */
export type Dates = readonly string[] | DatesFile

export interface DatesFile {
  /** iCalendar, a JSON array, or one date a line. */
  readonly file: string
  /** What recurs for ever is listed before this date. Default: ten years from the start of the app. */
  readonly until?: string
  /** The zone in which instants of an iCalendar file are taken as dates. Default UTC. */
  readonly timezone?: string
}

const LONGEST_NAME = 100
const TEN_YEARS_MS = 3_653 * 86_400_000

export class Calendars {
  readonly #declared = new Map<string, Dates>()

  /** @throws RotaError NAME_INVALID, OPTION_INVALID, DATES_UNREADABLE */
  declare(name: string, dates: Dates): void {
    if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) {
      throw new RotaError(
        'NAME_INVALID',
        `A set of dates is named by 1 to ${LONGEST_NAME} characters, such as 'holidays'.`,
      )
    }
    this.#declared.set(name, isList(dates) ? checkDates(dates) : checkFile(name, dates))
  }

  get declared(): ReadonlyMap<string, Dates> {
    return this.#declared
  }

  has(name: string): boolean {
    return this.#declared.has(name)
  }

  /** Every set with its dates, sorted. @throws RotaError DATES_UNREADABLE, CONFIG_INVALID for a file that cannot be read */
  async read(now: Instant): Promise<ReadonlyMap<string, readonly string[]>> {
    const sets = [...this.#declared].map(
      async ([name, dates]) => [name, isList(dates) ? dates : await datesOf(name, dates, now)] as const,
    )
    return new Map(await Promise.all(sets))
  }
}

const isList = (dates: Dates): dates is readonly string[] => Array.isArray(dates)

const checkFile = (name: string, dates: DatesFile): DatesFile => {
  if (typeof dates !== 'object' || dates === null || typeof dates.file !== 'string') {
    throw new RotaError('OPTION_INVALID', `The set of dates '${name}' is a list of dates, or { file: 'holidays.ics' }.`)
  }
  refuseUnknownOptions(`The set of dates '${name}'`, dates, ['file', 'until', 'timezone'])
  return dates
}

const datesOf = async (
  name: string,
  { file, until, timezone }: DatesFile,
  now: Instant,
): Promise<readonly string[]> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RotaError('CONFIG_INVALID', `The dates of '${name}' cannot be read: ${asError(error).message}`, {
      details: { file },
      cause: error,
    })
  })
  const { readDates } = await import('../when/dates.ts')
  const last = until ?? formatInstant(instant(now + TEN_YEARS_MS)).slice(0, 10)
  try {
    return readDates(text, { until: last, ...(timezone === undefined ? {} : { timezone }) })
  } catch (error) {
    if (!isRotaError(error)) throw error
    throw new RotaError(error.code, `${file}: ${error.message}`, { details: { ...error.details, file }, cause: error })
  }
}
