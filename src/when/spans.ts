/** Stretches of a line, half open, and their arithmetic: parts of a day, or parts of local time. */

import { DAY_MS } from './time-of-day.ts'

/** Pairs of from and to, ascending and apart. */
export type Spans = readonly number[]

export const WHOLE_DAY: Spans = [0, DAY_MS]

/** The stretch between two times; it wraps midnight where it ends before it begins. */
export const spanBetween = (from: number, to: number): Spans =>
  from < to ? [from, to] : [0, to, from, DAY_MS].filter((edge, index, all) => !isEmptyPair(edge, index, all))

const isEmptyPair = (edge: number, index: number, all: readonly number[]): boolean =>
  edge === all[index % 2 === 0 ? index + 1 : index - 1]

export const isWholeDay = (spans: Spans): boolean => spans[0] === 0 && spans[1] === DAY_MS

export const contains = (spans: Spans, point: number): boolean =>
  spans.some((edge, index) => index % 2 === 0 && point >= edge && point < (spans[index + 1] ?? 0))

/** What is left of the line from `start` to `end` without these spans. */
export const outside = (spans: Spans, start: number, end: number): Spans => {
  const edges = [start, ...spans, end]
  return edges.filter((edge, index) => !isEmptyPair(edge, index, edges))
}

/** What two sets of spans have in common. */
export const overlap = (a: Spans, b: Spans): Spans => {
  const common: number[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const from = Math.max(a[i] ?? 0, b[j] ?? 0)
    const to = Math.min(a[i + 1] ?? 0, b[j + 1] ?? 0)
    if (from < to) common.push(from, to)
    if ((a[i + 1] ?? 0) < (b[j + 1] ?? 0)) i += 2
    else j += 2
  }
  return common
}
