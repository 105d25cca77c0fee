/**
 * The last answers of a source with their ETag or Last-Modified, so that "nothing has changed" is an answer.
 * It lives as long as the source does in this process, and is bounded.
 */

import { Answer, header } from './answer.ts'
import type { Headers } from './answer.ts'
import type { Ask } from './request.ts'

const MOST_BYTES = 32_000_000
const MOST_ANSWERS = 2_000

export class AnswerMemory {
  // Oldest first: a Map keeps the order of insertion.
  readonly #answers = new Map<string, Answer>()
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** The answer that was read last time for the same request. */
  recall(ask: Ask): Answer | undefined {
    const kept = ask.method === 'GET' ? this.#answers.get(identity(ask)) : undefined
    // A copy: the text and the tree that reading makes of it are many times its size, and go when it has been read.
    return kept === undefined ? undefined : new Answer(kept)
  }

  /** Keeps an answer that was read well, when it can be asked for conditionally. */
  keep(ask: Ask, answer: Answer): void {
    if (ask.method !== 'GET' || Object.keys(conditions(answer)).length === 0) return
    const key = identity(ask)
    this.#forget(key)
    if (answer.bytes.length > this.#mostBytes) return
    this.#answers.set(key, new Answer(answer))
    this.#bytes += answer.bytes.length
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#mostBytes && this.#answers.size <= MOST_ANSWERS) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#answers.get(key)?.bytes.length ?? 0
    this.#answers.delete(key)
  }
}

/** The headers that ask for this answer only if it has changed. */
export const conditions = (answer: Answer): Headers => {
  const etag = header(answer.headers, 'etag')
  const modified = header(answer.headers, 'last-modified')
  return {
    ...(etag === '' ? {} : { 'if-none-match': etag }),
    ...(modified === '' ? {} : { 'if-modified-since': modified }),
  }
}

// Another credential or language is another answer.
const identity = (ask: Ask): string =>
  JSON.stringify([
    ask.url.href,
    Object.entries(ask.headers)
      .map(pair => pair.join(': '))
      .toSorted(),
  ])
