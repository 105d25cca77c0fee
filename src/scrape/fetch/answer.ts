/** What a source answered, as a reader sees it: the bytes, the text, and the JSON in it, each made once. */

import { parseJson } from '../../base/json.ts'
import type { Json } from '../../base/json.ts'
import { decodeText } from './charset.ts'

/** Header names are lower-case; a header that came more than once is joined by `, `. */
export type Headers = Readonly<Record<string, string>>

export class Answer {
  /** Where it came from, after redirects; what relative addresses in it are relative to. Holds no credentials. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  #text: string | undefined
  #json: { readonly value: Json } | undefined

  constructor(parts: { url: string; status: number; headers: Headers; bytes: Uint8Array }) {
    this.url = parts.url
    this.status = parts.status
    this.headers = parts.headers
    this.bytes = parts.bytes
  }

  get contentType(): string {
    return header(this.headers, 'content-type')
  }

  /** The body as text, in the charset that its first bytes, its header or it itself names; else UTF-8. */
  get text(): string {
    this.#text ??= decodeText(this.bytes, this.contentType)
    return this.#text
  }

  /** The body as JSON. @throws RotaError JSON_INVALID */
  get json(): Json {
    this.#json ??= { value: parseJson(this.text, 'answer') }
    return this.#json.value
  }
}

/** The value of a header, '' where it is missing. */
export const header = (headers: Headers, name: string): string =>
  Object.hasOwn(headers, name) ? (headers[name] ?? '') : ''

/**
 * An answer out of saved text or bytes, to try a reader on.
 *
 * @example await html({ fields: { title: 'h1' } }).read(savedAnswer('<h1>Hello</h1>')) // [{ title: 'Hello' }]
 */
export const savedAnswer = (
  body: string | Uint8Array,
  options: { readonly url?: string; readonly contentType?: string; readonly status?: number } = {},
): Answer => {
  const said = options.contentType ?? ''
  return new Answer({
    url: options.url ?? 'http://saved.invalid/',
    status: options.status ?? 200,
    headers: { 'content-type': typeof body === 'string' ? `${said.split(';')[0]}; charset=utf-8` : said },
    bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  })
}
