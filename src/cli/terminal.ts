/** What the program is connected to: its two outputs, its input, its signals, its folder and its clock. Tests make their own. */

import picocolors from 'picocolors'
import { systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface Terminal {
  /** Standard output: the answer alone. Resolves when more can be taken; rejects with OutputClosed once nobody reads. */
  print(text: string): Promise<void>

  /** Standard error: everything else. */
  say(text: string): void

  /** Standard input, in pieces as they arrive. */
  input(): AsyncIterable<string>

  /** Characters in a line of standard output; null when a program or a file reads it. */
  readonly columns: number | null

  /** For standard output. Each gives its text unchanged where colours are not wanted. */
  readonly colors: Colors

  /** For standard error. */
  readonly errorColors: Colors

  readonly folder: string
  readonly clock: Clock

  /** Calls the listener for each signal that asks the program to end, until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void

  /** Calls the listener for each error that nothing caught, instead of ending the process, until the returned function is called. */
  onStray(listener: (error: unknown) => void): () => void

  /** Ends the process now, whatever it is doing. */
  exit(code: number): void
}

/** Who read the answer has stopped reading, as `head` does: no error, only the end. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** The terminal of this process. */
export const processTerminal = (): Terminal => {
  const { stdin, stdout, stderr } = process
  // The write that fails says so to its caller; without a listener the event would end the process as well.
  stdout.on('error', () => {})
  stderr.on('error', () => {})
  return {
    print: text =>
      new Promise((resolve, reject) => {
        stdout.write(text, error => (error ? reject(whyUnwritten(error)) : resolve()))
      }),
    say: text => void stderr.write(text),
    input: () => stdin.setEncoding('utf8'),
    columns: stdout.isTTY ? stdout.columns : null,
    colors: picocolors.createColors(wantsColors(stdout.isTTY, process.env)),
    errorColors: picocolors.createColors(wantsColors(stderr.isTTY, process.env)),
    folder: process.cwd(),
    clock: systemClock(),
    onSignal: listener => {
      for (const signal of signals) process.on(signal, listener)
      return () => {
        for (const signal of signals) process.off(signal, listener)
      }
    },
    onStray: listener => {
      process.on('uncaughtException', listener).on('unhandledRejection', listener)
      return () => void process.off('uncaughtException', listener).off('unhandledRejection', listener)
    },
    exit: code => process.exit(code),
  }
}

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

const whyUnwritten = (error: NodeJS.ErrnoException): Error =>
  error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
    ? new OutputClosed('nobody reads standard output any more', { cause: error })
    : error

/** Whether to colour what goes to this output (no-color.org; FORCE_COLOR as Node itself reads it). */
export const wantsColors = (
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean => {
  if ((environment['NO_COLOR'] ?? '') !== '') return false
  const forced = environment['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0'
  return isTerminal && environment['TERM'] !== 'dumb'
}
