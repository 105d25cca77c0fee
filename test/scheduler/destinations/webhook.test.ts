/** Webhooks against real receivers on loopback: what they get, and what each of their answers means. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { systemClock } from '../../../src/base/clock.ts'
import { isRotaError } from '../../../src/base/errors.ts'
import { parseInstant } from '../../../src/base/instant.ts'
import type { RunId } from '../../../src/base/name.ts'
import type { Notice } from '../../../src/domain/notice.ts'
import type { Sent } from '../../../src/scheduler/destinations/destination.ts'
import { webhook } from '../../../src/scheduler/destinations/webhook.ts'
import { sendTo } from '../../../src/scheduler/outbox.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const SECRET = 'a secret of this test'
const NOW = parseInstant('2026-11-22T09:00:30.700Z')

const notice: Notice = {
  id: '17-mi9zq4',
  kind: 'failed',
  subject: { kind: 'schedule', name: 'news' },
  run: 1042 as RunId,
  at: parseInstant('2026-11-22T09:00:05Z'),
  text: "'news' failed: Error: keine Antwort ☂ (run 1042, attempt 3 of 3)",
}

interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly got: { readonly request: IncomingMessage; readonly body: string }[]
  /** Resolves when a request is there. */
  readonly asked: Promise<void>
}

const receiver = async (answer: RequestListener): Promise<Receiver> => {
  const got: Receiver['got'] = []
  const asked = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    void text(request).then(body => {
      got.push({ request, body })
      asked.resolve()
      answer(request, response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?of=rota`,
    got,
    asked: asked.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const answering =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end('whatever')

const sendBy = (url: string, clock = new VirtualClock(NOW), stop = new AbortController().signal): Promise<Sent> =>
  sendTo(webhook(url, { secret: SECRET }), notice, clock, stop)

const answered = async (status: number, headers: Record<string, string> = {}): Promise<Sent> => {
  await using there = await receiver(answering(status, headers))
  return await sendBy(there.url)
}

describe('a webhook', () => {
  test('gets the notice as JSON, with its id, its time, and a signature over both', async () => {
    await using there = await receiver(answering(204))
    assert.deepEqual(await sendBy(there.url), { kind: 'delivered' })
    const [{ request, body } = assert.fail()] = there.got
    assert.deepEqual(JSON.parse(body), {
      id: '17-mi9zq4',
      kind: 'failed',
      at: '2026-11-22T09:00:05Z',
      subject: { kind: 'schedule', name: 'news' },
      text: notice.text,
      run: 1042,
    })
    const { headers, method, url } = request
    assert.deepEqual([method, url, headers['content-type']], ['POST', '/hook?of=rota', 'application/json'])
    assert.deepEqual([headers['rota-id'], headers['rota-timestamp']], ['17-mi9zq4', '1795338030'])
    const expected = createHmac('sha256', SECRET).update(`1795338030.${body}`).digest('hex')
    assert.equal(headers['rota-signature'], `v1=${expected}`)
  })

  test('has taken it with any 2xx, however much it answers, and at once', async () => {
    await using there = await receiver((_, response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    assert.deepEqual(await sendBy(there.url), { kind: 'delivered' })
  })

  test('that answers an error is asked again', async () => {
    assert.deepEqual(await answered(500), { kind: 'failed', why: 'HTTP 500', retryAt: null })
    assert.deepEqual(await answered(404), { kind: 'failed', why: 'HTTP 404', retryAt: null })
  })

  test('that asks for time gets it: in seconds or as a date, a day at most; what is past or nonsense is not said', async () => {
    const waits = async (text: string): Promise<number | null> => {
      const sent = await answered(503, { 'Retry-After': text })
      assert.ok(sent.kind === 'failed')
      return sent.retryAt === null ? null : sent.retryAt - NOW
    }
    assert.equal(await waits('120'), 120_000)
    assert.equal(await waits('Sun, 22 Nov 2026 09:01:00 GMT'), 29_300)
    assert.equal(await waits('999999999'), 86_400_000)
    for (const text of ['0', '-5', 'soon', 'Sun, 22 Nov 2020 09:01:00 GMT']) assert.equal(await waits(text), null, text)
  })

  test('that is gone for good takes it never', async () => {
    assert.deepEqual(await answered(410), { kind: 'refused', why: 'HTTP 410: the receiver is gone for good' })
  })

  test('that redirects is not followed', async () => {
    await using elsewhere = await receiver(answering(200))
    await using there = await receiver(answering(307, { Location: elsewhere.url }))
    assert.deepEqual(await sendBy(there.url), {
      kind: 'failed',
      why: 'HTTP 307: redirects are not followed',
      retryAt: null,
    })
    assert.equal(elsewhere.got.length, 0)
  })

  test('that closes the connection, or is not there, failed', async () => {
    await using there = await receiver((_, response) => response.destroy())
    await assert.rejects(sendBy(there.url), /socket hang up|ECONNRESET/)
    const gone = await receiver(answering(200))
    await gone[Symbol.asyncDispose]()
    await assert.rejects(sendBy(gone.url), /ECONNREFUSED/)
  })

  test('that does not answer in ten seconds failed, and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>()
    await using there = await receiver(request => void request.socket.once('close', () => closed.resolve()))
    const clock = new VirtualClock(NOW)
    const sent = sendBy(there.url, clock)
    const failed = assert.rejects(sent, /no answer within 10s/)
    await there.asked
    await clock.advance('10 s')
    await failed
    await closed.promise
  })

  test('is let go when the app stops', async () => {
    await using there = await receiver(() => {})
    const stop = new AbortController()
    const sent = sendBy(there.url, new VirtualClock(NOW), stop.signal)
    const failed = assert.rejects(sent, /stopped for this test/)
    await there.asked
    stop.abort(new Error('stopped for this test'))
    await failed
  })

  test('is tried again by the clock of the machine too', async () => {
    let status = 500
    await using there = await receiver((request, response) => answering(status)(request, response))
    assert.equal(
      (await sendTo(webhook(there.url, { secret: SECRET }), notice, systemClock(), new AbortController().signal)).kind,
      'failed',
    )
    status = 200
    assert.equal((await sendBy(there.url)).kind, 'delivered')
    assert.equal(there.got[0]?.request.headers['rota-id'], there.got[1]?.request.headers['rota-id'])
  })
})

describe('declaring a webhook', () => {
  test('names it after its host, or as it is told to', () => {
    assert.equal(webhook('https://ops.example.org/x', { secret: SECRET }).name, 'ops.example.org')
    assert.equal(webhook('http://127.0.0.1:8080/', { secret: SECRET, name: 'pager' }).name, 'pager')
  })

  test('refuses what cannot work, and repeats no secret', () => {
    for (const [address, options] of [
      ['ops.example.org/s3cret-token', { secret: SECRET }],
      ['file:///s3cret-token', { secret: SECRET }],
      ['https://ops.example.org/', { secret: 's3cret' }],
      ['https://ops.example.org/', {}],
      ['https://ops.example.org/', { secret: SECRET, nmae: 'x' }],
      [undefined, { secret: SECRET }],
    ] as const) {
      assert.throws(
        () => webhook(address as string, options as { secret: string }),
        error => isRotaError(error, 'OPTION_INVALID') && !error.message.includes('s3cret'),
      )
    }
  })
})
