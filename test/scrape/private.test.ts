/** Addresses that nobody outside may make us ask: by number, by name, by redirect, by a name that changes its mind. */

import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { test } from 'node:test'
import { isPublicAddress } from '../../src/scrape/fetch/address.ts'
import { AddressRefused, guardedLookup } from '../../src/scrape/fetch/connect.ts'
import { askFrom } from '../../src/scrape/fetch/request.ts'
import { openTransport } from '../../src/scrape/fetch/transport.ts'
import { json, source } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import { World } from './world.ts'

const hosts = [
  '127.0.0.1',
  '127.1',
  '0177.0.0.1',
  '2130706433',
  '0x7f.1',
  '0x7f000001',
  '１２７.０.０.１',
  '[::1]',
  '[::ffff:7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::7f00:1]',
  '[64:ff9b::7f00:1]',
  '0',
  '0.0.0.0',
  '[::]',
  'localhost',
  'localhost.',
  'LOCALHOST',
  '169.254.169.254',
  '[fd00::1]',
  '[fe80::1]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
] as const

const secrets = (url: string, allowPrivate = false) =>
  source({
    name: 'secrets',
    allowPrivate,
    ask: () => url,
    read: json({ items: '$.items' }),
    key: 'id',
  })

for (const host of hosts) {
  test(`${host} is not asked`, async () => {
    await using server = await serve((_, response) => sendJson(response, { items: [] }))
    const port = server.host.split(':')[1] ?? ''
    const world = new World()
    await world.run(secrets(`http://${host}:${port}/latest/meta-data`))
    const { verdict, detail } = world.unit('secrets')
    assert.equal(server.requests.length, 0)
    // Some resolvers do not know this name at all.
    if (host === 'localhost.' && verdict === 'transient') return
    assert.equal(verdict, 'not_measured')
    assert.match(detail ?? '', /is not a public address/)
  })
}

test('a source that says so may ask private addresses', async () => {
  await using server = await serve((_, response) => sendJson(response, { items: [{ id: 1 }] }))
  const world = new World()
  await world.run(secrets(server.origin.replace('127.0.0.1', 'localhost'), true))
  assert.equal(world.unit('secrets').verdict, 'ok')
})

test('a name counts as what it resolves to at the moment of connecting', async () => {
  const answers: LookupAddress[][] = [
    [{ address: '93.184.215.14', family: 4 }],
    [{ address: '127.0.0.1', family: 4 }],
    [
      { address: '10.0.0.1', family: 4 },
      { address: '2606:2800:21f:cb07:6820:80da:af6b:8b2c', family: 6 },
    ],
    [],
  ]
  const lookup = guardedLookup(isPublicAddress, (_host, _options, done) => done(null, answers.shift() ?? []))
  const resolved = (all: boolean): Promise<unknown> =>
    new Promise(resolve => lookup('rebinding.example', { all }, (error, address) => resolve(error ?? address)))
  assert.equal(await resolved(false), '93.184.215.14')
  assert.ok((await resolved(false)) instanceof AddressRefused)
  assert.deepEqual(await resolved(true), [{ address: '2606:2800:21f:cb07:6820:80da:af6b:8b2c', family: 6 }])
  assert.ok((await resolved(true)) instanceof AddressRefused)
})

test('a connection is refused wherever the request came from, a redirect too', async () => {
  await using server = await serve((_, response) => sendStatus(response, 302, { location: 'http://127.0.0.2/secrets' }))
  // To the transport every hop is one more request; here one address of the loopback stands for the public ones.
  await using transport = openTransport(address => address === '127.0.0.1')
  const { signal } = new AbortController()
  const first = await transport.send(askFrom(server.origin, 'rota'), 1_000, signal)
  assert.ok(first.kind === 'reply')
  const second = await transport.send(askFrom(first.headers['location'] ?? '', 'rota'), 1_000, signal)
  assert.ok(second.kind === 'broken')
  assert.equal(second.why, 'address')
})

test('public addresses are public', () => {
  for (const address of [
    '93.184.215.14',
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '64:ff9b::808:808',
    '::ffff:8.8.8.8',
  ]) {
    assert.ok(isPublicAddress(address), address)
  }
})

test('what is no address is not public', () => {
  for (const address of ['', 'example.org', '127.1', '1.2.3', ':::']) assert.ok(!isPublicAddress(address), address)
})

test('special-purpose addresses of both families are not public', () => {
  const special = [
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '240.0.0.1',
    '2001:db8::1',
    '2002:7f00:1::',
    'ff02::1',
    '100::1',
    'fe80::1%eth0',
  ]
  for (const address of special) assert.ok(!isPublicAddress(address), address)
})
