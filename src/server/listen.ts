/** The socket: opens it on this machine alone, lets the guard see every request first, and closes it with all that hangs on it. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hono } from 'hono'
import { systemClock } from '../base/clock.ts'
import type { Clock } from '../base/clock.ts'
import { duration } from '../base/duration.ts'
import { RotaError, asError } from '../base/errors.ts'
import { neutral } from '../base/foreign.ts'
import { silentLog } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { App } from '../app.ts'
import type { ApiOptions } from './api.ts'
import { loopbackHosts, refusal, securityHeaders } from './guard.ts'
import { problemResponse } from './problem.ts'

export interface ListenOptions {
  readonly app: App
  /** 0 takes a free one. */
  readonly port: number
  /** `127.0.0.1` (default), `localhost` or `::1`. */
  readonly host?: string
  /**
   * Answers every address outside /api, /healthz and /readyz; as a function it is called at the first request.
   * Default: nothing is there.
   */
  readonly pages?: Hono | (() => Promise<Hono>)
  /** Default: silent. */
  readonly log?: Log
  /** Default: the machine's. */
  readonly clock?: Clock
}

export interface Listening extends AsyncDisposable {
  /** Where a browser finds it: `http://127.0.0.1:7682`. */
  readonly url: string
  readonly port: number
  /** Takes nothing new, ends the event streams, lets other answers end for a second, then closes every connection. */
  close(): Promise<void>
}

const CLOSE_GRACE = duration(1_000)

/**
 * Serves the API, and the pages when given, to this machine.
 *
 * @throws RotaError OPTION_INVALID for any other host, or a port that is none; PORT_TAKEN
 * @example await using server = await listen({ app, port: 7682, pages: pages(app) })
 */
export const listen = async (options: ListenOptions): Promise<Listening> => {
  const { host = '127.0.0.1', log = silentLog, clock = systemClock() } = options
  checkHost(host)
  checkPort(options.port)

  const closing = new AbortController()
  let loading: Promise<Answerer> | undefined
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let loaded: Answerer
    try {
      loading ??= answerer(options, { log, clock, signal: closing.signal })
      loaded = await loading
    } catch (error) {
      // The next request tries again.
      loading = undefined
      log.error('what answers requests cannot be loaded', { error: asError(error).stack ?? String(error) })
      return refuse(incoming, outgoing, error)
    }
    return loaded(incoming, outgoing)
  }

  // A missing Host is refused by the guard, in the same words as a wrong one.
  const server = createServer({ requireHostHeader: false, requestTimeout: 30_000 }, (incoming, outgoing) => {
    for (const [name, value] of Object.entries(securityHeaders)) outgoing.setHeader(name, value)
    const refused = refusal(
      { method: incoming.method ?? '', target: incoming.url ?? '', rawHeaders: incoming.rawHeaders },
      port,
    )
    if (refused === null) void answer(incoming, outgoing)
    else void refuse(incoming, outgoing, refused)
  })
  await opened(server, host, options.port)
  const { port } = server.address() as AddressInfo

  const close = async (): Promise<void> => {
    closing.abort()
    await closed(server, clock)
  }
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, close, [Symbol.asyncDispose]: close }
}

type Answerer = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>

// Loaded at the first request: what reads and describes requests is a third of all that `rota up` would load, and many
// a Rota is looked at once a week.
const answerer = async ({ app, pages }: ListenOptions, apiOptions: ApiOptions): Promise<Answerer> => {
  const [{ getRequestListener }, { api }, site] = await Promise.all([
    import('@hono/node-server'),
    import('./api.ts'),
    typeof pages === 'function' ? pages() : pages,
  ])
  const json = api(app, apiOptions)
  return getRequestListener(
    (request, env) => (site === undefined || isApi(request.url) ? json : site).fetch(request, env),
    // The program around Rota keeps its own Request and Response.
    { overrideGlobalObjects: false },
  )
}

const checkHost = (host: string): void => {
  if (loopbackHosts.includes(host)) return
  throw new RotaError(
    'OPTION_INVALID',
    `host is '${neutral(host, 60)}'; Rota answers without asking who you are, so only on this machine: 127.0.0.1, localhost or ::1. ` +
      'To reach it from elsewhere, forward the port with ssh.',
    { details: { option: 'host', hosts: loopbackHosts } },
  )
}

const checkPort = (port: number): void => {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new RotaError('OPTION_INVALID', `port is ${port}; it is a whole number from 1 to 65535, or 0 for a free one.`, {
    details: { option: 'port' },
  })
}

const isApi = (url: string): boolean => /^\/(api(\/|$)|healthz$|readyz$)/.test(new URL(url).pathname)

const refuse = async (incoming: IncomingMessage, outgoing: ServerResponse, error: unknown): Promise<void> => {
  const response = problemResponse(error)
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), Connection: 'close' })
  outgoing.end(await response.text())
  incoming.resume()
}

const opened = async (server: Server, host: string, port: number): Promise<void> => {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw whyNotOpened(cause as NodeJS.ErrnoException, host, port)
  }
}

const whyNotOpened = (cause: NodeJS.ErrnoException, host: string, port: number): RotaError => {
  const details = { port, host }
  switch (cause.code) {
    case 'EADDRINUSE': {
      const message = `Port ${port} on ${host} is taken by another program, perhaps another Rota. Stop that one, or choose another port (0 takes a free one).`
      return new RotaError('PORT_TAKEN', message, { details, cause })
    }
    case 'EACCES':
      return new RotaError('OPTION_INVALID', `This user may not open port ${port}; choose one from 1024.`, {
        details,
        cause,
      })
    default:
      return new RotaError('OPTION_INVALID', `Port ${port} on ${host} cannot be opened: ${cause.message}.`, {
        details,
        cause,
      })
  }
}

const closed = async (server: Server, clock: Clock): Promise<void> => {
  if (!server.listening) return
  const over = once(server, 'close')
  server.close()
  const takeBack = clock.callAfter(CLOSE_GRACE, () => server.closeAllConnections())
  await over
  takeBack()
}
