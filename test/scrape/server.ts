/** A web server on the loopback, as well or badly behaved as each test says. */

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Behaviour = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>

export interface TestServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string
  readonly host: string
  /** Each request, in order. */
  readonly requests: { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers'] }[]
}

export const serve = async (behave: Behaviour): Promise<TestServer> => {
  const requests: TestServer['requests'] = []
  const server = createServer({ maxHeaderSize: 1_000_000 }, (request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers })
    response.on('error', () => {})
    void behave(request, response, new URL(request.url ?? '', 'http://here.invalid'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin: `http://${host}`,
    host,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

/** Answers with a status and little else. */
export const sendStatus = (
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): void => {
  response.writeHead(status, headers).end(body)
}
