/** Child processes of this one, each the leader of what it starts itself. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { ProcessWork } from '../../domain/isolation.ts'
import { listedEnvironment } from './environment.ts'
import { groupLeft, groupStarted, inOwnGroup, signalGroup } from './groups.ts'
import type { FromRemote, ToRemote } from './messages.ts'
import { inheritedOptions } from './node-options.ts'
import { remoteProgram } from './vessel.ts'
import type { Listener, Vessel } from './vessel.ts'

export class Child implements Vessel {
  readonly #child: ChildProcess
  readonly #gone = Promise.withResolvers<void>()
  #isAlive = true
  #listener: Listener | null = null

  constructor({ memoryMb, env }: Pick<ProcessWork, 'memoryMb' | 'env'>) {
    const limit = memoryMb === null ? [] : [`--max-old-space-size=${memoryMb}`]
    this.#child = fork(remoteProgram, [], {
      ...inOwnGroup,
      execArgv: [...inheritedOptions(), ...limit],
      env: env === null ? process.env : listedEnvironment(env),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const { pid } = this.#child
    if (pid !== undefined) groupStarted(pid)
    this.#child.on('message', message => this.#listener?.said(message as FromRemote))
    this.#child.on('error', error => this.#ended(error))
    this.#child.on('exit', (code, signal) => {
      if (pid !== undefined) groupLeft(pid)
      this.#ended(new Error(`its process ended ${howEnded(code, signal)} before it was over`))
    })
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  send(message: ToRemote): void {
    // A child that has just ended says so by itself.
    this.#child.send(message, () => {})
  }

  heardBy(listener: Listener | null): void {
    this.#listener = listener
    if (listener === null) {
      this.#child.unref()
      this.#child.channel?.unref()
    } else {
      this.#child.ref()
      this.#child.channel?.ref()
    }
  }

  async kill(): Promise<void> {
    const { pid } = this.#child
    if (!this.#isAlive || pid === undefined) return
    // Its end is waited for, also where nothing else keeps this process alive.
    this.#child.ref()
    signalGroup(pid, 'SIGKILL')
    await this.#gone.promise
  }

  leave(): void {
    if (this.#isAlive) this.send({ kind: 'leave' })
  }

  #ended(why: Error): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.#listener?.ended(why)
    this.#gone.resolve()
  }
}

/** How a process ended, in words. */
export const howEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `with exit code ${code}` : `by the signal ${signal}`
