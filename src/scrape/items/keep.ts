/** Gives items to the store, in the portions that it takes. */

import type { Records } from '../../domain/task.ts'
import { addCounts, noItems } from '../../domain/unit.ts'
import type { ItemCounts, NewItem } from '../../domain/unit.ts'

const MOST_AT_ONCE = 500

/** Keeps items of a source, and counts what was new about them. */
export const keepItems = async (
  records: Pick<Records, 'keepItems'>,
  source: string,
  items: readonly NewItem[],
): Promise<ItemCounts> => {
  let counts = noItems
  for (let start = 0; start < items.length; start += MOST_AT_ONCE) {
    counts = addCounts(counts, await records.keepItems(source, items.slice(start, start + MOST_AT_ONCE)))
  }
  return counts
}
