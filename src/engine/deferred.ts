/** The cleanups that a handler deferred: called when it is over, the last one first, one after the other. */

import type { Clock } from '../base/clock.ts'
import { formatDuration } from '../base/duration.ts'
import type { Duration } from '../base/duration.ts'
import { describeValue, isError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

type Cleanup = () => unknown

export class Deferred {
  readonly #cleanups: Cleanup[] = []

  add(cleanup: Cleanup): void {
    this.#cleanups.push(cleanup)
  }

  get isEmpty(): boolean {
    return this.#cleanups.length === 0
  }

  /** Resolves when all are over, or after `grace`: what is not over then is left alone. Never rejects. */
  async run(clock: Clock, grace: Duration, log: Log): Promise<void> {
    let takeBack = (): void => {}
    const late = new Promise<void>(resolve => {
      takeBack = clock.callAfter(grace, () => {
        log.error(`the cleanup took longer than ${formatDuration(grace)} and is left alone`)
        resolve()
      })
    })
    await Promise.race([this.#all(log), late])
    takeBack()
  }

  async #all(log: Log): Promise<void> {
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup()
      } catch (thrown) {
        log.error('a cleanup failed', { error: isError(thrown) ? thrown : describeValue(thrown) })
      }
    }
  }
}
