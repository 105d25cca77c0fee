/** The public names of `rota/testing`. */

export { VirtualClock } from './virtual-clock.ts'
export { simulateFaults } from './simulator.ts'
export type { SimulationOptions, SimulationReport } from './simulator.ts'
export { seeded } from './random.ts'
export type { Random } from './random.ts'
