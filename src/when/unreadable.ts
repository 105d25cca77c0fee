/** How a condition, or a list of dates, is refused as text: where, what stood there, what was expected, and the nearest right spelling. */

import { RotaError } from '../base/errors.ts'

export interface Problem {
  /** Characters from the beginning of the condition. */
  readonly position: number
  /** What stands at that position; empty where something is missing. */
  readonly found: string
  readonly expected: string
  /** A whole condition, or a part of one, that can be read and was probably meant. */
  readonly hint?: string | undefined
}

export const unreadable = ({ position, found, expected, hint }: Problem): RotaError => {
  const shown = shorten(found)
  const where = shown === '' ? 'Something is missing' : `Cannot read '${shown}'`
  const advice = hint === undefined ? '' : ` Did you mean \`${hint}\`?`
  return new RotaError('CONDITION_UNREADABLE', `${where} at position ${position}: expected ${expected}.${advice}`, {
    details: { position, found: shown, expected, ...(hint === undefined ? {} : { hint }) },
  })
}

// The text came from outside and goes to terminals and logs.
const shorten = (text: string): string => {
  const clean = text.replaceAll(/\p{C}/gu, '\u{FFFD}')
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean
}

/** How a list of dates is refused: at which line or entry, what stood there, and what was expected. */
export const unreadableDates = ({ place, found, expected }: Omit<Problem, 'position'> & { place: string }): RotaError =>
  new RotaError('DATES_UNREADABLE', `Cannot read '${shorten(found)}' at ${place}: expected ${expected}.`, {
    details: { place, found: shorten(found), expected },
  })
