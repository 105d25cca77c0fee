/**
 * Many questions in one process: a line of JSON in, a line of JSON out, in order, while the input still flows. What is wrong
 * with a line is said in its answer and stops nothing.
 */

import { RotaError, asError } from '../base/errors.ts'
import { parseInstant } from '../base/instant.ts'
import type { Instant } from '../base/instant.ts'
import { parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { withText } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** One line, read. */
export interface Asked {
  readonly fields: { readonly [name: string]: Json }
  /** A line as it should be, for whoever wrote another. */
  readonly example: string
}

/** What kind of question the lines ask. */
export interface Batch {
  readonly example: string
  /** The answer, without the id. What it throws becomes the answer. */
  readonly answer: (asked: Asked) => object
}

// Longer than any question; what comes after this is not kept in memory.
const LONGEST_LINE = 16 * 2 ** 20
// Answers go out in pieces of about this many characters.
const PIECE = 64 * 1024

/** How one command answers: one condition for a person, or many lines. */
interface Answers {
  readonly many: Batch
  /** The command as it should be written, for whoever gave no condition. */
  readonly usage: string
  readonly one: (condition: string) => string
}

/** Answers `condition`, or with `--batch` each line of standard input. With `--json` what is wrong is said there, too. */
export const answerOneOrMany = async (
  condition: string | undefined,
  options: { readonly batch?: boolean; readonly json?: boolean },
  { many, usage, one }: Answers,
  terminal: Terminal,
): Promise<void> => {
  if (options.batch) {
    if (condition === undefined) return answerLines(terminal, many)
    throw new RotaError('OPTION_INVALID', '--batch reads its conditions from standard input; leave the condition out.')
  }
  if (condition === undefined) {
    throw new RotaError('OPTION_INVALID', `Which condition? Write it in quotes: ${usage}`)
  }
  try {
    await terminal.print(one(condition))
  } catch (thrown) {
    if (options.json) await terminal.print(lineFor({ error: refusal(thrown) }))
    throw withText(thrown, condition)
  }
}

/** What --batch gives and more, so that one reader reads both; nobody gave an id. */
export const lineFor = (told: object): string => `${JSON.stringify({ id: null, ...told })}\n`

/** Answers each line of standard input until it ends. */
export const answerLines = async (terminal: Pick<Terminal, 'input' | 'print'>, batch: Batch): Promise<void> => {
  let written = ''
  for await (const lines of linesOf(terminal.input())) {
    for (const line of lines) {
      if (line.trim() === '') continue
      written += `${answerLine(line, batch)}\n`
      if (written.length < PIECE) continue
      await terminal.print(written)
      written = ''
    }
    // Whoever writes the next line only after the answer to this one gets it now.
    if (written !== '') await terminal.print(written)
    written = ''
  }
}

/** A field that must be there. */
export const required = ({ fields, example }: Asked, name: string): Json => {
  if (Object.hasOwn(fields, name)) return fields[name] ?? null
  throw new RotaError('OPTION_INVALID', `The line has no '${name}'; write it like ${example}`, {
    details: { option: name },
  })
}

/** Whether a field is there and not null. */
export const isGiven = ({ fields }: Asked, name: string): boolean => (fields[name] ?? null) !== null

export const textOf = (asked: Asked, name: string, instead?: string): string => {
  const value = instead === undefined || isGiven(asked, name) ? required(asked, name) : instead
  if (typeof value === 'string') return value
  throw new RotaError('OPTION_INVALID', `'${name}' is ${JSON.stringify(value).slice(0, 40)}; it is a text.`, {
    details: { option: name },
  })
}

export const instantOf = <Other>(asked: Asked, name: string, instead: Other): Instant | Other =>
  isGiven(asked, name) ? parseInstant(textOf(asked, name)) : instead

/** An error as it stands in an answer. */
const refusal = (thrown: unknown): { readonly code: string; readonly message: string } => ({
  code: thrown instanceof RotaError ? thrown.code : 'INTERNAL',
  message: asError(thrown).message,
})

/** The lines that each piece of the input completes. Of a line too long only its beginning comes. */
const linesOf = async function* (input: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let begun = ''
  for await (const piece of input) {
    if (!piece.includes('\n')) {
      if (begun.length <= LONGEST_LINE) begun += piece
      continue
    }
    const lines = (begun + piece).split('\n')
    begun = lines.pop() ?? ''
    yield lines
  }
  yield [begun]
}

/** The answer to one line, as a line. */
const answerLine = (line: string, { example, answer }: Batch): string => {
  let id: unknown = null
  try {
    if (line.length > LONGEST_LINE)
      throw new RotaError('JSON_INVALID', `The line is longer than ${LONGEST_LINE} characters.`)
    const asked = { fields: objectOf(parseJson(line, 'line'), example), example }
    id = idOf(asked, line)
    required(asked, 'id')
    return JSON.stringify({ id, ...answer(asked) })
  } catch (thrown) {
    return JSON.stringify({ id, error: refusal(thrown) })
  }
}

const objectOf = (value: Json, example: string): Asked['fields'] => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Asked['fields']
  throw new RotaError('OPTION_INVALID', `The line is no object; write it like ${example}`)
}

// A number that JavaScript would round, such as a 64-bit id, is repeated as it was written.
const idOf = ({ fields }: Asked, line: string): unknown => {
  const id = fields['id'] ?? null
  // Deeper than the answer could be written.
  if (typeof id === 'object' && 'reason' in toJson(id))
    throw new RotaError('OPTION_INVALID', "The 'id' cannot be repeated.")
  if (typeof id !== 'number' || Number.isSafeInteger(id)) return id
  let source = String(id)
  JSON.parse(line, (key: string, value: unknown, context?: { readonly source?: string }) => {
    if (key === 'id' && value === id) source = context?.source ?? source
    return value
  })
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source)
}
