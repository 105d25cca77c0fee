/** `rota simulate`: what the schedules of a config or a store would do, told in tables, or whole as JSON. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { RotaError } from '../base/errors.ts'
import { formatInstant, instant } from '../base/instant.ts'
import type { Schedule } from '../domain/schedule.ts'
import { rota } from '../rota.ts'
import type { App } from '../app.ts'
import { simulate as simulateApp } from '../testing/simulate.ts'
import type { SimulateOptions as Question } from '../testing/simulate.ts'
import { findConfig, loadConfig } from './config.ts'
import { exits } from './failure.ts'
import { printJson } from './printing.ts'
import { simulationText } from './simulation-text.ts'
import { onStopSignals } from './stopping.ts'
import type { Terminal } from './terminal.ts'

export interface SimulateOptions {
  readonly store?: string
  readonly from?: string
  readonly for: string
  readonly fail: readonly string[]
  readonly takes: readonly string[]
  readonly seed: number
  readonly events?: number
  readonly json?: boolean
}

const EVENTS_SHOWN = 10

export const simulate = async (
  file: string | undefined,
  options: SimulateOptions,
  terminal: Terminal,
): Promise<number> => {
  const stop = new AbortController()
  const stopListening = onStopSignals(terminal, () =>
    stop.abort(new RotaError('STOPPED', 'The simulation was stopped before its end.')),
  )
  try {
    const asked = questionOf(options, terminal)
    const schedules = options.store === undefined ? [] : await storedIn(options.store, terminal.folder)
    const app = await appOf(file, options, schedules, terminal.folder)
    const simulation = await simulateApp(app, { ...asked, schedules, signal: stop.signal })
    await (options.json ? printJson(simulation, terminal) : terminal.print(simulationText(simulation, terminal)))
    return exits.ok
  } finally {
    stopListening()
  }
}

const questionOf = (options: SimulateOptions, terminal: Terminal): Question => {
  const now = terminal.clock.now()
  const events = options.events ?? (options.json ? undefined : EVENTS_SHOWN)
  return {
    from: options.from ?? formatInstant(instant(now - (now % 60_000))),
    for: options.for,
    seed: options.seed,
    fail: Object.fromEntries(options.fail.map(text => shareOf(text))),
    durations: Object.fromEntries(options.takes.map(text => lengthOf(text))),
    ...(events === undefined ? {} : { events }),
  }
}

const shareOf = (text: string): readonly [task: string, share: number] => {
  const [task, share] = parted(text, '--fail', '--fail news=0.2')
  const number = /^(\d+\.?\d*|\.\d+)$/.test(share) ? Number(share) : Number.NaN
  if (number >= 0 && number <= 1) return [task, number]
  throw new RotaError(
    'OPTION_INVALID',
    `--fail ${text.slice(0, 60)}: the share is a number from 0 to 1, as in news=0.2.`,
  )
}

const lengthOf = (text: string): readonly [task: string, length: string | readonly [string, string]] => {
  const [task, length] = parted(text, '--takes', '--takes news=30s')
  const [shortest = '', longest] = length.split('..')
  return [task, longest === undefined ? shortest : [shortest, longest]]
}

// Conditions have the names of tasks in quotes; who writes them here too means the same.
const parted = (text: string, option: string, example: string): readonly [task: string, value: string] => {
  const [, task, value] = /^\s*(['"]?)([^'"=]+)\1\s*=\s*(\S.*)$/s.exec(text)?.slice(1) ?? []
  if (task !== undefined && value !== undefined) return [task.trim(), value.trim()]
  throw new RotaError(
    'OPTION_INVALID',
    `${option} ${text.slice(0, 60)} names no task and value; write it like ${example}.`,
  )
}

const storedIn = async (file: string, folder: string): Promise<readonly Schedule[]> => {
  const path = resolve(folder, file)
  // Opening would make it.
  if (!existsSync(path)) throw new RotaError('STORE_UNUSABLE', `There is no store ${path}. Name one that exists.`)
  await using app = rota({ store: path })
  const schedules: Schedule[] = []
  for (let page = await app.schedules.list({ limit: 200 }); page.length > 0;) {
    schedules.push(...page)
    page = await app.schedules.list({ limit: 200, after: page.at(-1)?.name ?? '' })
  }
  return schedules
}

const appOf = async (
  file: string | undefined,
  { store }: SimulateOptions,
  schedules: readonly Schedule[],
  folder: string,
): Promise<App> => {
  if (file !== undefined || store === undefined || findConfig(folder) !== undefined)
    return (await loadConfig(file, folder)).app
  // Nobody says what its tasks are like: they have no policies of their own.
  const app = rota()
  for (const task of new Set(schedules.map(schedule => schedule.task))) app.task(task, () => null)
  return app
}
