/** The parts of a condition that ask about more than the clock: what whoever brings the facts has to look up. */

import { isMoment, isWindow, leavesOf } from './condition.ts'
import type { Leaf } from './condition.ts'
import { parse } from './parse.ts'
import { print } from './print.ts'

const cache = new Map<string, readonly Leaf[]>()
const MOST_CACHED = 1_000

/**
 * Events, states, starts and named dates of a condition, each once; behind a cache of the 1,000 used last.
 *
 * @throws RotaError CONDITION_UNREADABLE, CONDITION_TOO_LONG
 */
export const factLeavesOf = (text: string): readonly Leaf[] => {
  const found = cache.get(text) ?? readFactLeaves(text)
  cache.delete(text)
  cache.set(text, found)
  if (cache.size > MOST_CACHED) cache.delete(cache.keys().next().value ?? '')
  return found
}

const readFactLeaves = (text: string): readonly Leaf[] => {
  const leaves = leavesOf(parse(text)).filter(
    leaf => !isMoment(leaf) && (!isWindow(leaf) || leaf.kind === 'named dates'),
  )
  return [...new Map(leaves.map(leaf => [print(leaf), leaf])).values()]
}
