/** How sources are paged, and how they page in circles. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, json, source } from '../../src/scrape/index.ts'
import type { Answer, PageOptions, Place } from '../../src/scrape/index.ts'
import { sendJson, sendStatus, serve } from './server.ts'
import type { Behaviour, TestServer } from './server.ts'
import { succeeded, World } from './world.ts'

const ids = (from: number, count: number): { id: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i${from + index}` }))

const paged = (server: TestServer, pages: PageOptions, total?: Place) =>
  source({
    name: 'paged',
    allowPrivate: true,
    ask: ({ page }) => `${server.origin}/?page=${page.number}&offset=${page.offset}&cursor=${page.cursor ?? ''}`,
    read: json({ items: '$.items' }),
    pages,
    key: 'id',
    ...(total === undefined ? {} : { total }),
  })

const runPaged = async (behave: Behaviour, pages: PageOptions, total?: Place) => {
  await using server = await serve(behave)
  const world = new World()
  const ran = await world.run(paged(server, pages, total))
  return {
    ran,
    unit: world.unit('paged'),
    items: world.items.size,
    paths: server.requests.map(request => request.path),
  }
}

test('pages are counted until one brings nothing', async () => {
  const { unit, items, paths } = await runPaged(
    (_, response, url) => {
      const page = Number(url.searchParams.get('page'))
      sendJson(response, { items: page < 3 ? ids(page * 10, 10) : [] })
    },
    { by: 'number', first: 0 },
  )
  assert.equal(items, 30)
  assert.equal(paths.length, 4)
  assert.equal(unit.verdict, 'ok')
})

test('a page that is not full is the last, where its size is known', async () => {
  const { items, paths } = await runPaged(
    (_, response, url) =>
      sendJson(response, {
        items: ids(Number(url.searchParams.get('page')) * 10, url.searchParams.get('page') === '2' ? 4 : 10),
      }),
    { by: 'number', size: 10 },
  )
  assert.equal(items, 14)
  assert.equal(paths.length, 2)
})

test('a cursor is followed until it is missing, null or blank', async () => {
  for (const last of [undefined, null, '', '  ']) {
    const { items, paths } = await runPaged(
      (_, response, url) => {
        const cursor = url.searchParams.get('cursor') ?? ''
        sendJson(response, cursor === '' ? { items: ids(0, 5), next: 'n1' } : { items: ids(5, 5), next: last })
      },
      { by: 'cursor', at: '$.next' },
    )
    assert.equal(items, 10)
    assert.equal(paths[1], '/?page=2&offset=0&cursor=n1')
  }
})

test('a cursor that stays the same is followed as long as the items are new', async () => {
  let asked = 0
  const { items, paths } = await runPaged(
    (_, response) => sendJson(response, { items: ids(asked++ * 5, asked > 4 ? 0 : 5), next: 'same' }),
    {
      by: 'cursor',
      at: '$.next',
      max: 20,
    },
  )
  assert.equal(items, 20)
  assert.equal(paths.length, 7)
})

test('a source that begins again at its first page is left at the first page without a new item', async () => {
  let asked = 0
  const { items, paths, unit } = await runPaged(
    (_, response) => sendJson(response, { items: ids((asked++ % 3) * 5, 5), next: `n${asked}` }),
    {
      by: 'cursor',
      at: '$.next',
    },
  )
  assert.equal(items, 15)
  assert.equal(paths.length, 4)
  assert.equal(unit.verdict, 'ok')
})

test('an empty page with a cursor is passed over, three of them are the end', async () => {
  let asked = 0
  const { items, paths } = await runPaged(
    (_, response) =>
      sendJson(response, { items: asked++ === 1 ? [] : ids(asked * 5, asked > 3 ? 0 : 5), next: `n${asked}` }),
    {
      by: 'cursor',
      at: '$.next',
    },
  )
  assert.equal(items, 10)
  assert.equal(paths.length, 6)
})

test('a source that overlaps its pages gives each item once', async () => {
  const { items, unit } = await runPaged(
    (_, response, url) => {
      const offset = Number(url.searchParams.get('offset'))
      sendJson(response, { items: ids(Math.max(0, offset - 2), offset < 30 ? 10 : 0) })
    },
    { by: 'offset', size: 10 },
  )
  assert.equal(items, 28)
  assert.deepEqual(unit.items, { seen: 28, new: 28, changed: 0, unchanged: 0, invalid: 0 })
})

test('as many pages as were asked for are enough', async () => {
  const { unit, paths } = await runPaged(
    (_, response, url) => sendJson(response, { items: ids(Number(url.searchParams.get('page')) * 5, 5) }),
    {
      by: 'number',
      max: 3,
    },
  )
  assert.equal(paths.length, 3)
  assert.equal(unit.verdict, 'ok')
})

test('a source without end is cut off after a hundred pages, and that is said', async () => {
  const { unit, paths, ran } = await runPaged(
    (_, response, url) => sendJson(response, { items: ids(Number(url.searchParams.get('page')) * 5, 5) }),
    { by: 'number' },
  )
  assert.equal(paths.length, 100)
  assert.equal(ran.kind, 'partial')
  assert.equal(unit.verdict, 'truncated')
})

test('fewer items than the source says it holds are truncated; none are a failure', async () => {
  const some = await runPaged(
    (_, response) => sendJson(response, { items: ids(0, 3), total: 1_150 }),
    { by: 'number', max: 1 },
    '$.total',
  )
  assert.equal(some.ran.kind, 'partial')
  assert.deepEqual(
    [some.unit.state, some.unit.verdict, some.unit.detail],
    ['partial', 'truncated', 'the source says it holds 1150, 3 came'],
  )
  const none = await runPaged(
    (_, response) => sendJson(response, { items: [], total: 665 }),
    { by: 'number' },
    '$.total',
  )
  assert.deepEqual([none.unit.state, none.unit.verdict], ['failed', 'truncated'])
})

test('a first page that fails fails the unit; a later one leaves it partial with what it has', async () => {
  const first = await runPaged((_, response) => sendStatus(response, 404), { by: 'number' })
  assert.deepEqual([first.unit.state, first.unit.verdict, first.items], ['failed', 'client', 0])
  const later = await runPaged(
    (_, response, url) =>
      url.searchParams.get('page') === '3'
        ? sendStatus(response, 404)
        : sendJson(response, { items: ids(Number(url.searchParams.get('page')) * 5, 5) }),
    { by: 'number' },
  )
  assert.deepEqual([later.unit.state, later.unit.verdict, later.items], ['partial', 'client', 10])
  assert.equal(later.ran.kind, 'partial')
})

const list = (from: number, next: string): string =>
  `<ul>${ids(from, 3)
    .map(({ id }) => `<li>${id}</li>`)
    .join('')}</ul>${next}`

const linked = (server: TestServer, pages: PageOptions, headers: Record<string, string> = {}) =>
  source({
    name: 'linked',
    allowPrivate: true,
    ask: () => ({ url: `${server.origin}/list`, headers }),
    read: html({ items: 'li', fields: { id: '.' } }),
    pages,
    key: 'id',
  })

test('links to the next page are followed: of the Link header, of the page, or where it is said', async () => {
  const ways: readonly (readonly [PageOptions, Record<string, string>, string])[] = [
    [{ by: 'link' }, { link: '</first>; rel="first", </list/2>; title="a, b"; rel="next"' }, ''],
    [{ by: 'link' }, {}, '<a rel="nofollow next" href="list/2">more</a>'],
    [{ by: 'link', at: 'a.more@href' }, {}, '<a class="more" href="/list/2">more</a>'],
    [{ by: 'link', at: (answer: Answer) => `${answer.url}/2` }, {}, ''],
  ]
  for (const [pages, headers, markup] of ways) {
    await using server = await serve((_, response, url) =>
      url.pathname === '/list'
        ? sendStatus(response, 200, { 'content-type': 'text/html', ...headers }, list(0, markup))
        : sendStatus(response, 200, { 'content-type': 'text/html' }, list(3, '')),
    )
    const world = new World()
    await world.run(linked(server, pages))
    assert.deepEqual(
      server.requests.slice(0, 2).map(request => request.path),
      ['/list', '/list/2'],
      JSON.stringify(pages),
    )
    assert.equal(world.items.size, 6)
  }
})

test('a link to another origin is told no credential, and one to a file is not followed', async () => {
  await using other = await serve((_, response) => sendStatus(response, 200, {}, list(3, '')))
  await using server = await serve((_, response) =>
    sendStatus(response, 200, {}, list(0, `<a rel="next" href="${other.origin}/x">more</a>`)),
  )
  const world = new World()
  succeeded(await world.run(linked(server, { by: 'link' }, { authorization: 'Bearer s3cret' })))
  assert.equal(other.requests[0]?.headers.authorization, undefined)
  await using lures = await serve((_, response) =>
    sendStatus(response, 200, {}, list(0, '<a rel="next" href="file:///etc/passwd">more</a>')),
  )
  const lured = new World()
  assert.equal((await lured.run(linked(lures, { by: 'link' }))).kind, 'partial')
  assert.equal(lured.unit('linked').verdict, 'contract')
})
