/** What a handler is handed. */

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Run } from '../domain/run.ts'
import type { Context } from '../domain/task.ts'

/** The attempt that it belongs to. */
export interface Owner extends Pick<Context, 'signal'> {
  readonly run: Run
  readonly clock: Clock
  defer(cleanup: () => unknown): void
}

/** The parts that reach beyond its attempt. */
export type Surroundings = Pick<
  Context,
  'log' | 'records' | 'progress' | 'state' | 'previous' | 'parents' | 'secret' | 'hold'
>

// One is made for each attempt, and most handlers use little of it: that is made when it is asked for. Everything that is asked
// for is good by itself, as in `({ log, defer }) => …`.
export class HandlerContext implements Context {
  readonly input: unknown
  readonly run: Context['run']
  readonly attempt: Context['attempt']
  readonly nominalAt: Context['nominalAt']
  readonly trigger: Context['trigger']
  readonly clock: Clock
  readonly #owner: Owner
  readonly #around: Surroundings

  constructor(input: unknown, owner: Owner, around: Surroundings) {
    const { run } = owner
    this.input = input
    this.run = run.id
    this.attempt = run.attempt
    this.nominalAt = run.nominalAt
    this.trigger = run.trigger
    this.clock = owner.clock
    this.#owner = owner
    this.#around = around
  }

  get signal(): AbortSignal {
    return this.#owner.signal
  }

  get defer(): Context['defer'] {
    return cleanup => this.#owner.defer(cleanup)
  }

  get log(): Log {
    return this.#around.log
  }

  get records(): Context['records'] {
    return this.#around.records
  }

  get progress(): Context['progress'] {
    return this.#around.progress
  }

  get state(): Context['state'] {
    return this.#around.state
  }

  get previous(): Context['previous'] {
    return this.#around.previous
  }

  get parents(): Context['parents'] {
    return this.#around.parents
  }

  get secret(): Context['secret'] {
    return this.#around.secret
  }

  get hold(): Context['hold'] {
    return this.#around.hold
  }
}
