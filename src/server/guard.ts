/**
 * Who may ask: only programs and pages of this machine. Every request passes here before anything else reads it.
 *
 * A page of another site can reach 127.0.0.1 through the reader's own browser, by a name of its own that points here or by
 * a form that is sent here. So a request must name this server as its host, and one that changes something must come from
 * one of our own pages, or from a program that is no browser.
 */

import { RotaError } from '../base/errors.ts'

/** The head of a request, as it came over the wire. */
export interface Head {
  readonly method: string
  /** The request target: a path with its query, or whatever was sent in its place. */
  readonly target: string
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[]
}

/** The hosts that a server of this machine may be bound to. */
export const loopbackHosts: readonly string[] = ['127.0.0.1', 'localhost', '::1']

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
const sitesOfOurs = new Set(['same-origin', 'none'])

/** Why a request is refused, or null when it may pass. */
export const refusal = (head: Head, port: number): RotaError | null => {
  const host = namedHost(head, port)
  if (host === null) {
    return new RotaError(
      'HOST_REFUSED',
      `This server answers only as 127.0.0.1:${port}, localhost:${port} or [::1]:${port}, in the Host header and nowhere else.`,
    )
  }
  // A web socket is opened by a GET, and the browser asks nobody before.
  const changes = !safeMethods.has(head.method) || valuesOf(head, 'upgrade').length > 0
  if (!changes || isOurs(head, `http://${host}`)) return null
  return new RotaError(
    'ORIGIN_REFUSED',
    'A page of another origin may not ask for this. Open the dashboard itself, or call without Origin and Sec-Fetch-Site headers.',
  )
}

// Absolute-form targets carry a host of their own, which would win over the header (RFC 9112, 3.2.2): only paths are taken.
const namedHost = (head: Head, port: number): string | null => {
  const [host, ...others] = valuesOf(head, 'host')
  if (host === undefined || others.length > 0 || !head.target.startsWith('/')) return null
  const wanted = host.toLowerCase()
  const names = loopbackHosts.map(name => (name.includes(':') ? `[${name}]` : name))
  const answers = names.some(name => wanted === `${name}:${port}` || (port === 80 && wanted === name))
  return answers ? wanted : null
}

const isOurs = (head: Head, own: string): boolean =>
  valuesOf(head, 'origin').every(origin => origin.toLowerCase() === own) &&
  valuesOf(head, 'sec-fetch-site').every(site => sitesOfOurs.has(site))

const valuesOf = (head: Head, name: string): readonly string[] =>
  head.rawHeaders.filter((_, i) => i % 2 === 1 && head.rawHeaders[i - 1]?.toLowerCase() === name)

/** On every answer: nothing foreign is loaded, framed, guessed at or told. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}
