/** Random numbers that belong to what they are drawn for: a schedule more or less changes nobody else's. */

import { seeded } from './random.ts'
import type { Random } from './random.ts'

/** The numbers of one occasion, named by anything that tells it from all others. */
export type Lots = (...occasion: readonly (string | number | null)[]) => Random

/**
 * @example
 * const lots = lotsOf(1)
 * lots('news', 1767225600000, 1).chance(0.2) // the same in every process
 */
export const lotsOf =
  (seed: number): Lots =>
  (...occasion) =>
    seeded(hash(`${seed} ${occasion.join(' ')}`))

// FNV-1a, 32 bits (Fowler, Noll, Vo); `seeded` mixes what it leaves alike in neighbours.
const hash = (text: string): number => {
  let value = 0x81_1c_9d_c5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01_00_01_93)
  return value >>> 0
}
