/**
 * How long it takes to simulate a week of 100 schedules, one task each: 45 every 15 to 60 minutes, 20 hourly, 20 daily, 10 by
 * cron text in office hours, 5 weekly, in three zones; attempts take 1 to 90 s, every tenth task fails one time in five.
 */

import { rota } from '../src/rota.ts'
import type { App } from '../src/app.ts'
import { simulate } from '../src/testing/simulate.ts'
import type { Simulation } from '../src/testing/simulation.ts'
import { median, say } from './shared/figure.ts'

const ROUNDS = 5
const zones = ['UTC', 'Europe/Berlin', 'America/New_York']

const two = (number: number): string => String(number).padStart(2, '0')

const conditionOf = (i: number): string => {
  if (i < 45) return `every ${15 + i} minutes`
  if (i < 65) return `hourly at :${two((i * 7) % 60)}`
  if (i < 85) return `daily at ${two((i * 5) % 24)}:${two((i * 13) % 60)}`
  if (i < 95) return `*/${5 * (1 + (i % 3))} 8-18 * * 1-5`
  return `weekly on Monday at ${two(i % 24)}:30`
}

const mixed = (): App => {
  const app = rota()
  for (let i = 0; i < 100; i++) {
    const task = app.task(`task-${i}`, () => {}, { retry: { attempts: 3 } })
    app.schedule(`schedule-${i}`, { task, when: conditionOf(i), timezone: zones[i % zones.length] ?? 'UTC' })
  }
  return app
}

const names = Array.from({ length: 100 }, (_, i) => `task-${i}`)
const durations = Object.fromEntries(names.map(name => [name, ['1 s', '90 s'] as const]))
const fail = Object.fromEntries(names.filter((_, i) => i % 10 === 0).map(name => [name, 0.2]))

const times: number[] = []
let week: Simulation | undefined
for (let round = 0; round < ROUNDS; round++) {
  const before = performance.now()
  week = await simulate(mixed(), { from: '2026-01-05T00:00:00Z', durations, fail })
  times.push(performance.now() - before)
}
const runs = week?.runs ?? Number.NaN
const seconds = median(times) / 1_000
say({ name: 'simulate: a week of 100 schedules', value: seconds, unit: 's', target: '≤ 2' })
say({ name: 'simulate: runs in that week', value: runs, unit: 'runs' })
say({ name: 'simulate: runs a second', value: runs / seconds, unit: 'runs/s' })
