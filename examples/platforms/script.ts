/** How the fixtures API behaves in the demonstration: well at first, then badly for a while, then well for longer. */

import type { Mood } from './stand-in.ts'

const times = (count: number, mood: Mood): readonly Mood[] => Array.from({ length: count }, () => mood)

/** One mood for each scrape. It is through in about three minutes, and begins again. */
export const script: readonly Mood[] = [
  ...times(3, 'well'),
  'slow',
  'well',
  'too many requests',
  ...times(4, 'well'),
  // Three in a row: the source is failing. The sweep comes by as well, and is partial.
  'unavailable',
  'unavailable',
  'block page',
  'unavailable',
  // Longer than the number of good runs that a source needs to be trusted again when it fails over and over.
  ...times(30, 'well'),
]
