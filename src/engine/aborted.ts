/** The reason of a handler's signal. */

import type { AbortCause } from './engine.ts'

export class Aborted extends Error {
  override readonly name = 'AbortError'
  /** What made it abort. */
  readonly why: AbortCause

  constructor(cause: AbortCause, message: string) {
    super(message)
    this.why = cause
  }
}
