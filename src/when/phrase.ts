/** A condition in code: its data, with methods that do not show in it. */

import { and, or } from './condition.ts'
import type { Condition } from './condition.ts'
import { parse } from './parse.ts'

/** A condition that can be joined to others. Deeply equal to what `parse` gives for the same words. */
export type Phrase = Condition & {
  and(...others: readonly Condition[]): Phrase
  or(...others: readonly Condition[]): Phrase
}

/** A phrase of the language, read. */
export function phrase(text: string): Phrase {
  return joinable(parse(text))
}

/** Any condition, with the methods that join it. */
export function joinable(condition: Condition): Phrase {
  return withMethods(condition, {
    and: (...others: readonly Condition[]) => joinable(and(condition, ...others)),
    or: (...others: readonly Condition[]) => joinable(or(condition, ...others)),
  })
}

/** Data with methods. They are not enumerable, so that neither JSON nor a deep comparison sees them. */
export function withMethods<Data extends object, Methods extends object>(data: Data, methods: Methods): Data & Methods {
  const hidden = Object.entries(methods).map(([name, value]) => [name, { value, enumerable: false }])
  return Object.create(Object.getPrototypeOf(data) as object, {
    ...Object.getOwnPropertyDescriptors(data),
    ...(Object.fromEntries(hidden) as PropertyDescriptorMap),
  }) as Data & Methods
}
