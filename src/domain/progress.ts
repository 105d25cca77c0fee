/** How far a run is, as its handler says. */

import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'

export interface Progress {
  readonly done: number
  /** Of how many; null where that is not known. */
  readonly total: number | null
  readonly note: string | null
  readonly at: Instant
}

const LONGEST_NOTE = 500

/**
 * What a handler said, checked and bounded.
 *
 * @throws RotaError OPTION_INVALID
 */
export const progressOf = (done: number, total: number | null, note: string | null, at: Instant): Progress => {
  if (!Number.isFinite(done) || (total !== null && !Number.isFinite(total))) {
    throw new RotaError(
      'OPTION_INVALID',
      `progress(${String(done)}, ${String(total)}): how far it is, is told in numbers.`,
    )
  }
  return { done, total, note: note === null ? null : String(note).slice(0, LONGEST_NOTE), at }
}

/** @example progressText({ done: 3, total: 10, note: 'page 3', at }) // '3 of 10, page 3' */
export const progressText = ({ done, total, note }: Progress): string =>
  `${done}${total === null ? '' : ` of ${total}`}${note === null || note === '' ? '' : `, ${note}`}`
