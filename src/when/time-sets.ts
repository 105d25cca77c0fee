/** What the leaves of a clause say about the time of day, laid together. */

import { ClockTimes, commonFields, EVERY_SECOND, hasTime, shortList } from './clock-fields.ts'
import type { ClockFields } from './clock-fields.ts'
import { contains, isWholeDay } from './spans.ts'
import type { Spans } from './spans.ts'
import { CommonTimes, ListedTimes, SpanTimes } from './times.ts'
import type { Times } from './times.ts'

/** Times as a moment names them: one by one, or as fields. */
export type TimeSet = { readonly list: readonly number[] } | { readonly clock: ClockFields }

/** The times that all sets and the spans have in common, or null where there are none. No sets at all are every time. */
export const commonTimes = (sets: readonly TimeSet[], spans: Spans): Times | null => {
  if (spans.length === 0) return null
  if (sets.length === 0) return new SpanTimes(spans)
  const clocks = sets.flatMap(set => ('clock' in set ? [set.clock] : []))
  const lists = sets.flatMap(set => ('list' in set ? [set.list] : []))
  const clock = clocks.reduce(commonFields, EVERY_SECOND)
  // A list may hold milliseconds, which only fields rule out.
  const inFields = (time: number): boolean => clocks.length === 0 || hasTime(clock, time)
  const list = lists.length > 0 ? lists.reduce(commonItems).filter(inFields) : shortList(clock)
  if (list !== null) return listed(list.filter(time => contains(spans, time)))
  const times = isWholeDay(spans) ? new ClockTimes(clock) : new CommonTimes(new ClockTimes(clock), new SpanTimes(spans))
  return times.first < 0 ? null : times
}

const listed = (list: readonly number[]): Times | null => (list.length === 0 ? null : new ListedTimes(list))

const commonItems = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.filter(time => b.includes(time))
