/** Calls keep the contract; and what each status comes to. Every server is a real one on loopback. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { httpCall } from '../../../src/domain/isolation.ts'
import { Attempting, failureOf } from './attempting.ts'
import { isolationContract } from './contract.ts'

type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void

const answers = new Map<string, Answering>()
const waiting = new Map<string, PromiseWithResolvers<void>>()

const server = createServer((request, response) => {
  void (async () => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const path = (request.url ?? '').split('?')[0] ?? ''
    waiting.get(path)?.resolve()
    const answering = answers.get(path)
    if (answering === undefined) response.writeHead(404).end('nothing here')
    else answering(request, response, body)
  })()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => {
  server.closeAllConnections()
  server.close()
})
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const on = (path: string, answering: Answering): string => {
  answers.set(path, answering)
  return origin + path
}

const status = (path: string, code: number, text = '', headers: Record<string, string> = {}): string =>
  on(path, (_, response) => response.writeHead(code, headers).end(text))

const json = { 'content-type': 'application/json' }

const never = on('/never', () => {})
const behaviours = {
  succeeds: status('/succeeds', 200, '{"pages":3}', json),
  fails: status('/fails', 500, 'no luck'),
  polite: never,
  deaf: never,
  huge: on('/huge', (_, response) => response.end('x'.repeat(100_000_000))),
}

isolationContract('http', {
  work: behaviour => httpCall({ url: behaviours[behaviour], timeout: '1 h' }),
  begun: async () => {
    const came = Promise.withResolvers<void>()
    waiting.set('/never', came)
    await came.promise
  },
  result: { pages: 3 },
  failure: /answered 500: no luck$/,
  canBeKilled: true,
  canIgnore: false,
})

describe('a call', () => {
  test('that succeeds gives text where the answer is no JSON', async () => {
    await using here = new Attempting()
    const url = status('/text', 200, 'hello', { 'content-type': 'text/plain' })
    assert.deepEqual(await here.run(httpCall({ url })), { kind: 'succeeded', result: 'hello' })
    const empty = status('/empty', 204)
    assert.deepEqual(await here.run(httpCall({ url: empty })), { kind: 'succeeded', result: '' })
  })

  test('is made of its parts, and they of the input', async () => {
    await using here = new Attempting()
    process.env['ROTA_SECRET_TOKEN'] = 'hunter22'
    const url = on('/echo', (request, response, body) =>
      response
        .writeHead(200, json)
        .end(
          JSON.stringify([
            request.method,
            request.url,
            request.headers['authorization'],
            request.headers['content-type'],
            body,
          ]),
        ),
    )
    const call = httpCall<{ word: string }>({
      url: ({ input }) => `${url}?word=${input.word}`,
      headers: async ({ secret }) => ({ Authorization: `Bearer ${await secret('token')}` }),
      body: ({ input, run }) => ({ ...input, run }),
    })
    assert.deepEqual(await here.run(call as never, {}, { word: 'tea' }), {
      kind: 'succeeded',
      result: ['POST', '/echo?word=tea', 'Bearer hunter22', 'application/json', '{"word":"tea","run":42}'],
    })
  })

  for (const [code, headers, comesTo] of [
    [400, {}, 'given up'],
    [401, {}, 'given up'],
    [404, {}, 'given up'],
    [408, {}, 'again'],
    [425, {}, 'again'],
    [429, {}, 'again'],
    [429, { 'retry-after': '120' }, 'waits'],
    [500, {}, 'again'],
    [500, { 'retry-after': '120' }, 'again'],
    [503, { 'retry-after': '120' }, 'waits'],
    [503, { 'retry-after': 'nonsense' }, 'again'],
    [304, {}, 'given up'],
  ] as const) {
    test(`that is answered ${code} ${JSON.stringify(headers)}: ${comesTo}`, async () => {
      await using here = new Attempting()
      const outcome = await here.run(httpCall({ url: status('/status', code, 'why', headers) }), {
        retry: { attempts: 3 },
      })
      assert.ok(outcome.kind === 'failed')
      const waits = outcome.free && outcome.retryAt === here.clock.now() + 120_000
      assert.equal(waits ? 'waits' : outcome.retryAt === null ? 'given up' : 'again', comesTo)
      assert.match(outcome.error.message, new RegExp(`answered ${code}`))
    })
  }

  test('follows redirects on its host, and carries its body where it must', async () => {
    await using here = new Attempting()
    const target = on('/target', (request, response, body) => response.end(`${request.method} ${body}`))
    const kept = status('/kept', 308, '', { location: '/target' })
    const seen = status('/seen', 303, '', { location: target })
    const body = { a: 1 }
    assert.deepEqual(await here.run(httpCall({ url: kept, body })), { kind: 'succeeded', result: 'POST {"a":1}' })
    assert.deepEqual(await here.run(httpCall({ url: seen, body })), { kind: 'succeeded', result: 'GET ' })
  })

  test('follows no redirect to another host, and none for ever', async () => {
    await using here = new Attempting()
    const away = status('/away', 302, '', { location: 'http://localhost:1/secret' })
    const round = status('/round', 302, '', { location: '/round' })
    assert.match(failureOf(await here.run(httpCall({ url: away }))).message, /redirects to another host/)
    assert.match(failureOf(await here.run(httpCall({ url: round }))).message, /redirects more than 5 times/)
  })

  test('whose answer does not come in time fails, and may be tried again', async () => {
    await using here = new Attempting()
    const came = Promise.withResolvers<void>()
    waiting.set('/never', came)
    const trial = here.begin(httpCall({ url: never, timeout: '3 s' }), { retry: { attempts: 2 } })
    await came.promise
    await here.clock.advance('3 s')
    const failed = failureOf(await trial.outcome())
    assert.deepEqual([failed.message, failed.again], ['no whole answer within 3s', true])
  })

  test('whose answer breaks off fails, and may be tried again', async () => {
    await using here = new Attempting()
    const url = on('/broken', (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    assert.equal(failureOf(await here.run(httpCall({ url }), { retry: { attempts: 2 } })).again, true)
  })

  test('that nobody answers fails, and may be tried again', async () => {
    await using here = new Attempting()
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const failed = failureOf(await here.run(httpCall({ url: `http://127.0.0.1:${port}/` }), { retry: { attempts: 2 } }))
    assert.deepEqual([failed.code, failed.again], ['ECONNREFUSED', true])
  })

  test('whose answer says that it is JSON and is not fails for good', async () => {
    await using here = new Attempting()
    const failed = failureOf(
      await here.run(httpCall({ url: status('/odd', 200, '<p>', json) }), { retry: { attempts: 2 } }),
    )
    assert.equal(failed.again, false)
  })

  test('shows no query in its errors', async () => {
    await using here = new Attempting()
    const url = `${status('/query', 403)}?token=hunter22`
    assert.doesNotMatch(failureOf(await here.run(httpCall({ url }))).message, /hunter22/)
  })

  test('that cannot be one is refused when it is made', () => {
    for (const options of [
      { url: 'ftp://a' },
      { url: '/a' },
      { url: 'http://a', method: 'G T' },
      { url: 'http://a', maxBytes: 0 },
    ]) {
      assert.throws(
        () => httpCall(options),
        error => isRotaError(error, 'OPTION_INVALID'),
      )
    }
  })
})
