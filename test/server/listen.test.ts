import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import test from 'node:test'
import { Hono } from 'hono'
import { isRotaError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Log } from '../../src/base/log.ts'
import { listen } from '../../src/server/listen.ts'
import type { Listening } from '../../src/server/listen.ts'
import { plainApp, scheduleRow } from './plain-app.ts'

/** What a server says to raw text: the status and the whole answer. Nothing between tidies the request up. */
const raw = async (port: number, lines: readonly string[], body = ''): Promise<{ status: number; text: string }> => {
  const socket = connect(port, '127.0.0.1')
  socket.end(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`)
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString()
  return { status: Number(text.split(' ')[1]), text }
}

const pages = (): Hono => {
  const pages = new Hono()
  pages.get('/', context => context.html('<p>the overview</p>'))
  pages.notFound(context => context.html('<p>no such page</p>', 404))
  return pages
}

const app = plainApp({ schedules: [scheduleRow({ name: 'news-feed' })] })
let server: Listening
test.before(async () => {
  server = await listen({ app, port: 0, pages: pages() })
})
test.after(() => server.close())

const foreignHosts = [
  'evil.test',
  '127.0.0.1.evil.test',
  'localhost.evil.test',
  'evil.test:PORT',
  '127.0.0.1',
  'localhost:1',
  '127.0.0.1:PORT.evil.test',
  '127.0.0.1:PORT@evil.test',
  'user@127.0.0.1:PORT',
  '127.1:PORT',
  '0.0.0.0:PORT',
  '2130706433:PORT',
  '[::ffff:7f00:1]:PORT',
  'localhost.:PORT',
  '',
]

for (const host of foreignHosts) {
  test(`the host '${host}' is not answered, by the API, the pages or the health`, async () => {
    for (const path of ['/api/v1/status', '/api/v1/events', '/', '/healthz']) {
      const { status, text } = await raw(server.port, [
        `GET ${path} HTTP/1.1`,
        `Host: ${host.replace('PORT', String(server.port))}`,
      ])
      assert.equal(status, 421, text)
      assert.match(text, /HOST_REFUSED/)
    }
  })
}

test('a request without a host, with two, or with a whole address as its target is not answered', async () => {
  const own = `Host: 127.0.0.1:${server.port}`
  assert.equal((await raw(server.port, ['GET / HTTP/1.1'])).status, 421)
  assert.equal((await raw(server.port, ['GET / HTTP/1.0'])).status, 421)
  assert.equal((await raw(server.port, ['GET / HTTP/1.1', own, 'Host: evil.test'])).status, 421)
  assert.equal((await raw(server.port, [`GET http://evil.test/ HTTP/1.1`, own])).status, 421)
  assert.equal((await raw(server.port, [`GET http://127.0.0.1:${server.port}/ HTTP/1.1`, own])).status, 421)
  assert.equal((await raw(server.port, ['OPTIONS * HTTP/1.1', own])).status, 421)
})

test('pages given as a function are made at the first request, and again where that failed', async () => {
  let asked = 0
  const later = async (): Promise<Hono> => {
    if (++asked === 1) throw new Error('not yet')
    return pages()
  }
  const said: string[] = []
  const log: Log = { ...silentLog, error: message => void said.push(message) }
  await using lazy = await listen({ app, port: 0, pages: later, log })
  assert.equal(asked, 0)
  const statuses: number[] = []
  for (const path of ['/', '/', '/api/v1/status', '/none']) statuses.push((await fetch(lazy.url + path)).status)
  assert.deepEqual([statuses, asked, said], [[500, 200, 200, 404], 2, ['what answers requests cannot be loaded']])
})

test('each of its own names is answered', async () => {
  for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
    assert.equal((await raw(server.port, ['GET /healthz HTTP/1.1', `Host: ${host}:${server.port}`])).status, 200, host)
  }
})

const pause = '/api/v1/schedules/news-feed/pause'

test('a page of another origin changes nothing', async () => {
  const own = `127.0.0.1:${server.port}`
  for (const header of [
    'Origin: https://evil.test',
    'Origin: null',
    `Origin: http://localhost:${server.port}`,
    `Origin: https://${own}`,
    `Origin: http://${own}.evil.test`,
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
    `Origin: http://${own}\r\nOrigin: https://evil.test`,
    `Origin: http://${own}\r\nSec-Fetch-Site: cross-site`,
  ]) {
    const { status, text } = await raw(server.port, [
      `POST ${pause} HTTP/1.1`,
      `Host: ${own}`,
      'Content-Length: 0',
      header,
    ])
    assert.equal(status, 403, header)
    assert.match(text, /ORIGIN_REFUSED/)
  }
  for (const method of ['DELETE', 'PUT', 'PATCH']) {
    assert.equal(
      (
        await raw(server.port, [
          `${method} /api/v1/schedules/news-feed HTTP/1.1`,
          `Host: ${own}`,
          'Origin: https://evil.test',
        ])
      ).status,
      403,
    )
  }
  assert.deepEqual(app.asked, [])
})

