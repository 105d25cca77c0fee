/** The log a handler writes to: lines gathered for a moment, then kept with the run under its fence. */

import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { toJson } from '../base/json.ts'
import type { Json } from '../base/json.ts'
import type { Log, LogFields, LogLevel } from '../base/log.ts'
import type { NewLogLine } from '../store/store.ts'
import type { Secrets } from './secrets.ts'

const GATHER = duration(250)
const MOST_GATHERED = 200
const LONGEST_MESSAGE = 4_000
const LONGEST_FIELDS = 16_000

export class RunLog {
  /** The log handed to the handler. */
  readonly log: Log
  readonly #clock: Clock
  readonly #secrets: Secrets
  readonly #keep: (lines: readonly NewLogLine[]) => void
  #lines: NewLogLine[] = []
  #takeBack: (() => void) | undefined

  constructor(clock: Clock, secrets: Secrets, keep: (lines: readonly NewLogLine[]) => void) {
    this.#clock = clock
    this.#secrets = secrets
    this.#keep = keep
    this.log = new HandedLog(this.#add, {})
  }

  /** Hands over what is gathered. */
  flush(): void {
    this.#takeBack?.()
    this.#takeBack = undefined
    if (this.#lines.length === 0) return
    const lines = this.#lines
    this.#lines = []
    this.#keep(lines)
  }

  readonly #add = (level: LogLevel, message: string, fields: LogFields): void => {
    this.#lines.push({
      at: this.#clock.now(),
      level,
      message: this.#secrets.mask(String(message)).slice(0, LONGEST_MESSAGE),
      fields: this.#secrets.maskJson(fieldsOf(fields)),
    })
    if (this.#lines.length >= MOST_GATHERED) return this.flush()
    this.#takeBack ??= this.#clock.callAfter(GATHER, () => this.flush())
  }
}

// Most handlers say little: a method is made when it is asked for, and is then good by itself, as in `catch(log.error)`.
class HandedLog implements Log {
  readonly #add: (level: LogLevel, message: string, fields: LogFields) => void
  readonly #fields: LogFields

  constructor(add: (level: LogLevel, message: string, fields: LogFields) => void, fields: LogFields) {
    this.#add = add
    this.#fields = fields
  }

  get debug() {
    return this.#at('debug')
  }

  get info() {
    return this.#at('info')
  }

  get warn() {
    return this.#at('warn')
  }

  get error() {
    return this.#at('error')
  }

  get child() {
    return (more: LogFields): Log => new HandedLog(this.#add, { ...this.#fields, ...more })
  }

  #at(level: LogLevel): Log['info'] {
    return (message, more) => this.#add(level, message, { ...this.#fields, ...more })
  }
}

/** Fields as plain data: bounded, errors in words. */
export const fieldsOf = (fields: LogFields): Json => {
  const shown = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? `${value.name}: ${value.message}` : value,
    ]),
  )
  const written = toJson(shown, LONGEST_FIELDS)
  return 'reason' in written ? { unreadable: written.reason } : (JSON.parse(written.text) as Json)
}
