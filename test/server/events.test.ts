import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { RunId } from '../../src/base/name.ts'
import { api } from '../../src/server/api.ts'
import { Events } from '../../src/server/events.ts'
import { listen } from '../../src/server/listen.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { at, NOW, plainApp, runRow } from './plain-app.ts'
import type { PlainApp } from './plain-app.ts'

/** One server-sent event, read. */
interface Heard {
  readonly id: string | undefined
  readonly event: string | undefined
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any
  readonly comment: string | undefined
}

/** Reads a stream event by event. */
class Ear {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #text = ''

  constructor(stream: ReadableStream<Uint8Array> | null) {
    assert.ok(stream)
    this.#reader = stream.getReader()
  }

  /** The next event or comment; null once the stream is over. */
  async next(): Promise<Heard | null> {
    while (!this.#text.includes('\n\n')) {
      const { done, value } = await this.#reader.read()
      if (done) return null
      this.#text += new TextDecoder().decode(value)
    }
    const end = this.#text.indexOf('\n\n')
    const lines = this.#text.slice(0, end).split('\n')
    this.#text = this.#text.slice(end + 2)
    const field = (name: string): string | undefined =>
      lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const data = field('data')
    return {
      id: field('id'),
      event: field('event'),
      data: data === undefined ? undefined : JSON.parse(data),
      comment: field(''),
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }
}

const hear = async (app: PlainApp, query = '', headers: Record<string, string> = {}): Promise<Ear> => {
  const response = await api(app).request(`/api/v1/events${query}`, { headers })
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const ear = new Ear(response.body)
  assert.equal((await ear.next())?.comment, 'welcome')
  return ear
}

test('who follows the run of a flow hears of its steps too', async () => {
  const app = plainApp({})
  const ending = new AbortController()
  const hono = api(app, { signal: ending.signal })
  const stream = await hono.request('/api/v1/events?kind=run&run=4')
  for (const row of [{ id: 4, root: 4 }, { id: 5, root: 4 }, { id: 6 }])
    app.tell({ kind: 'run', run: runRow({ ...row, root: (row.root ?? null) as RunId | null }) })
  ending.abort()
  const told = [...(await stream.text()).matchAll(/^data: {"id":(\d+)/gm)].map(([, id]) => id)
  assert.deepEqual(told, ['4', '5'])
})

test('events of every kind are told with an id and their data', async () => {
  const app = plainApp()
  const ear = await hear(app)
  app.tell({
    kind: 'run',
    run: runRow({ id: 7, state: 'failed', reason: 'error', error: { name: 'E', message: 'a\nb\r\n\r\nevent: fake' } }),
  })
  app.tell({
    kind: 'log',
    run: 7 as RunId,
    lines: [{ at: at('09:00:01'), level: 'warn', message: 'slow', fields: null }],
  })
  app.tell({ kind: 'schedule', name: 'news-feed', change: 'paused' })
  app.tell({
    kind: 'health',
    change: {
      subject: { kind: 'source', name: 'news' },
      from: 'healthy',
      to: 'failing',
      at: at('09:12:00'),
      run: 7 as RunId,
      reasons: ['x'],
    },
  })
  app.tell({ kind: 'trouble', problems: ['the disk is full'] })
  const heard = [await ear.next(), await ear.next(), await ear.next(), await ear.next(), await ear.next()]
  assert.deepEqual(
    heard.map(one => one?.event),
    ['run', 'log', 'schedule', 'health', 'trouble'],
  )
  assert.equal(heard[0]?.data.error.message, 'a\nb\r\n\r\nevent: fake')
  assert.deepEqual(heard[1]?.data, {
    run: 7,
    lines: [{ at: '2026-11-22T09:00:01Z', level: 'warn', message: 'slow', fields: null }],
  })
  assert.deepEqual(heard[2]?.data, { name: 'news-feed', change: 'paused' })
  assert.equal(new Set(heard.map(one => one?.id)).size, 5)
  await ear.cancel()
})

test('a listener hears only the kinds and the run that it asked for', async () => {
  const app = plainApp()
  const ear = await hear(app, '?kind=run,schedule&run=8')
  app.tell({ kind: 'run', run: runRow({ id: 7 }) })
  app.tell({ kind: 'log', run: 8 as RunId, lines: [] })
  app.tell({ kind: 'run', run: runRow({ id: 8 }) })
  assert.equal((await ear.next())?.data.id, 8)
  await ear.cancel()
  const refused = await api(app).request('/api/v1/events?kind=runs')
  assert.equal(refused.status, 422)
})

test('who comes back is told what was missed, or to ask for everything again', async () => {
  const app = plainApp()
  const events = new Events(app, new VirtualClock(NOW))
  const listen = async (after?: string): Promise<Ear> => {
    const ear = new Ear(events.listen({ after }))
    await ear.next()
    return ear
  }
  const stays = await listen()
  app.tell({ kind: 'run', run: runRow({ id: 1 }) })
  const first = await stays.next()
  app.tell({ kind: 'run', run: runRow({ id: 2 }) })

  const back = await listen(first?.id)
  assert.equal((await back.next())?.data.id, 2)
  for (const unknown of ['other-1', 'nonsense', '', `${first?.id}9`]) {
    const lost = await listen(unknown)
    assert.equal((await lost.next())?.event, 'reset', unknown)
  }
  events.close()
})

test('the app is heard only while somebody listens', async () => {
  const app = plainApp()
  const ears = [await hear(app)]
  assert.equal(app.listeners(), 1)
  for (const ear of ears) await ear.cancel()
  assert.equal(app.listeners(), 0)
  const head = await api(app).request('/api/v1/events', { method: 'HEAD' })
  assert.deepEqual([head.status, app.listeners()], [200, 0])
})

test('a heart beats every 15 s while somebody listens, and no longer', async () => {
  const clock = new VirtualClock(NOW)
  const app = plainApp()
  const events = new Events(app, clock)
  const ear = new Ear(events.listen({}))
  await ear.next()
  await clock.advance('16 s')
  assert.equal((await ear.next())?.comment, 'still here')
  await clock.advance('15 s')
  assert.equal((await ear.next())?.comment, 'still here')
  await ear.cancel()
  await clock.advance('1 h')
  assert.equal(app.listeners(), 0)
})

test('a listener that does not keep up is dropped, the others hear everything, and memory stays bounded', async () => {
  const app = plainApp()
  const events = new Events(app, systemClock())
  let dropped = false
  const slow = events.listen({}, () => {
    dropped = true
  })
  const quick = new Ear(events.listen({}))
  await quick.next()
  const run = runRow({ id: 1, error: { name: 'E', message: 'x'.repeat(4_000) } })
  for (let i = 0; i < 1_000; i++) {
    app.tell({ kind: 'run', run })
    assert.equal((await quick.next())?.event, 'run')
  }
  assert.ok(dropped)
  assert.equal(app.listeners(), 1)
  await quick.cancel()
  assert.equal(app.listeners(), 0)
  await slow.cancel()
})

test('too many listeners are refused, and room is made by leaving', async () => {
  const app = plainApp()
  const hono = api(app)
  const bodies: (ReadableStream<Uint8Array> | null)[] = []
  for (let i = 0; i < 200; i++) bodies.push((await hono.request('/api/v1/events')).body)
  const refused = await hono.request('/api/v1/events')
  assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [503, 'TOO_MANY_LISTENERS'])
  await bodies[0]?.cancel()
  const welcome = await hono.request('/api/v1/events')
  assert.equal(welcome.status, 200)
  for (const body of [...bodies.slice(1), welcome.body]) await body?.cancel()
  assert.equal(app.listeners(), 0)
})

test('over a socket: a reader that leaves is forgotten, one that stops reading is cut off', async () => {
  const app = plainApp()
  await using server = await listen({ app, port: 0 })
  const open = async (): Promise<ReturnType<typeof connect>> => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`)
    let text = ''
    while (!text.includes('welcome')) text += String((await once(socket, 'data'))[0])
    return socket
  }
  const leaves = await open()
  assert.equal(app.listeners(), 1)
  leaves.destroy()
  await turnsUntil(() => app.listeners() === 0)

  const stuck = await open()
  stuck.pause()
  stuck.on('error', () => {})
  const run = runRow({ id: 1, error: { name: 'E', message: 'x'.repeat(4_000) } })
  let told = 0
  await turnsUntil(() => {
    for (let i = 0; i < 50; i++, told++) app.tell({ kind: 'run', run })
    return app.listeners() === 0
  })
  assert.ok(told < 20_000, `${told} events of 4 kB were taken for a reader that does not read`)
  stuck.destroy()
})

/** Turns of the event loop until something holds; the test's own time limit is the only clock. */
const turnsUntil = async (holds: () => boolean): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => (holds() ? resolve() : systemClock().callSoon(look))
  look()
  await promise
}
