/**
 * A fixtures API in the shape of a bookmaker's, with paging: the matches of the four weeks from 20 August 2016, out of
 * vega-datasets. It misbehaves by a script: each request for the first page takes the next mood, over and over.
 */

import { setTimeout as wait } from 'node:timers/promises'
import { html, json, notFound, numberOf, plain } from './answer.ts'
import type { Answer, Platform } from './answer.ts'
import type { Positions } from './position.ts'
import { recording } from './recordings.ts'

/** How the API takes one request. */
export type Mood = 'well' | 'too many requests' | 'unavailable' | 'slow' | 'block page'

export interface FixturesOptions {
  /** One mood for each scrape, begun again when it is through. Empty: always well. */
  readonly script: readonly Mood[]
  /** What a 429 asks for. */
  readonly retryAfterSeconds: number
  /** How long a slow answer takes. */
  readonly slowMs: number
}

export interface FixturesApi {
  readonly platform: Platform
  /** The moods of the next scrapes, before the script goes on. */
  readonly next: (...moods: readonly Mood[]) => void
}

interface Match {
  readonly date: string
  readonly division: string
  readonly home_team: string
  readonly away_team: string
}

/** A match keeps its place in the recording as its number. */
interface Listed extends Match {
  readonly id: number
}

const FIRST_DAY = '2016-08-20'
const DAY_AFTER_LAST = '2016-09-17'
const MOST_PER_PAGE = 100

export const fixtures = (options: FixturesOptions, positions: Positions): FixturesApi => {
  let read: readonly Listed[] | undefined
  const listed = (): readonly Listed[] => (read ??= readListed())
  const ahead: Mood[] = []

  const takeMood = (): Mood => {
    const told = ahead.shift()
    if (told !== undefined || options.script.length === 0) return told ?? 'well'
    const at = positions.get('fixtures') % options.script.length
    positions.set('fixtures', at + 1)
    return options.script[at] ?? 'well'
  }

  const platform: Platform = async ({ path, query, signal }) => {
    if (path !== '/api/fixtures') return notFound
    const page = numberOf(query, 'pageNum', 1, 1_000, 1)
    const size = numberOf(query, 'pageSize', 1, MOST_PER_PAGE, MOST_PER_PAGE)
    const mood = page === 1 ? takeMood() : 'well'
    if (mood === 'slow') await wait(options.slowMs, undefined, { signal })
    return refusal(mood, options) ?? json(envelope(listed().slice((page - 1) * size, page * size), listed().length))
  }
  return { platform, next: (...moods) => void ahead.push(...moods) }
}

const readListed = (): readonly Listed[] => {
  const all = JSON.parse(recording('vega-datasets', 'data/football.json').toString()) as readonly Match[]
  return all
    .map((match, index) => ({ ...match, id: index + 1 }))
    .filter(match => match.date >= FIRST_DAY && match.date < DAY_AFTER_LAST)
}

const refusal = (mood: Mood, options: FixturesOptions): Answer | null => {
  switch (mood) {
    case 'well':
    case 'slow':
      return null
    case 'too many requests':
      return plain(429, 'Too many requests\n', { 'retry-after': String(options.retryAfterSeconds) })
    case 'unavailable':
      return plain(503, 'Service unavailable\n')
    case 'block page':
      // The trap that makes careless scrapers report "nothing there": a refusal dressed as a success.
      return html('<!doctype html><title>Access denied</title><h1>Access denied</h1><p>Your request was blocked.</p>\n')
    default:
      return mood satisfies never
  }
}

const envelope = (matches: readonly Listed[], totalNum: number): unknown => ({
  bizCode: 10_000,
  message: 'OK',
  data: {
    totalNum,
    tournaments: [...Map.groupBy(matches, match => match.division)].map(([name, own]) => ({
      name,
      events: own.map(event),
    })),
  },
})

const event = (match: Listed): unknown => ({
  eventId: `match:${match.id}`,
  homeTeamName: match.home_team,
  awayTeamName: match.away_team,
  estimateStartTime: Date.parse(`${match.date}T00:00:00Z`),
})
