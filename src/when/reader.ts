/** Walks over the text of a condition, one token at a time. It knows what tokens look like and nothing of what they mean. */

import { unreadable } from './unreadable.ts'
import type { Problem } from './unreadable.ts'

/** `text` is as written, `word` in lower case; `end` is the position behind the token. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly word: string
  readonly position: number
  readonly end: number
}

export type TokenKind = keyof typeof SHAPES | 'end'

// The first shape that fits wins, so the longer ones come first.
const SHAPES = {
  quoted: /'(?:[^']|'')*'|"(?:[^"]|"")*"|‘[^‘’]*’|“[^“”]*”/y,
  date: /\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?/iy,
  time: /\d{1,2}:\d{2}(?::\d{2})?(?![\d:])/y,
  mark: /:\d{2}(?![\d:])/y,
  ordinal: /\d{1,3}(?:st|nd|rd|th)(?!\p{L})/iuy,
  amount: /\d{1,15}(?:\.\d{1,9})?\p{L}[\p{L}\d.]*/uy,
  number: /\d{1,15}(?:\.\d{1,9})?(?![\d.])/y,
  word: /\p{L}+/uy,
  sign: /[(),&|~–-]/y,
  other: /[^]/uy,
} as const

const SPACE = /\s*/y

export class Reader {
  readonly text: string
  #next: Token

  constructor(text: string) {
    this.text = text
    this.#next = tokenAt(text, 0)
  }

  /** The token that comes next. */
  get next(): Token {
    return this.#next
  }

  /** The token behind the next one. */
  get afterNext(): Token {
    return this.behind(this.#next)
  }

  behind(token: Token): Token {
    return tokenAt(this.text, token.end)
  }

  take(): Token {
    const taken = this.#next
    this.#next = tokenAt(this.text, taken.end)
    return taken
  }

  /** Takes the next token where it is one of these words or signs. */
  takeIf(...words: readonly string[]): Token | undefined {
    return this.nextIs(...words) ? this.take() : undefined
  }

  nextIs(...words: readonly string[]): boolean {
    return (this.#next.kind === 'word' || this.#next.kind === 'sign') && words.includes(this.#next.word)
  }

  /** Takes one of these words, or refuses. */
  expect(...words: readonly string[]): Token {
    return this.takeIf(...words) ?? this.fail(words.map(word => `'${word}'`).join(' or '))
  }

  takeKind(kind: TokenKind, expected: string): Token {
    return this.#next.kind === kind ? this.take() : this.fail(expected)
  }

  /** Goes on at a position, after something was read by other means. */
  moveTo(position: number): void {
    this.#next = tokenAt(this.text, position)
  }

  /** Refuses the next token. */
  fail(expected: string, hint?: string): never {
    throw this.refusal(this.#next, expected, hint)
  }

  refusal(token: Token, expected: string, hint?: string): Error {
    const problem: Problem = { position: token.position, found: token.text, expected, hint }
    return unreadable(problem)
  }
}

const tokenAt = (text: string, from: number): Token => {
  SPACE.lastIndex = from
  SPACE.exec(text)
  const position = SPACE.lastIndex
  if (position >= text.length) return { kind: 'end', text: '', word: '', position, end: position }
  for (const kind of KINDS) {
    const shape = SHAPES[kind]
    shape.lastIndex = position
    const found = shape.exec(text)?.[0]
    if (found !== undefined) {
      return { kind, text: found, word: found.toLowerCase(), position, end: position + found.length }
    }
  }
  return { kind: 'other', text: text[position] ?? '', word: '', position, end: position + 1 }
}

const KINDS = Object.keys(SHAPES) as (keyof typeof SHAPES)[]
