/** Notices as signed HTTP requests. Node's own client: the core loads no other. */

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { duration } from '../../base/duration.ts'
import { RotaError } from '../../base/errors.ts'
import { formatInstant, instant } from '../../base/instant.ts'
import type { Instant } from '../../base/instant.ts'
import { refuseUnknownOptions } from '../../base/options.ts'
import type { Notice } from '../../domain/notice.ts'
import { addressOf, destinationName } from './destination.ts'
import type { Destination, SendContext, Sent } from './destination.ts'

export interface WebhookOptions {
  /** What the receiver checks signatures with. It stays in this process. */
  readonly secret: string
  /** Default: the host of the address. */
  readonly name?: string
}

const TIMEOUT = duration(10_000)
const SHORTEST_SECRET = 8
const GONE = 410

/**
 * A receiver of notices: POST, JSON `{id, kind, at, subject, text, run?}`, with the headers `Rota-Id`, `Rota-Timestamp` and
 * `Rota-Signature`. 2xx is delivered; 410 takes it never; all else is tried again, not before its `Retry-After`. Redirects
 * are not followed.
 *
 * @throws RotaError OPTION_INVALID, NAME_INVALID
 * @example webhook('https://ops.example.org/rota', { secret: process.env['HOOK_SECRET'] ?? '' })
 */
export const webhook = (address: string, options: WebhookOptions): Destination => {
  const url = addressOf('A webhook', address, ['https:', 'http:'])
  refuseUnknownOptions('A webhook', options, ['secret', 'name'])
  const { secret } = options
  if (typeof secret !== 'string' || secret.length < SHORTEST_SECRET) {
    throw new RotaError('OPTION_INVALID', `The secret of a webhook has at least ${SHORTEST_SECRET} characters.`)
  }
  return {
    name: destinationName(options.name, url),
    timeout: TIMEOUT,
    send: async (notice, context) => post(url, secret, notice, context),
  }
}

/** What is sent. */
export const bodyOf = ({ id, kind, at, subject, text, run }: Notice): string =>
  JSON.stringify({ id, kind, at: formatInstant(at), subject, text, ...(run === null ? {} : { run }) })

/** `v1=` and the HMAC-SHA256 of `<timestamp>.<body>` in hex. */
export const signatureOf = (secret: string, timestamp: string, body: string): string => {
  // Loaded here: it takes almost 3 MB, and most apps sign nothing.
  const { createHmac } = process.getBuiltinModule('node:crypto')
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

const post = async (url: URL, secret: string, notice: Notice, { signal, now }: SendContext): Promise<Sent> => {
  const body = bodyOf(notice)
  const timestamp = String(Math.floor(now / 1_000))
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'User-Agent': 'Rota',
    'Rota-Id': notice.id,
    'Rota-Timestamp': timestamp,
    'Rota-Signature': signatureOf(secret, timestamp, body),
  }
  // A connection of its own, closed after it: notices are few.
  const answer = await answerTo(url, { method: 'POST', headers, agent: false, signal }, body)
  return sentBy(answer, now)
}

interface AnswerHead {
  readonly status: number
  readonly retryAfter: string | null
}

const answerTo = async (url: URL, options: RequestOptions, body: string): Promise<AnswerHead> => {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const sending: ClientRequest = request(url, options, (answer: IncomingMessage) => {
      const { statusCode = 0, headers } = answer
      resolve({ status: statusCode, retryAfter: headers['retry-after'] ?? null })
      // What it says besides is read by nobody, however long it is.
      answer.destroy()
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

const sentBy = ({ status, retryAfter }: AnswerHead, now: Instant): Sent => {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === GONE) return { kind: 'refused', why: 'HTTP 410: the receiver is gone for good' }
  const why = status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`
  return { kind: 'failed', why, retryAt: retryAtOf(retryAfter, now) }
}

const LONGEST_WAIT_MS = 86_400_000

// Seconds or a date (RFC 9110, 10.2.3); what is neither, or past, counts as not said.
const retryAtOf = (text: string | null, now: Instant): Instant | null => {
  if (text === null) return null
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * 1_000 : Date.parse(text)
  return at > now ? instant(Math.min(at, now + LONGEST_WAIT_MS)) : null
}
