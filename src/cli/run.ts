/** `rota run`: one run of a task, recorded and executed in this process, and its result. */

import { neutral } from '../base/foreign.ts'
import { parseJson } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import type { RunId } from '../base/name.ts'
import type { Run } from '../domain/run.ts'
import type { App, AppEvent } from '../app.ts'
import { closerOf, loadConfig } from './config.ts'
import { exits } from './failure.ts'
import { lineLog } from './lines.ts'
import { framesOf, printJson } from './printing.ts'
import { onStopSignals } from './stopping.ts'
import type { Terminal } from './terminal.ts'

export interface RunOptions {
  readonly config?: string
  readonly input?: string
  readonly priority?: number
}

export const run = async (task: string, options: RunOptions, terminal: Terminal): Promise<number> => {
  const input = options.input === undefined ? null : parseJson(options.input, 'input')
  const config = await loadConfig(options.config, terminal.folder)
  // A name that is wrong is refused before anything is set up for it.
  if (config.app.flows.get(task) === undefined) config.app.tasks.get(task)
  const close = closerOf(await config.setup?.(), config)
  try {
    await using app = config.app
    using _ = attended(app, terminal)
    const priority = options.priority === undefined ? {} : { priority: options.priority }
    return await told(await app.execute(task, { input, by: 'cli', ...priority }), terminal)
  } finally {
    await close()
  }
}

/** Shows what the run says while it works, and cancels it when the program is asked to stop. */
const attended = (app: App, terminal: Terminal): Disposable => {
  const log = lineLog(terminal)
  // Nothing else is executed here: the first run that anything happens to is ours, or a step of ours.
  let id: RunId | null = null
  const stopHearing = app.on(event => {
    if (event.kind === 'run') id ??= event.run.root ?? event.run.id
    sayProgress(event, log)
  })
  const stopListening = onStopSignals(terminal, () => {
    terminal.say('Cancelling the run. Once more stops at once.\n')
    // Over in this very moment: then its own end is told.
    if (id !== null) app.runs.cancel(id, 'cli').catch(() => {})
  })
  const stopCatching = terminal.onStray(error => log.error('an error that nobody caught', { error }))
  return {
    [Symbol.dispose]: () => {
      stopCatching()
      stopListening()
      stopHearing()
    },
  }
}

const sayProgress = (event: AppEvent, log: Log): void => {
  if (event.kind === 'log') for (const line of event.lines) log[line.level](line.message, fieldsOf(line.fields))
  if (event.kind === 'run' && event.run.state === 'retrying') {
    const { attempt, attemptsAllowed, error } = event.run
    log.warn(`attempt ${attempt} of ${attemptsAllowed} failed`, error === null ? {} : { why: error.message })
  }
}

const fieldsOf = (fields: unknown): Readonly<Record<string, unknown>> =>
  typeof fields === 'object' && fields !== null ? { ...fields } : {}

const told = async (run: Run, terminal: Terminal): Promise<number> => {
  switch (run.state) {
    case 'succeeded':
      await printJson(run.result, terminal)
      return exits.ok
    case 'partial':
      await printJson(run.result, terminal)
      terminal.say(`Run ${run.id} succeeded in part: ${neutral(run.detail ?? '')}\n`)
      return exits.partial
    case 'cancelled':
      terminal.say(`Run ${run.id} was ${neutral(run.detail ?? 'cancelled')}.\n`)
      return exits.cancelled
    default:
      terminal.say(whyFailed(run, terminal))
      return exits.failed
  }
}

const whyFailed = (run: Run, { errorColors }: Terminal): string => {
  const reason = run.reason === null ? '' : ` (${run.reason})`
  const lines = [
    `${errorColors.red(`Run ${run.id} ${run.state}${reason}`)}: ${neutral(run.error?.message ?? run.detail ?? '')}`,
  ]
  for (let error = run.error; error !== null; error = error.cause ?? null) {
    if (error !== run.error) lines.push(`  because of ${neutral(`${error.name}: ${error.message}`)}`)
    lines.push(...framesOf(error).map(frame => errorColors.dim(`    ${frame}`)))
  }
  return `${lines.join('\n')}\n`
}
