/** The thread that counts for a worker of this process, also while its loop is busy. It writes one small file, and nothing else. */

import { Worker } from 'node:worker_threads'
import { systemClock } from '../../base/clock.ts'
import type { Duration } from '../../base/duration.ts'
import { BeatFile } from './beat-file.ts'

// In the source a `.ts` beside this one, in the published form a `.js` in the root.
const program = new URL(import.meta.url.endsWith('.ts') ? './heart-thread.ts' : '../heart.js', import.meta.url)

export class Heart {
  readonly #file: string
  #thread: Worker | null = null

  constructor(file: string) {
    this.#file = file
  }

  /** Beats from now on, and for as long as this unless it is told so again. */
  beat(patience: Duration): void {
    this.#thread ??= this.#start()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#thread.postMessage(patience)
  }

  async stop(): Promise<void> {
    await this.#thread?.terminate()
  }

  #start(): Worker {
    // The first beat is not the thread's, which has to be loaded: this process may be stopped or blocked before.
    using file = new BeatFile(this.#file)
    file.beat(systemClock().now())
    const thread = new Worker(program, { name: 'rota-heart', workerData: this.#file, execArgv: [] })
    thread.unref()
    // Without a listener its error would end this process. The next beat starts another one.
    thread.on('error', () => {})
    thread.on('exit', () => {
      this.#thread = null
    })
    return thread
  }
}
