/** Sends one request and takes in one answer, whole and within limits. What it means, and what to do next, is decided elsewhere. */

import { createRequire } from 'node:module'
import type { Agent, Dispatcher, buildConnector } from 'undici'
import type { Headers } from './answer.ts'
import { header } from './answer.ts'
import { AddressRefused, guarded, guardedLookup } from './connect.ts'
import type { Allows } from './connect.ts'
import type { Ask } from './request.ts'
import { acceptedEncodings, unpack } from './unpack.ts'

/** What came back. */
export interface Reply {
  readonly kind: 'reply'
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** Why nothing came back, or nothing that can be used. */
export interface Broken {
  readonly kind: 'broken'
  readonly why: 'connection' | 'timeout' | 'too large' | 'encoding' | 'redirect' | 'address'
  readonly detail: string
}

export interface Transport extends AsyncDisposable {
  /** Rejects only with the reason of the signal. */
  send(ask: Ask, limitBytes: number, signal: AbortSignal): Promise<Reply | Broken>
}

const CONNECT_TIMEOUT_MS = 10_000
const MOST_HEADER_BYTES = 64 * 1024
// Enough to see what kind of refusal it is.
const MOST_ERROR_BYTES = 256 * 1024

/** Connections of one source in one run; disposing closes them all, also those in use. */
export const openTransport = (allows: Allows): Transport => {
  const { Agent, buildConnector, request } = loadClient()
  const agent = new Agent({
    connect: guarded(buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(allows) }), allows),
    maxHeaderSize: MOST_HEADER_BYTES,
    // Time is kept by whoever sends: one limit for the whole request, on the clock that Rota is given.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    send: (ask, limitBytes, signal) => send(options => request.call(agent, options), ask, limitBytes, signal),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

// The package as a whole loads caches, mocks and a `fetch` as well: three parts of it take a sixth of the memory. It types
// itself only as a whole.
const loadClient = (): Client => {
  const load = createRequire(import.meta.url)
  return {
    Agent: load('undici/lib/dispatcher/agent.js') as typeof Agent,
    buildConnector: load('undici/lib/core/connect.js') as typeof buildConnector,
    request: load('undici/lib/api/api-request.js') as Client['request'],
  }
}

interface Client {
  readonly Agent: typeof Agent
  readonly buildConnector: typeof buildConnector
  readonly request: (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>
}

type Requesting = (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>

const send = async (
  request: Requesting,
  ask: Ask,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Reply | Broken> => {
  try {
    const response = await request({
      origin: ask.url.origin,
      path: ask.url.pathname + ask.url.search,
      method: ask.method,
      headers: { ...ask.headers, 'accept-encoding': acceptedEncodings },
      body: ask.body,
      signal,
    })
    return await takeIn(response, limitBytes)
  } catch (error) {
    signal.throwIfAborted()
    return brokenBy(error)
  }
}

const takeIn = async (response: Dispatcher.ResponseData, limitBytes: number): Promise<Reply | Broken> => {
  const status = response.statusCode
  const headers = joined(response.headers)
  // A body that is left early says so once more, to nobody in particular.
  response.body.on('error', () => {})
  if (status >= 400) return { kind: 'reply', status, headers, bytes: await startOf(response.body, headers) }
  const body = await read(response.body, header(headers, 'content-length'), limitBytes)
  if (body === null) return { kind: 'broken', why: 'too large', detail: `more than ${limitBytes} bytes` }
  const unpacked = await unpack(body, header(headers, 'content-encoding'), limitBytes)
  if ('bytes' in unpacked) return { kind: 'reply', status, headers, bytes: unpacked.bytes }
  const why = { 'too large': 'too large', broken: 'connection', unknown: 'encoding' } as const
  return { kind: 'broken', why: why[unpacked.problem], detail: unpacked.detail }
}

// The beginning of an error page; how much of it arrives does not matter.
const startOf = async (body: Dispatcher.ResponseData['body'], headers: Headers): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  try {
    let size = 0
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= MOST_ERROR_BYTES) break
    }
  } catch {
    // The status has been said already.
  }
  const unpacked = await unpack(Buffer.concat(chunks), header(headers, 'content-encoding'), MOST_ERROR_BYTES)
  return 'bytes' in unpacked ? unpacked.bytes : new Uint8Array()
}

// Leaving the loop early destroys the body, and with it the connection.
const read = async (
  body: Dispatcher.ResponseData['body'],
  announced: string,
  limitBytes: number,
): Promise<Uint8Array | null> => {
  if (Number(announced) > limitBytes) {
    body.destroy()
    return null
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

const joined = (headers: Dispatcher.ResponseData['headers']): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

const brokenBy = (error: unknown): Broken => {
  const refused = causes(error).find(cause => cause instanceof AddressRefused)
  if (refused !== undefined) return { kind: 'broken', why: 'address', detail: refused.message }
  const { message, code } = error as NodeJS.ErrnoException
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return { kind: 'broken', why: 'too large', detail: `more than ${MOST_HEADER_BYTES} bytes of headers` }
  }
  return { kind: 'broken', why: 'connection', detail: message === '' ? (code ?? 'the connection failed') : message }
}

// Attempts at several addresses of a name fail as one error that holds the others.
const causes = (error: unknown): readonly Error[] => {
  if (error instanceof AggregateError) return [error, ...error.errors.flatMap(causes)]
  if (!(error instanceof Error)) return []
  return error.cause === undefined ? [error] : [error, ...causes(error.cause)]
}
