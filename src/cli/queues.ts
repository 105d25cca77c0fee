/** `rota queues`, and `rota pause` and `rota resume` of a queue or of everything. */

import { neutral } from '../base/foreign.ts'
import { pauseText } from '../domain/schedule.ts'
import type { queueOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { printJson, printPage } from './printing.ts'
import type { Column } from './table.ts'
import type { Terminal } from './terminal.ts'
import { endOf } from './times.ts'

type QueueRow = ReturnType<typeof queueOut>

export const listQueues = async (
  options: OpenOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const answer = await ask<{ queues: QueueRow[] }>(app, '/api/v1/queues', {}, terminal)
  if (options.json) await printJson(answer, terminal)
  else await printPage({ rows: answer.queues, next: null }, columns, cells, terminal)
  const everything = (await app.status()).pauses.find(({ queue }) => queue === null)
  if (everything !== undefined) terminal.say(`Everything is paused by ${neutral(everything.pause.by)}.\n`)
  return exits.ok
}

const columns: readonly Column[] = [
  { title: 'queue' },
  { title: 'running', align: 'right', whole: true },
  { title: 'waiting', align: 'right', whole: true },
  { title: 'at once', align: 'right', whole: true },
  { title: 'paused' },
]

const cells = ({ name, running, waiting, concurrency, paused }: QueueRow) => [
  name,
  String(running),
  String(waiting),
  concurrency === null ? '' : String(concurrency),
  paused === null ? '' : pauseText(paused, at => at),
]

interface QueueOptions extends OpenOptions {
  readonly queue?: string
}

export const pause = async (
  { queue, why, for: length, ...options }: QueueOptions & { readonly why?: string; readonly for?: string },
  terminal: Terminal,
): Promise<number> => {
  await using app = await openApp(options, terminal)
  const { until } = await app.pause({
    by: 'cli',
    ...named(queue),
    ...(why === undefined ? {} : { why }),
    ...(length === undefined ? {} : { for: length }),
  })
  terminal.say(`${told(queue)} is paused: nothing of it starts until ${endOf(until)}. What runs goes on.\n`)
  return exits.ok
}

export const resume = async ({ queue, ...options }: QueueOptions, terminal: Terminal): Promise<number> => {
  await using app = await openApp(options, terminal)
  const was = await app.resume({ by: 'cli', ...named(queue) })
  terminal.say(was ? `${told(queue)} goes on: what waited starts.\n` : `${told(queue)} was not paused.\n`)
  return exits.ok
}

const named = (queue: string | undefined): { readonly queue?: string } => (queue === undefined ? {} : { queue })

const told = (queue: string | undefined): string => (queue === undefined ? 'Everything' : `The queue ${neutral(queue)}`)
