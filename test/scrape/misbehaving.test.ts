/** What a run makes of servers that misbehave. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { instant } from '../../src/base/instant.ts'
import { GiveUp, RetryAfter } from '../../src/domain/outcome.ts'
import { html, json, source } from '../../src/scrape/index.ts'
import type { LimitOptions, Request } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import type { Behaviour, TestServer } from './server.ts'
import { START, succeeded, thrown, World } from './world.ts'

const ITEMS = { items: [{ id: 'a' }, { id: 'b' }] }

const things = (server: TestServer, options: { limits?: LimitOptions; timeout?: string; ask?: Request } = {}) =>
  source({
    name: 'things',
    allowPrivate: true,
    ask: () => options.ask ?? `${server.origin}/`,
    read: json({ items: '$.items' }),
    key: 'id',
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  })

/** The first answers as given, in order; after them all is well. */
const firstThenWell = (...first: readonly Behaviour[]): Behaviour => {
  let answered = 0
  return (request, response, url) => (first[answered++] ?? ((_, well) => sendJson(well, ITEMS)))(request, response, url)
}

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Behaviour =>
  (_, response) =>
    sendStatus(response, code, headers, body)

const verdictOf = async (behave: Behaviour, options: Parameters<typeof things>[1] = {}) => {
  await using server = await serve(behave)
  const world = new World()
  const ran = await world.run(things(server, options))
  return { ran, unit: world.unit('things'), world, requests: server.requests.length, host: server.host }
}

test('503 once, then an answer: one more try, after a pause', async () => {
  const { ran, unit, world } = await verdictOf(firstThenWell(status(503)))
  succeeded(ran)
  assert.equal(unit.requests, 2)
  assert.equal(unit.verdict, 'ok')
  assert.equal(world.clock.slept.length, 1)
  assert.ok((world.clock.slept[0] ?? 0) <= 1_000)
})

test('500 for ever: three tries, then the unit and the run fail', async () => {
  const { ran, unit, requests } = await verdictOf(status(500))
  assert.ok(thrown(ran) instanceof GiveUp)
  assert.equal(requests, 3)
  assert.equal(unit.state, 'failed')
  assert.equal(unit.verdict, 'transient')
  assert.match(unit.detail ?? '', /^status 500, 3 tries: GET http:\/\/127\.0\.0\.1/)
})

test('Retry-After in seconds is waited for as told, and costs no try', async () => {
  const told = status(429, { 'retry-after': '7' })
  const { ran, unit, world } = await verdictOf(firstThenWell(told, told, told, status(500), status(500)))
  succeeded(ran)
  assert.equal(unit.requests, 6)
  assert.deepEqual(world.clock.slept.slice(0, 3), [7_000, 7_000, 7_000])
})

test('Retry-After as a date is waited for as told', async () => {
  const at = new Date(START + 42_000).toUTCString()
  const { ran, world } = await verdictOf(firstThenWell(status(503, { 'retry-after': at })))
  succeeded(ran)
  assert.deepEqual(world.clock.slept, [42_000])
})

test('Retry-After of 0 or in the past is as good as none', async () => {
  const past = new Date(START - 60_000).toUTCString()
  const { ran, world } = await verdictOf(
    firstThenWell(
      status(429, { 'retry-after': '0' }),
      status(429, { 'retry-after': past }),
      status(503, { 'retry-after': '0' }),
    ),
  )
  succeeded(ran)
  assert.deepEqual(world.clock.slept.slice(0, 2), [5_000, 10_000])
  assert.ok((world.clock.slept[2] ?? 0) <= 1_000, '503 without a word is a failure in passing')
})

test('a host that wants a long rest holds all its units, and the run comes back when it is over', async () => {
  const { ran, unit, world, requests, host } = await verdictOf(status(429, { 'retry-after': '3600' }))
  const error = thrown(ran)
  assert.ok(error instanceof RetryAfter)
  assert.equal(error.at, START + 3_600_000)
  assert.equal(unit.verdict, 'rate_limited')
  assert.equal(requests, 1)
  assert.equal(world.holds.get(host), START + 3_600_000)
})

