/** The second half of the seeds, in a file of its own so that two cores share them. */

import { test } from 'node:test'
import { seeds, whole } from './seeds.ts'

for (const seed of seeds(101, 200)) {
  test(`seed ${seed}: a day with faults breaks no promise`, () => whole(seed))
}
