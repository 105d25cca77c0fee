/** Secrets by name, from the environment or a file; and what hides them wherever a run's words are kept. */

import { readFileSync, statSync } from 'node:fs'
import { RotaError, asError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'
import type { Outcome } from '../domain/outcome.ts'

const MASK = '•••'
// A shorter one would hide half of every line.
const SHORTEST_MASKED = 4

export class Secrets {
  readonly #file: string | null
  readonly #known = new Set<string>()

  /** `file`: lines `NAME=value`, readable by its owner alone. */
  constructor(file: string | null) {
    this.#file = file
  }

  /** @throws RotaError SECRET_UNKNOWN, CONFIG_INVALID */
  find(name: string): string {
    const variable = `ROTA_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
    const value = process.env[variable] ?? this.#inFile(name)
    if (value === undefined || value === '') {
      const where = this.#file === null ? '' : `, or ${name}=… in ${this.#file}`
      throw new RotaError(
        'SECRET_UNKNOWN',
        `There is no secret '${name.slice(0, 100)}'; set ${variable.slice(0, 120)}${where}.`,
      )
    }
    if (value.length >= SHORTEST_MASKED) this.#known.add(value)
    return value
  }

  /** The text without any secret that was handed out. */
  mask(text: string): string {
    let masked = text
    for (const secret of this.#known) masked = masked.replaceAll(secret, MASK)
    return masked
  }

  /** The value without any secret in its texts. */
  maskJson<T extends Json>(value: T): T {
    if (this.#known.size === 0) return value
    let text = JSON.stringify(value)
    for (const secret of this.#known) text = text.replaceAll(JSON.stringify(secret).slice(1, -1), MASK)
    return JSON.parse(text) as T
  }

  /** The outcome without any secret, in its result or its error. */
  maskOutcome(outcome: Outcome): Outcome {
    return this.#known.size === 0 ? outcome : (this.maskJson(outcome as unknown as Json) as unknown as Outcome)
  }

  #inFile(name: string): string | undefined {
    if (this.#file === null) return undefined
    const values = readSecretsFile(this.#file)
    return Object.hasOwn(values, name) ? values[name] : undefined
  }
}

const readSecretsFile = (file: string): Readonly<Record<string, string | undefined>> => {
  try {
    // Others on this machine could have read it: then it is no secret any more.
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new RotaError('CONFIG_INVALID', `${file} can be read by others; make it yours alone: chmod 600 ${file}`)
    // Loaded here: it takes a megabyte, and most apps have no such file.
    return process.getBuiltinModule('node:util').parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof RotaError) throw error
    throw new RotaError('CONFIG_INVALID', `The secrets file cannot be read: ${asError(error).message}`, {
      cause: error,
    })
  }
}