test('a held host is not asked, also not by the next run', async () => {
  await using server = await serve((_, response) => sendJson(response, ITEMS))
  const world = new World()
  world.holds.set(server.host, instant(START + 3_600_000))
  assert.ok(thrown(await world.run(things(server))) instanceof RetryAfter)
  assert.equal(server.requests.length, 0)
  assert.equal(world.unit('things').requests, 0)
  world.clock.advance(3_600_000)
  succeeded(await world.run(things(server)))
  assert.equal(world.unit('things').verdict, 'ok')
})

test('a wait that would outlast the run is not begun', async () => {
  const { ran, world } = await verdictOf(status(429, { 'retry-after': '30' }), { timeout: '20 s' })
  assert.ok(thrown(ran) instanceof RetryAfter)
  assert.deepEqual(world.clock.slept, [])
})

test('a host that says "too many" for ever is let go after five waits', async () => {
  const { ran, unit, requests } = await verdictOf(status(429, { 'retry-after': '1' }))
  assert.ok(thrown(ran) instanceof RetryAfter)
  assert.equal(requests, 6)
  assert.equal(unit.verdict, 'rate_limited')
})

test('plain words to slow down, with status 200, are a rate limit and not an empty answer', async () => {
  const { ran, unit } = await verdictOf(
    firstThenWell(
      status(200, { 'content-type': 'text/plain' }, 'Please limit requests to one every 5 seconds or contact us.'),
    ),
  )
  succeeded(ran)
  assert.equal(unit.requests, 2)
})

test('401 is about the credential and is never tried again', async () => {
  const { unit, requests } = await verdictOf(status(401))
  assert.equal(unit.verdict, 'auth')
  assert.equal(requests, 1)
})

test('403 is about the credential where one was sent, else about us', async () => {
  const said = status(403, { 'content-type': 'application/json' }, '{"error":"no"}')
  await using server = await serve(said)
  const withKey = new World()
  await withKey.run(things(server, { ask: { url: `${server.origin}/`, headers: { 'x-api-key': 'k-123456' } } }))
  assert.equal(withKey.unit('things').verdict, 'auth')
  const without = new World()
  await without.run(things(server))
  assert.equal(without.unit('things').verdict, 'refused')
  assert.equal(server.requests.length, 2)
})

test('404 is the fault of who asks', async () => {
  const { unit, requests } = await verdictOf(status(404))
  assert.equal(unit.verdict, 'client')
  assert.equal(requests, 1)
})

const BLOCK_PAGE =
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>'

test('a block page with status 200 where JSON was promised is a refusal, not an empty list', async () => {
  const { unit, requests } = await verdictOf(status(200, { 'content-type': 'text/html' }, BLOCK_PAGE))
  assert.equal(unit.verdict, 'refused')
  assert.equal(requests, 1)
})

test('any page where JSON was promised is a refusal', async () => {
  const { unit } = await verdictOf(
    status(200, { 'content-type': 'application/json' }, '<html><body>Welcome</body></html>'),
  )
  assert.equal(unit.verdict, 'refused')
  assert.match(unit.detail ?? '', /a page where JSON was promised/)
})

test('a block page where a page was promised is a refusal too, with status 200, 202, 403 or 503', async () => {
  for (const code of [200, 202, 403, 503]) {
    await using server = await serve(status(code, { 'content-type': 'text/html' }, BLOCK_PAGE))
    const world = new World()
    const page = source({
      name: 'page',
      allowPrivate: true,
      ask: () => server.origin,
      read: html({ items: 'p', fields: { text: '.' } }),
      key: 'text',
    })
    await world.run(page)
    assert.equal(world.unit('page').verdict, 'refused', `status ${code}`)
    assert.equal(server.requests.length, 1)
  }
})

test('202 with an empty body is a challenge', async () => {
  const { unit } = await verdictOf(status(202, { 'x-amzn-waf-action': 'challenge' }))
  assert.equal(unit.verdict, 'refused')
})

test('JSON that ends in the middle breaks the contract', async () => {
  const { unit } = await verdictOf(status(200, { 'content-type': 'application/json' }, '{"items": [{"id":'))
  assert.equal(unit.verdict, 'contract')
})

