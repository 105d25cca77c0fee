/** Where an answer may lead, by a redirect or a link, and what is taken along. */

import type { Headers } from './answer.ts'
import { header } from './answer.ts'
import type { Ask } from './request.ts'

/** The next request, or why there is none. */
export type Redirect = { readonly ask: Ask } | { readonly refused: string }

/** What another origin may be told: nothing that says who asks. */
const FOR_EVERYBODY = new Set([
  'accept',
  'accept-language',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'user-agent',
])

/** Whether an answer of this status sends somewhere else. */
export const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308

/** The request that follows a redirect. */
export const redirected = (ask: Ask, status: number, headers: Headers): Redirect => {
  const location = header(headers, 'location')
  return location === ''
    ? { refused: `a redirect (${status}) that says no address` }
    : ledTo(asked(ask, status), location)
}

/** The same request to an address that an answer gave, which is foreign text: not everywhere, and not with everything. */
export const ledTo = (ask: Ask, address: string): Redirect => {
  if (!URL.canParse(address, ask.url.href)) return { refused: 'sent on to something that is no address' }
  const url = new URL(address, ask.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { refused: `sent on to ${url.protocol}` }
  if (ask.url.protocol === 'https:' && url.protocol === 'http:') return { refused: 'sent on from https to http' }
  const stays = url.origin === ask.url.origin
  if (!stays && ask.body !== null) return { refused: 'sent on to another origin, which would be told the body' }
  // User-info in a foreign address is somebody else's idea of our credentials.
  url.username = ''
  url.password = ''
  url.hash = ''
  return { ask: stays ? { ...ask, url } : { ...ask, url, headers: forEverybody(ask.headers) } }
}

// As fetch does it (Fetch standard, 4.4): a POST becomes a GET, except by 307 and 308.
const asked = (ask: Ask, status: number): Ask => {
  const becomesGet = status === 303 ? ask.method !== 'HEAD' : ask.method === 'POST' && status < 303
  if (!becomesGet) return ask
  const { 'content-type': _, ...headers } = ask.headers
  return { ...ask, method: 'GET', body: null, headers }
}

const forEverybody = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => FOR_EVERYBODY.has(name)))
