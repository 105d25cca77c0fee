/** The lines of an iCalendar file (RFC 5545, 3.1): long ones unfolded, each taken apart into name, parameters and value. */

import { unreadableDates } from './unreadable.ts'

export interface ContentLine {
  /** Upper case. */
  readonly name: string
  /** Names in upper case, values without quotes. */
  readonly parameters: Readonly<Record<string, string>>
  readonly value: string
  /** Where it begins, counted from 1. */
  readonly number: number
}

const NAME = /^([A-Za-z0-9-]+)/
const PARAMETER = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*)/y

export const contentLines = (text: string): readonly ContentLine[] =>
  unfolded(text)
    .filter(({ text: line }) => line.trim() !== '')
    .map(taken)

interface RawLine {
  readonly text: string
  readonly number: number
}

// A line that begins with a blank goes on with the one before it.
const unfolded = (text: string): readonly RawLine[] => {
  const lines: { text: string; number: number }[] = []
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const before = lines.at(-1)
    if (/^[ \t]/.test(line) && before !== undefined) before.text += line.slice(1)
    else lines.push({ text: line, number: index + 1 })
  }
  return lines
}

const taken = ({ text, number }: RawLine): ContentLine => {
  const name = NAME.exec(text)?.[1] ?? ''
  const parameters: Record<string, string> = {}
  let end = name.length
  for (;;) {
    PARAMETER.lastIndex = end
    const found = PARAMETER.exec(text)
    if (found === null) break
    parameters[(found[1] ?? '').toUpperCase()] = (found[2] ?? '').replaceAll('"', '')
    end = PARAMETER.lastIndex
  }
  if (name === '' || text[end] !== ':') {
    throw unreadableDates({ place: `line ${number}`, found: text, expected: 'a name, a colon and a value' })
  }
  return { name: name.toUpperCase(), parameters, value: text.slice(end + 1), number }
}

/** Refuses a line. */
export const refuseLine = (line: ContentLine, expected: string): never => {
  throw unreadableDates({ place: `line ${line.number}`, found: `${line.name}:${line.value}`, expected })
}
