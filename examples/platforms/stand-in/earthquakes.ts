/**
 * An earthquake API with paging: one recorded week of the USGS (vega-datasets), replayed. Each scrape, that is each request
 * without a cursor, moves the replay on by some hours; the API lists what happened in the day before that hour, newest
 * first. A cursor names the hour it belongs to, so that scrapes at the same time do not disturb each other. After the last
 * hour the replay stands still.
 */

import { json, notFound, numberOf, plain } from './answer.ts'
import type { Platform } from './answer.ts'
import type { Positions } from './position.ts'
import { recording } from './recordings.ts'

export interface EarthquakeOptions {
  /** Hours that pass from one scrape to the next. */
  readonly hoursPerScrape: number
}

const HOUR_MS = 3_600_000
const HOURS_LISTED = 24
const MOST_PER_PAGE = 200

interface Quake {
  readonly id: string
  readonly properties: { readonly time: number }
}

export const earthquakes = (options: EarthquakeOptions, positions: Positions): Platform => {
  let read: Week | undefined
  const week = (): Week => (read ??= readWeek())
  // Never less than one step, or events would fall between two scrapes.
  const listedMs = Math.max(HOURS_LISTED, options.hoursPerScrape) * HOUR_MS

  const nextHour = (): number => {
    const hour = Math.min(positions.get('earthquakes') + options.hoursPerScrape, week().hours)
    positions.set('earthquakes', hour)
    return hour
  }

  return ({ path, query }) => {
    if (path !== '/query') return notFound
    const limit = numberOf(query, 'limit', 1, MOST_PER_PAGE, MOST_PER_PAGE)
    const cursor = readCursor(query.get('cursor'))
    if (cursor === 'unreadable') return plain(400, 'The cursor is not one of ours\n')
    const { hour, offset } = cursor ?? { hour: nextHour(), offset: 0 }
    const untilMs = week().firstMs + hour * HOUR_MS
    const listed = week().quakes.filter(({ properties: { time } }) => time < untilMs && time >= untilMs - listedMs)
    const end = offset + limit
    return json({
      type: 'FeatureCollection',
      metadata: {
        generated: untilMs,
        title: 'Earthquakes',
        status: 200,
        count: listed.length,
        next: end < listed.length ? `${hour}-${end}` : null,
      },
      features: listed.slice(offset, end),
    })
  }
}

interface Week {
  readonly quakes: readonly Quake[]
  readonly firstMs: number
  readonly hours: number
}

const readWeek = (): Week => {
  const { features } = JSON.parse(recording('vega-datasets', 'data/earthquakes.json').toString()) as {
    readonly features: readonly Quake[]
  }
  const times = features.map(quake => quake.properties.time)
  const firstMs = Math.min(...times)
  return { quakes: features, firstMs, hours: Math.ceil((Math.max(...times) + 1 - firstMs) / HOUR_MS) }
}

interface Cursor {
  readonly hour: number
  readonly offset: number
}

const readCursor = (text: string | null): Cursor | 'unreadable' | null => {
  if (text === null) return null
  const [, hour, offset] = /^(\d{1,4})-(\d{1,6})$/.exec(text) ?? []
  return hour === undefined ? 'unreadable' : { hour: Number(hour), offset: Number(offset) }
}
