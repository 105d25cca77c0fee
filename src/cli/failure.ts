/** How the program says that something went wrong: in words, on standard error, with an exit code that means something. */

import { CommanderError } from 'commander'
import { RotaError, asError, isRotaError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { widthOf } from './table.ts'
import { OutputClosed } from './terminal.ts'
import type { Terminal } from './terminal.ts'

/** Exit codes beyond those that the table of errors gives. */
export const exits = {
  ok: 0,
  /** The run failed, or something went wrong inside Rota. */
  failed: 1,
  /** The command line, the condition or the config cannot be used. */
  misused: 2,
  /** `doctor` found something wrong; also what the table says of stores and ports. */
  unusable: 5,
  partial: 6,
  cancelled: 7,
} as const

const LONGEST_LINE = 2_000

/** Says on standard error what was thrown, and gives the exit code of the program. */
export const sayFailure = (thrown: unknown, terminal: Terminal): number => {
  if (thrown instanceof OutputClosed) return exits.ok
  // Commander has said it already, or only showed its help.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exits.ok : exits.misused
  const error = asError(thrown)
  const known = error instanceof RotaError
  const { red, bold } = terminal.errorColors
  terminal.say(
    `${red(bold('rota:'))} ${linesOf(known ? error.message : (error.stack ?? error.message)).join('\n      ')}\n`,
  )
  if (!known) return exits.failed
  for (const line of underlined(error)) terminal.say(`  ${line}\n`)
  return error.exit
}

/** An error about a text, with that text, which is shown under it: the place is known to the error, the text only here. */
export const withText = (thrown: unknown, text: string): unknown =>
  isRotaError(thrown)
    ? new RotaError(thrown.code, thrown.message, { details: { ...thrown.details, text }, cause: thrown.cause })
    : thrown

const linesOf = (text: string): readonly string[] => text.split(/\r?\n/).map(line => neutral(line, LONGEST_LINE))

// Wide enough to see what stands around it, narrow enough for one line of a terminal.
const SHOWN_AROUND = 60

/** The refused text and a caret under the place, where the error names both. */
const underlined = (error: RotaError): readonly string[] => {
  const { text, position } = error.details
  if (typeof text !== 'string' || typeof position !== 'number') return []
  const from = Math.max(position - SHOWN_AROUND, 0)
  const before = `${from > 0 ? '…' : ''}${neutral(text.slice(from, position))}`
  const after = neutral(text.slice(position), SHOWN_AROUND)
  return [before + after, `${' '.repeat(widthOf(before))}^`]
}
