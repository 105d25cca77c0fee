/** Where in an answer one value stands: `$.total` in JSON, `a.next@href` in a page, or any function. */

import type { Answer } from '../fetch/answer.ts'

/** A JSON path when it begins with `$`, else a selector with or without `@attribute`; or a function. */
export type Place = string | ((answer: Answer) => unknown)
