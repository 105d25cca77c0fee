/** Every way in which work is isolated, each made when it is first needed. */

import type { Clock } from '../../base/clock.ts'
import type { Duration } from '../../base/duration.ts'
import type { Isolated } from '../../domain/isolation.ts'
import type { Context } from '../../domain/task.ts'
import { Commands } from './command.ts'
import { HttpCalls } from './http.ts'
import type { Execution, Isolation } from './isolation.ts'
import { Pooled } from './pooled.ts'

export class Isolations implements Isolation {
  readonly #clock: Clock
  #pooled: Pooled | undefined
  #commands: Commands | undefined
  #calls: HttpCalls | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(work: Isolated, context: Context, grace: Duration): Execution {
    switch (work.kind) {
      case 'thread':
      case 'process':
        return (this.#pooled ??= new Pooled(this.#clock)).begin(work, context, grace)
      case 'command':
        return (this.#commands ??= new Commands(this.#clock)).begin(work, context)
      case 'http':
        return (this.#calls ??= new HttpCalls(this.#clock)).begin(work, context)
      default:
        return work satisfies never
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pooled?.close(), this.#commands?.close(), this.#calls?.close()])
  }
}
