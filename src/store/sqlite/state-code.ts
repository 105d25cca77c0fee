/** The states of a run as the numbers under which they are stored. A number never changes its meaning. */

import type { RunState } from '../../domain/run.ts'

const codes = {
  open: 1,
  queued: 2,
  running: 3,
  retrying: 4,
  // From here on a run is over: the partial indexes of `runs` say `state < 5` and `state >= 5`.
  succeeded: 5,
  partial: 6,
  failed: 7,
  cancelled: 8,
  skipped: 9,
} as const satisfies Record<RunState, number>

const states = Object.fromEntries(Object.entries(codes).map(([state, code]) => [code, state])) as Record<
  number,
  RunState
>

const FIRST_OVER = codes.succeeded

export const codeOf = (state: RunState): number => codes[state]

/** Undefined for a number that no Rota ever wrote. */
export const stateOf = (code: number): RunState | undefined => states[code]

export const isOverCode = (code: number): boolean => code >= FIRST_OVER

/** A set of states as bits, for `(1 << state) & mask`; every state, known or not, when none is named. */
export const maskOf = (wanted: readonly RunState[] | undefined): number =>
  wanted === undefined ? -1 : wanted.reduce((mask, state) => mask | (1 << codes[state]), 0)
