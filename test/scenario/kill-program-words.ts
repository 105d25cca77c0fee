/** What the kill test and the program that it kills both know. */

export const LONG = 'long'
export const SHORT = 'short'

/** One line of the program's standard output. */
export type Said =
  | {
      readonly kind: 'starting'
      /** When the process began, in epoch milliseconds. */
      readonly born: number
      /** When it called `app.start()`. */
      readonly at: number
    }
  | { readonly kind: 'running'; readonly run: number; readonly attempt: number }

/** One line of its ledger: a handler that began. */
export interface Begun {
  readonly run: number
  readonly attempt: number
  readonly nominalAt: number
}
