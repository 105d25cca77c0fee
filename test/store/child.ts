/** A program of a test, in a process of its own: what it says line by line, and its death. */

import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export class Child implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  readonly #closed: Promise<unknown>
  #complaints = ''

  /** Starts a program that lies beside the tests, as this user or another. */
  constructor(program: string, args: readonly string[], as: { readonly uid?: number; readonly umask?: number } = {}) {
    const path = join(import.meta.dirname, program)
    const { uid, umask } = as
    const before = umask === undefined ? undefined : process.umask(umask)
    const options = uid === undefined ? {} : { uid, gid: uid }
    this.#process = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...args], options)
    if (before !== undefined) process.umask(before)
    this.#closed = once(this.#process, 'close')
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
    this.#process.stderr.on('data', (data: Buffer) => (this.#complaints += data.toString()))
  }

  /** The next line it says. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done !== true) return value
    await this.#closed
    throw new Error(`the program ended without another word: ${this.#complaints}`)
  }

  /** All that it still says, until it ends by itself. */
  async rest(): Promise<readonly string[]> {
    const lines: string[] = []
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next())
      lines.push(next.value)
    await this.#closed
    if (this.#process.exitCode !== 0 && this.#process.signalCode === null) throw new Error(this.#complaints)
    return lines
  }

  /** Dies at once, without a chance to clean up; then gives what it had said. */
  async kill(): Promise<readonly string[]> {
    this.#process.kill('SIGKILL')
    return this.rest()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#closed
  }
}