test('JSON without the list that was promised breaks the contract; an empty list is an empty list', async () => {
  const drifted = await verdictOf((_, response) => sendJson(response, { results: [] }))
  assert.equal(drifted.unit.verdict, 'contract')
  assert.match(drifted.unit.detail ?? '', /nothing stands at \$\.items/)
  const empty = await verdictOf((_, response) => sendJson(response, { items: [] }))
  succeeded(empty.ran)
  assert.equal(empty.unit.verdict, 'empty')
})

test('204 is an empty answer', async () => {
  const { ran, unit } = await verdictOf(status(204))
  succeeded(ran)
  assert.equal(unit.verdict, 'empty')
})

test('an answer that never comes is given up when its time is over', async () => {
  const world = new World()
  await using server = await serve(() => world.clock.advance(30_000))
  await world.run(things(server))
  assert.equal(world.unit('things').verdict, 'transient')
  assert.match(world.unit('things').detail ?? '', /no answer within 30s, 3 tries/)
  assert.equal(world.clock.pending, 0)
})

test('a body that drips for ever is given up when its time is over', async () => {
  const world = new World()
  await using server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{', () => world.clock.advance(5_000))
  })
  await world.run(things(server, { limits: { timeout: '5 s', tries: 1 } }))
  assert.equal(world.unit('things').verdict, 'transient')
})

test('a body that never ends is cut off at the limit', async () => {
  const { unit, requests } = await verdictOf(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    },
    { limits: { bytes: 1_000_000 } },
  )
  assert.equal(unit.verdict, 'contract')
  assert.match(unit.detail ?? '', /more than 1000000 bytes/)
  assert.equal(requests, 1)
})

test('an announced length over the limit is not even begun', async () => {
  const { unit } = await verdictOf(
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '50000000000' })
      response.flushHeaders()
    },
    { limits: { bytes: 1_000_000 } },
  )
  assert.equal(unit.verdict, 'contract')
})

const ZEROS = Buffer.alloc(50_000_000)
const bombs = [
  ['gzip', gzipSync(ZEROS)],
  ['br', brotliCompressSync(ZEROS)],
  ['deflate', deflateSync(ZEROS)],
  ['deflate', deflateRawSync(ZEROS)],
  ['gzip, gzip', gzipSync(gzipSync(ZEROS))],
] as const

for (const [encoding, bomb] of bombs) {
  test(`50 MB of zeros in ${bomb.length} bytes of ${encoding} stop at the limit of 1 MB`, async () => {
    const { unit } = await verdictOf(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(bomb)
      },
      { limits: { bytes: 1_000_000 } },
    )
    assert.equal(unit.verdict, 'contract')
    assert.match(unit.detail ?? '', /more than 1000000 bytes once decompressed/)
  })
}

test('more than two layers of encoding are not undone', async () => {
  const { unit } = await verdictOf(
    status(200, { 'content-encoding': Array.from({ length: 100 }, () => 'gzip').join(', ') }, 'x'),
  )
  assert.equal(unit.verdict, 'contract')
  assert.match(unit.detail ?? '', /100 layers/)
})

test('compressed answers are read', async () => {
  const body = Buffer.from(JSON.stringify(ITEMS))
  const forms = {
    gzip: gzipSync(body),
    br: brotliCompressSync(body),
    deflate: deflateSync(body),
    'gzip, br': brotliCompressSync(gzipSync(body)),
  }
  for (const [encoding, bytes] of Object.entries(forms)) {
    const { ran, world } = await verdictOf((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(bytes)
    })
    succeeded(ran)
    assert.equal(world.items.size, 2, encoding)
  }
})

test('fewer bytes than announced are a failure in passing, not an answer', async () => {
  const { unit, requests } = await verdictOf((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
    response.write('{"items":[]}', () => response.destroy())
  })
  assert.equal(unit.verdict, 'transient')
  assert.equal(requests, 3)
})

test('a connection that is reset is tried again', async () => {
  const { ran, unit } = await verdictOf(firstThenWell(request => void request.socket.resetAndDestroy()))
  succeeded(ran)
  assert.equal(unit.requests, 2)
})

