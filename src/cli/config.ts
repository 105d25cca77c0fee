/** The file that says what Rota runs: a module with an `app`, found, loaded and checked, or refused with what to do. */

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RotaError, asError } from '../base/errors.ts'
import type { App } from '../app.ts'

/** What a config module exports. */
export interface Config {
  /** The file, as a person would write it. */
  readonly file: string
  /** `export const app = rota({ … })` */
  readonly app: App
  /** `export const server = { port: 4820 }` */
  readonly server: { readonly port?: number }
  /** `export const setup = async () => …`: runs before the app starts; what it gives is closed after the app has stopped. */
  readonly setup: (() => unknown) | null
}

export type Closer = () => unknown

/** Looked for in the current folder when no file is named. */
export const CONFIG_FILES = ['rota.config.ts', 'rota.config.js', 'rota.config.mjs'] as const

/** The config file in this folder, or undefined. */
export const findConfig = (folder: string): string | undefined =>
  CONFIG_FILES.find(file => existsSync(resolve(folder, file)))

/**
 * Loads a config.
 *
 * @throws RotaError CONFIG_INVALID with what to do about it
 */
export const loadConfig = async (named: string | undefined, folder: string): Promise<Config> => {
  const file = named ?? findConfig(folder)
  if (file === undefined) {
    throw invalid(
      `There is no ${CONFIG_FILES[0]} in ${folder}. Write one that exports an app, or name a file: rota up my.config.ts`,
    )
  }
  const path = resolve(folder, file)
  const shown = relative(folder, path).startsWith('..') ? path : relative(folder, path)
  if (!existsSync(path))
    throw invalid(`There is no file ${path}. Name an existing one: rota up my.config.ts`, { file: path })
  if (statSync(path).isDirectory()) throw invalid(`${path} is a folder; name the config file in it.`, { file: path })
  return configOf(await load(path, shown), shown)
}

const invalid = (message: string, details: { readonly file?: string } = {}, cause?: unknown): RotaError =>
  new RotaError('CONFIG_INVALID', message, { details, ...(cause === undefined ? {} : { cause }) })

const load = async (path: string, shown: string): Promise<Record<string, unknown>> => {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (thrown) {
    // What Rota itself refuses (a condition, a name) says it best; only the place is added.
    if (thrown instanceof RotaError)
      throw new RotaError(thrown.code, `${shown}${lineIn(thrown, path)}: ${thrown.message}`, thrown)
    throw invalid(whyUnloaded(thrown, path, shown), { file: path }, thrown)
  }
}

const whyUnloaded = (thrown: unknown, path: string, shown: string): string => {
  const error = asError(thrown)
  if (error instanceof SyntaxError)
    return `${shown} cannot be read: ${error.message}\n${placeOf(error, path)}`.trimEnd()
  return `${shown}${lineIn(error, path)} cannot be loaded: ${error.message}`
}

/** `:12`, the line of the file that led to the error, where its stack tells. */
const lineIn = (error: Error, path: string): string => {
  const address = pathToFileURL(path).href
  const frame = error.stack?.split('\n').find(line => line.includes(`${address}:`))
  const line =
    frame === undefined ? undefined : /^\d+/.exec(frame.slice(frame.indexOf(`${address}:`) + address.length + 1))?.[0]
  return line === undefined ? '' : `:${line}`
}

// Node puts the place above the stack of most syntax errors. Where it does not, its own check of the file finds it.
const placeOf = (error: SyntaxError, path: string): string => {
  const above = placeAbove(error.stack ?? '')
  if (above !== '') return above
  const checked = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 5_000 })
  return placeAbove(checked.stderr ?? '')
}

// A line `file:///…/rota.config.ts:3`, the source, the caret; then an empty line and the error with its stack.
const PLACE = /^(?:file:\/\/)?(\/.*|[A-Za-z]:[\\/].*):(\d+)\n([\s\S]*?)\n(?:\n|\w*Error)/

const placeAbove = (text: string): string => {
  const found = PLACE.exec(text)
  return found === null ? '' : `at ${found[1]}:${found[2]}\n${found[3]?.trimEnd()}`
}

const configOf = (module: Record<string, unknown>, file: string): Config => {
  const { app, server = {}, setup = null } = module
  if (!isApp(app)) {
    const instead = isApp(module['default']) ? ' It has a default export: name it, with `export const app = …`.' : ''
    const found = app === undefined ? 'exports no `app`' : 'exports an `app` that is not made by rota()'
    throw invalid(`${file} ${found}. Write: export const app = rota({ … })${instead}`, { file })
  }
  if (setup !== null && typeof setup !== 'function')
    throw invalid(`setup in ${file} is a ${typeof setup}; it is a function.`, { file })
  return { file, app, server: serverOf(server, file), setup: setup as Config['setup'] }
}

const isApp = (value: unknown): value is App =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as App).start === 'function' &&
  typeof (value as App).open === 'function'

const serverOf = (server: unknown, file: string): Config['server'] => {
  if (typeof server !== 'object' || server === null)
    throw invalid(`server in ${file} is a ${typeof server}; write { port: 4820 }.`, { file })
  const { port } = server as { port?: unknown }
  return port === undefined ? {} : { port: checkPort(port, `server.port in ${file}`) }
}

/**
 * How to close what a config's `setup` gave: nothing, a function, or something disposable.
 *
 * @throws RotaError CONFIG_INVALID
 */
export const closerOf = (given: unknown, { file }: Pick<Config, 'file'>): Closer => {
  if (given === undefined || given === null) return () => {}
  if (typeof given === 'function') return given as Closer
  const disposable = given as Partial<AsyncDisposable & Disposable>
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose]
  if (typeof dispose === 'function') return () => dispose.call(given)
  throw invalid(`setup in ${file} gave a ${typeof given}; it gives a function that closes, or something disposable.`, {
    file,
  })
}

/** @throws RotaError OPTION_INVALID for what is no port */
export const checkPort = (port: unknown, what: string): number => {
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new RotaError(
    'OPTION_INVALID',
    `${what} is ${JSON.stringify(port)}; it is a whole number from 0 to 65535 (0: any free one).`,
  )
}
