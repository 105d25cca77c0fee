/** `rota explain`: whether a condition holds at an instant, by a history, and why; for a person, a program, or many at once. */

import { parseDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { neutral } from '../base/foreign.ts'
import { parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { parseJson } from '../base/json.ts'
import type { ExplainedClause } from '../when/explain.ts'
import { answerOneOrMany, instantOf, isGiven, lineFor, textOf } from './batch.ts'
import type { Asked, Batch } from './batch.ts'
import { exits } from './failure.ts'
import { historyOf } from './history.ts'
import { mark } from './printing.ts'
import type { Terminal } from './terminal.ts'
import { localTime, relative } from './times.ts'
import { explained, verdictOn } from './verdict.ts'
import type { Case } from './verdict.ts'

export interface ExplainOptions {
  readonly timezone: string
  readonly at?: string
  readonly task?: string
  readonly mark?: string
  readonly grace?: string
  readonly anchor?: string
  readonly history?: string
  readonly json?: boolean
  readonly batch?: boolean
}

export const explain = async (
  condition: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<number> => {
  const one = (text: string): string => {
    const asked = caseIn(text, options, terminal.clock.now())
    return options.json ? lineFor(verdictOn(asked)) : treeOf(asked, terminal)
  }
  await answerOneOrMany(condition, options, { many, usage: 'rota explain "daily at 09:00"', one }, terminal)
  return exits.ok
}

const many: Batch = {
  example:
    '{"id": 1, "condition": "daily at 09:00 and after \'news\' succeeds", "task": "report", "at": "2026-01-01T09:00:00Z", ' +
    '"history": [{"task": "news", "event": "succeeded", "at": "2026-01-01T08:55:00Z"}]}',
  answer: asked => verdictOn(caseOf(asked)),
}

const caseOf = (asked: Asked): Case => ({
  condition: textOf(asked, 'condition'),
  timezone: textOf(asked, 'timezone', 'UTC'),
  at: parseInstant(textOf(asked, 'at')),
  task: isGiven(asked, 'task') ? textOf(asked, 'task') : null,
  mark: instantOf(asked, 'mark', null),
  grace: graceOf(asked),
  anchor: instantOf(asked, 'anchor', null),
  history: isGiven(asked, 'history') ? historyOf(asked.fields['history'] ?? null) : [],
})

const graceOf = (asked: Asked): Duration | null => {
  const value = asked.fields['grace'] ?? null
  if (value === null) return null
  return parseDuration(typeof value === 'number' ? value : textOf(asked, 'grace'))
}

const caseIn = (condition: string, options: ExplainOptions, now: Instant): Case => {
  const { timezone, at, task, mark, grace, anchor, history } = options
  return {
    condition,
    timezone,
    at: at === undefined ? now : parseInstant(at),
    task: task ?? null,
    mark: mark === undefined ? null : parseInstant(mark),
    grace: grace === undefined ? null : parseDuration(grace),
    anchor: anchor === undefined ? null : parseInstant(anchor),
    history: history === undefined ? [] : historyOf(parseJson(history, '--history')),
  }
}

const treeOf = (asked: Case, terminal: Terminal): string => {
  const { text, explanation } = explained(asked)
  const { wakes } = verdictOn(asked)
  const { bold, dim } = terminal.colors
  const { at } = explanation.wakes
  const then =
    at === null
      ? 'Time alone changes nothing.'
      : `Time alone changes nothing before ${localTime(at, asked.timezone)} (${relative(at, asked.at)}).`
  const others = wakes.on.map(task => `'${neutral(task)}'`).join(', ')
  const also = others === '' ? '' : ` Runs of ${others} may.`
  const clauses = explanation.clauses.map(clause => branch(clause, terminal)).join(`${dim('or')}\n`)
  return `${bold(neutral(text))}\n\n${mark(explanation.holds !== null, terminal)} ${verb(explanation.holds !== null)} at ${localTime(asked.at, asked.timezone)}\n\n${clauses}\n${then}${also}\n`
}

const verb = (holds: boolean): string => (holds ? 'holds' : 'does not hold')

const branch = ({ parts }: ExplainedClause, terminal: Terminal): string =>
  parts
    .map(
      part => `  ${mark(part.holds, terminal)} ${neutral(part.text)}: ${terminal.colors.dim(neutral(part.reason))}\n`,
    )
    .join('')
