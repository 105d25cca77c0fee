/** Real feeds in three formats, and some that are not. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { feed, savedAnswer, source } from '../../src/scrape/index.ts'
import type { FeedItem } from '../../src/scrape/index.ts'
import { sendStatus, serve } from './server.ts'
import { succeeded, World } from './world.ts'

const saved = (name: string): Buffer =>
  readFileSync(new URL(`../../node_modules/feed-reader/test-data/${name}`, import.meta.url))

const read = async (text: string | Uint8Array): Promise<readonly FeedItem[]> =>
  feed().read(savedAnswer(text, { url: 'https://example.org/feed' }))

test('a real RSS feed has 38 items, and a real Atom feed too', async () => {
  const rss = await read(saved('rss-feed-standard-realworld.xml'))
  const atom = await read(saved('atom-feed-standard-realworld.xml'))
  assert.equal(rss.length, 38)
  assert.equal(atom.length, 38)
  assert.equal(new Set(rss.map(item => item.id)).size, 38)
  assert.equal(new Set(atom.map(item => item.id)).size, 38)
  assert.equal(
    rss[0]?.title,
    'In a major boost to Democrats, Manchin and Schumer announce deal for energy and health care bill - CNN',
  )
  assert.equal(rss[0].title, atom[0]?.title)
  assert.ok(
    [...rss, ...atom].every(item => item.url?.startsWith('https://news.google.com/') && item.publishedAt !== null),
  )
  const times = rss.map(item => item.publishedAt ?? '').sort((a, b) => (a < b ? -1 : 1))
  assert.equal(times[0], '2022-07-26T17:13:00Z')
  assert.equal(times.at(-1), '2022-07-28T03:11:15Z')
})

test('a real JSON Feed has 10 items with addresses and times', async () => {
  const items = await read(saved('json-feed-standard-realworld.json'))
  assert.equal(items.length, 10)
  assert.equal(items[0]?.id, '19317')
  assert.equal(items[0]?.url, 'https://adactio.com/journal/19317')
  assert.equal(items[0]?.title, 'The line-up for dConstruct 2022 …revealed!')
  assert.match(items[0]?.publishedAt ?? '', /^2022-\d\d-\d\dT/)
})

test('a feed is kept once, and a second run finds nothing new', async () => {
  for (const [name, count] of [
    ['rss-feed-standard-realworld.xml', 38],
    ['atom-feed-standard-realworld.xml', 38],
    ['json-feed-standard-realworld.json', 10],
  ] as const) {
    await using server = await serve((_, response) => void response.writeHead(200).end(saved(name)))
    const world = new World()
    const news = source({ name: 'news', allowPrivate: true, ask: () => server.origin, read: feed(), key: 'id' })
    succeeded(await world.run(news))
    assert.equal(world.unit('news').items.new, count, name)
    world.nextRun()
    succeeded(await world.run(news))
    assert.deepEqual(world.unit('news').items, { seen: count, new: 0, changed: 0, unchanged: count, invalid: 0 })
  }
})

test('titles come out as plain text, whatever markup and entities they were written in', async () => {
  const item = (title: string): string => `<item><title>${title}</title><guid>${title.length}</guid></item>`
  const titles = [
    'AT&amp;T',
    'a &lt;b&gt;bold&lt;/b&gt; move',
    '<![CDATA[Tom &amp; Jerry]]>',
    '&amp;lt;3',
    '  two\n words ',
  ]
  const items = await read(`<rss version="2.0"><channel><title>t</title>${titles.map(item).join('')}</channel></rss>`)
  assert.deepEqual(
    items.map(each => each.title),
    ['AT&T', 'a bold move', 'Tom & Jerry', '<3', 'two words'],
  )
})

test('an entry without an id is known by its address, and without that by what it says', async () => {
  const [linked, bare] = await read(
    '<rss version="2.0"><channel><title>t</title><item><title>a</title><link>/a</link></item><item><title>b</title></item></channel></rss>',
  )
  assert.equal(linked?.id, 'https://example.org/a')
  assert.match(bare?.id ?? '', /^[0-9a-f]{64}$/)
})

test('RDF is a feed too', async () => {
  const items = await read(`<?xml version="1.0"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://example.org/"><title>t</title></channel>
    <item rdf:about="https://example.org/1"><title>One</title><link>https://example.org/1</link><dc:date>2026-11-22T09:00:00+01:00</dc:date></item>
    </rdf:RDF>`)
  assert.equal(items[0]?.title, 'One')
  assert.equal(items[0]?.publishedAt, '2026-11-22T08:00:00Z')
})

test('a page where a feed was promised is a refusal; anything else that is no feed breaks the contract', async () => {
  for (const [body, verdict] of [
    ['<!doctype html><title>Welcome</title>', 'refused'],
    ['<sitemap/>', 'contract'],
    ['hello', 'contract'],
    ['', 'contract'],
  ] as const) {
    await using server = await serve((_, response) => sendStatus(response, 200, {}, body))
    const world = new World()
    await world.run(source({ name: 'news', allowPrivate: true, ask: () => server.origin, read: feed(), key: 'id' }))
    assert.equal(world.unit('news').verdict, verdict, body)
  }
})

test('entities of a document are never expanded, neither many nor from a file', async () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
    <!ENTITY x SYSTEM "file:///etc/passwd">]>
    <rss version="2.0"><channel><title>t</title><item><title>&b;&x;</title><guid>1</guid></item></channel></rss>`
  const told = await read(bomb).then(JSON.stringify, String)
  assert.doesNotMatch(told, /aaaa|root:/)
})
