/** What Rota says while it works: five methods that any logger can offer. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void

  /** The same log with these fields on every line. */
  child(fields: LogFields): Log
}

const nothing = (): void => {}

/** Says nothing: the default of the library, which is a guest in somebody's program. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog }
