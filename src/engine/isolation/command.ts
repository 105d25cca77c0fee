/** Any program as work: argv, no shell, a listed environment; its lines are log lines, its exit code is the outcome. */

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../../base/clock.ts'
import { duration } from '../../base/duration.ts'
import { asError } from '../../base/errors.ts'
import { formatInstant } from '../../base/instant.ts'
import type { LogLevel } from '../../base/log.ts'
import { checkArgv } from '../../domain/isolation.ts'
import type { CommandWork } from '../../domain/isolation.ts'
import { giveUp, partial } from '../../domain/outcome.ts'
import type { Context } from '../../domain/task.ts'
import { LONGEST_RESULT, Unkept } from '../result.ts'
import { listedEnvironment } from './environment.ts'
import { groupLeft, groupStarted, inOwnGroup, signalGroup } from './groups.ts'
import type { Execution, Isolation } from './isolation.ts'
import { Flood, Lines, Text } from './output.ts'
import { partOf } from './part.ts'
import { howEnded } from './process.ts'

// Who left the group and holds the output open still is not waited for.
const OUTPUT_AFTER_END = duration(1_000)
const LONGEST_SHOWN = 500

export class Commands implements Isolation<CommandWork> {
  readonly #clock: Clock
  readonly #running = new Set<Execution>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(work: CommandWork, context: Context): Execution {
    const program = new Program(work, context, this.#clock)
    const settled = program.run().finally(() => this.#running.delete(execution))
    const execution: Execution = { settled, kill: () => program.kill() }
    this.#running.add(execution)
    return execution
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map(execution => execution.kill()))
  }
}

interface Line {
  readonly level: LogLevel
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
}

/** One execution of a command. */
class Program {
  readonly #work: CommandWork
  readonly #context: Context
  readonly #clock: Clock
  readonly #ended = Promise.withResolvers<void>()
  readonly #flood = new Flood<Line>(line => this.#show(line))
  readonly #result = new Text(LONGEST_RESULT)
  #child: ChildProcess | null = null
  #isKilled = false
  #lastComplaint = ''

  constructor(work: CommandWork, context: Context, clock: Clock) {
    this.#work = work
    this.#context = context
    this.#clock = clock
  }

  async run(): Promise<unknown> {
    try {
      const [program, args] = await this.#argv()
      const env = await this.#environment()
      if (this.#isKilled) throw new Error('it was ended before it began')
      this.#context.signal.throwIfAborted()
      const { code, signal } = await this.#execute(program, args, env)
      this.#showLast()
      return this.#outcome(program, code, signal)
    } finally {
      this.#ended.resolve()
    }
  }

  async kill(): Promise<void> {
    this.#isKilled = true
    const pid = this.#child?.pid
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    await this.#ended.promise
  }

  async #argv(): Promise<readonly [program: string, args: readonly string[]]> {
    const [program = '', ...args] = checkArgv(await partOf(this.#work.argv, this.#context))
    return [program, args]
  }

  async #environment(): Promise<Record<string, string>> {
    const { run, attempt, nominalAt, secret } = this.#context
    const secrets: [string, string][] = []
    for (const [variable, name] of Object.entries(this.#work.secrets)) secrets.push([variable, await secret(name)])
    return {
      ...listedEnvironment(this.#work.env),
      ...Object.fromEntries(secrets),
      ROTA_RUN: String(run),
      ROTA_ATTEMPT: String(attempt),
      ...(nominalAt === null ? {} : { ROTA_NOMINAL_AT: formatInstant(nominalAt) }),
    }
  }

  #execute(
    program: string,
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return new Promise((resolve, reject) => {
      const { cwd } = this.#work
      const child = spawn(program, args, { ...inOwnGroup, env, ...(cwd === null ? {} : { cwd }), stdio: 'pipe' })
      const { pid } = child
      this.#child = child
      child.on('error', error => {
        if (pid === undefined) reject(new Error(`'${program}' cannot be started: ${error.message}`, { cause: error }))
      })
      if (pid === undefined) return
      groupStarted(pid)
      const tell = (): void => signalGroup(pid, 'SIGTERM')
      this.#context.signal.addEventListener('abort', tell)
      this.#read(child)
      this.#write(child)
      let takeBack = (): void => {}
      child.on('exit', () => {
        groupLeft(pid)
        this.#context.signal.removeEventListener('abort', tell)
        takeBack = this.#clock.callAfter(OUTPUT_AFTER_END, () => {
          child.stdout?.destroy()
          child.stderr?.destroy()
        })
      })
      child.on('close', (code, signal) => {
        takeBack()
        resolve({ code, signal })
      })
    })
  }

  #read({ stdout, stderr }: ChildProcess): void {
    const heard = new Lines(text => this.#flood.add({ level: 'info', text, stream: 'stdout' }))
    const out = this.#work.result === 'none' ? heard : this.#result
    stdout?.on('data', (chunk: Buffer) => out.add(chunk))
    stdout?.on('close', () => heard.end())
    const complaints = new Lines(text => {
      if (text.trim() !== '') this.#lastComplaint = text
      this.#flood.add({ level: 'warn', text, stream: 'stderr' })
    })
    stderr?.on('data', (chunk: Buffer) => complaints.add(chunk))
    stderr?.on('close', () => complaints.end())
  }

  #write({ stdin }: ChildProcess): void {
    // A program need not read what it is given.
    stdin?.on('error', () => {})
    stdin?.end(this.#work.stdin === 'input' ? `${JSON.stringify(this.#context.input)}\n` : '')
  }

  #show({ level, text, stream }: Line): void {
    this.#context.log[level](text, { stream })
  }

  #showLast(): void {
    const { leftOut, last } = this.#flood.end()
    if (leftOut > 0) this.#context.log.warn(`${leftOut} lines are left out here`)
    for (const line of last) this.#show(line)
  }

  #outcome(program: string, code: number | null, signal: NodeJS.Signals | null): unknown {
    const ended = `'${program.slice(0, LONGEST_SHOWN)}' ended ${howEnded(code, signal)}`
    if (code === 0) return this.#answer()
    if (code !== null && this.#work.partialExitCodes.includes(code)) return partial(this.#answer(code), ended)
    const complaint = this.#lastComplaint === '' ? '' : `: ${this.#lastComplaint.slice(0, LONGEST_SHOWN)}`
    throw Object.assign(new Error(ended + complaint), { code: signal ?? `EXIT_${code}` })
  }

  #answer(exitCode = 0): unknown {
    if (this.#work.result === 'none') return { exitCode }
    if (this.#result.isTooLong) throw new Unkept(`its output is longer than the ${LONGEST_RESULT} characters allowed`)
    const text = this.#result.end()
    if (this.#work.result === 'text') return text
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      throw giveUp(`its output is not JSON: ${asError(error).message}`)
    }
  }
}
