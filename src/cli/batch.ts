/**
 * Many questions in one process: a line of JSON in, a line of JSON out, in order, while the input still flows. What is wrong
 * with a line is said in its answer and stops nothing.
 */

import { RotaError, asError } from '../base/errors.ts'
import { parseInstant } from '../base/instant.ts'
import { parseJson, toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import { answer, checkQuestion } from './answer.ts'
import type { Question } from './answer.ts'
import type { Terminal } from './terminal.ts'

// Longer than any question; what comes after this is not kept in memory.
const LONGEST_LINE = 16 * 2 ** 20
// Answers go out in pieces of about this many characters.
const PIECE = 64 * 1024

/** Answers each line of standard input until it ends. */
export const answerLines = async (terminal: Pick<Terminal, 'input' | 'print'>): Promise<void> => {
  let written = ''
  for await (const lines of linesOf(terminal.input())) {
    for (const line of lines) {
      if (line.trim() === '') continue
      written += `${answerLine(line)}\n`
      if (written.length < PIECE) continue
      await terminal.print(written)
      written = ''
    }
    // Whoever writes the next line only after the answer to this one gets it now.
    if (written !== '') await terminal.print(written)
    written = ''
  }
}

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
export const answerLine = (line: string): string => {
  let id: unknown = null
  try {
    if (line.length > LONGEST_LINE)
      throw new RotaError('JSON_INVALID', `The line is longer than ${LONGEST_LINE} characters.`)
    const asked = objectOf(parseJson(line, 'line'))
    id = idOf(asked, line)
    return JSON.stringify({ id, ...answer(questionOf(asked)) })
  } catch (thrown) {
    return JSON.stringify({ id, error: refusal(thrown) })
  }
}

/** An error as it stands in an answer. */
export const refusal = (thrown: unknown): { readonly code: string; readonly message: string } => ({
  code: thrown instanceof RotaError ? thrown.code : 'INTERNAL',
  message: asError(thrown).message,
})

type Asked = { readonly [key: string]: Json }

const EXAMPLE = '{"id": 1, "condition": "daily at 09:00", "after": "2026-01-01T00:00:00Z", "count": 5}'

const objectOf = (value: Json): Asked => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Asked
  throw new RotaError('OPTION_INVALID', `The line is no object; write it like ${EXAMPLE}`)
}

// A number that JavaScript would round, such as a 64-bit id, is repeated as it was written.
const idOf = (asked: Asked, line: string): unknown => {
  const id = asked['id'] ?? null
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

const questionOf = (asked: Asked): Question => {
  required(asked, 'id')
  const after = parseInstant(textOf(asked, 'after'))
  return checkQuestion({
    condition: textOf(asked, 'condition'),
    timezone: textOf(asked, 'timezone', 'UTC'),
    after,
    anchor: isGiven(asked, 'anchor') ? parseInstant(textOf(asked, 'anchor')) : after,
    count: required(asked, 'count'),
  })
}

const isGiven = (asked: Asked, field: string): boolean => (asked[field] ?? null) !== null

const required = (asked: Asked, field: string): Json => {
  if (Object.hasOwn(asked, field)) return asked[field] ?? null
  throw new RotaError('OPTION_INVALID', `The line has no '${field}'; write it like ${EXAMPLE}`, {
    details: { option: field },
  })
}

const textOf = (asked: Asked, field: string, instead?: string): string => {
  const value = instead === undefined || isGiven(asked, field) ? required(asked, field) : instead
  if (typeof value === 'string') return value
  throw new RotaError('OPTION_INVALID', `'${field}' is ${JSON.stringify(value).slice(0, 40)}; it is a text.`, {
    details: { option: field },
  })
}
