/** Programs of their own process to measure: written into a folder that goes away, on the built form of Rota. */

import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
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
  #errors = ''

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { NODE_COMPILE_CACHE: _ours, ...inherited } = process.env
    this.#child = spawn(process.execPath, [QUIET, ...args], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('the program has no output')
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
    stderr.on('data', chunk => {
      this.#errors = (this.#errors + String(chunk)).slice(-4_000)
    })
  }

  /** The next line that matches, and when it came. */
  async line(pattern: RegExp): Promise<{ readonly text: string; readonly at: number }> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done === true) throw new Error(`the program ended without saying ${pattern}:\n${this.#errors}`)
      if (pattern.test(value)) return { text: value, at: preciseNow() }
    }
  }

  /** What the next line holds as JSON. */
  async said(): Promise<unknown> {
    return JSON.parse((await this.line(/^[[{\d]/)).text)
  }

  /** What it keeps in memory now, in MB of a million bytes (Linux): all of it, and what of it is not mapped from files. */
  memory(): { readonly residentMb: number; readonly ownMb: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    const mb = (field: string): number => (Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6
    return { residentMb: mb('VmRSS'), ownMb: mb('RssAnon') }
  }

  /** Asks it to end. */
  stop(): void {
    this.#child.kill('SIGTERM')
  }

  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}

/** The demonstration as `npm start` starts it, from source, on free ports and with data of its own. */
export const demonstration = async (workshop: Workshop, data: string): Promise<Program> =>
  new Program([join(root, 'src/cli/main.ts'), 'up', join(root, 'examples/platforms/rota.config.ts'), '--port', '0'], {
    NODE_COMPILE_CACHE: join(workshop.folder, 'cache'),
    ROTA_DEMO_DATA: join(workshop.folder, data),
    ROTA_DEMO_PORT: String(await freePorts(4)),
  })

/** What `rota up` prints once it can be looked at. */
export const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/

/** The first of so many neighbouring ports that nobody listens on. */
const freePorts = async (count: number): Promise<number> => {
  for (let first = 20_000; first < 60_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, async (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
  throw new Error('no ports are free')
}

const isFree = async (port: number): Promise<boolean> =>
  new Promise(resolveFree => {
    const server = createServer()
    server.once('error', () => resolveFree(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)))
  })

/** Epoch milliseconds with parts of them, the same in every process of this machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now()
