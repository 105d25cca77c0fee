/** A publisher of feeds: the day's top stories as RSS and as Atom, a journal as JSON Feed (the test data of feed-reader). */

import { notFound, tagged } from './answer.ts'
import type { Answer, Platform } from './answer.ts'
import { recording } from './recordings.ts'

export const feeds = (): Platform => {
  const kinds = new Map([
    ['/top.rss', { file: 'rss-feed-standard-realworld.xml', contentType: 'application/rss+xml; charset=utf-8' }],
    ['/top.atom', { file: 'atom-feed-standard-realworld.xml', contentType: 'application/atom+xml; charset=utf-8' }],
    ['/journal.json', { file: 'json-feed-standard-realworld.json', contentType: 'application/feed+json' }],
  ])
  return ({ path }) => {
    const kind = kinds.get(path)
    return kind === undefined ? notFound : feed(kind)
  }
}

const feed = ({ file, contentType }: { readonly file: string; readonly contentType: string }): Answer =>
  tagged({ status: 200, headers: { 'content-type': contentType }, body: recording('feed-reader', `test-data/${file}`) })
