/** Notices: a receiver on this machine is told of a failure and of its end, checks the signatures, and was busy at first. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { rota, webhook } from '../src/index.ts' // in a program of your own: from 'rota'

const secret = 'known to both sides'
let requests = 0

const signed = (timestamp: unknown, body: string): Buffer =>
  Buffer.from(
    `v1=${createHmac('sha256', secret)
      .update(`${String(timestamp)}.${body}`)
      .digest('hex')}`,
  )

const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = await text(request)
  const expected = signed(request.headers['rota-timestamp'], body)
  const given = Buffer.from(String(request.headers['rota-signature']))
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected)
  const isBusy = ++requests === 1
  response.writeHead(isBusy ? 503 : isGenuine ? 204 : 403, isBusy ? { 'Retry-After': '1' } : {}).end()
  const { kind, text: words } = JSON.parse(body) as { kind: string; text: string }
  console.log(`${isBusy ? 'busy' : isGenuine ? 'genuine' : 'forged'}, ${kind}: ${words.split(' (run')[0]}`)
  if (kind === 'recovered') told.resolve()
}
const told = Promise.withResolvers<void>()
const receiver = createServer((request, response) => void receive(request, response))
receiver.listen(0, '127.0.0.1')
await once(receiver, 'listening')

await using app = rota({ store: ':memory:', random: () => 0 })
let online = false
const fetchNews = app.task('fetch-news', () => {
  if (!online) throw new Error('the site does not answer')
  return 'news'
})
const { port } = receiver.address() as AddressInfo
app.notify({ to: webhook(`http://127.0.0.1:${port}/`, { secret, name: 'ops' }), on: ['failed', 'recovered'] })
await app.start()

for (const state of [false, false, true]) {
  online = state
  const run = await app.run(fetchNews)
  await app.runs.finished(run.id)
}
await told.promise
receiver.close()
