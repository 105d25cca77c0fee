/** Where a task's work is done when it is not a function in this process: the choices, as checked data. */

import { parseDuration } from '../base/duration.ts'
import type { Duration, DurationInput } from '../base/duration.ts'
import { RotaError } from '../base/errors.ts'
import type { Instant } from '../base/instant.ts'
import type { Json } from '../base/json.ts'
import type { RunId } from '../base/name.ts'
import { refuseUnknownOptions } from '../base/options.ts'

/** Work that is done elsewhere; given where a handler stands. */
export type Isolated<Input = unknown> = ThreadWork | ProcessWork | CommandWork<Input> | HttpWork<Input>

/** What the parts of a command or call are made of. */
export interface Occasion<Input = unknown> {
  readonly input: Input
  readonly run: RunId
  readonly attempt: number
  readonly nominalAt: Instant | null
  /** The secret of this name; masked in what is logged. */
  readonly secret: (name: string) => Promise<string>
}

/** A part as it is, or made for each attempt. */
export type Part<Input, T> = T | ((occasion: Occasion<Input>) => T | Promise<T>)

export interface ThreadOptions {
  /** The file that holds the handler: `new URL('./work.ts', import.meta.url)`, or an absolute path. */
  readonly module: URL | string
  /** The exported handler. Default `default`. */
  readonly export?: string
  /** The largest heap, in MB: a handler that needs more fails, and nothing else does. Default: Node's own limit. */
  readonly memoryMb?: number
}

export interface ChildProcessOptions extends ThreadOptions {
  /** Variables of the environment that it sees. Default: all. */
  readonly env?: readonly string[]
  /** A process makes way for a fresh one after so many runs. Default 100. */
  readonly runs?: number
}

export interface CommandOptions<Input = unknown> {
  /** The program and its arguments. No shell reads them. */
  readonly argv: Part<Input, readonly string[]>
  /** Variables of the environment that it sees, besides `ROTA_RUN`, `ROTA_ATTEMPT`, `ROTA_NOMINAL_AT`. Default `PATH` alone. */
  readonly env?: readonly string[]
  /** Secrets that it is given in variables: the variable's name, and the secret's. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The folder it works in. Default: this process's. */
  readonly cwd?: string
  /** `input`: the run's input as JSON. Default `none`. */
  readonly stdin?: 'none' | 'input'
  /** Whether its standard output is the result. Default `none`: its lines are log lines. */
  readonly result?: 'none' | 'text' | 'json'
  /** Exit codes of work that succeeded in part. Default: none. */
  readonly partialExitCodes?: readonly number[]
}

export interface HttpCallOptions<Input = unknown> {
  readonly url: Part<Input, string | URL>
  /** Default GET; POST with a body. */
  readonly method?: string
  readonly headers?: Part<Input, Readonly<Record<string, string>>>
  /** Text is sent as it is, everything else as JSON. */
  readonly body?: Part<Input, Json>
  /** Of the whole call. Default 30 s. */
  readonly timeout?: DurationInput
  /** The longest answer. Default 1,000,000. */
  readonly maxBytes?: number
}

export interface ThreadWork {
  readonly kind: 'thread'
  /** As a URL. */
  readonly module: string
  readonly export: string
  readonly memoryMb: number | null
}

export interface ProcessWork {
  readonly kind: 'process'
  readonly module: string
  readonly export: string
  readonly memoryMb: number | null
  /** Null: all. */
  readonly env: readonly string[] | null
  readonly runs: number
}

export interface CommandWork<Input = unknown> {
  readonly kind: 'command'
  readonly argv: Part<Input, readonly string[]>
  readonly env: readonly string[]
  readonly secrets: Readonly<Record<string, string>>
  readonly cwd: string | null
  readonly stdin: 'none' | 'input'
  readonly result: 'none' | 'text' | 'json'
  readonly partialExitCodes: readonly number[]
}

export interface HttpWork<Input = unknown> {
  readonly kind: 'http'
  readonly url: Part<Input, string | URL>
  readonly method: string
  readonly headers: Part<Input, Readonly<Record<string, string>>>
  readonly body: Part<Input, Json> | undefined
  readonly timeout: Duration
  readonly maxBytes: number
}

const kinds: readonly unknown[] = ['thread', 'process', 'command', 'http'] satisfies readonly Isolated['kind'][]

export const isIsolated = (work: unknown): work is Isolated =>
  typeof work === 'object' && work !== null && 'kind' in work && kinds.includes(work.kind)

/**
 * A handler in a thread of its own: it may compute for long without holding up anything else, and is stopped by force when
 * it ignores its signal. It is found by its file and name, and is given the same context.
 *
 * @throws RotaError OPTION_INVALID
 * @example app.task('parse', thread({ module: new URL('./parse.ts', import.meta.url), export: 'parse' }), { timeout: '5 m' })
 */
export const thread = (options: ThreadOptions): ThreadWork => {
  refuseUnknownOptions('thread', options, ['module', 'export', 'memoryMb'])
  return { kind: 'thread', ...moduleOf('thread', options) }
}

/**
 * A handler in a process of its own: as `thread`, and what it does to its process (an exit, a crash, a leak) stays there.
 * It is stopped together with the processes that it started.
 *
 * @throws RotaError OPTION_INVALID
 * @example app.task('render', childProcess({ module: new URL('./render.ts', import.meta.url), memoryMb: 512 }))
 */
