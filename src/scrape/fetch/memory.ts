/**
 * The last answers of a source with their ETag or Last-Modified, so that "nothing has changed" is an answer.
 * It lives as long as the source does in this process, is bounded, and keeps bodies packed: text to a quarter.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { Answer, header } from './answer.ts'
import type { Headers } from './answer.ts'
import type { Ask } from './request.ts'

const MOST_BYTES = 32_000_000
const MOST_ANSWERS = 2_000
// A tenth of the time that reading a page takes. On other threads it would take more memory than it saves.
const QUICK = { level: 1 }

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly packed: Uint8Array
  /** Of the body, unpacked. */
  readonly bytes: number
}

export class AnswerMemory {
  // Oldest first: a Map keeps the order of insertion.
  readonly #answers = new Map<string, KeptAnswer>()
  // What was unpacked and is kept once more needs no packing.
  readonly #packed = new WeakMap<Answer, Uint8Array>()
  readonly #mostBytes: number
  #bytes = 0

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** The answer that was read last time for the same request. */
  recall(ask: Ask): KeptAnswer | undefined {
    return ask.method === 'GET' ? this.#answers.get(identity(ask)) : undefined
  }

  /** A kept answer, to be read again. */
  unpacked({ packed, ...kept }: KeptAnswer): Answer {
    const answer = new Answer({ ...kept, bytes: inflateRawSync(packed) })
    this.#packed.set(answer, packed)
    return answer
  }

  /** Keeps an answer that was read well, when it can be asked for conditionally. */
  keep(ask: Ask, answer: Answer): void {
    if (ask.method !== 'GET' || Object.keys(conditions(answer)).length === 0) return
    const key = identity(ask)
    const { url, status, headers } = answer
    const bytes = answer.bytes.length
    if (bytes > this.#mostBytes) return this.#forget(key)
    // A copy: what was packed lies in a larger piece of memory.
    const packed = this.#packed.get(answer) ?? new Uint8Array(deflateRawSync(answer.bytes, QUICK))
    this.#forget(key)
    this.#answers.set(key, { url, status, headers, packed, bytes })
    this.#bytes += bytes
    for (const oldest of this.#answers.keys()) {
      if (this.#bytes <= this.#mostBytes && this.#answers.size <= MOST_ANSWERS) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#answers.get(key)?.bytes ?? 0
    this.#answers.delete(key)
  }
}

/** The headers that ask for this answer only if it has changed. */
export const conditions = (answer: Pick<Answer, 'headers'>): Headers => {
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