test('a flood of headers is refused', async () => {
  const { unit, requests } = await verdictOf((_, response) => {
    response.writeHead(200, { 'x-flood': 'x'.repeat(200_000) }).end('{}')
  })
  assert.equal(unit.verdict, 'contract')
  assert.match(unit.detail ?? '', /bytes of headers/)
  assert.equal(requests, 1)
})

test('redirects are followed, but not in circles', async () => {
  const twice = await verdictOf((_, response, url) =>
    url.pathname === '/end'
      ? sendJson(response, ITEMS)
      : sendStatus(response, 302, { location: url.pathname === '/' ? '/next' : '/end' }),
  )
  succeeded(twice.ran)
  assert.equal(twice.unit.requests, 3)
  const circle = await verdictOf(status(302, { location: '/' }))
  assert.equal(circle.unit.verdict, 'contract')
  assert.match(circle.unit.detail ?? '', /more than 5 redirects/)
  assert.equal(circle.requests, 6)
})

test('a redirect to another scheme, to no address or to nowhere is not followed', async () => {
  for (const location of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'data:application/json,{}', 'http://[', '']) {
    const { unit } = await verdictOf(status(302, location === '' ? {} : { location }))
    assert.equal(unit.verdict, 'contract', location)
  }
})

test('another origin is told no credential after a redirect', async () => {
  await using other = await serve((_, response) => sendJson(response, ITEMS))
  await using server = await serve(status(302, { location: `${other.origin}/moved` }))
  const headers = {
    authorization: 'Bearer secret-token',
    cookie: 'sid=1',
    'x-api-key': 'k-123456',
    'accept-language': 'en',
  }
  const world = new World()
  succeeded(await world.run(things(server, { ask: { url: `${server.origin}/`, headers } })))
  const sent = other.requests[0]?.headers ?? {}
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer secret-token')
  assert.deepEqual([sent.authorization, sent.cookie, sent['x-api-key']], [undefined, undefined, undefined])
  assert.equal(sent['accept-language'], 'en')
})

test('no credential comes up in a detail, a reason or a line of log', async () => {
  await using server = await serve((_, response) => sendStatus(response, 500))
  const world = new World()
  const url = `${server.origin.replace('//', '//me:pa55word@')}/?q=1&api_key=k-s3cret&access_token=t-s3cret#frag`
  const ran = await world.run(things(server, { ask: { url, headers: { authorization: 'Bearer b-s3cret' } } }))
  const told = JSON.stringify([thrown(ran).message, world.units, world.lines])
  assert.doesNotMatch(told, /s3cret|pa55word/)
  assert.match(told, /api_key=\*\*\*/)
  assert.equal(server.requests[0]?.path, '/?q=1&api_key=k-s3cret&access_token=t-s3cret')
})

test('user and password of an address become basic authorization', async () => {
  await using server = await serve((_, response) => sendJson(response, ITEMS))
  const world = new World()
  await world.run(things(server, { ask: { url: server.origin.replace('//', '//me:p%40ss@') } }))
  assert.equal(server.requests[0]?.headers.authorization, `Basic ${btoa('me:p@ss')}`)
})

test('a run that is cancelled stops asking at once, and keeps nothing half done', async () => {
  const world = new World()
  await using server = await serve(() => world.stopper.abort(new Error('cancelled')))
  const ran = await world.run(things(server))
  assert.equal(thrown(ran).message, 'cancelled')
  assert.deepEqual(world.units, [])
  assert.equal(world.clock.pending, 0)
})

test('a run that is cancelled while it waits for a host does not wait on', async () => {
  const world = new World()
  world.clock.interrupt = () => world.stopper.abort(new Error('cancelled'))
  await using server = await serve(status(429, { 'retry-after': '50' }))
  assert.equal(thrown(await world.run(things(server))).message, 'cancelled')
  assert.equal(world.clock.pending, 0)
  assert.equal(server.requests.length, 1)
})

test('a name that does not resolve and a port where nobody listens are failures in passing', async () => {
  await using server = await serve(status(200))
  const world = new World()
  await world.run(things(server, { ask: { url: 'http://nobody-listens.invalid/' } }))
  assert.equal(world.unit('things').verdict, 'transient')
  await world.run(things(server, { ask: { url: 'http://127.0.0.1:1/' } }))
  assert.equal(world.unit('things').verdict, 'transient')
})
