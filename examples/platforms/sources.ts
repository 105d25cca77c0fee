/** The four sources of the demonstration, one a platform, and the sweep over them all. */

import { z } from 'zod'
import { feed, html, json, source, sweep } from '../../src/scrape/index.ts' // in a program of your own: from 'rota/scrape'
import type { StandIn } from './stand-in.ts'

export interface SourceSettings {
  /** Of the fixtures API: how often a request is tried, and how long one may take. */
  readonly fixtures?: { readonly tries?: number; readonly timeout?: string }
}

// Loopback is private; a source says itself that it may be asked.
const local = { allowPrivate: true, contact: 'https://example.org/about-our-robot' }

export const allFeeds = ['top.rss', 'top.atom', 'journal.json'] as const

const match = z.object({ id: z.string(), home: z.string(), away: z.string(), startsAt: z.number() })

export const sources = (urls: StandIn['urls'], settings: SourceSettings = {}) => {
  // A listing page, and behind each of its links a page of its own.
  const news = source({
    ...local,
    name: 'news',
    description: 'A news site: 60 saved pages in many languages',
    ask: () => `${urls.news}/`,
    read: html({ items: 'a.article', fields: { article: '.', url: '@href' } }),
    follow: {
      ask: entry => entry.url,
      read: html({
        fields: {
          title: 'title',
          language: 'html@lang',
          description: 'meta[name="description" i]@content',
          text: ['p'],
        },
      }),
    },
    key: 'article',
  })

  // Each feed that is wanted is a unit, and fails alone.
  const feeds = source({
    ...local,
    name: 'feeds',
    description: 'A publisher of feeds: RSS, Atom and JSON Feed',
    input: z.object({ feeds: z.array(z.enum(allFeeds)) }).nullable(),
    queries: input => input?.feeds ?? ['top.rss'],
    ask: ({ query }) => `${urls.feeds}/${query}`,
    read: feed(),
    key: 'id',
  })

  const earthquakes = source({
    ...local,
    name: 'earthquakes',
    description: 'An earthquake API, replayed hour by hour',
    ask: ({ page }) => `${urls.earthquakes}/query?limit=200${page.cursor === null ? '' : `&cursor=${page.cursor}`}`,
    read: json({
      items: '$.features[*]',
      fields: {
        id: '$.id',
        time: '$.properties.time',
        title: '$.properties.title',
        magnitude: '$.properties.mag',
        place: '$.properties.place',
        url: '$.properties.url',
        updated: '$.properties.updated',
      },
    }),
    pages: { by: 'cursor', at: '$.metadata.next' },
    total: '$.metadata.count',
    required: ['id', 'time'],
    expectEmpty: true,
    key: 'id',
  })

  // Its errors come with status 200, too: `judge` reads them out of the envelope.
  const fixtures = source({
    ...local,
    name: 'fixtures',
    description: 'A fixtures API that misbehaves now and then',
    ask: ({ page }) => `${urls.fixtures}/api/fixtures?pageSize=100&pageNum=${page.number}`,
    read: json({
      items: '$.data.tournaments[*].events[*]',
      fields: { id: '$.eventId', home: '$.homeTeamName', away: '$.awayTeamName', startsAt: '$.estimateStartTime' },
    }),
    judge: answer => {
      const { bizCode, message } = answer.json as { readonly bizCode?: number; readonly message?: string }
      return bizCode === 10_000 ? undefined : { verdict: 'client', detail: `${bizCode}: ${message}` }
    },
    pages: { by: 'number', size: 100 },
    total: '$.data.totalNum',
    required: ['id', 'home', 'away'],
    // What a schema makes of an item is what is kept.
    schema: match.transform(({ startsAt, ...teams }) => ({
      ...teams,
      title: `${teams.home} – ${teams.away}`,
      startsAt: new Date(startsAt).toISOString(),
    })),
    key: 'id',
    limits: settings.fixtures ?? {},
  })

  const everything = sweep('everything', {
    sources: [news, feeds, earthquakes, fixtures],
    description: 'All four at once; none hides or stops another',
  })
  return { news, feeds, earthquakes, fixtures, everything }
}

export type Sources = ReturnType<typeof sources>
