/** Listings whose entries have pages of their own, some of which cannot be read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, json, source } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import type { Behaviour, TestServer } from './server.ts'
import { succeeded, World } from './world.ts'

const listing = (server: TestServer) =>
  source({
    name: 'listing',
    allowPrivate: true,
    ask: ({ page }) => `${server.origin}/list?page=${page.number}`,
    read: json<{ id: string; url: string | null; title: string }>({ items: '$.items' }),
    follow: {
      ask: entry => (entry.url === null ? null : { url: new URL(entry.url, server.origin) }),
      read: html({ fields: { title: 'h1', text: 'p' } }),
    },
    pages: { by: 'number' },
    key: 'id',
    required: ['title'],
  })

interface Listed {
  readonly [path: string]: Behaviour
}

const entries = (count: number): unknown[] =>
  Array.from({ length: count }, (_, index) => ({ id: `e${index}`, url: `/entry/${index}`, title: `listed ${index}` }))

const answering =
  (items: readonly unknown[], special: Listed = {}): Behaviour =>
  (request, response, url) => {
    if (url.pathname === '/list')
      return sendJson(response, { items: url.searchParams.get('page') === '1' ? items : [] })
    const behave = special[url.pathname]
    if (behave !== undefined) return behave(request, response, url)
    sendStatus(response, 200, { 'content-type': 'text/html' }, `<h1>Page ${url.pathname}</h1><p>text</p>`)
  }

test('what an entry’s own page says is laid over the entry; an entry without one stands as it is', async () => {
  await using server = await serve(answering([...entries(2), { id: 'alone', url: null, title: 'alone' }]))
  const world = new World()
  succeeded(await world.run(listing(server)))
  assert.deepEqual(world.items.get('listing e1')?.data, {
    id: 'e1',
    url: '/entry/1',
    title: 'Page /entry/1',
    text: 'text',
  })
  assert.deepEqual(world.items.get('listing alone')?.data, { id: 'alone', url: null, title: 'alone' })
})

test('an entry whose page is gone leaves the unit partial, and is not kept half', async () => {
  await using server = await serve(answering(entries(5), { '/entry/3': (_, response) => sendStatus(response, 404) }))
  const world = new World()
  const ran = await world.run(listing(server))
  assert.equal(ran.kind, 'partial')
  assert.deepEqual([world.unit('listing').state, world.unit('listing').verdict], ['partial', 'client'])
  assert.match(world.unit('listing').detail ?? '', /^status 404: GET .*\/entry\/3$/)
  assert.equal(world.items.size, 4)
  assert.equal(world.items.has('listing e3'), false)
})

test('where no entry could be read the unit failed: nothing is known', async () => {
  await using server = await serve((request, response, url) =>
    url.pathname === '/list' ? answering(entries(3))(request, response, url) : sendStatus(response, 404),
  )
  const world = new World()
  await world.run(listing(server))
  assert.deepEqual([world.unit('listing').state, world.unit('listing').verdict], ['failed', 'client'])
  assert.match(world.unit('listing').detail ?? '', /; and 2 more$/)
})

test('after a wall the other entries are left alone', async () => {
  const wall: Behaviour = (_, response) => sendStatus(response, 403, {}, 'no')
  await using server = await serve(
    answering(entries(30), Object.fromEntries(Array.from({ length: 27 }, (_, index) => [`/entry/${index + 3}`, wall]))),
  )
  const world = new World()
  await world.run(listing(server))
  assert.equal(world.unit('listing').verdict, 'refused')
  assert.equal(world.items.size, 3)
  assert.ok(server.requests.length <= 1 + 3 + 2, `${server.requests.length} requests`)
})

test('a listing that comes round again has its entries asked once', async () => {
  await using server = await serve((request, response, url) =>
    url.pathname === '/list' ? sendJson(response, { items: entries(4) }) : answering([])(request, response, url),
  )
  const world = new World()
  succeeded(await world.run(listing(server)))
  assert.equal(server.requests.filter(request => request.path.startsWith('/entry/')).length, 4)
  assert.equal(server.requests.filter(request => request.path.startsWith('/list')).length, 2)
})

test('an entry that leads to a file, or to no address, is not measured', async () => {
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'http://[']) {
    await using server = await serve(answering([{ id: 'lure', url, title: 't' }, ...entries(1)]))
    const world = new World()
    assert.equal((await world.run(listing(server))).kind, 'partial')
    assert.equal(world.unit('listing').verdict, 'not_measured')
    assert.equal(world.items.size, 1)
  }
})
