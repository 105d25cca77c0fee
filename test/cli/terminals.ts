/** A terminal made of strings, for commands called in this process; and the program itself as a child, for what only it can show. */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import picocolors from 'picocolors'
import type { Clock } from '../../src/base/clock.ts'
import { systemClock } from '../../src/base/clock.ts'
import { instant } from '../../src/base/instant.ts'
import { main } from '../../src/cli/program.ts'
import type { Signal, Terminal } from '../../src/cli/terminal.ts'

export interface Said {
  readonly exit: number
  readonly out: string
  readonly err: string
}

export interface TerminalOptions {
  readonly input?: Iterable<string> | AsyncIterable<string>
  readonly folder?: string
  readonly columns?: number
  readonly colored?: boolean
  readonly clock?: Clock
}

/** A terminal that keeps what is written to it, and can be sent signals. */
export class StringTerminal implements Terminal {
  out = ''
  err = ''
  readonly exits: number[] = []
  readonly columns: number | null
  readonly colors: Terminal['colors']
  readonly errorColors: Terminal['colors']
  readonly folder: string
  readonly clock: Clock
  readonly #input: Iterable<string> | AsyncIterable<string>
  readonly #listeners = new Set<(signal: Signal) => void>()
  readonly #watchers = new Set<() => void>()

  constructor(options: TerminalOptions = {}) {
    this.columns = options.columns ?? null
    this.colors = picocolors.createColors(options.colored ?? false)
    this.errorColors = this.colors
    this.folder = options.folder ?? '/'
    this.clock = options.clock ?? { ...systemClock(), now: () => instant(Date.UTC(2026, 10, 22, 9, 0, 0, 85)) }
    this.#input = options.input ?? []
  }

  async print(text: string): Promise<void> {
    this.out += text
    this.#wrote()
  }

  say(text: string): void {
    this.err += text
    this.#wrote()
  }

  async *input(): AsyncGenerator<string> {
    for await (const piece of this.#input) yield piece
  }

  onSignal(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onStray(): () => void {
    return () => {}
  }

  exit(code: number): void {
    this.exits.push(code)
  }

  send(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal)
  }

  /** Resolves once both outputs together hold this text. */
  shows(text: string | RegExp): Promise<void> {
    return new Promise(resolve => {
      const look = (): void => {
        const all = this.out + this.err
        if (typeof text === 'string' ? !all.includes(text) : !text.test(all)) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  #wrote(): void {
    for (const look of this.#watchers) look()
  }
}

/** Calls the program in this process. */
export const call = async (args: readonly string[], options: TerminalOptions = {}): Promise<Said> => {
  const terminal = new StringTerminal(options)
  const exit = await main(args, terminal)
  return { exit, out: terminal.out, err: terminal.err }
}

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** Starts the program as a child of its own. */
export const start = (
  args: readonly string[],
  options: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], {
    cwd: options.folder ?? process.cwd(),
    env: { PATH: process.env['PATH'], ...options.environment },
    stdio: 'pipe',
  })

/** Runs the program as a child to its end. */
export const shell = async (
  args: readonly string[],
  options: {
    readonly folder?: string
    readonly environment?: Readonly<Record<string, string>>
    readonly input?: string
  } = {},
): Promise<Said> => {
  const child = start(args, options)
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const exit = await new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)))
  return { exit, out: await out, err: await err }
}

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
