/** How the fixtures API behaves in the demonstration: well at first, then badly for a while, then well for longer. */

import type { Mood } from './stand-in.ts'

const times = (count: number, mood: Mood): readonly Mood[] => Array.from({ length: count }, () => mood)

/** One mood for each scrape. With one every five seconds it is through in about four minutes, and begins again. */
export const script: readonly Mood[] = [
  ...times(4, 'well'),
  'slow',
  'too many requests',
  ...times(3, 'well'),
  // Three in a row: the source is failing.
  ...times(3, 'unavailable'),
  'block page',
  // Longer than the number of good runs that a source needs to be trusted again when it fails over and over.
  ...times(30, 'well'),
]
