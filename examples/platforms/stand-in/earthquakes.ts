/**
 * An earthquake API with paging: one recorded week of the USGS (vega-datasets), replayed. Each scrape, that is each request
 * for the first page, moves the replay on by some hours; the API lists what happened in the day before that hour, newest
 * first. After the last hour it stands still.
 */

import { json, notFound, numberOf } from './answer.ts'
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
  const week = JSON.parse(recording('vega-datasets', 'data/earthquakes.json').toString()) as {
    readonly features: readonly Quake[]
  }
  const times = week.features.map(quake => quake.properties.time)
  const firstMs = Math.min(...times)
  const hoursInAll = Math.ceil((Math.max(...times) + 1 - firstMs) / HOUR_MS)
  // Never less than one step, or events would fall between two scrapes.
  const listedMs = Math.max(HOURS_LISTED, options.hoursPerScrape) * HOUR_MS

  return ({ path, query }) => {
    if (path !== '/query') return notFound
    // As in the original, the first event has offset 1.
    const offset = numberOf(query, 'offset', 1, 1_000_000, 1)
    const limit = numberOf(query, 'limit', 1, MOST_PER_PAGE, MOST_PER_PAGE)
    if (offset === 1) {
      positions.set('earthquakes', Math.min(positions.get('earthquakes') + options.hoursPerScrape, hoursInAll))
    }
    const untilMs = firstMs + positions.get('earthquakes') * HOUR_MS
    const listed = week.features.filter(({ properties: { time } }) => time < untilMs && time >= untilMs - listedMs)
    return json({
      type: 'FeatureCollection',
      metadata: { generated: untilMs, title: 'Earthquakes', status: 200, offset, limit, count: listed.length },
      features: listed.slice(offset - 1, offset - 1 + limit),
    })
  }
}
