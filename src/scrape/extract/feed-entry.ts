/** One entry of a feed, whichever format it came in: each format says the same things in its own words. */

import type { AnyFeed, AtomFeed, JsonFeed, RdfFeed, RssFeed } from 'feedsmith'

export interface FeedEntry {
  readonly id: string | undefined
  readonly url: string | undefined
  readonly title: string | undefined
  /** Whether the title is plain text already; else it may hold entities and markup. */
  readonly plainTitle: boolean
  readonly published: string | undefined
  readonly updated: string | undefined
  readonly authors: readonly (string | undefined)[]
  readonly categories: readonly (string | undefined)[]
  readonly summary: string | undefined
  readonly content: string | undefined
}

/** The entries of a parsed feed, in its order. */
export const entriesOf = (parsed: AnyFeed): readonly FeedEntry[] => {
  switch (parsed.format) {
    case 'rss':
      return (parsed.feed.items ?? []).map(fromRss)
    case 'atom':
      return (parsed.feed.entries ?? []).map(fromAtom)
    case 'rdf':
      return (parsed.feed.items ?? []).map(fromRdf)
    case 'json':
      return (parsed.feed.items ?? []).map(fromJsonFeed)
    default:
      return parsed satisfies never
  }
}

const fromRss = (item: RssFeed.Item<string>): FeedEntry => ({
  id: item.guid?.value,
  url: item.link ?? (item.guid?.isPermaLink === false ? undefined : item.guid?.value),
  title: item.title,
  plainTitle: false,
  published: item.pubDate ?? item.dc?.dates?.[0],
  updated: item.atom?.updated,
  authors: [...(item.authors ?? []).map(author => author.name ?? author.email), ...(item.dc?.creators ?? [])],
  categories: (item.categories ?? []).map(category => category.name),
  summary: item.description,
  content: item.content?.encoded,
})

const fromAtom = (entry: AtomFeed.Entry<string>): FeedEntry => {
  const links = entry.links ?? []
  const type = entry.title?.type ?? 'text'
  return {
    id: entry.id,
    url: (links.find(link => (link.rel ?? 'alternate') === 'alternate') ?? links[0])?.href,
    title: entry.title?.value,
    plainTitle: type === 'text',
    published: entry.published ?? entry.updated,
    updated: entry.updated,
    authors: (entry.authors ?? []).map(author => author.name),
    categories: (entry.categories ?? []).map(category => category.label ?? category.term),
    summary: entry.summary?.value,
    content: entry.content?.value,
  }
}

const fromRdf = (item: RdfFeed.Item<string>): FeedEntry => ({
  id: item.rdf?.about,
  url: item.link,
  title: item.title,
  plainTitle: false,
  published: item.dc?.dates?.[0],
  updated: undefined,
  authors: item.dc?.creators ?? [],
  categories: item.dc?.subjects ?? [],
  summary: item.description,
  content: item.content?.encoded,
})

const fromJsonFeed = (item: JsonFeed.Item<string>): FeedEntry => ({
  id: item.id,
  url: item.url ?? item.external_url,
  title: item.title,
  plainTitle: true,
  published: item.date_published,
  updated: item.date_modified,
  authors: (item.authors ?? []).map(author => author.name),
  categories: item.tags ?? [],
  summary: item.summary,
  content: item.content_html ?? item.content_text,
})
