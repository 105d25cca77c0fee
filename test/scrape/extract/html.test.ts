import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRotaError } from '../../../src/base/errors.ts'
import { html, savedAnswer } from '../../../src/scrape/index.ts'
import type { FieldSpecs } from '../../../src/scrape/index.ts'

const read = async <const F extends FieldSpecs>(markup: string, fields: F, items?: string) =>
  html(items === undefined ? { fields } : { items, fields }).read(
    savedAnswer(markup, { url: 'https://example.org/news/today' }),
  )

test('items are the elements that match, fields what stands in them', async () => {
  const found = await read(
    `<article id="one"><h2>  First\n <b>news</b> </h2><a href="1">x</a><i class="tag">a</i><i class="tag">b</i></article>
     <article id="two"><p>no title</p></article>`,
    { id: '@id', title: 'h2', url: 'a@href', tags: ['.tag'], whole: '.' },
    'article',
  )
  assert.deepEqual(found, [
    { id: 'one', title: 'First news', url: 'https://example.org/news/1', tags: ['a', 'b'], whole: 'First news xab' },
    { id: 'two', title: null, url: null, tags: [], whole: 'no title' },
  ])
})

test('without items the page is one', async () => {
  assert.deepEqual(
    await read('<title>A &amp; B</title><meta name=description content=" c ">', {
      title: 'title',
      about: 'meta[name="description"]@content',
    }),
    [{ title: 'A & B', about: ' c ' }],
  )
})

test('text is what a reader of the page sees: no scripts, a gap between blocks', async () => {
  const [found] = await read(
    '<div class="x">one<br>two<p>three</p><script>evil()</script><style>p{}</style><!-- no -->f<b>ou</b>r<noscript>five</noscript></div><script id="data">{"a": 1}</script>',
    { text: '.x', data: '#data' },
  )
  assert.deepEqual(found, { text: 'one two three four', data: '{"a": 1}' })
})

test('an @ within a selector is part of it', async () => {
  const [found] = await read('<a href="mailto:me@example.org">me</a>', {
    mail: 'a[href*="@"]',
    address: 'a[href*="@"]@href',
  })
  assert.deepEqual(found, { mail: 'me', address: 'mailto:me@example.org' })
})

test('addresses are absolute, by the base of the page where it has one; what is no address stays', async () => {
  const [found] = await read(
    '<base href="/else/"><a href="x">1</a><a href=" ../y ">2</a><a href="http://[">3</a><img src="//cdn.test/i.png">',
    {
      links: ['a@href'],
      image: 'img@src',
    },
  )
  assert.deepEqual(found, {
    links: ['https://example.org/else/x', 'https://example.org/y', 'http://['],
    image: 'https://cdn.test/i.png',
  })
})

test('a selector that is none breaks the reading, in words', async () => {
  await assert.rejects(
    read('<p>', { a: 'p[' }),
    error => isRotaError(error, 'ANSWER_BROKEN') && /'p\[' cannot be used as a selector/.test(error.message),
  )
  await assert.rejects(read('<p>', { a: 'p' }, 'p['), error => isRotaError(error, 'ANSWER_BROKEN'))
})

test('a selector that begins in the middle is refused when the reader is made', () => {
  for (const selector of ['> p', '+ p', ' ~p']) {
    assert.throws(
      () => html({ fields: { a: selector } }),
      error => isRotaError(error, 'OPTION_INVALID'),
    )
    assert.throws(
      () => html({ items: selector, fields: { a: 'p' } }),
      error => isRotaError(error, 'OPTION_INVALID'),
    )
  }
})

test('a page of a million open tags is given up before it costs anything', async () => {
  const broken = (error: unknown): boolean => isRotaError(error, 'ANSWER_BROKEN')
  await assert.rejects(read('<b>'.repeat(1_000_000), { a: 'p' }), broken)
  await assert.rejects(read('<div><table><tr><td>'.repeat(250_000), { a: 'p' }), broken)
  await assert.rejects(read('<b><svg></b>'.repeat(1_000_000), { a: 'p' }), broken)
})

test('a million tags beside each other, or an attribute of ten megabytes, are only long', async () => {
  const [many] = await read('<p>x</p>'.repeat(300_000), { count: ['p'] })
  assert.equal(many?.count.length, 300_000)
  const [long] = await read(`<p title="${'x'.repeat(10_000_000)}">y</p>`, { title: 'p@title', text: 'p' })
  assert.equal(long?.title?.length, 10_000_000)
})
