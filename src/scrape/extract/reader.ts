/** What makes items out of an answer, and what kind of answer it was promised. */

import { RotaError } from '../../base/errors.ts'
import type { Answer } from '../fetch/answer.ts'

/** What kind of answer a reader was promised; anything else is a wall in front of the source, not news from it. */
export type Promised = 'html' | 'json' | 'feed' | 'anything'

/**
 * Makes items out of an answer. It throws where the answer is not what was promised: then nothing is known, which is not
 * "nothing there".
 */
export interface Reader<Item> {
  readonly read: ReadFunction<Item>
  readonly promised: Promised
  /** Whether no items is told apart from not finding them: not in pages, where a changed layout looks the same. */
  readonly showsEmpty: boolean
}

export type ReadFunction<Item> = (answer: Answer) => readonly Item[] | Promise<readonly Item[]>

/** A function as a reader: it is promised nothing, and no items means that there are none. */
export const readerOf = <Item>(read: Reader<Item> | ReadFunction<Item>): Reader<Item> =>
  typeof read === 'function' ? { read, promised: 'anything', showsEmpty: true } : read

/** One value of an item: where it stands, or in brackets where several stand. */
export type FieldSpec = string | readonly [string]

export type FieldSpecs = Readonly<Record<string, FieldSpec>>

/** An answer that is not what the source promised. */
export const brokenContract = (message: string, cause?: unknown): RotaError =>
  new RotaError('ANSWER_BROKEN', message, cause === undefined ? {} : { cause })
