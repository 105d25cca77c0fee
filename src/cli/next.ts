/** `rota next`: when a condition comes true, for a person, for a program, or for many conditions at once. */

import { instant, parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { neutral } from '../base/foreign.ts'
import { answer, checkQuestion, preview } from './answer.ts'
import type { Preview, Question } from './answer.ts'
import { answerOneOrMany, instantOf, lineFor, required, textOf } from './batch.ts'
import type { Asked, Batch } from './batch.ts'
import { exits } from './failure.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { localTime, relative } from './times.ts'

export interface NextOptions {
  readonly timezone: string
  readonly after?: string
  readonly anchor?: string
  readonly count: number
  readonly json?: boolean
  readonly batch?: boolean
}

export const next = async (
  condition: string | undefined,
  options: NextOptions,
  terminal: Terminal,
): Promise<number> => {
  const one = (text: string): string => {
    const now = terminal.clock.now()
    const question = questionOf(text, options, now)
    const told = preview(question)
    return options.json ? lineFor(told) : pageOf(question, told, now, terminal)
  }
  await answerOneOrMany(condition, options, { many, usage: 'rota next "every 5 minutes"', one }, terminal)
  return exits.ok
}

const many: Batch = {
  example: '{"id": 1, "condition": "daily at 09:00", "after": "2026-01-01T00:00:00Z", "count": 5}',
  answer: asked => answer(questionAsked(asked)),
}

const questionAsked = (asked: Asked): Question => {
  const after = parseInstant(textOf(asked, 'after'))
  return checkQuestion({
    condition: textOf(asked, 'condition'),
    timezone: textOf(asked, 'timezone', 'UTC'),
    after,
    anchor: instantOf(asked, 'anchor', after),
    count: required(asked, 'count'),
  })
}

const questionOf = (condition: string, options: NextOptions, now: Instant): Question => {
  // Whole seconds: intervals counted from now would else all end in the milliseconds of this moment.
  const after = options.after === undefined ? instant(now - (now % 1_000)) : parseInstant(options.after)
  return checkQuestion({
    condition,
    timezone: options.timezone,
    after,
    anchor: options.anchor === undefined ? after : parseInstant(options.anchor),
    count: options.count,
  })
}

const pageOf = (question: Question, told: Preview, now: Instant, terminal: Terminal): string => {
  const { bold, dim, yellow } = terminal.colors
  const parts = [
    `${bold(neutral(told.condition))}\n${dim(neutral(told.reading))}\n`,
    tableOf(question, told.next, now, terminal),
    linesOf((told.events ?? []).map(event => `${told.next.length === 0 ? '' : 'and '}${neutral(event)}`)),
    linesOf(told.notes.map(note => `${dim('note:')} ${neutral(note)}`)),
    linesOf(told.warnings.map(warning => `${yellow('warning:')} ${neutral(warning)}`)),
  ]
  return parts.filter(part => part !== '').join('\n')
}

const linesOf = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')

const tableOf = ({ timezone }: Question, next: readonly string[], now: Instant, terminal: Terminal): string => {
  if (next.length === 0) return ''
  const { dim } = terminal.colors
  const rows = next.map(text => {
    const at = parseInstant(text)
    return [localTime(at, timezone), { text, paint: dim }, relative(at, now)]
  })
  const titles = [timezone, 'as instant', 'from now'].map(title => ({ title, whole: true }))
  return table(titles, rows, { columns: terminal.columns, paintTitle: dim })
}
