/** The public names of `rota/testing`. */

export { VirtualClock } from './virtual-clock.ts'
export type { VirtualClockOptions } from './virtual-clock.ts'
export { simulate } from './simulate.ts'
export type { SimulateOptions } from './simulate.ts'
export type { Collision, SimulatedSchedule, SimulatedTask, Simulation, TimelineEvent } from './simulation.ts'
export type { Length } from './stand-in.ts'
export { openFaultyStore } from './faulty-store.ts'
export type { FaultRates, FaultyStore, FaultyStoreOptions } from './faulty-store.ts'
export { simulateFaults } from './simulator.ts'
export type { SimulationOptions, SimulationReport } from './simulator.ts'
export { seeded } from './random.ts'
export type { Random } from './random.ts'
