/** The demonstration: four platforms on this machine, scraped every few seconds. Start it with `npm start`. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { rota } from '../../src/index.ts' // in a program of your own: from 'rota'
import { script } from './script.ts'
import { allFeeds, sources } from './sources.ts'
import { openStandIn, standInUrls } from './stand-in.ts'

// The folder `data` of the checkout, which git ignores; delete it to begin anew.
const data = process.env['ROTA_DEMO_DATA'] ?? join(import.meta.dirname, '../../data')
mkdirSync(data, { recursive: true })

const firstPort = Number(process.env['ROTA_DEMO_PORT'] ?? 4831)
const urls = standInUrls(firstPort)

export const server = { port: Number(process.env['ROTA_PORT'] ?? 4820) }

export const setup = async (): Promise<() => Promise<void>> => {
  const standIn = await openStandIn({
    firstPort,
    positionFile: join(data, 'stand-in.json'),
    hoursPerScrape: 4,
    script,
    retryAfterSeconds: Number(process.env['ROTA_DEMO_REST'] ?? 10),
    slowMs: 3_000,
  })
  return () => standIn.close()
}

export const app = rota({ store: join(data, 'rota.db') })

// One try only: each failure of the platform is to be seen, not mended behind the scenes.
const { news, feeds, earthquakes, fixtures, everything } = sources(urls, { fixtures: { tries: 1 } })
for (const task of [news, feeds, earthquakes, fixtures, everything]) app.add(task)

app.schedule('earthquakes', { task: earthquakes, when: 'every 5 seconds' })
app.schedule('fixtures', { task: fixtures, when: 'every 5 seconds' })
app.schedule('feeds', { task: feeds, when: 'every 10 seconds', input: { feeds: allFeeds } })
app.schedule('news', { task: news, when: 'every 30 seconds' })
app.schedule('everything', { task: everything, when: 'every 30 seconds' })