test('its own pages, and programs that are no browser, may act', async () => {
  const own = `127.0.0.1:${server.port}`
  const ask = async (...headers: string[]): Promise<number> =>
    (await raw(server.port, [`POST ${pause} HTTP/1.1`, `Host: ${own}`, 'Content-Length: 0', ...headers])).status
  assert.deepEqual(
    [await ask(), await ask(`Origin: http://${own}`, 'Sec-Fetch-Site: same-origin'), await ask('Sec-Fetch-Site: none')],
    [200, 200, 200],
  )
  app.asked.length = 0
})

test('a web socket of another origin is refused', async () => {
  const { status } = await raw(server.port, [
    'GET /api/v1/events HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Origin: https://evil.test',
  ])
  assert.equal(status, 403)
})

test('a pre-flight of another origin is allowed nothing', async () => {
  const { status, text } = await raw(server.port, [
    `OPTIONS ${pause} HTTP/1.1`,
    `Host: 127.0.0.1:${server.port}`,
    'Origin: https://evil.test',
    'Access-Control-Request-Method: POST',
  ])
  assert.equal(status, 405)
  assert.doesNotMatch(text, /access-control/i)
})

test('every answer, refusals and errors too, says that nothing foreign may frame, load or guess', async () => {
  const own = `Host: 127.0.0.1:${server.port}`
  for (const lines of [
    ['GET / HTTP/1.1', own],
    ['GET /nowhere HTTP/1.1', own],
    ['GET /api/v1/status HTTP/1.1', own],
    ['GET /api/v1/runs/99 HTTP/1.1', own],
    ['GET / HTTP/1.1', 'Host: evil.test'],
  ]) {
    const { text } = await raw(server.port, lines)
    assert.match(text, /content-security-policy: [^\r]*frame-ancestors 'none'/i)
    assert.doesNotMatch(text, /unsafe-inline|unsafe-eval/)
    assert.match(text, /x-content-type-options: nosniff/i)
    assert.match(text, /x-frame-options: DENY/i)
    assert.match(text, /referrer-policy: no-referrer/i)
    assert.doesNotMatch(text, /access-control-allow|x-powered-by/i)
  }
})

test('the API and the pages share one server, and each says its own "not there"', async () => {
  const body = async (path: string): Promise<string> => (await fetch(`${server.url}${path}`)).text()
  assert.match(await body('/'), /the overview/)
  assert.match(await body('/nowhere'), /no such page/)
  assert.match(await body('/apis'), /no such page/)
  assert.match(await body('/api/nowhere'), /ROUTE_UNKNOWN/)
  assert.match(await body('/readyz'), /"ready":true/)
})

test('bodies of 100 MB, bombs of depth and foreign types leave the server alive', async () => {
  const send = async (body: string, headers: Record<string, string>): Promise<number> => {
    const asked = request(`${server.url}${pause}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    })
    asked.on('error', () => {})
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume: () => void }]
    response.resume()
    return response.statusCode
  }
  const announced = ['Content-Type: application/json', 'Content-Length: 104857600']
  assert.equal(
    (await raw(server.port, [`POST ${pause} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, ...announced])).status,
    413,
  )
  assert.equal(await send('x'.repeat(3_000_000), {}), 413)
  assert.equal(await send('['.repeat(500_000), {}), 400)
  assert.equal(await send('why=x', { 'content-type': 'application/x-www-form-urlencoded' }), 415)
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
})

test('only an address of this machine is opened', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.10', 'evil.test', '127.0.0.1.evil.test', '']) {
    await assert.rejects(
      listen({ app, port: 0, host }),
      error => isRotaError(error, 'OPTION_INVALID') && /only on this machine/.test(error.message),
    )
  }
  for (const port of [-1, 65_536, 1.5, Number.NaN]) {
    await assert.rejects(
      listen({ app, port }),
      error => isRotaError(error, 'OPTION_INVALID') && /port/.test(error.message),
    )
  }
})

test('a port that is taken is said by its number, with what to do', async () => {
  await assert.rejects(
    listen({ app, port: server.port }),
    error =>
      isRotaError(error, 'PORT_TAKEN') &&
      error.message.includes(String(server.port)) &&
      /another port/.test(error.message),
  )
})

test('closing ends event streams and idle connections, and frees the port', async () => {
  const other = await listen({ app, port: 0 })
  const stream = await fetch(`${other.url}/api/v1/events`)
  const idle = connect(other.port, '127.0.0.1')
  await once(idle, 'connect')
  idle.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${other.port}\r\n\r\n`)
  await once(idle, 'data')
  const over = once(idle.resume(), 'close')
  await other.close()
  assert.match(await stream.text(), /welcome/)
  await over
  await other.close()
  await using again = await listen({ app, port: other.port })
  assert.equal(again.port, other.port)
})
