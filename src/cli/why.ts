/** `rota why`: why a schedule is silent, or was, or why a run is there: sentences first, then part by part. */

import { RotaError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { instant, parseInstant } from '../base/instant.ts'
import type { runExplanationOut, scheduleExplanationOut } from '../server/shapes.ts'
import { exits } from './failure.ts'
import { ask, openApp } from './opening.ts'
import type { OpenOptions } from './opening.ts'
import { mark, printJson } from './printing.ts'
import type { Terminal } from './terminal.ts'
import { localTime, relative } from './times.ts'

export interface WhyOptions extends OpenOptions {
  readonly at?: string
  readonly json?: boolean
}

type ScheduleExplained = ReturnType<typeof scheduleExplanationOut>
type RunExplained = ReturnType<typeof runExplanationOut>
type Clause = ScheduleExplained['clauses'][number]

/** A number is a run, anything else a schedule. */
export const why = async (subject: string, options: WhyOptions, terminal: Terminal): Promise<number> => {
  const isRun = /^\d+$/.test(subject)
  if (isRun && options.at !== undefined) {
    throw new RotaError('OPTION_INVALID', `--at is for schedules; ${subject} is a run, which has its own time.`, {
      details: { option: 'at' },
    })
  }
  await using app = await openApp(options, terminal)
  const path = `/api/v1/${isRun ? 'runs' : 'schedules'}/${encodeURIComponent(subject)}/explanation`
  const told = await ask<ScheduleExplained | RunExplained>(app, path, { at: options.at }, terminal)
  if (options.json) await printJson(told, terminal)
  else
    await terminal.print('run' in told ? ofRun(told, terminal) : ofSchedule(told, options.at === undefined, terminal))
  return exits.ok
}

const ofRun = ({ run, sentences, schedule }: RunExplained, terminal: Terminal): string => {
  const { bold } = terminal.colors
  const title = bold(neutral(`Run ${run.id} of ${run.task}: ${run.state}`))
  const then =
    schedule === null
      ? ''
      : `\n${bold(neutral(`${schedule.schedule} at ${timeOf(schedule)}`))}\n\n${parts(schedule, false, terminal)}`
  return `${title}\n\n${linesOf(sentences)}${then}`
}

const ofSchedule = (told: ScheduleExplained, isNow: boolean, terminal: Terminal): string => {
  const { bold } = terminal.colors
  const title = bold(neutral(`${told.schedule}, ${isNow ? 'now' : 'at'} ${timeOf(told)}`))
  const tree = told.clauses.length === 0 ? '' : `\n${parts(told, isNow, terminal)}`
  return `${title}\n\n${linesOf(told.sentences)}${tree}${isNow ? wakesOf(told, terminal) : ''}`
}

const timeOf = ({ at, timezone }: ScheduleExplained): string => {
  const asked = parseInstant(at)
  return `${localTime(instant(asked - (asked % 1_000)), timezone)} (${timezone})`
}

const LONGEST = 2_000

const linesOf = (sentences: readonly string[]): string =>
  sentences.map(sentence => `${neutral(sentence, LONGEST)}\n`).join('')

const parts = ({ clauses, stopWhen }: ScheduleExplained, isNow: boolean, terminal: Terminal): string =>
  alternatives(clauses, isNow, terminal) +
  (stopWhen.length === 0 ? '' : `\nstopWhen\n${alternatives(stopWhen, isNow, terminal)}`)

const alternatives = (clauses: readonly Clause[], isNow: boolean, terminal: Terminal): string =>
  clauses.map(clause => clauseLines(clause, isNow, terminal)).join(`  ${terminal.colors.dim('or')}\n`)

/** A clause of several parts has a line of its own, with its parts below. */
const clauseLines = (clause: Clause, isNow: boolean, terminal: Terminal): string => {
  const alone = clause.parts.length === 1
  const lines = clause.parts.map(part => {
    const { text, holds, reason, changesAt } = part
    const away = isNow && changesAt !== null ? relative(parseInstant(changesAt), terminal.clock.now()) : null
    // Where the reason ends with it, it has been said.
    const changes = away === null || reason.endsWith(away) ? '' : terminal.colors.dim(`; may change ${away}`)
    return `  ${alone ? '' : '  '}${mark(holds, terminal)} ${neutral(text, LONGEST)}: ${neutral(reason, LONGEST)}${changes}\n`
  })
  const head = alone ? '' : `  ${mark(clause.holds, terminal)} ${neutral(clause.text, LONGEST)}\n`
  return head + lines.join('')
}

const wakesOf = ({ wakes }: ScheduleExplained, terminal: Terminal): string => {
  const now = terminal.clock.now()
  const at = wakes.at === null ? null : parseInstant(wakes.at)
  const time = at === null || at < now ? [] : [relative(at, now)]
  const news = wakes.on.length === 0 ? [] : [`on news of ${wakes.on.map(name => `'${neutral(name)}'`).join(', ')}`]
  const all = [...time, ...news]
  return all.length === 0 ? '' : `\n${terminal.colors.dim(`Looked at again ${all.join(', and ')}.`)}\n`
}