export const childProcess = (options: ChildProcessOptions): ProcessWork => {
  refuseUnknownOptions('childProcess', options, ['module', 'export', 'memoryMb', 'env', 'runs'])
  const { runs = 100 } = options
  checkWhole('childProcess', 'runs', runs, 1_000_000)
  const env = options.env === undefined ? null : checkTexts('childProcess', 'env', options.env)
  return { kind: 'process', ...moduleOf('childProcess', options), env, runs }
}

/**
 * Any program: exit code 0 is success, its lines are log lines. It is stopped together with the processes that it started.
 *
 * @throws RotaError OPTION_INVALID
 * @example app.task('dump', command({ argv: ['pg_dump', '--file', '/backup/news.sql', 'news'], env: ['PATH', 'PGHOST'] }))
 */
export const command = <Input = unknown>(options: CommandOptions<Input>): CommandWork<Input> => {
  refuseUnknownOptions('command', options, ['argv', 'env', 'secrets', 'cwd', 'stdin', 'result', 'partialExitCodes'])
  const { argv, env = ['PATH'], secrets = {}, cwd = null, stdin = 'none', result = 'none' } = options
  if (typeof argv !== 'function') checkArgv(argv)
  checkTexts('command', 'env', env)
  checkTexts('command', 'secrets', Object.values(secrets))
  checkChoice('stdin', stdin, ['none', 'input'])
  checkChoice('result', result, ['none', 'text', 'json'])
  const { partialExitCodes = [] } = options
  for (const code of partialExitCodes) checkWhole('command', 'partialExitCodes', code, 255)
  return { kind: 'command', argv, env, secrets, cwd, stdin, result, partialExitCodes }
}

/**
 * A call over HTTP: 2xx is success with the answer as the result, 429 and 503 wait as long as they were told to, other 4xx
 * fail at once, 5xx may be tried again. Redirects are followed on the same host only.
 *
 * @throws RotaError OPTION_INVALID
 * @example app.task('rebuild', httpCall({ method: 'POST', url: 'https://ci.example.org/builds', body: { branch: 'main' } }))
 */
export const httpCall = <Input = unknown>(options: HttpCallOptions<Input>): HttpWork<Input> => {
  refuseUnknownOptions('httpCall', options, ['url', 'method', 'headers', 'body', 'timeout', 'maxBytes'])
  const { url, body, headers = {}, maxBytes = 1_000_000 } = options
  if (typeof url !== 'function') checkUrl(url)
  const method = (options.method ?? (body === undefined ? 'GET' : 'POST')).toUpperCase()
  if (!/^[A-Z]{1,20}$/.test(method)) throw refused('httpCall', 'method', method, 'is not a method such as GET or POST')
  checkWhole('httpCall', 'maxBytes', maxBytes, 100_000_000)
  return { kind: 'http', url, method, headers, body, timeout: parseDuration(options.timeout ?? '30 s'), maxBytes }
}

/**
 * The program and its arguments.
 *
 * @throws RotaError OPTION_INVALID
 */
export const checkArgv = (argv: unknown): readonly string[] => {
  const texts = checkTexts('command', 'argv', argv)
  if (texts[0] === undefined || texts[0] === '') throw refused('command', 'argv', '[]', 'names no program')
  return texts
}

/**
 * An address that can be called.
 *
 * @throws RotaError OPTION_INVALID
 */
export const checkUrl = (url: unknown): URL => {
  const text = String(url)
  const parsed = URL.canParse(text) ? new URL(text) : null
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw refused('httpCall', 'url', text, 'is not an http:// or https:// address')
}

const moduleOf = (what: string, options: ThreadOptions) => {
  const { memoryMb } = options
  if (memoryMb !== undefined) checkWhole(what, 'memoryMb', memoryMb, 1_000_000)
  const exported = options.export ?? 'default'
  if (typeof exported !== 'string') throw refused(what, 'export', typeof exported, 'is not a name')
  return { module: moduleUrl(what, options.module), export: exported, memoryMb: memoryMb ?? null }
}

const moduleUrl = (what: string, module: unknown): string => {
  if (module instanceof URL) return module.href
  const text = String(module)
  if (text.startsWith('file:')) return text
  if (text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text)) return fileUrl(text)
  throw refused(
    what,
    'module',
    text,
    `is neither a URL nor an absolute path; write new URL('${text}', import.meta.url)`,
  )
}

const fileUrl = (path: string): string => {
  const url = new URL('file:///')
  url.pathname = path.replaceAll('\\', '/').replaceAll('%', '%25')
  return url.href
}

const checkTexts = (what: string, option: string, value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every(text => typeof text === 'string' && !text.includes('\0'))) return value
  throw refused(what, option, String(value), 'is not a list of texts')
}

const checkChoice = (option: string, value: unknown, choices: readonly string[]): void => {
  if (!choices.includes(value as string))
    throw refused('command', option, String(value), `is none of ${choices.join(', ')}`)
}

const checkWhole = (what: string, option: string, value: unknown, most: number): void => {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return
  throw refused(what, option, String(value), `is not a whole number from 1 to ${most.toLocaleString('en')}`)
}

const refused = (what: string, option: string, value: string, why: string): RotaError => {
  const shown = value.slice(0, 100)
  return new RotaError('OPTION_INVALID', `${option} of ${what}: '${shown}' ${why}.`, {
    details: { option, value: shown },
  })
}
