/** What a running Rota says on standard error: one readable line an event, also from the library's log. */

import { neutral } from '../base/foreign.ts'
import { about } from '../base/duration.ts'
import { formatInstant } from '../base/instant.ts'
import { toJson } from '../base/json.ts'
import type { Log, LogFields, LogLevel } from '../base/log.ts'
import { durationMs, isOver } from '../domain/run.ts'
import type { Run } from '../domain/run.ts'
import type { AppEvent } from '../app.ts'
import type { Terminal } from './terminal.ts'

const LONGEST_MESSAGE = 500
const LONGEST_FIELD = 200

/** A log that writes lines for a person: `2026-11-22T09:00:00Z warn  the disk is full  place=/data`. */
export const lineLog = (terminal: Terminal, always: LogFields = {}): Log => {
  const line = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    const at = terminal.errorColors.dim(formatInstant(terminal.clock.now()))
    const shown = Object.entries({ ...always, ...fields }).map(
      ([name, value]) => `  ${neutral(name, 40)}=${fieldText(value)}`,
    )
    const rest = terminal.errorColors.dim(shown.join(''))
    terminal.say(`${at} ${paint(level, terminal)(level.padEnd(5))} ${neutral(message, LONGEST_MESSAGE)}${rest}\n`)
  }
  return {
    debug: (message, fields) => line('debug', message, fields),
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
    child: fields => lineLog(terminal, { ...always, ...fields }),
  }
}

const paint = (level: LogLevel, { errorColors }: Terminal): ((text: string) => string) => {
  switch (level) {
    case 'debug':
      return errorColors.dim
    case 'info':
      return errorColors.green
    case 'warn':
      return errorColors.yellow
    case 'error':
      return errorColors.red
    default:
      return level satisfies never
  }
}

const fieldText = (value: unknown): string => {
  const said = value instanceof Error ? value.message : value
  // A plain word needs no quotes.
  if (typeof said === 'string' && /^\S+$/.test(said)) return neutral(said, LONGEST_FIELD)
  const json = toJson(said)
  return neutral('text' in json ? json.text : `(${json.reason})`, LONGEST_FIELD)
}

/** Says what happens in an app, as it happens. */
export const sayEvent = (event: AppEvent, log: Log): void => {
  switch (event.kind) {
    case 'run':
      if (isOver(event.run)) sayRun(event.run, log)
      return
    case 'schedule':
      log.info(`schedule ${event.name} ${event.change}`)
      return
    case 'health': {
      const { subject, from, to, reasons } = event.change
      log[to === 'failing' ? 'error' : to === 'degraded' ? 'warn' : 'info'](
        `${subject.kind} ${subject.name}: ${from} -> ${to}`,
        why(reasons),
      )
      return
    }
    case 'trouble':
      for (const problem of event.problems) log.error(problem)
      return
    case 'notice':
      log[event.level](event.message, event.fields)
      return
    case 'log':
    case 'progress':
      return
    default:
      event satisfies never
  }
}

const why = (reasons: readonly string[]): LogFields => (reasons.length === 0 ? {} : { why: reasons.join('; ') })

const sayRun = (run: Run, log: Log): void => {
  const took = durationMs(run)
  const reason = run.error?.message ?? run.detail
  const ended = run.reason === null ? run.state : `${run.state} (${run.reason})`
  const text = `run ${run.id} of ${run.task} ${ended}${took === null ? '' : ` after ${about(took)}`}`
  log[run.state === 'failed' ? 'error' : run.state === 'partial' ? 'warn' : 'info'](
    text,
    reason === null ? {} : { why: reason },
  )
}
