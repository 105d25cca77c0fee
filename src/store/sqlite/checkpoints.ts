/**
 * Puts what was committed into its place in the file, in a thread. Each time the disk is synced twice: SQLite's own checkpoint
 * does that in the middle of a commit, when much has gathered, and holds up everybody for as long as the disk takes.
 */

import type { Worker } from 'node:worker_threads'

// In the source a `.ts` beside this one, in the published form a `.js` in the root.
const isSource = import.meta.url.endsWith('.ts')
const program = new URL(isSource ? './checkpoint-thread.ts' : '../checkpoint.js', import.meta.url)

// Pages of the log, roughly: each commit writes the upper pages of its trees again.
const PAGES_OF_A_COMMIT = 8
const CHANGES_OF_A_PAGE = 4
// A quarter of what SQLite lets gather.
const MOST_PAGES = 2_500

export class Checkpoints {
  readonly #place: string
  #thread: Worker | null = null
  #running: Promise<void> | null = null
  #done: () => void = () => {}
  #pages = 0
  #isClosed = false

  /** `place`: the database's file. */
  constructor(place: string) {
    this.#place = place
  }

  /** So many changes were committed together: once much has gathered it is put into its place. */
  note(changes: number): void {
    this.#pages += PAGES_OF_A_COMMIT + changes / CHANGES_OF_A_PAGE
    if (this.#pages >= MOST_PAGES) void this.checkpoint()
  }

  /** Resolves when what was committed until now is in its place, as far as no reader needs it where it was. Never rejects. */
  checkpoint(): Promise<void> {
    this.#pages = 0
    this.#running ??= this.#ask().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
    await this.#thread?.terminate()
  }

  async #ask(): Promise<void> {
    // A thread that nobody needs is not even loaded.
    const { Worker } = await import('node:worker_threads')
    if (this.#isClosed) return
    this.#thread ??= this.#start(Worker)
    const thread = this.#thread
    // Whoever waits for the answer keeps the process alive, and an idle thread does not.
    thread.ref()
    await new Promise<void>(resolve => {
      this.#done = resolve
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      thread.postMessage(null)
    })
    thread.unref()
  }

  #start(Thread: typeof Worker): Worker {
    const thread = new Thread(program, { name: 'rota-checkpoint', workerData: this.#place, execArgv: [] })
    thread.on('message', () => this.#done())
    // What cannot be done now SQLite does by itself when more has gathered, and its failures are those of a commit.
    thread.on('error', () => {})
    thread.on('exit', () => {
      this.#thread = null
      this.#done()
    })
    return thread
  }
}
