/**
 * Reads the JSON of a request: more strictly than JSON.parse, which guesses at doubled keys and cannot say where it stopped.
 * What it gives is plain data: every key is an own property, also one named `__proto__`.
 */

import { RotaError } from '../base/errors.ts'
import type { Json } from '../base/json.ts'

const DEEPEST = 64

/**
 * The value of a JSON text.
 *
 * @throws RotaError JSON_INVALID with the position, for bad syntax, a doubled key, half a character (a lone surrogate), a
 *   number beyond double precision, or nesting deeper than 64
 */
export const readJson = (text: string): Json => new Reader(text).whole()

const SPACE = /[\t\n\r ]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const PLAIN = /[^"\\]*/y

const words: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): Json {
    const value = this.#value(0)
    if (this.#at < this.#text.length) throw this.#wrong('more text follows the value')
    return value
  }

  #value(depth: number): Json {
    this.#match(SPACE)
    const value = this.#bareValue(depth)
    this.#match(SPACE)
    return value
  }

  #bareValue(depth: number): Json {
    if (depth > DEEPEST) throw this.#wrong(`it is nested deeper than ${DEEPEST}`)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#array(depth)
    if (next === '"') return this.#string()
    for (const [word, value] of words) if (this.#take(word)) return value
    return this.#number()
  }

  #object(depth: number): Json {
    this.#at++
    const fields = new Map<string, Json>()
    this.#match(SPACE)
    if (this.#take('}')) return {}
    do {
      this.#match(SPACE)
      const start = this.#at
      if (this.#text[start] !== '"') throw this.#wrong('the name of a field is missing')
      const name = this.#string()
      if (fields.has(name)) throw this.#wrong('this field is there twice', start)
      this.#match(SPACE)
      if (!this.#take(':')) throw this.#wrong("':' is missing")
      fields.set(name, this.#value(depth + 1))
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#wrong("',' or '}' is missing")
    // fromEntries defines own properties, so that a field named __proto__ stays data.
    return Object.fromEntries(fields)
  }

  #array(depth: number): Json {
    this.#at++
    const items: Json[] = []
    this.#match(SPACE)
    if (this.#take(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#take(','))
    if (!this.#take(']')) throw this.#wrong("',' or ']' is missing")
    return items
  }

  #string(): string {
    const start = this.#at++
    this.#match(PLAIN)
    while (this.#text[this.#at] === '\\') {
      this.#at += 2
      this.#match(PLAIN)
    }
    if (!this.#take('"')) throw this.#wrong('a string has no end', start)
    return this.#decoded(start)
  }

  #decoded(start: number): string {
    try {
      const value = JSON.parse(this.#text.slice(start, this.#at)) as string
      if (value.isWellFormed()) return value
    } catch {
      throw this.#wrong('a string holds a control character or an unknown escape', start)
    }
    throw this.#wrong('a string holds half a character (a lone surrogate)', start)
  }

  #number(): number {
    const start = this.#at
    const value = Number(this.#match(NUMBER) || 'none')
    if (Number.isFinite(value)) return value
    if (this.#at > start) throw this.#wrong('a number is too large', start)
    throw this.#wrong(start >= this.#text.length ? 'it ends too early' : 'a value is missing')
  }

  #take(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false
    this.#at += expected.length
    return true
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #wrong(why: string, position = Math.min(this.#at, this.#text.length)): RotaError {
    return new RotaError('JSON_INVALID', `The body is not JSON that can be used: ${why} at position ${position}.`, {
      details: { position },
    })
  }
}
