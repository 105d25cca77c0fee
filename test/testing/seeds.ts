/** What the files of simulated days share. */

import { simulateFaults } from '../../src/testing/simulator.ts'
import type { SimulationReport } from '../../src/testing/simulator.ts'

/** The numbers from `first` to `last`. */
export const seeds = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** One line for a person who wants to see it again; null when all promises held. */
export const failureOf = ({ seed, broken }: SimulationReport): string | null =>
  broken.length === 0 ? null : `seed ${seed}: ${broken[0]}; again: ROTA_SEED=${seed} npm run -s nightly -- simulator`

/** One seed's day: nothing broken, and something done. */
export const whole = async (seed: number): Promise<void> => {
  const report = await simulateFaults({ seed })
  const failure = failureOf(report) ?? (report.commits === 0 ? `seed ${seed} did nothing` : null)
  if (failure !== null) throw new Error(failure)
}
