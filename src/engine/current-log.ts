/** The log of the run that is executing, found from deep in a call without being handed down. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { silentLog } from '../base/log.ts'
import type { Log, LogFields, LogLevel } from '../base/log.ts'

/** Who has a log, which need not be made before something is said. */
export interface Logging {
  readonly log: Log
}

export const silence: Logging = { log: silentLog }

const current = new AsyncLocalStorage<Logging>()

/** Calls `work` so that `log` writes to the log of this one in it, and in everything that it sets going. */
export const withLogOf = <T>(logging: Logging, work: () => T): T => current.run(logging, work)

const logWith = (fields: LogFields): Log => {
  const at = (level: LogLevel) => (message: string, more?: LogFields) =>
    (current.getStore() ?? silence).log[level](message, { ...fields, ...more })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: more => logWith({ ...fields, ...more }),
  }
}

/**
 * Writes to the log of the run that is executing, wherever in its calls; outside of a run it says nothing.
 *
 * @example
 * import { log } from 'rota'
 * export const parse = (page: string) => { if (page === '') log.warn('the page is empty') … }
 */
export const log: Log = logWith({})
