/**
 * Four platforms on loopback, made of recorded data, for the demonstration and the tests: a news site, a publisher of feeds,
 * an earthquake API and a fixtures API that misbehaves. Each is a server of its own, as each would be a host of its own.
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RotaError } from '../../src/index.ts' // in a program of your own: from 'rota'
import { plain } from './stand-in/answer.ts'
import type { Answer, Platform } from './stand-in/answer.ts'
import { earthquakes } from './stand-in/earthquakes.ts'
import type { EarthquakeOptions } from './stand-in/earthquakes.ts'
import { feeds } from './stand-in/feeds.ts'
import { fixtures } from './stand-in/fixtures.ts'
import type { FixturesApi, FixturesOptions } from './stand-in/fixtures.ts'
import { newsSite } from './stand-in/news.ts'
import { positions } from './stand-in/position.ts'

export type { Mood } from './stand-in/fixtures.ts'

export interface StandInOptions extends EarthquakeOptions, FixturesOptions {
  /** The port of the first platform; the others take the following ones. 0: whatever is free. */
  readonly firstPort: number
  /** Where the replay and the script remember how far they are. null: nowhere. */
  readonly positionFile: string | null
}

export interface StandIn extends AsyncDisposable {
  /** The address of each platform, without a slash at the end. */
  readonly urls: Readonly<Record<PlatformName, string>>
  /** How many requests each platform has had. */
  readonly requests: Readonly<Record<PlatformName, number>>
  /** Tells the fixtures API how to take its next scrapes. */
  readonly misbehave: FixturesApi['next']
  close(): Promise<void>
}

export const platformNames = ['news', 'feeds', 'earthquakes', 'fixtures'] as const
export type PlatformName = (typeof platformNames)[number]

const defaults = {
  firstPort: 0,
  positionFile: null,
  hoursPerScrape: 1,
  script: [],
  retryAfterSeconds: 5,
  slowMs: 3_000,
} satisfies StandInOptions

/** The addresses of platforms on fixed ports, known before they are opened. */
export const standInUrls = (firstPort: number): StandIn['urls'] => ({
  news: `http://127.0.0.1:${firstPort}`,
  feeds: `http://127.0.0.1:${firstPort + 1}`,
  earthquakes: `http://127.0.0.1:${firstPort + 2}`,
  fixtures: `http://127.0.0.1:${firstPort + 3}`,
})

/** Opens all four. */
export const openStandIn = async (given: Partial<StandInOptions> = {}): Promise<StandIn> => {
  const options = { ...defaults, ...given }
  const remembered = positions(options.positionFile)
  const api = fixtures(options, remembered)
  const platforms: Readonly<Record<PlatformName, Platform>> = {
    news: newsSite(),
    feeds: feeds(),
    earthquakes: earthquakes(options, remembered),
    fixtures: api.platform,
  }
  const requests = { news: 0, feeds: 0, earthquakes: 0, fixtures: 0 }
  const servers: Server[] = []
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(shut))
  }
  const urls: Partial<Record<PlatformName, string>> = {}
  try {
    for (const [index, name] of platformNames.entries()) {
      const server = createServer((request, response) => {
        requests[name]++
        void serve(platforms[name], request, response)
      })
      const port = options.firstPort === 0 ? 0 : options.firstPort + index
      await listening(server, port)
      servers.push(server)
      urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    urls: urls as Record<PlatformName, string>,
    requests,
    misbehave: api.next,
    close,
    [Symbol.asyncDispose]: close,
  }
}

const listening = async (server: Server, port: number): Promise<void> => {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    const message = `Port ${port} is taken, perhaps by another demonstration; ROTA_DEMO_PORT chooses other ones.`
    throw new RotaError('PORT_TAKEN', message, { details: { port }, cause: error })
  }
}

const shut = async (server: Server): Promise<void> => {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

const serve = async (platform: Platform, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  try {
    send(await answerTo(platform, request, gone.signal), request, response)
  } catch (error) {
    if (!gone.signal.aborted) send(plain(500, `${String(error)}\n`), request, response)
  }
}

const answerTo = async (platform: Platform, request: IncomingMessage, signal: AbortSignal): Promise<Answer> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET\n', { allow: 'GET, HEAD' })
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  return platform({ path: pathname, query: searchParams, signal })
}

const send = (answer: Answer, request: IncomingMessage, response: ServerResponse): void => {
  const { etag } = answer.headers
  const known = etag !== undefined && request.headers['if-none-match'] === etag
  response.writeHead(known ? 304 : answer.status, answer.headers)
  response.end(known || request.method === 'HEAD' ? undefined : answer.body)
}
