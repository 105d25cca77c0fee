/** A publisher of feeds: the day's top stories as RSS and as Atom, a journal as JSON Feed (the test data of feed-reader). */

import { notFound, tagged } from './answer.ts'
import type { Answer, Platform } from './answer.ts'
import { recording } from './recordings.ts'

export const feeds = (): Platform => {
  const answers = new Map<string, Answer>([
    ['/top.rss', feed('rss-feed-standard-realworld.xml', 'application/rss+xml; charset=utf-8')],
    ['/top.atom', feed('atom-feed-standard-realworld.xml', 'application/atom+xml; charset=utf-8')],
    ['/journal.json', feed('json-feed-standard-realworld.json', 'application/feed+json')],
  ])
  return ({ path }) => answers.get(path) ?? notFound
}

const feed = (file: string, contentType: string): Answer =>
  tagged({ status: 200, headers: { 'content-type': contentType }, body: recording('feed-reader', `test-data/${file}`) })
