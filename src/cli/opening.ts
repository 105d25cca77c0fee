/** An app to be asked, not started: from a config, or for a store file alone. And the questions, through the API itself. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { RotaError } from '../base/errors.ts'
import type { ErrorCode } from '../base/errors.ts'
import { rota } from '../rota.ts'
import type { App } from '../app.ts'
import type { Problem } from '../server/problem.ts'
import { CONFIG_FILES, findConfig, loadConfig } from './config.ts'
import { lineLog } from './lines.ts'
import type { Terminal } from './terminal.ts'

export interface OpenOptions {
  readonly config?: string
  readonly store?: string
}

const DEFAULT_STORE = 'rota.db'

/**
 * Opens what the options name; without any, the config or else the store of the current folder. Whoever asks for it stops it.
 *
 * @throws RotaError CONFIG_INVALID, STORE_…
 */
export const openApp = async (options: OpenOptions, terminal: Terminal): Promise<App> => {
  const app = await appOf(options, terminal)
  await openOn(app, options.store, terminal.folder)
  return app
}

/**
 * Opens an app, on another store than its own when one is named.
 *
 * @throws RotaError STORE_…
 */
export const openOn = async (app: App, store: string | undefined, folder: string): Promise<void> => {
  if (store === undefined) return app.open()
  await app.open({ store: resolve(folder, store) })
}

/**
 * The app whose store is to be replaced, and which store that is when one was named. Neither need be there or whole.
 *
 * @throws RotaError CONFIG_INVALID
 */
export const appToRestore = async (
  { config, store }: OpenOptions,
  terminal: Terminal,
): Promise<{ readonly app: App; readonly store: string | undefined }> => {
  const named = store === undefined ? undefined : resolve(terminal.folder, store)
  if (config !== undefined || (store === undefined && findConfig(terminal.folder) !== undefined))
    return { app: (await loadConfig(config, terminal.folder)).app, store: named }
  return { app: rota(), store: named ?? resolve(terminal.folder, DEFAULT_STORE) }
}

const appOf = async ({ config, store }: OpenOptions, terminal: Terminal): Promise<App> => {
  if (config !== undefined || (store === undefined && findConfig(terminal.folder) !== undefined)) {
    return (await loadConfig(config, terminal.folder)).app
  }
  const path = resolve(terminal.folder, store ?? DEFAULT_STORE)
  if (existsSync(path)) return rota({ store: path })
  // Opening would make it: an answer about an empty store that nobody uses.
  if (store !== undefined)
    throw new RotaError('STORE_UNUSABLE', `There is no store ${path}. Name one that exists, or a config with --config.`)
  throw new RotaError(
    'CONFIG_INVALID',
    `There is neither a ${CONFIG_FILES[0]} nor a ${DEFAULT_STORE} in ${terminal.folder}. Name one with --config or --store.`,
  )
}

/**
 * What the API answers to a GET, so that both give the same rows in the same shapes.
 *
 * @throws the RotaError that the API answers with
 */
export const ask = async <Body>(app: App, path: string, query: Query, terminal: Terminal): Promise<Body> => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  )
  const { api } = await import('../server/api.ts')
  const answer = await api(app, { log: lineLog(terminal), clock: terminal.clock }).request(
    `${path}?${new URLSearchParams(given).toString()}`,
  )
  if (answer.ok) return (await answer.json()) as Body
  const problem = (await answer.json()) as Problem
  throw new RotaError(problem.code as ErrorCode, problem.detail, { details: problem.details ?? {} })
}

export type Query = Readonly<Record<string, string | number | undefined>>
