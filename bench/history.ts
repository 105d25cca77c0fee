/**
 * Whether history slows the present down: how many runs a second an app lives through beside 5,000,000 that are over, and on
 * an empty file, alternately in the same run. It writes a gigabyte first, so that it is measured only when it is named.
 */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { median, say } from './shared/figure.ts'
import { flightProgram } from './shared/flight.ts'
import type { Flight } from './shared/flight.ts'
import { writeHistory } from './shared/history.ts'
import { Program, Workshop } from './shared/program.ts'

const ROUNDS = 5
const RUNS = 5_000_000
const DAY_MS = 86_400_000
const IN_FLIGHT = 1_000
const TOTAL = 60_000

using workshop = new Workshop()

const program = flightProgram(workshop)
const flown = async (store: string): Promise<Flight> => {
  await using flight = new Program([program, store, String(IN_FLIGHT), String(TOTAL), 'normal'])
  const said = (await flight.said()) as Flight
  await flight.ended()
  return said
}

const old = join(workshop.folder, 'old.db')
// Younger than retention: nothing of it is removed meanwhile.
await writeHistory(old, { runs: RUNS, from: Date.now() - 6 * DAY_MS, to: Date.now() - DAY_MS })

const beside: number[] = []
const empty: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  beside.push((await flown(old)).perSecond)
  empty.push((await flown(join(workshop.folder, `${round}.db`))).perSecond)
}

const name = `history: ${IN_FLIGHT.toLocaleString('en')} in flight`
say({ name: `${name} beside ${RUNS.toLocaleString('en')} runs`, value: median(beside), unit: 'a second' })
say({ name: `${name} on an empty file`, value: median(empty), unit: 'a second' })
say({ name: `${name}, beside them to empty`, value: median(beside) / median(empty), unit: '×', target: '≥ 0.8' })
say({ name: 'history: size of a run', value: statSync(old).size / RUNS, unit: 'bytes' })
