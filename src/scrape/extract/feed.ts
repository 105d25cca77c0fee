/** Reads RSS, Atom, RDF and JSON Feed into one shape. */

import type { Reader } from './reader.ts'

export interface FeedItem {
  /** Its guid or id, else its address, else a hash of its title and time. */
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
export declare const feed: () => Reader<FeedItem>
