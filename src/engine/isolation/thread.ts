/** Threads of this process. */

import { Worker } from 'node:worker_threads'
import type { ThreadWork } from '../../domain/isolation.ts'
import type { FromRemote, ToRemote } from './messages.ts'
import { inheritedOptions } from './node-options.ts'
import { remoteProgram } from './vessel.ts'
import type { Listener, Vessel } from './vessel.ts'

export class Thread implements Vessel {
  readonly #worker: Worker
  readonly #gone = Promise.withResolvers<void>()
  #isAlive = true
  #listener: Listener | null = null
  #fatal: Error | null = null

  constructor({ memoryMb }: Pick<ThreadWork, 'memoryMb'>) {
    this.#worker = new Worker(remoteProgram, {
      name: 'rota',
      // Node refuses most options when they are named for a thread; what is not named is taken over.
      ...(inheritedOptions().length === process.execArgv.length ? {} : { execArgv: [] }),
      ...(memoryMb === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
    })
    this.#worker.on('message', (message: FromRemote) => this.#listener?.said(message))
    this.#worker.on('error', error => {
      this.#fatal = error as Error
    })
    this.#worker.on('exit', code => {
      this.#isAlive = false
      this.#listener?.ended(this.#fatal ?? new Error(`its thread ended with exit code ${code} before it was over`))
      this.#gone.resolve()
    })
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  send(message: ToRemote): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage(message)
  }

  heardBy(listener: Listener | null): void {
    this.#listener = listener
    if (listener === null) this.#worker.unref()
    else this.#worker.ref()
  }

  async kill(): Promise<void> {
    // Its end is waited for, also where nothing else keeps this process alive.
    this.#worker.ref()
    void this.#worker.terminate()
    await this.#gone.promise
  }

  leave(): void {
    void this.kill()
  }
}
