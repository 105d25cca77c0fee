/** What a platform is to its server: a function from a request to an answer. No sockets here. */

import { createHash } from 'node:crypto'

export interface Question {
  readonly path: string
  readonly query: URLSearchParams
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

export type Platform = (question: Question) => Answer | Promise<Answer>

export const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
})

export const html = (body: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
})

export const plain = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
})

/** The same answer with a tag made of its body: who has it already is told so in a few bytes. */
export const tagged = (answer: Answer): Answer => {
  const hash = createHash('sha256').update(answer.body).digest('base64url').slice(0, 27)
  return { ...answer, headers: { ...answer.headers, etag: `"${hash}"` } }
}

export const notFound = plain(404, 'Not found\n')

/** A whole number of the query between `least` and `most`, or `otherwise` when it is missing or none. */
export const numberOf = (
  query: URLSearchParams,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number => {
  const text = query.get(name) ?? ''
  return /^\d{1,9}$/.test(text) ? Math.min(Math.max(Number(text), least), most) : otherwise
}
