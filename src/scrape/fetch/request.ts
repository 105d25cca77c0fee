/** A request as a source asks it, and the same checked, with its credentials known as such. */

import { RotaError } from '../../base/errors.ts'
import type { Json } from '../../base/json.ts'
import type { Headers } from './answer.ts'
import { isSecretName, maskText } from './mask.ts'

/** What a source wants asked; a bare address is a GET. */
export interface Request {
  /** http or https. `user:password@` becomes basic authorization. */
  readonly url: string | URL
  /** Default GET, with a body POST. Sources read: any request may be tried again. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: string | Exclude<Json, string | null>
}

/** A request that can be sent. */
export interface Ask {
  /** Without user-info and fragment. */
  readonly url: URL
  readonly method: string
  /** Lower-case names. */
  readonly headers: Headers
  readonly body: string | null
  /** The credentials in it, so that they can be masked wherever they come up again. */
  readonly secrets: readonly string[]
}

const METHOD = /^[A-Z]{1,20}$/
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,200}$/
// The connection is the transport's own affair, and what is asked for compressed must be what can be unpacked.
const OWN_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const SHORTEST_SECRET = 4

/**
 * Checks a request.
 *
 * @throws RotaError OPTION_INVALID
 */
export const askFrom = (wanted: Request | string, userAgent: string): Ask => {
  const request = typeof wanted === 'string' ? { url: wanted } : wanted
  const url = urlFrom(request.url)
  const body = bodyFrom(request.body)
  const headers = {
    accept: '*/*',
    'user-agent': userAgent,
    ...(body !== null && typeof request.body !== 'string' ? { 'content-type': 'application/json' } : {}),
    ...authorization(url),
    ...headersFrom(request.headers ?? {}),
  }
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url, method: methodFrom(request.method, body), headers, body, secrets: secretsIn(url, headers) }
}

/** Whether a request carries a credential of ours: then a refusal is about the credential. */
export const hasCredentials = (ask: Ask): boolean => ask.secrets.length > 0

const urlFrom = (address: string | URL): URL => {
  const text = String(address)
  if (!URL.canParse(text)) throw refused(`'${maskText(text).slice(0, 200)}' is not an address`)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused(`only http and https are asked, not ${url.protocol}`)
  return url
}

const bodyFrom = (body: Request['body']): string | null => {
  if (body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

const methodFrom = (method: string | undefined, body: string | null): string => {
  const name = (method ?? (body === null ? 'GET' : 'POST')).toUpperCase()
  if (!METHOD.test(name) || name === 'CONNECT')
    throw refused(`'${name.slice(0, 20)}' is not a method that can be asked`)
  if (body !== null && (name === 'GET' || name === 'HEAD')) throw refused(`a ${name} has no body`)
  return name
}

const authorization = (url: URL): Headers => {
  if (url.username === '' && url.password === '') return {}
  const pair = `${unescaped(url.username)}:${unescaped(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const headersFrom = (headers: Readonly<Record<string, string>>): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const lower = name.toLowerCase()
      if (!HEADER_NAME.test(name) || OWN_HEADERS.has(lower))
        throw refused(`the header '${name.slice(0, 40)}' cannot be set`)
      if (typeof value !== 'string' || /[\0\r\n]/.test(value))
        throw refused(`the value of the header '${lower}' is not one line of text`)
      return [lower, value]
    }),
  )

const refused = (why: string): RotaError => new RotaError('OPTION_INVALID', `The request cannot be made: ${why}.`)

const secretsIn = (url: URL, headers: Headers): readonly string[] => {
  const inHeaders = Object.entries(headers).flatMap(([name, value]) =>
    isSecretName(name) ? [value, ...value.split(' ').slice(1)] : [],
  )
  const inQuery = [...url.searchParams].flatMap(([name, value]) =>
    isSecretName(name) ? [value, encodeURIComponent(value)] : [],
  )
  return [...new Set([...inHeaders, ...inQuery])].filter(secret => secret.length >= SHORTEST_SECRET)
}
