/** A thread or a child process that executes handlers, one at a time. */

import type { FromRemote, ToRemote } from './messages.ts'

export interface Vessel {
  /** Whether it can take a handler still. */
  readonly isAlive: boolean

  /** @throws when the message holds what cannot be sent */
  send(message: ToRemote): void

  /** Who hears it from now on. While somebody does, it keeps this process alive. */
  heardBy(listener: Listener | null): void

  /** Ends it, whatever it does. Resolves when it is gone. */
  kill(): Promise<void>

  /** Lets it end by itself: it is idle, and nothing more will be asked of it. */
  leave(): void
}

export interface Listener {
  said(message: FromRemote): void
  /** It is gone, for this reason. */
  ended(why: Error): void
}

/** What is executed in it: in the source a `.ts`, in the published form a `.js` in the root. */
export const remoteProgram = new URL(import.meta.url.endsWith('.ts') ? '../remote.ts' : '../remote.js', import.meta.url)
