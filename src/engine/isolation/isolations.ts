/** Every way in which work is isolated, each loaded and made when it is first needed: most apps need none, and they are large. */

import type { Clock } from '../../base/clock.ts'
import type { Isolated } from '../../domain/isolation.ts'
import type { Isolation } from './isolation.ts'

export class Isolations {
  readonly #clock: Clock
  readonly #made = new Map<string, Promise<Isolation>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Where this work is done. */
  of({ kind }: Isolated): Promise<Isolation> {
    // Threads and processes share a pool.
    const key = kind === 'thread' ? 'process' : kind
    const made = this.#made.get(key) ?? this.#make(kind)
    this.#made.set(key, made)
    return made
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map(async made => (await made).close()))
  }

  async #make(kind: Isolated['kind']): Promise<Isolation> {
    switch (kind) {
      case 'thread':
      case 'process':
        return new (await import('./pooled.ts')).Pooled(this.#clock)
      case 'command':
        return new (await import('./command.ts')).Commands(this.#clock)
      case 'http':
        return new (await import('./http.ts')).HttpCalls(this.#clock)
      default:
        return kind satisfies never
    }
  }
}
