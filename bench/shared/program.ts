/** Programs of their own process to measure: written into a folder that goes away, on the built form of Rota. */

import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

export const root = resolve(import.meta.dirname, '../..')

const QUIET = '--disable-warning=ExperimentalWarning'

/** A folder with Rota as it is published, in `dist`. */
export class Workshop implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'rota-bench-'))

  constructor() {
    execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), join(this.folder, 'dist')])
    writeFileSync(join(this.folder, 'package.json'), '{"type": "module"}')
  }

  /** Where a program finds what it imports: the door `name` of the built form, or a package of this checkout. */
  door(name = 'index.js'): string {
    return pathToFileURL(join(this.folder, 'dist', name)).href
  }

  package(name: string): string {
    return import.meta.resolve(name)
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A running program, told by its lines. */
export class Program implements AsyncDisposable {
  readonly spawnedAt = preciseNow()
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { NODE_COMPILE_CACHE: _ours, ...inherited } = process.env
    this.#child = spawn(process.execPath, [QUIET, ...args], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (this.#child.stdout === null) throw new Error('the program has no output')
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** The next line that matches, and when it came. */
  async line(pattern: RegExp): Promise<{ readonly text: string; readonly at: number }> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error(`the program ended without saying ${pattern}`)
      if (pattern.test(value)) return { text: value, at: preciseNow() }
    }
  }

  /** What the next line holds as JSON. */
  async said(): Promise<unknown> {
    return JSON.parse((await this.line(/^[[{\d]/)).text)
  }

  /** What it keeps in memory now, in MB of a million bytes (Linux). */
  residentMb(): number {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1]
    return (Number(kb) * 1024) / 1e6
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}

/** Epoch milliseconds with parts of them, the same in every process of this machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now()
