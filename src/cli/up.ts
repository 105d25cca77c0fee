/** `rota up`: loads a config, serves its dashboard, starts its app, and stops it all when asked to. */

import { neutral } from '../base/foreign.ts'
import { formatInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import type { Run } from '../domain/run.ts'
import { isPausedOpenly } from '../domain/schedule.ts'
import type { Schedule } from '../domain/schedule.ts'
import { waitsFor } from '../domain/waits-for.ts'
import type { App } from '../app.ts'
import { listen } from '../server/listen.ts'
import { version } from '../version.ts'
import { checkPort, closerOf, loadConfig } from './config.ts'
import type { Closer, Config } from './config.ts'
import { exits } from './failure.ts'
import { lineLog, sayEvent } from './lines.ts'
import { openOn } from './opening.ts'
import { scheduleTable } from './schedules.ts'
import type { ListedSchedule } from './schedules.ts'
import { onStopSignals } from './stopping.ts'
import { OutputClosed } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { keepSmall } from './thrift.ts'

export interface UpOptions {
  readonly port?: number
  readonly store?: string
}

const DEFAULT_PORT = 4820

export const up = async (file: string | undefined, options: UpOptions, terminal: Terminal): Promise<number> => {
  keepSmall()
  const config = await loadConfig(file, terminal.folder)
  const port = checkPort(options.port ?? config.server.port ?? DEFAULT_PORT, 'the port')
  const log = lineLog(terminal)
  const { app } = config
  const closers: Closer[] = []
  const opened = (close: Closer): void => void closers.unshift(close)
  const asked = Promise.withResolvers<void>()
  opened(onStopSignals(terminal, () => asked.resolve()))
  // A handler that forgot to await something must not end the work of all the others.
  opened(terminal.onStray(error => log.error('an error that nobody caught', { error })))
  try {
    opened(closerOf(await config.setup?.(), config))
    opened(app.on(event => sayEvent(event, log)))
    opened(() => app.stop())
    await openOn(app, options.store, terminal.folder)
    // The port is taken before anything is scheduled: a second Rota by mistake executes nothing.
    const server = await listen({
      app,
      port,
      pages: async () => (await import('../dashboard/pages.ts')).pages(app, { log }),
      log,
    })
    opened(() => server.close())
    await app.start()
    await announce(app, config, server.url, terminal)
    await asked.promise
    terminal.say('Stopping: what runs may still end. Once more stops at once.\n')
  } finally {
    await closeAll(closers)
  }
  return exits.ok
}

/** Closes each, also when one before it could not be; then says why that was. */
const closeAll = async (closers: readonly Closer[]): Promise<void> => {
  const failures: unknown[] = []
  for (const close of closers) {
    try {
      await close()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

const MOST_SHOWN = 20

const announce = async (app: App, config: Config, url: string, terminal: Terminal): Promise<void> => {
  const { bold, dim, cyan } = terminal.colors
  const [status, schedules] = await Promise.all([app.status(), app.schedules.list({ limit: MOST_SHOWN + 1 })])
  const shown = schedules.slice(0, MOST_SHOWN)
  const strips = await app.schedules.strips(shown, 1)
  const rows = shown.map(one => listed(one, app.schedules.upcoming(one, 1)[0], strips.get(one.id)?.at(-1)))
  const text = [
    `${bold('Rota')} ${version} runs ${neutral(config.file)}\n\n`,
    `  dashboard  ${cyan(url)}\n`,
    `  store      ${neutral(status.store.place)}\n\n`,
    rows.length === 0 ? 'Nothing is scheduled.\n' : scheduleTable(rows, terminal),
    schedules.length > MOST_SHOWN ? dim('… and more: rota schedules list\n') : '',
    dim('\nCtrl-C stops it.\n'),
  ]
  // Whoever read the first lines and left does not stop the work.
  await terminal.print(text.join('')).catch((error: unknown) => {
    if (!(error instanceof OutputClosed)) throw error
  })
}

// As the API says it, without loading the API.
const listed = (schedule: Schedule, next: Instant | undefined, last: Run | undefined): ListedSchedule => {
  const { name, task, condition, timezone, paused, status } = schedule
  return {
    name,
    task,
    condition,
    timezone,
    state: paused === null ? status : 'paused',
    nextAt: isPausedOpenly(schedule) || next === undefined ? null : formatInstant(next),
    waitsFor: waitsFor(schedule),
    lastRun: last ?? null,
  }
}
