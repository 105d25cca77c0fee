/** Where in an answer one value stands: `$.total` in JSON, `a.next@href` in a page, or any function. */

import type { Answer } from '../fetch/answer.ts'
import { findInPage } from './html.ts'
import { findInJson } from './json.ts'
import { pageOf } from './page.ts'

/** A JSON path when it begins with `$`, else a selector with or without `@attribute`; or a function. */
export type Place = string | ((answer: Answer) => unknown)

/** What stands there; undefined where nothing does. @throws RotaError when the answer is no JSON or page at all */
export const findAt = async (answer: Answer, place: Place): Promise<unknown> => {
  if (typeof place === 'function') return place(answer)
  return place.startsWith('$') ? findInJson(answer, place) : findInPage(await pageOf(answer), place)
}
