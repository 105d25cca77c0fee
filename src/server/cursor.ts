/** Where a list goes on: opaque text for whoever asks, a short list of values here. */

import { RotaError } from '../base/errors.ts'

const LONGEST = 500

/** The text of a cursor of this list. */
export const writeCursor = (list: string, ...values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([list, ...values])).toString('base64url')

/**
 * The values of a cursor of this list: as many, and of the same types, as in `like`.
 *
 * @throws RotaError CURSOR_INVALID
 */
export const readCursor = <const V extends readonly (string | number)[]>(list: string, text: string, like: V): V => {
  const [kind, ...values] = decoded(text)
  const fits =
    values.length === like.length && values.every((value, i) => typeof value === typeof like[i] && isUsable(value))
  if (kind !== list || !fits)
    throw new RotaError('CURSOR_INVALID', 'The cursor is not one that this list gave; ask again without it.')
  return values as unknown as V
}

const decoded = (text: string): readonly unknown[] => {
  if (text.length > LONGEST) return []
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

const isUsable = (value: unknown): boolean =>
  typeof value === 'string' || (Number.isSafeInteger(value) && (value as number) >= 0)
