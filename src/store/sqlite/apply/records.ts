/** The changes by which a running attempt keeps something besides its result: log lines, progress, state, items, units. */

import type { RunId } from '../../../base/name.ts'
import type { Run } from '../../../domain/run.ts'
import { isBad } from '../../../domain/unit.ts'
import type { ItemCounts, NewItem } from '../../../domain/unit.ts'
import type { Changes } from '../../store.ts'
import type { Tables } from '../tables.ts'

/** Lines may come after the end of their attempt, which they describe; not after another one began. */
export const applyLog = (tables: Tables, { run: id, fence, lines }: Changes['log']['change']): boolean => {
  const run = tables.runs.get(id)
  if (run === undefined || run.fence !== fence) return false
  tables.logs.append(id, lines)
  return true
}

/** The last word may be said by the end of an attempt, and be written after it. */
export const applyProgress = (tables: Tables, { run: id, fence, progress }: Changes['progress']['change']): boolean => {
  const run = tables.runs.get(id)
  if (run === undefined || run.fence !== fence) return false
  tables.progress.put(id, progress)
  return true
}

export const applyKeepState = (
  tables: Tables,
  { run: id, fence, key, value }: Changes['keepState']['change'],
): Changes['keepState']['result'] => {
  const run = running(tables, id, fence)
  if (run === null) return 'fenced'
  if (value === null) {
    tables.taskStates.delete(run.task, key)
    return 'kept'
  }
  return tables.taskStates.put(run.task, key, value) ? 'kept' : 'full'
}

export const applyKeepItems = (tables: Tables, change: Changes['keepItems']['change']): ItemCounts | null => {
  const run = running(tables, change.run, change.fence)
  if (run === null) return null
  const counts = { seen: 0, new: 0, changed: 0, unchanged: 0, invalid: 0 }
  const keys = new Set<string>()
  for (const item of change.items) {
    counts.seen++
    counts[keep(tables, change, item, keys.has(item.key))]++
    keys.add(item.key)
  }
  return counts
}

export const applyFinishUnit = (tables: Tables, { run: id, fence, unit }: Changes['finishUnit']['change']): boolean => {
  const run = running(tables, id, fence)
  if (run === null) return false
  const replaced = tables.units.put(id, unit)
  let { unitsOk, unitsFailed } = run
  if (replaced !== null) {
    if (isBad({ state: replaced })) unitsFailed--
    else unitsOk--
  }
  if (isBad(unit)) unitsFailed++
  else unitsOk++
  tables.runs.save({ ...run, unitsOk, unitsFailed })
  return true
}

const running = (tables: Tables, id: RunId, fence: number): Run | null => {
  const run = tables.runs.get(id)
  return run !== undefined && run.fence === fence && run.state === 'running' ? run : null
}

/**
 * Stores one item, and says what it was. An attempt that repeats what an earlier one of its run added says `new` again,
 * so that the counts of the run are those of the whole; within one call a key is new only once.
 */
const keep = (
  tables: Tables,
  { source, run, at }: Changes['keepItems']['change'],
  item: NewItem,
  repeated: boolean,
): 'new' | 'changed' | 'unchanged' => {
  const known = tables.items.find(source, item.key)
  if (known === null) {
    tables.items.insert(source, item, run, at)
    return 'new'
  }
  const changed = known.hash !== item.hash
  if (changed) tables.items.change(known, item, at)
  else tables.items.see(known, at)
  if (known.firstRun === run && !repeated) return 'new'
  return changed ? 'changed' : 'unchanged'
}
