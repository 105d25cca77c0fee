/** The two words that end a command: the first asks it to finish what it began, the second ends it at once. */

import { constants } from 'node:os'
import type { Signal, Terminal } from './terminal.ts'

// One Ctrl-C arrives several times where a shell, npm and a script each pass it on. Nobody presses twice this fast.
const SAME_SIGNAL_MS = 500

/** Calls `ask` at the first signal and ends the process at the second, until the returned function is called. */
export const onStopSignals = (terminal: Terminal, ask: (signal: Signal) => void): (() => void) => {
  let askedAtMs: number | null = null
  return terminal.onSignal(signal => {
    const now = terminal.clock.monotonicMs()
    if (askedAtMs === null) {
      askedAtMs = now
      ask(signal)
    } else if (now - askedAtMs > SAME_SIGNAL_MS) {
      terminal.exit(exitOf(signal))
    }
  })
}

/** What a shell reports for a program that this signal ended. */
const exitOf = (signal: Signal): number => 128 + constants.signals[signal]
