/** Reads RSS, Atom, RDF and JSON Feed into one shape. */

import type { Answer } from '../fetch/answer.ts'
import { contentHash } from '../items/hash.ts'
import { readDate } from './date.ts'
import { entriesOf } from './feed-entry.ts'
import type { FeedEntry } from './feed-entry.ts'
import { parsePage } from './page.ts'
import { brokenContract } from './reader.ts'
import type { Reader } from './reader.ts'
import { textOf } from './text.ts'

export interface FeedItem {
  /** Its guid or id, else its address, else a hash of what it says. */
  readonly id: string
  readonly url: string | null
  /** Plain text, entities and markup resolved. */
  readonly title: string | null
  /** ISO, UTC; null where it is missing or unreadable. */
  readonly publishedAt: string | null
  readonly updatedAt: string | null
  readonly authors: readonly string[]
  readonly categories: readonly string[]
  /** As given, often HTML: foreign markup, never to be shown raw. */
  readonly summary: string | null
  readonly content: string | null
}

/**
 * Reads a feed.
 *
 * @example source({ name: 'news', ask: () => 'https://example.org/feed.xml', read: feed(), key: 'id' })
 */
export const feed = (): Reader<FeedItem> => ({
  promised: 'feed',
  showsEmpty: true,
  read: async answer => Promise.all((await parsed(answer)).map(entry => itemFrom(entry, answer.url))),
})

const parsed = async (answer: Answer): Promise<readonly FeedEntry[]> => {
  const { parseFeed } = await import('feedsmith')
  try {
    return entriesOf(parseFeed(answer.text))
  } catch (error) {
    throw brokenContract(`this is no feed: ${(error as Error).message}`, error)
  }
}

const itemFrom = async (entry: FeedEntry, base: string): Promise<FeedItem> => {
  const url = entry.url === undefined || !URL.canParse(entry.url, base) ? null : new URL(entry.url, base).href
  return {
    id: entry.id ?? url ?? contentHash([entry.title ?? null, entry.published ?? null, entry.summary ?? null]),
    url,
    title: await plain(entry.title, entry.plainTitle),
    publishedAt: readDate(entry.published),
    updatedAt: readDate(entry.updated),
    authors: given(entry.authors),
    categories: given(entry.categories),
    summary: entry.summary ?? null,
    content: entry.content ?? null,
  }
}

const given = (values: readonly (string | undefined)[]): readonly string[] =>
  values.filter(value => value !== undefined)

const plain = async (title: string | undefined, plainAlready: boolean): Promise<string | null> => {
  if (title === undefined) return null
  if (plainAlready || !/[<&]/.test(title)) return title.replaceAll(/\s+/g, ' ').trim()
  const { root } = await parsePage(title, 'http://title.invalid/')
  return textOf(root)
}
