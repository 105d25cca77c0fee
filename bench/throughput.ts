/**
 * How many runs a second an app lives through: asked for by `app.run`, recorded, executed, recorded again; so many in flight,
 * each that is over replaced by the next, and counted by their rows at the end. Beside the barest loop over node:sqlite on
 * the same disk, in the same run. Each measurement is a new process on a new file.
 */

import { join } from 'node:path'
import { barestLives } from './shared/barest.ts'
import type { Lives } from './shared/barest.ts'
import { median, say } from './shared/figure.ts'
import { flightProgram } from './shared/flight.ts'
import type { Flight } from './shared/flight.ts'
import { Program, Workshop } from './shared/program.ts'

const ROUNDS = 5

using workshop = new Workshop()

const program = flightProgram(workshop)
let files = 0
const newFile = (): string => join(workshop.folder, `${files++}.db`)

const flown = async ({ inFlight, total, durability }: Lives): Promise<Flight> => {
  await using flight = new Program([program, newFile(), String(inFlight), String(total), durability])
  const said = (await flight.said()) as Flight
  await flight.ended()
  return said
}

interface Measured extends Lives {
  readonly target?: string
}

const all: readonly Measured[] = [
  { inFlight: 1_000, total: 100_000, durability: 'normal', target: '≥ 40,000' },
  { inFlight: 100, total: 60_000, durability: 'normal', target: '≥ 25,000' },
  { inFlight: 1, total: 15_000, durability: 'normal', target: '≥ 6,000' },
  { inFlight: 1_000, total: 60_000, durability: 'full', target: '≥ 20,000' },
  { inFlight: 100, total: 20_000, durability: 'full' },
  { inFlight: 1, total: 1_000, durability: 'full' },
]
for (const lives of all) {
  const own: Flight[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await flown(lives))
    bare.push(barestLives(newFile(), lives))
  }
  const name = `throughput: ${lives.inFlight.toLocaleString('en')} in flight, ${lives.durability}`
  const target = lives.target === undefined ? {} : { target: lives.target }
  say({ name, value: median(own.map(({ perSecond }) => perSecond)), unit: 'a second', ...target })
  say({ name: `${name}, CPU of a run`, value: median(own.map(({ cpuUs }) => cpuUs)), unit: 'µs' })
  say({ name: `${name}: the barest loop`, value: median(bare), unit: 'a second' })
}
